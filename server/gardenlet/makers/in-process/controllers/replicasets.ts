// ReplicaSets: as many pods as wanted. Models pkg/controller/replicaset.
import type { ClusterController } from '../engine.ts';
import { isDeleting, isPodReady, kinds, type Pod, type ReplicaSet } from '../objects.ts';
import { randomSuffix } from '../names.ts';
import type { World } from '../world.ts';
import { activePodsOf, adoptPods, createPod, deletePod } from './replicas.ts';

// As many at a time as Kubernetes creates.
const maxBurst = 500;

/** Those that cost least to lose come first: without a node, not ready, youngest. */
const byExpendability = (a: Pod, b: Pod): number =>
  Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)) ||
  Number(isPodReady(a)) - Number(isPodReady(b)) ||
  (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1);

function scale(world: World, set: ReplicaSet, pods: readonly Pod[]): void {
  const { name } = set.metadata;
  const missing = (set.spec.replicas ?? 1) - pods.length;
  for (let i = 0; i < Math.min(missing, maxBurst); i++)
    createPod(world, set, set.spec.template, {
      name: `${name}-${randomSuffix()}`,
      generateName: `${name}-`,
      manager: 'replicaset-controller',
    });
  for (const pod of [...pods].sort(byExpendability).slice(0, Math.max(0, -missing))) {
    deletePod(world, pod);
    const message = `Deleted pod: ${pod.metadata.name}`;
    world.event(set, 'Normal', 'SuccessfulDelete', message, 'replicaset-controller');
  }
}

function report(world: World, set: ReplicaSet): void {
  const pods = activePodsOf(world, set);
  const ready = pods.filter(isPodReady).length;
  world.update(kinds.replicaSets, set, (copy) => {
    copy.status = {
      replicas: pods.length,
      ...(pods.length && { fullyLabeledReplicas: pods.length }),
      ...(ready && { readyReplicas: ready, availableReplicas: ready }),
      observedGeneration: copy.metadata.generation,
    };
  });
}

export const replicaSets: ClusterController = {
  name: 'replicaset',
  watches: [kinds.replicaSets, kinds.pods],
  sync(world) {
    for (const set of world.list<ReplicaSet>(kinds.replicaSets)) {
      if (!isDeleting(set)) {
        adoptPods(world, set, set.spec.selector);
        scale(world, set, activePodsOf(world, set));
      }
      report(world, set);
    }
    return undefined;
  },
};
