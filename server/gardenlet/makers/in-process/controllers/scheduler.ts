// Gives pods a node: one that is ready, fits by selector, taints and room, and has the fewest pods.
import { toTime } from '../../../../apiserver/objects.ts';
import type { ClusterController } from '../engine.ts';
import {
  hasLabels,
  isDeleting,
  isNodeReady,
  isPodFinished,
  kinds,
  type Node,
  type Pod,
  type PodCondition,
  type Taint,
  type Toleration,
} from '../objects.ts';
import { fits, requestsOf, roomOf, subtract, type Amounts } from '../quantities.ts';
import type { World } from '../world.ts';

export const isTolerated = (taint: Taint, tolerations: readonly Toleration[] = []): boolean =>
  tolerations.some(
    ({ key, operator = 'Equal', value = '', effect }) =>
      (effect === undefined || effect === '' || effect === taint.effect) &&
      (!key ? operator === 'Exists' : key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''))),
  );

const repelling = new Set(['NoSchedule', 'NoExecute']);
const cordon: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Why a pod cannot run on a node, in the scheduler's words; undefined when it can. */
export function refusal(node: Node, spec: Pod['spec']): string | undefined {
  const taints = (node.spec.taints ?? []).filter(({ effect }) => repelling.has(effect));
  if (node.spec.unschedulable && !isTolerated(cordon, spec.tolerations)) return 'node(s) were unschedulable';
  const taint = taints.find((one) => !isTolerated(one, spec.tolerations));
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  if (!hasLabels(spec.nodeSelector ?? {}, node.metadata.labels))
    return "node(s) didn't match Pod's node affinity/selector";
  return undefined;
}

const scheduledCondition = (nowMs: number, status: 'True' | 'False', message?: string): PodCondition => ({
  type: 'PodScheduled',
  status,
  lastProbeTime: null,
  lastTransitionTime: toTime(nowMs),
  ...(message && { reason: 'Unschedulable', message }),
});

/** Binds a pod, as POST pods/binding does. */
export function bind(world: World, pod: Pod, nodeName: string): void {
  world.update(kinds.pods, pod, (copy) => {
    copy.spec.nodeName = nodeName;
    const others = (copy.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
    copy.status = {
      ...copy.status,
      phase: 'Pending',
      conditions: [...others, scheduledCondition(world.nowMs, 'True')],
    };
  });
  const { name, namespace } = pod.metadata;
  const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
  world.event(pod, 'Normal', 'Scheduled', message, 'default-scheduler');
}

function refuse(world: World, pod: Pod, reasons: readonly string[], count: number): void {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([reason, times]) => `${times} ${reason}`);
  const message = count
    ? `0/${count} nodes are available: ${parts.join(', ')}.`
    : 'no nodes available to schedule pods';
  const old = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (old?.message === message) return;
  world.update(kinds.pods, pod, (copy) => {
    copy.status = { ...copy.status, phase: 'Pending', conditions: [scheduledCondition(world.nowMs, 'False', message)] };
  });
  world.event(pod, 'Warning', 'FailedScheduling', message, 'default-scheduler');
}

interface Seat {
  node: Node;
  free: Amounts;
  pods: number;
}

function seatsOf(world: World): Seat[] {
  const pods = world.list<Pod>(kinds.pods).filter((pod) => pod.spec.nodeName && !isPodFinished(pod));
  return world
    .list<Node>(kinds.nodes)
    .filter((node) => isNodeReady(node) && !isDeleting(node))
    .map((node) => {
      const own = pods.filter(({ spec }) => spec.nodeName === node.metadata.name);
      const free = own.reduce((left, pod) => subtract(left, requestsOf(pod.spec)), roomOf(node));
      return { node, free, pods: own.length };
    });
}

export const scheduler: ClusterController = {
  name: 'scheduler',
  watches: [kinds.pods, kinds.nodes],
  sync(world) {
    const waiting = world
      .list<Pod>(kinds.pods)
      .filter(
        (pod) =>
          !pod.spec.nodeName &&
          !isDeleting(pod) &&
          !pod.spec.schedulingGates?.length &&
          (pod.spec.schedulerName ?? 'default-scheduler') === 'default-scheduler',
      );
    if (!waiting.length) return undefined;
    const seats = seatsOf(world);
    for (const pod of waiting) {
      const requests = requestsOf(pod.spec);
      const reasons = seats.map(({ node, free }) => refusal(node, pod.spec) ?? fits(requests, free));
      const best = seats.filter((_, index) => reasons[index] === undefined).sort((a, b) => a.pods - b.pods)[0];
      if (!best) {
        refuse(
          world,
          pod,
          reasons.flatMap((reason) => reason ?? []),
          seats.length,
        );
        continue;
      }
      bind(world, pod, best.node.metadata.name);
      best.pods++;
      best.free = subtract(best.free, requests);
    }
    return undefined;
  },
};
