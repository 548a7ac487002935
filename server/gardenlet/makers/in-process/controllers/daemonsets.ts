// DaemonSets: a pod on every node that lets it. Models pkg/controller/daemon.
import type { ClusterController } from '../engine.ts';
import { randomSuffix, templateHash } from '../names.ts';
import {
  hasLabels,
  isDeleting,
  isPodReady,
  kinds,
  type DaemonSet,
  type Node,
  type Pod,
  type PodTemplate,
  type Toleration,
} from '../objects.ts';
import type { World } from '../world.ts';
import { activePodsOf, createPod, deletePod } from './replicas.ts';
import { isTolerated } from './scheduler.ts';

const hashLabel = 'controller-revision-hash';
const conditionTolerations: Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];

const tolerationsOf = ({ spec }: PodTemplate): Toleration[] => [...(spec.tolerations ?? []), ...conditionTolerations];

const isWantedOn = (node: Node, template: PodTemplate): boolean =>
  !isDeleting(node) &&
  hasLabels(template.spec.nodeSelector ?? {}, node.metadata.labels) &&
  (node.spec.taints ?? []).every(
    (taint) =>
      taint.effect === 'PreferNoSchedule' ||
      taint.key === 'node.kubernetes.io/not-ready' ||
      isTolerated(taint, tolerationsOf(template)),
  );

function report(world: World, set: DaemonSet, wanted: number, hash: string): void {
  const pods = activePodsOf(world, set);
  const ready = pods.filter(isPodReady).length;
  world.update(kinds.daemonSets, set, (copy) => {
    copy.status = {
      currentNumberScheduled: pods.length,
      desiredNumberScheduled: wanted,
      numberMisscheduled: 0,
      numberReady: ready,
      observedGeneration: copy.metadata.generation,
      ...(ready && { numberAvailable: ready }),
      ...(wanted > ready && { numberUnavailable: wanted - ready }),
      updatedNumberScheduled: pods.filter(({ metadata }) => metadata.labels?.[hashLabel] === hash).length,
    };
  });
}

/** Of pods with an old template one goes at a time, when all others are ready. */
function roll(world: World, set: DaemonSet, pods: readonly Pod[], hash: string): void {
  if (set.spec.updateStrategy?.type === 'OnDelete' || !pods.every(isPodReady)) return;
  const outdated = pods.find(({ metadata }) => metadata.labels?.[hashLabel] !== hash);
  if (outdated) deletePod(world, outdated);
}

function syncOne(world: World, set: DaemonSet, nodes: readonly Node[]): void {
  const { template } = set.spec;
  const hash = templateHash(template);
  const pods = activePodsOf(world, set);
  const wanted = nodes.filter((node) => isWantedOn(node, template));
  for (const { metadata } of wanted) {
    if (pods.some(({ spec }) => spec.nodeName === metadata.name)) continue;
    createPod(
      world,
      set,
      { ...template, spec: { ...template.spec, tolerations: tolerationsOf(template) } },
      {
        name: `${set.metadata.name}-${randomSuffix()}`,
        generateName: `${set.metadata.name}-`,
        labels: { [hashLabel]: hash },
        nodeName: metadata.name,
        manager: 'daemonset-controller',
      },
    );
  }
  for (const pod of pods)
    if (!wanted.some(({ metadata }) => metadata.name === pod.spec.nodeName)) deletePod(world, pod);
  roll(world, set, pods, hash);
  report(world, set, wanted.length, hash);
}

export const daemonSets: ClusterController = {
  name: 'daemonset',
  watches: [kinds.daemonSets, kinds.pods, kinds.nodes],
  sync(world) {
    const nodes = world.list<Node>(kinds.nodes);
    for (const set of world.list<DaemonSet>(kinds.daemonSets)) if (!isDeleting(set)) syncOne(world, set, nodes);
    return undefined;
  },
};
