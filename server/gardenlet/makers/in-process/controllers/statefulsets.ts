// StatefulSets: pods with numbers, one after the other. Models pkg/controller/statefulset.
import type { ClusterController } from '../engine.ts';
import { templateHash } from '../names.ts';
import { isDeleting, isPodFinished, isPodReady, kinds, type Pod, type StatefulSet } from '../objects.ts';
import type { World } from '../world.ts';
import { createPod, deletePod, podsOf } from './replicas.ts';

const hashLabel = 'controller-revision-hash';
const revisionOf = (set: StatefulSet): string => `${set.metadata.name}-${templateHash(set.spec.template)}`;
const ordinalOf = (set: StatefulSet, pod: Pod): number => Number(pod.metadata.name.slice(set.metadata.name.length + 1));

function createNumbered(world: World, set: StatefulSet, ordinal: number): void {
  const name = `${set.metadata.name}-${ordinal}`;
  createPod(world, set, set.spec.template, {
    name,
    generateName: `${set.metadata.name}-`,
    manager: 'statefulset-controller',
    labels: {
      [hashLabel]: revisionOf(set),
      'statefulset.kubernetes.io/pod-name': name,
      'apps.kubernetes.io/pod-index': String(ordinal),
    },
  });
}

function removeNumbered(world: World, set: StatefulSet, pod: Pod): void {
  deletePod(world, pod);
  const message = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
  world.event(set, 'Normal', 'SuccessfulDelete', message, 'statefulset-controller');
}

/** One step: the first missing number, then the highest that is too many, then the highest that is outdated. */
function step(world: World, set: StatefulSet, pods: readonly Pod[]): void {
  const wanted = set.spec.replicas ?? 1;
  const isParallel = set.spec.podManagementPolicy === 'Parallel';
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]));
  for (let ordinal = 0; ordinal < wanted; ordinal++) {
    const pod = byOrdinal.get(ordinal);
    if (pod && isPodFinished(pod) && !isDeleting(pod)) return deletePod(world, pod);
    if (!pod) createNumbered(world, set, ordinal);
    if (!isParallel && (!pod || isDeleting(pod) || !isPodReady(pod))) return;
  }
  const surplus = pods
    .filter((pod) => ordinalOf(set, pod) >= wanted)
    .sort((a, b) => ordinalOf(set, b) - ordinalOf(set, a));
  for (const pod of isParallel ? surplus : surplus.slice(0, 1)) if (!isDeleting(pod)) removeNumbered(world, set, pod);
  if (surplus.length || set.spec.updateStrategy?.type === 'OnDelete' || !pods.every(isPodReady)) return;
  const outdated = pods
    .filter(({ metadata }) => metadata.labels?.[hashLabel] !== revisionOf(set))
    .sort((a, b) => ordinalOf(set, b) - ordinalOf(set, a))[0];
  if (outdated && !isDeleting(outdated)) removeNumbered(world, set, outdated);
}

function report(world: World, set: StatefulSet): void {
  const pods = podsOf(world, set).filter((pod) => !isPodFinished(pod));
  const ready = pods.filter((pod) => isPodReady(pod) && !isDeleting(pod)).length;
  const revision = revisionOf(set);
  const updated = pods.filter(({ metadata }) => metadata.labels?.[hashLabel] === revision).length;
  world.update(kinds.statefulSets, set, (copy) => {
    const isDone = updated === (copy.spec.replicas ?? 1);
    copy.status = {
      observedGeneration: copy.metadata.generation,
      replicas: pods.length,
      ...(ready && { readyReplicas: ready }),
      availableReplicas: ready,
      currentReplicas: isDone ? updated : pods.length - updated,
      updatedReplicas: updated,
      currentRevision: isDone ? revision : (copy.status?.currentRevision ?? revision),
      updateRevision: revision,
      collisionCount: 0,
    };
  });
}

export const statefulSets: ClusterController = {
  name: 'statefulset',
  watches: [kinds.statefulSets, kinds.pods],
  sync(world) {
    for (const set of world.list<StatefulSet>(kinds.statefulSets)) {
      if (!isDeleting(set)) step(world, set, podsOf(world, set));
      report(world, set);
    }
    return undefined;
  },
};
