// How long the phases of a start took, and what keeps a session from starting in Kubernetes' own words: pure.
import type { StartFailure, StartPhase } from './observer.ts';
import type { ContainerStatus, KubeEvent, Pod } from './types.ts';

const timeOf = (text: string | undefined): number | undefined => {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
};

const trueSince = (pod: Pod, type: string): number | undefined => {
  const condition = pod.status?.conditions?.find((one) => one.type === type && one.status === 'True');
  return timeOf(condition?.lastTransitionTime);
};

const statusesOf = ({ status }: Pod): ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

/** When the last of the pod's containers began to run; undefined while one does not. */
function runningSince({ status }: Pod): number | undefined {
  const starts = (status?.containerStatuses ?? []).map(({ state }) => timeOf(state?.running?.startedAt));
  return starts.length && starts.every((ms) => ms !== undefined) ? Math.max(...starts) : undefined;
}

/**
 * The phases of the start of a session that is ready since `readyMs` (by our clock; Kubernetes' own time counts where it tells one). Its
 * times are whole seconds, by the clocks of several machines: no phase is shorter than nothing. What has no time is left out.
 */
export function startPhasesOf(pod: Pod, readyMs: number): StartPhase[] {
  const steps = [
    { phase: 'scheduling', from: timeOf(pod.metadata.creationTimestamp), to: trueSince(pod, 'PodScheduled') },
    { phase: 'containers', from: trueSince(pod, 'PodScheduled'), to: runningSince(pod) },
    { phase: 'garden', from: runningSince(pod), to: trueSince(pod, 'Ready') ?? readyMs },
  ] as const;
  return steps.flatMap(({ phase, from, to }) =>
    from === undefined || to === undefined ? [] : [{ phase, durationMs: Math.max(0, to - from) }],
  );
}

// As labels of a metric these must be few: what is not here counts as Other. From pkg/kubelet/images/types.go,
// pkg/kubelet/kuberuntime, pkg/kubelet/events/event.go, pkg/kubelet/eviction and k8s.io/api/core/v1.
const knownReasons = new Set([
  ...['Unschedulable', 'FailedScheduling', 'NodeAffinity', 'UnexpectedAdmissionError'],
  ...['OutOfcpu', 'OutOfmemory', 'OutOfpods', 'OutOfephemeral-storage'],
  ...['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName', 'ImageInspectError'],
  ...['RegistryUnavailable', 'SignatureValidationFailed', 'CreateContainerConfigError', 'CreateContainerError'],
  ...['RunContainerError', 'ContainerCannotRun', 'StartError', 'PostStartHookError', 'CrashLoopBackOff'],
  ...['OOMKilled', 'Error', 'Completed', 'DeadlineExceeded', 'Evicted', 'Preempting', 'PreemptionByScheduler'],
  ...['NodeLost', 'NodeShutdown', 'Terminated', 'FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox'],
  ...['NetworkNotReady', 'QuotaExceeded', 'AdmissionDenied', 'Forbidden', 'Invalid', 'Unreachable', 'Timeout'],
  ...['InternalError', 'ServiceUnavailable', 'TooManyRequests', 'NotFound'],
]);

/** `reason` as a label value. */
export const boundReason = (reason: string): string => (knownReasons.has(reason) ? reason : 'Other');

const ordinaryWaits = new Set(['ContainerCreating', 'PodInitializing']);

function failuresOfContainer({ name, ready, started, state, lastState }: ContainerStatus): StartFailure[] {
  const failures: StartFailure[] = [];
  const waiting = state?.waiting;
  if (waiting?.reason && !ordinaryWaits.has(waiting.reason))
    failures.push({ reason: waiting.reason, message: waiting.message ?? `container ${name} waits` });
  if (ready || started) return failures;
  for (const end of [state?.terminated, lastState?.terminated])
    if (end && end.exitCode !== 0)
      failures.push({
        reason: end.reason ?? 'Error',
        message: end.message ?? `container ${name} ended with exit code ${end.exitCode}`,
      });
  return failures;
}

/** Everything in the pod that says why it does not start, the same reason once. For pods that are not ready. */
export function startFailuresOf(pod: Pod): StartFailure[] {
  const { phase, reason, message = '', conditions = [] } = pod.status ?? {};
  const failures: StartFailure[] = [];
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  // A gate is no failure: the pod waits for its place in a queue.
  if (scheduled?.status === 'False' && scheduled.reason && scheduled.reason !== 'SchedulingGated')
    failures.push({ reason: scheduled.reason, message: scheduled.message ?? '' });
  if (phase === 'Failed' && reason) failures.push({ reason, message });
  failures.push(...statusesOf(pod).flatMap(failuresOfContainer));
  return failures.filter((one, index) => failures.findIndex((other) => other.reason === one.reason) === index);
}

const failureEvents = new Set(['FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox', 'NetworkNotReady']);

/** What only an event tells: the pod itself just goes on waiting. */
export const startFailureOfEvent = ({ type, reason = '', message = '' }: KubeEvent): StartFailure | undefined =>
  type === 'Warning' && failureEvents.has(reason) ? { reason, message } : undefined;

/** Why the API server refused to make the pod: quota, admission and missing rights say Forbidden all. */
export function refusalReasonOf({ reason, message }: StartFailure): string {
  // Webhooks and policies may deny with another reason, or none.
  if (/denied (?:the )?request/.test(message)) return 'AdmissionDenied';
  if (reason !== 'Forbidden') return boundReason(reason);
  if (/exceeded quota|must specify/.test(message)) return 'QuotaExceeded';
  return /cannot \w+ resource/.test(message) ? 'Forbidden' : 'AdmissionDenied';
}
