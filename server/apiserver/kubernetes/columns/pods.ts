// The columns of pods. Models pkg/printers/internalversion/printers.go printPod.
import { humanSince } from '../../table.ts';
import type { Column } from '../../types.ts';
import {
  conditionOf,
  list,
  text,
  type Container,
  type ContainerState,
  type ContainerStatus,
  type Pod,
} from '../objects.ts';
import { ageColumn, column, nameColumn, wide } from './cells.ts';

interface Summary {
  ready: number;
  total: number;
  status: string;
  restarts: number;
  /** RFC 3339; '' when no container has ended yet. */
  lastRestart: string;
}

const isSidecar = (container: Container | undefined): boolean => container?.restartPolicy === 'Always';

const endedText = ({ reason, signal, exitCode }: NonNullable<ContainerState['terminated']>): string =>
  reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`);

function addRestarts(summary: Summary, { restartCount = 0, lastState }: ContainerStatus): void {
  summary.restarts += restartCount;
  const finishedAt = lastState?.terminated?.finishedAt ?? '';
  if (finishedAt > summary.lastRestart) summary.lastRestart = finishedAt;
}

/** What the first init container that is not done says; undefined when all are. Counts sidecars that are ready. */
function initStatus(pod: Pod, summary: Summary, sidecars: Summary): string | undefined {
  const containers = pod.spec.initContainers ?? [];
  for (const [index, status] of (pod.status.initContainerStatuses ?? []).entries()) {
    const isRestartable = isSidecar(containers.find(({ name }) => name === status.name));
    addRestarts(summary, status);
    if (isRestartable) addRestarts(sidecars, status);
    const { terminated, waiting } = status.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (isRestartable && status.started) {
      if (status.ready) summary.ready++;
      continue;
    }
    if (terminated) return `Init:${endedText(terminated)}`;
    if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`;
    return `Init:${index}/${containers.length}`;
  }
  return undefined;
}

function addContainers(pod: Pod, summary: Summary): void {
  let hasRunning = false;
  for (const status of [...(pod.status.containerStatuses ?? [])].reverse()) {
    addRestarts(summary, status);
    const { waiting, terminated, running } = status.state ?? {};
    if (waiting?.reason) summary.status = waiting.reason;
    else if (terminated) summary.status = endedText(terminated);
    else if (status.ready && running) {
      hasRunning = true;
      summary.ready++;
    }
  }
  if (summary.status === 'Completed' && hasRunning)
    summary.status = conditionOf(pod, 'Ready')?.status === 'True' ? 'Running' : 'NotReady';
}

export function summarise(pod: Pod): Summary {
  const { phase = '', reason } = pod.status;
  const initContainers = pod.spec.initContainers ?? [];
  const total = pod.spec.containers.length + initContainers.filter(isSidecar).length;
  const isGated = conditionOf(pod, 'PodScheduled')?.reason === 'SchedulingGated';
  const summary = {
    ready: 0,
    total,
    status: isGated ? 'SchedulingGated' : reason || phase,
    restarts: 0,
    lastRestart: '',
  };
  const sidecars = { ...summary };
  const initialising = initStatus(pod, summary, sidecars);
  if (initialising) summary.status = initialising;
  if (!initialising || conditionOf(pod, 'Initialized')?.status === 'True') {
    summary.restarts = sidecars.restarts;
    summary.lastRestart = sidecars.lastRestart;
    addContainers(pod, summary);
  }
  if (pod.metadata.deletionTimestamp) {
    if (reason === 'NodeLost') summary.status = 'Unknown';
    else if (phase !== 'Succeeded' && phase !== 'Failed') summary.status = 'Terminating';
  }
  return summary;
}

function readinessGates(pod: Pod): string {
  const gates = list<{ conditionType: string }>(pod, 'spec.readinessGates');
  if (!gates.length) return '<none>';
  const passed = gates.filter(({ conditionType }) => conditionOf(pod, conditionType)?.status === 'True');
  return `${passed.length}/${gates.length}`;
}

/** Strategies leave spec and status behind, so that a stored pod has both. */
const ofPod =
  (cell: (pod: Pod, nowMs: number) => string): Column['cell'] =>
  (object, nowMs) =>
    cell({ ...object, spec: object.spec ?? { containers: [] }, status: object.status ?? {} } as Pod, nowMs);

function restartsText(pod: Pod, nowMs: number): string {
  const { restarts, lastRestart } = summarise(pod);
  return restarts && lastRestart ? `${restarts} (${humanSince(lastRestart, nowMs)} ago)` : `${restarts}`;
}

const readyText = (pod: Pod): string => {
  const { ready, total } = summarise(pod);
  return `${ready}/${total}`;
};

export const podColumns: readonly Column[] = [
  nameColumn,
  column('Ready', ofPod(readyText)),
  column(
    'Status',
    ofPod((pod) => summarise(pod).status),
  ),
  column('Restarts', ofPod(restartsText)),
  ageColumn,
  wide(
    'IP',
    ofPod((pod) => text(list(pod, 'status.podIPs')[0], 'ip') || text(pod, 'status.podIP') || '<none>'),
  ),
  wide(
    'Node',
    ofPod((pod) => pod.spec.nodeName || '<none>'),
  ),
  wide(
    'Nominated Node',
    ofPod((pod) => text(pod, 'status.nominatedNodeName') || '<none>'),
  ),
  wide('Readiness Gates', ofPod(readinessGates)),
];
