// The seed controller: lease, finalizer, backup bucket, and the status by which the Seed is Ready.
import {
  createController,
  createSource,
  isAlreadyExists,
  isNotFound,
  resources,
  type Controller,
  type Informer,
  type KubeObject,
  type OwnerReference,
} from '../../kube/index.ts';
import { messageOf } from '../../common/errors.ts';
import type { Disposable } from '../../common/lifecycle.ts';
import type { GardenletContext } from '../context.ts';
import { addFinalizer, removeFinalizer } from '../finalizer.ts';
import { transition, type Check } from '../shoot/conditions.ts';
import { operation } from '../shoot/status.ts';
import { hasFinalizer, isDeleting, toTime, type Backup, type Condition, type Seed, type Shoot } from '../types.ts';

const leaseNamespace = 'gardener-system-seed-lease';
// The grace period of gardener-controller-manager is 40 s.
const leasePeriodMs = 5_000;
const maxShoots = '250';

const ownConditions: Check[] = [
  { type: 'GardenletReady', status: 'True', reason: 'GardenletReady', message: 'Gardenlet is posting ready status.' },
  {
    type: 'SeedSystemComponentsHealthy',
    status: 'True',
    reason: 'SystemComponentsRunning',
    message: 'All system components are healthy.',
  },
];

const ownerOf = (seed: Seed): OwnerReference => ({
  apiVersion: 'core.gardener.cloud/v1beta1',
  kind: 'Seed',
  name: seed.metadata.name,
  uid: seed.metadata.uid ?? '',
});

interface Lease extends KubeObject {
  spec: { holderIdentity: string; leaseDurationSeconds: number; renewTime: string };
}

async function renewLease({ client, clock, seedName }: GardenletContext, seed: Seed): Promise<void> {
  const lease: Lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: seedName, namespace: leaseNamespace, ownerReferences: [ownerOf(seed)] },
    spec: {
      holderIdentity: seedName,
      leaseDurationSeconds: 2,
      renewTime: `${new Date(clock.now()).toISOString().slice(0, -1)}000Z`,
    },
  };
  try {
    await client.patch(resources.leases, seedName, leaseNamespace, 'merge', { spec: lease.spec });
  } catch (fault) {
    if (!isNotFound(fault)) throw fault;
    await client.create(resources.leases, lease);
  }
}

async function ensureBackupBucket({ client, seedName }: GardenletContext, seed: Seed): Promise<void> {
  const { backup } = seed.spec;
  if (!backup) return;
  const bucket: Backup = {
    apiVersion: 'core.gardener.cloud/v1beta1',
    kind: 'BackupBucket',
    metadata: {
      name: seed.metadata.uid ?? '',
      ownerReferences: [{ ...ownerOf(seed), controller: true, blockOwnerDeletion: true }],
    },
    spec: {
      provider: { type: backup.provider, region: backup.region ?? seed.spec.provider.region },
      credentialsRef: backup.credentialsRef,
      seedName,
    },
  };
  await client.create(resources.backupBuckets, bucket).catch((fault) => {
    if (!isAlreadyExists(fault)) throw fault;
  });
}

/** The conditions with gardenlet's own renewed; those of controller-manager are carried along. undefined: as they should be. */
export function seedConditions(current: readonly Condition[], nowMs: number): Condition[] | undefined {
  const isDone = ownConditions.every(({ type }) => current.some((one) => one.type === type && one.status === 'True'));
  if (isDone) return undefined;
  const own = ownConditions.map((check) =>
    transition(
      current.find(({ type }) => type === check.type),
      check,
      { nowMs, thresholdMs: 0 },
    ),
  );
  return [...current.filter(({ type }) => !own.some((one) => one.type === type)), ...own];
}

async function writeStatus(context: GardenletContext, seed: Seed): Promise<void> {
  const { client, clock, gardener, seedKubernetesVersion, clusterIdentity } = context;
  const { status, metadata } = seed;
  const conditions = seedConditions(status?.conditions ?? [], clock.now());
  const isReported =
    status?.observedGeneration === metadata.generation &&
    status?.gardener?.version === gardener.version &&
    status.lastOperation?.state === 'Succeeded';
  if (isReported && !conditions) return;
  const description = 'Seed cluster has been successfully reconciled.';
  const patch = {
    // controller-manager writes to the same list: it has to be written as it was read.
    metadata: { resourceVersion: metadata.resourceVersion },
    status: {
      gardener,
      kubernetesVersion: seedKubernetesVersion,
      clusterIdentity: `${clusterIdentity}-${metadata.name}-${metadata.uid}`,
      observedGeneration: metadata.generation,
      capacity: { shoots: maxShoots },
      allocatable: { shoots: maxShoots },
      lastOperation: operation('Reconcile', 'Succeeded', 100, description, clock.now()),
      ...(conditions && { conditions }),
    },
  };
  await client.patch(resources.seeds, metadata.name, undefined, 'merge', patch, { subresource: 'status' });
}

async function deleteSeed(context: GardenletContext, seed: Seed, shoots: readonly Shoot[]): Promise<void> {
  const isUsed = shoots.some(({ spec, status }) => [spec.seedName, status?.seedName].includes(seed.metadata.name));
  if (isUsed || !hasFinalizer(seed)) return;
  await context.client.delete(resources.backupBuckets, seed.metadata.uid ?? '').catch((fault) => {
    if (!isNotFound(fault)) throw fault;
  });
  await removeFinalizer(context.client, resources.seeds, seed);
}

export function createSeedController(
  context: GardenletContext,
  seeds: Informer<Seed>,
  shoots: Informer<Shoot>,
): Controller {
  const mine = (name: string) => (name === context.seedName ? [name] : []);
  return createController({
    name: 'seed',
    clock: context.clock,
    logger: context.logger,
    sources: [
      createSource(seeds, ({ metadata }) => mine(metadata.name)),
      // A seed that is being deleted waits for its last shoot.
      createSource(shoots, (shoot, old) => (old || !isDeleting(shoot) ? [] : mine(context.seedName))),
    ],
    async reconcile() {
      const seed = context.findSeed();
      if (!seed) return;
      if (isDeleting(seed)) return deleteSeed(context, seed, shoots.list());
      // Before the condition that says so: without a lease the condition would not stand.
      await renewLease(context, seed);
      if (!hasFinalizer(seed)) return addFinalizer(context.client, resources.seeds, seed);
      await ensureBackupBucket(context, seed);
      await writeStatus(context, seed);
    },
  });
}

/** Renews the lease for as long as the Seed is there. */
export function createLeaseRenewal(context: GardenletContext): Disposable {
  return context.clock.every(leasePeriodMs, () => {
    const seed = context.findSeed();
    if (!seed) return;
    renewLease(context, seed).catch((fault: unknown) =>
      context.logger.warn({ fault: messageOf(fault), at: toTime(context.clock.now()) }, 'lease not renewed'),
    );
  });
}
