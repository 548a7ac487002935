// The status of a pod from what its containers are seen to do. Pure. Models pkg/kubelet/kubelet_pods.go and pkg/kubelet/status/generate.go.
import { toTime } from '../../apiserver/objects.ts';
import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../types.ts';

export interface Observed {
  startedMs: number;
  podIp: string | undefined;
  hostIp: string;
  initContainers: ContainerStatus[];
  containers: ContainerStatus[];
  /** Why the whole pod has failed, past its containers. */
  failure?: { reason: string; message: string };
}

const isDone = ({ state }: ContainerStatus) => state.terminated !== undefined;
const hasFailed = ({ state }: ContainerStatus) => (state.terminated?.exitCode ?? 0) !== 0;

function isRestartable({ spec }: Pod, status: ContainerStatus): boolean {
  if (spec.restartPolicy === 'Never') return false;
  return spec.restartPolicy === 'OnFailure' ? hasFailed(status) : true;
}

/** Models getPhase. */
export function phaseOf(pod: Pod, { initContainers, containers, failure }: Observed): NonNullable<PodStatus['phase']> {
  if (failure) return 'Failed';
  if (initContainers.some((one) => isDone(one) && hasFailed(one) && !isRestartable(pod, one))) return 'Failed';
  if (!initContainers.every((one) => isDone(one) && !hasFailed(one))) return 'Pending';
  if (containers.some(({ state, restartCount }) => state.waiting && restartCount === 0)) return 'Pending';
  if (!containers.every((one) => isDone(one) && !isRestartable(pod, one))) return 'Running';
  return containers.some(hasFailed) ? 'Failed' : 'Succeeded';
}

interface Verdict {
  type: string;
  isTrue: boolean;
  reason?: string;
  message?: string;
}

const listed = (statuses: ContainerStatus[]) => `[${statuses.map(({ name }) => name).join(' ')}]`;

function containersVerdict(phase: string, containers: ContainerStatus[]): Omit<Verdict, 'type'> {
  if (phase === 'Succeeded') return { isTrue: false, reason: 'PodCompleted' };
  if (phase === 'Failed') return { isTrue: false, reason: 'PodFailed' };
  const unready = containers.filter(({ ready }) => !ready);
  if (!unready.length) return { isTrue: true };
  return { isTrue: false, reason: 'ContainersNotReady', message: `containers with unready status: ${listed(unready)}` };
}

function verdicts({ initContainers, containers, podIp }: Observed, phase: string): Verdict[] {
  const waiting = initContainers.filter((one) => !isDone(one) || hasFailed(one));
  const ready = containersVerdict(phase, containers);
  const initialized: Verdict = waiting.length
    ? {
        type: 'Initialized',
        isTrue: false,
        reason: 'ContainersNotInitialized',
        message: `containers with incomplete status: ${listed(waiting)}`,
      }
    : { type: 'Initialized', isTrue: true };
  return [
    { type: 'PodReadyToStartContainers', isTrue: podIp !== undefined },
    initialized,
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...ready },
    { type: 'PodScheduled', isTrue: true },
  ];
}

/** The times of conditions that did not change are kept. */
export function mergeConditions(old: readonly PodCondition[], now: readonly Verdict[], nowMs: number): PodCondition[] {
  return now.map(({ type, isTrue, reason, message }) => {
    const status = isTrue ? 'True' : 'False';
    const before = old.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : toTime(nowMs);
    return {
      type,
      status,
      lastProbeTime: null,
      lastTransitionTime,
      ...(reason && { reason }),
      ...(message && { message }),
    };
  });
}

export function podStatusOf(pod: Pod, observed: Observed, nowMs: number): PodStatus {
  const { podIp, hostIp, startedMs, initContainers, containers, failure } = observed;
  const phase = phaseOf(pod, observed);
  return {
    ...pod.status,
    phase,
    ...(failure && { reason: failure.reason, message: failure.message }),
    conditions: mergeConditions(pod.status.conditions ?? [], verdicts(observed, phase), nowMs),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(podIp && { podIP: podIp, podIPs: [{ ip: podIp }] }),
    startTime: toTime(startedMs),
    ...(initContainers.length && { initContainerStatuses: initContainers }),
    containerStatuses: containers,
  };
}

/** A pod that waits for a place: with its gates, or because the node is full. */
export function waitingStatus(
  pod: Pod,
  reason: 'SchedulingGated' | 'Unschedulable',
  message: string,
  nowMs: number,
): PodStatus {
  const verdict: Verdict = { type: 'PodScheduled', isTrue: false, reason, message };
  return {
    ...pod.status,
    phase: 'Pending',
    conditions: mergeConditions(pod.status.conditions ?? [], [verdict], nowMs),
  };
}
