// Places pods on the one node: not while a scheduling gate is there, not beyond the node's room. The decision is pure.
import type { Pod } from './types.ts';
import { waitingStatus } from './kubelet/status.ts';
import type { Writer } from './writer.ts';

export type Placement = 'placed' | 'gated' | 'bind' | 'full';

const isActive = ({ status }: Pod) => status.phase !== 'Succeeded' && status.phase !== 'Failed';

/** What is to be done with `pod` among `pods`. */
export function placementOf(pod: Pod, pods: readonly Pod[], maxPods: number): Placement {
  if (pod.spec.nodeName) return 'placed';
  if (pod.spec.schedulingGates?.length) return 'gated';
  return pods.filter((one) => one.spec.nodeName && isActive(one)).length < maxPods ? 'bind' : 'full';
}

const fullMessage =
  '0/1 nodes are available: 1 Too many pods. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';
const gatedMessage = 'Scheduling is blocked due to non-empty scheduling gates';

// Seconds are all that timestamps tell: of the same second, the one that was changed first.
const isOlder = ({ metadata: a }: Pod, { metadata: b }: Pod): number =>
  Date.parse(a.creationTimestamp) - Date.parse(b.creationTimestamp) ||
  Number(a.resourceVersion) - Number(b.resourceVersion);

const isKnownAsFull = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable') ?? false;

export interface SchedulerOptions {
  writer: Writer;
  nodeName: string;
  maxPods: number;
  nowMs: number;
}

/** Binds what can be bound, oldest first, and says of the others why not. */
export function schedulePods(pods: readonly Pod[], { writer, nodeName, maxPods, nowMs }: SchedulerOptions): void {
  const byAge = [...pods].sort(isOlder);
  const bound: Pod[] = byAge.filter(({ spec }) => spec.nodeName);
  for (const pod of byAge) {
    if (pod.metadata.deletionTimestamp) continue;
    const placement = placementOf(pod, bound, maxPods);
    if (placement === 'gated') {
      writer.updatePod(pod, (copy) => (copy.status = waitingStatus(copy, 'SchedulingGated', gatedMessage, nowMs)));
    } else if (placement === 'full') {
      writer.updatePod(pod, (copy) => (copy.status = waitingStatus(copy, 'Unschedulable', fullMessage, nowMs)));
      if (isKnownAsFull(pod)) continue;
      writer.event(pod, {
        type: 'Warning',
        reason: 'FailedScheduling',
        message: fullMessage,
        component: 'default-scheduler',
      });
    } else if (placement === 'bind') {
      writer.updatePod(pod, (copy) => (copy.spec.nodeName = nodeName));
      const { namespace, name } = pod.metadata;
      const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
      writer.event(pod, { type: 'Normal', reason: 'Scheduled', message, component: 'default-scheduler' });
      bound.push({ ...pod, spec: { ...pod.spec, nodeName } });
    }
  }
}
