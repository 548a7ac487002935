// Deployments: a ReplicaSet for each template, and rolling from one to the next. Models pkg/controller/deployment.
import { isDeepEqual, toTime } from '../../../../apiserver/objects.ts';
import type { ClusterController } from '../engine.ts';
import { templateHash } from '../names.ts';
import {
  controllerOf,
  controllerReference,
  isDeleting,
  kinds,
  type Deployment,
  type PodTemplate,
  type ReplicaSet,
  type WorkloadCondition,
} from '../objects.ts';
import type { World } from '../world.ts';
import { resolveIntOrString } from './replicas.ts';

const hashLabel = 'pod-template-hash';
const revisionAnnotation = 'deployment.kubernetes.io/revision';
const restartReason = 'NewReplicaSetAvailable';

function withoutHash(template: PodTemplate): PodTemplate {
  const labels = { ...template.metadata?.labels };
  delete labels[hashLabel];
  return { ...template, metadata: { ...template.metadata, labels } };
}

const isSameTemplate = (a: PodTemplate, b: PodTemplate): boolean => isDeepEqual(withoutHash(a), withoutHash(b));
const revisionOf = ({ metadata }: ReplicaSet): number => Number(metadata.annotations?.[revisionAnnotation] ?? 0);
const wantedOf = ({ spec }: ReplicaSet): number => spec.replicas ?? 0;
const readyOf = ({ status }: ReplicaSet): number => status?.availableReplicas ?? 0;
const sum = (sets: readonly ReplicaSet[], value: (set: ReplicaSet) => number): number =>
  sets.reduce((total, set) => total + value(set), 0);

const setsOf = (world: World, deployment: Deployment): ReplicaSet[] =>
  world
    .list<ReplicaSet>(kinds.replicaSets, deployment.metadata.namespace)
    .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid && !isDeleting(set));

function createSet(world: World, deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet {
  const { template, selector } = deployment.spec;
  const hash = templateHash(withoutHash(template));
  const labels = { ...template.metadata?.labels, [hashLabel]: hash };
  return world.create<ReplicaSet>(kinds.replicaSets, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: {
        [revisionAnnotation]: String(Math.max(0, ...sets.map(revisionOf)) + 1),
        'deployment.kubernetes.io/desired-replicas': String(deployment.spec.replicas ?? 1),
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
    status: { replicas: 0 },
  });
}

function resize(world: World, deployment: Deployment, set: ReplicaSet, replicas: number): void {
  const before = wantedOf(set);
  if (before === replicas) return;
  world.update(kinds.replicaSets, set, (copy) => {
    copy.spec.replicas = replicas;
  });
  const direction = replicas > before ? 'up' : 'down';
  const message = `Scaled ${direction} replica set ${set.metadata.name} from ${before} to ${replicas}`;
  world.event(deployment, 'Normal', 'ScalingReplicaSet', message, 'deployment-controller');
}

/** The new set grows within maxSurge, the old ones shrink within maxUnavailable. */
function roll(world: World, deployment: Deployment, newest: ReplicaSet, old: readonly ReplicaSet[]): void {
  const wanted = deployment.spec.replicas ?? 1;
  const { type, rollingUpdate } = deployment.spec.strategy ?? {};
  if (type === 'Recreate') {
    for (const set of old) resize(world, deployment, set, 0);
    if (sum(old, ({ status }) => status?.replicas ?? 0) === 0) resize(world, deployment, newest, wanted);
    return;
  }
  const surge = resolveIntOrString(rollingUpdate?.maxSurge ?? '25%', wanted, true);
  const unavailable = resolveIntOrString(rollingUpdate?.maxUnavailable ?? '25%', wanted, false);
  const room = wanted + Math.max(surge, unavailable ? 0 : 1) - sum([newest, ...old], wantedOf);
  const grown = Math.min(wanted, wantedOf(newest) + Math.max(0, old.length ? room : wanted));
  resize(world, deployment, newest, wantedOf(newest) > wanted ? wanted : grown);
  let expendable = readyOf(newest) + sum(old, readyOf) - (wanted - unavailable);
  for (const set of old) {
    const unhealthy = Math.max(0, wantedOf(set) - readyOf(set));
    const shrink = Math.min(wantedOf(set), unhealthy + Math.max(0, Math.min(expendable, readyOf(set))));
    expendable -= Math.max(0, shrink - unhealthy);
    resize(world, deployment, set, wantedOf(set) - shrink);
  }
}

function condition(
  old: readonly WorkloadCondition[],
  next: Omit<WorkloadCondition, 'lastTransitionTime' | 'lastUpdateTime'>,
  nowMs: number,
): WorkloadCondition {
  const before = old.find(({ type }) => type === next.type);
  const now = toTime(nowMs);
  const isSame = before?.reason === next.reason && before.message === next.message && before.status === next.status;
  return {
    type: next.type,
    status: next.status,
    lastUpdateTime: isSame ? before.lastUpdateTime : now,
    lastTransitionTime: before?.status === next.status ? before.lastTransitionTime : now,
    reason: next.reason,
    message: next.message,
  };
}

function report(world: World, deployment: Deployment, newest: ReplicaSet, old: readonly ReplicaSet[]): void {
  const all = [newest, ...old];
  const wanted = deployment.spec.replicas ?? 1;
  const replicas = sum(all, ({ status }) => status?.replicas ?? 0);
  const available = sum(all, readyOf);
  const updated = newest.status?.replicas ?? 0;
  const unavailable = resolveIntOrString(
    deployment.spec.strategy?.rollingUpdate?.maxUnavailable ?? '25%',
    wanted,
    false,
  );
  const isAvailable = available >= wanted - unavailable;
  const isComplete = updated === wanted && replicas === wanted && available >= wanted;
  const subject = `ReplicaSet "${newest.metadata.name}"`;
  world.update(kinds.deployments, deployment, (copy) => {
    const before = copy.status?.conditions ?? [];
    copy.metadata.annotations = { ...copy.metadata.annotations, [revisionAnnotation]: String(revisionOf(newest)) };
    copy.status = {
      observedGeneration: copy.metadata.generation,
      ...(replicas && { replicas }),
      ...(updated && { updatedReplicas: updated }),
      ...(available && { readyReplicas: available, availableReplicas: available }),
      ...(wanted > available && { unavailableReplicas: wanted - available }),
      conditions: [
        condition(
          before,
          isAvailable
            ? {
                type: 'Available',
                status: 'True',
                reason: 'MinimumReplicasAvailable',
                message: 'Deployment has minimum availability.',
              }
            : {
                type: 'Available',
                status: 'False',
                reason: 'MinimumReplicasUnavailable',
                message: 'Deployment does not have minimum availability.',
              },
          world.nowMs,
        ),
        condition(
          before,
          isComplete
            ? {
                type: 'Progressing',
                status: 'True',
                reason: restartReason,
                message: `${subject} has successfully progressed.`,
              }
            : {
                type: 'Progressing',
                status: 'True',
                reason: 'ReplicaSetUpdated',
                message: `${subject} is progressing.`,
              },
          world.nowMs,
        ),
      ],
    };
  });
}

function prune(world: World, deployment: Deployment, old: readonly ReplicaSet[]): void {
  const limit = deployment.spec.revisionHistoryLimit ?? 10;
  const empty = old.filter((set) => !wantedOf(set) && !set.status?.replicas);
  const surplus = [...empty].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, old.length - limit));
  for (const set of surplus) world.delete(kinds.replicaSets, set);
}

function syncOne(world: World, deployment: Deployment): void {
  const sets = setsOf(world, deployment);
  const { template } = deployment.spec;
  let newest = sets.find((set) => isSameTemplate(set.spec.template, template));
  if (!newest) {
    if (deployment.spec.paused && sets.length) return;
    newest = createSet(world, deployment, sets);
  }
  const top = Math.max(0, ...sets.map(revisionOf));
  // A rollback: the old set becomes the newest revision.
  if (sets.length && revisionOf(newest) < top)
    world.update(kinds.replicaSets, newest, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [revisionAnnotation]: String(top + 1) };
    });
  const current = world.get<ReplicaSet>(kinds.replicaSets, newest.metadata.name, newest.metadata.namespace) ?? newest;
  const old = sets.filter(({ metadata }) => metadata.uid !== current.metadata.uid);
  roll(world, deployment, current, old);
  prune(world, deployment, old);
  report(world, deployment, current, old);
}

export const deployments: ClusterController = {
  name: 'deployment',
  watches: [kinds.deployments, kinds.replicaSets],
  sync(world) {
    for (const deployment of world.list<Deployment>(kinds.deployments))
      if (!isDeleting(deployment)) syncOne(world, deployment);
    return undefined;
  },
};
