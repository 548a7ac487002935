// What the controller-manager knows of a seed: whether its extensions and backup buckets are fine, and whether its gardenlet is alive.
// Models pkg/controllermanager/controller/seed/{extensionscheck,backupbucketscheck} and gardenletlifecycle
import { createController, createSource, resources, type Controller, type Informer } from '../../kube/index.ts';
import type { Backup, Condition, ControllerInstallation, Lease, Seed, Shoot } from '../types.ts';
import { isWorkerless } from '../types.ts';
import { withCondition, type WantedCondition } from './conditions.ts';
import { ownKeys, patchStatus, type ControllerContext } from './context.ts';
import { goMap } from './go-text.ts';

const leaseNamespace = 'gardener-system-seed-lease';
const monitorPeriodMs = 40_000;
const shootMonitorPeriodMs = 5 * 60_000;
const syncPeriodMs = 10_000;
const thresholdMs = 60_000;

const needed = [
  { type: 'Valid', status: 'True', reason: 'NotAllExtensionsValid', text: 'Some extensions are not valid' },
  { type: 'Installed', status: 'True', reason: 'NotAllExtensionsInstalled', text: 'Some extensions are not installed' },
  { type: 'Healthy', status: 'True', reason: 'NotAllExtensionsHealthy', text: 'Some extensions are not healthy' },
  {
    type: 'Progressing',
    status: 'False',
    reason: 'SomeExtensionsProgressing',
    text: 'Some extensions are progressing',
  },
] as const;

function problemOf(installation: ControllerInstallation, type: string, status: string): string | undefined {
  const conditions = installation.status?.conditions ?? [];
  if (!conditions.length) return type === 'Installed' ? 'extension was not yet installed' : undefined;
  const condition = conditions.find((one) => one.type === type);
  if (condition && condition.status !== status) return condition.message;
  const isIncomplete = needed.some((one) => !conditions.some((given) => given.type === one.type));
  if (type === 'Healthy' && isIncomplete) return 'not all required conditions found in ControllerInstallation';
  return undefined;
}

/** ExtensionsReady of a seed with these installations. */
export function checkExtensions(installations: readonly ControllerInstallation[]): WantedCondition {
  for (const { type, status, reason, text } of needed) {
    const problems = Object.fromEntries(
      installations.flatMap((installation) => {
        const problem = problemOf(installation, type, status);
        return problem === undefined ? [] : [[installation.metadata.name, problem]];
      }),
    );
    if (Object.keys(problems).length)
      return { type: 'ExtensionsReady', status: 'False', reason, message: `${text}: ${goMap(problems)}` };
  }
  const message = 'All extensions installed into the seed cluster are ready and healthy.';
  return { type: 'ExtensionsReady', status: 'True', reason: 'AllExtensionsReady', message };
}

/** BackupBucketsReady of a seed with these buckets. */
export function checkBuckets(buckets: readonly Backup[]): WantedCondition {
  const type = 'BackupBucketsReady';
  const faults = buckets.flatMap(({ metadata, status }) =>
    status?.lastError ? [`Name: ${metadata.name}, Error: ${status.lastError.description}`] : [],
  );
  if (faults.length)
    return {
      type,
      status: 'False',
      reason: 'BackupBucketsError',
      message: `The following BackupBuckets have issues:\n* ${faults.join('\n* ')}`,
    };
  if (!buckets.length)
    return { type, status: 'Unknown', reason: 'BackupBucketsGone', message: 'Backup Buckets are gone.' };
  return { type, status: 'True', reason: 'BackupBucketsAvailable', message: 'Backup Buckets are available.' };
}

/** What was fine is Progressing for a minute before it is said to be bad. */
export function withGrace(
  conditions: readonly Condition[] = [],
  wanted: WantedCondition,
  nowMs: number,
): WantedCondition {
  const old = conditions.find(({ type }) => type === wanted.type);
  if (wanted.status === 'True' || !old) return wanted;
  const isFresh = old.status === 'True' || nowMs - Date.parse(old.lastTransitionTime) < thresholdMs;
  const isStillGood = old.status === 'True' || old.status === 'Progressing';
  return isStillGood && isFresh ? { ...wanted, status: 'Progressing' } : wanted;
}

export function createSeedChecks(context: ControllerContext): Controller[] {
  const { client, informers, clock, logger } = context;
  const seeds = informers.of<Seed>(resources.seeds);
  const installations = informers.of<ControllerInstallation>(resources.controllerInstallations);
  const buckets = informers.of<Backup>(resources.backupBuckets);

  const check = async (seed: Seed, wanted: WantedCondition): Promise<{ requeueAfterMs: number } | void> => {
    const graceful = withGrace(seed.status?.conditions, wanted, clock.now());
    const conditions = withCondition(seed.status?.conditions, graceful, clock.now());
    const { resourceVersion } = seed.metadata;
    if (conditions)
      // With the resourceVersion: gardenlet writes the same list.
      await client.patch(
        resources.seeds,
        seed.metadata.name,
        undefined,
        'merge',
        { metadata: { resourceVersion }, status: { conditions } },
        { subresource: 'status' },
      );
    if (graceful.status !== wanted.status) return { requeueAfterMs: thresholdMs };
  };
  const extensions = createController({
    name: 'seed-extensions-check',
    clock,
    logger,
    sources: [ownKeys(seeds), createSource(installations, ({ spec }) => (spec.seedRef ? [spec.seedRef.name] : []))],
    async reconcile(name) {
      const seed = seeds.get(name);
      if (!seed) return;
      return check(seed, checkExtensions(installations.list().filter(({ spec }) => spec.seedRef?.name === name)));
    },
  });
  const backups = createController({
    name: 'seed-backup-buckets-check',
    clock,
    logger,
    sources: [ownKeys(seeds), createSource(buckets, ({ spec }) => (spec.seedName ? [spec.seedName] : []))],
    async reconcile(name) {
      const seed = seeds.get(name);
      if (!seed?.spec.backup) return;
      return check(seed, checkBuckets(buckets.list().filter(({ spec }) => spec.seedName === name)));
    },
  });
  return [extensions, backups, createLifecycle(context, seeds)];
}

const conditionTypes = (shoot: Shoot) => [
  'APIServerAvailable',
  'ControlPlaneHealthy',
  'ObservabilityComponentsHealthy',
  ...(isWorkerless(shoot) ? [] : ['EveryNodeReady']),
  'SystemComponentsHealthy',
];
const constraintTypes = ['HibernationPossible', 'MaintenancePreconditionsSatisfied'];

/** A gardenlet that stops renewing its lease: the seed is Unknown, five minutes later its shoots, too. */
function createLifecycle(context: ControllerContext, seeds: Informer<Seed>): Controller {
  const { client, informers, clock, logger } = context;
  const shoots = informers.of<Shoot>(resources.shoots);

  async function doubt(shoot: Shoot): Promise<void> {
    const unknown = {
      status: 'Unknown',
      reason: 'StatusUnknown',
      message: 'Gardenlet stopped sending heartbeats.',
    } as const;
    const apply = (old: readonly Condition[] | undefined, types: readonly string[]) =>
      types.reduce<readonly Condition[] | undefined>(
        (list, type) => withCondition(list, { type, ...unknown }, clock.now()) ?? list,
        old,
      );
    const conditions = apply(shoot.status?.conditions, conditionTypes(shoot));
    const constraints = apply(shoot.status?.constraints, constraintTypes);
    if (conditions === shoot.status?.conditions && constraints === shoot.status?.constraints) return;
    await patchStatus(client, resources.shoots, shoot, { conditions, constraints });
  }

  return createController({
    name: 'seed-lifecycle',
    clock,
    logger,
    sources: [createSource(seeds, (seed, old) => (old ? [] : [seed.metadata.name]))],
    async reconcile(name) {
      const seed = seeds.get(name);
      if (!seed) return;
      const requeue = { requeueAfterMs: syncPeriodMs };
      if (!seed.status?.conditions?.length) return requeue;
      // The lease is renewed all the time: asking for it now and then costs less than watching it.
      const lease = await client.list<Lease>(resources.leases, { namespace: leaseNamespace });
      const renewTime = lease.items.find(({ metadata }) => metadata.name === name)?.spec?.renewTime;
      if (renewTime && clock.now() - Date.parse(renewTime) < monitorPeriodMs) return requeue;
      const wanted = {
        type: 'GardenletReady',
        status: 'Unknown',
        reason: 'StatusUnknown',
        message: 'Gardenlet stopped posting status updates.',
      } as const;
      const conditions = withCondition(seed.status.conditions, wanted, clock.now());
      if (conditions) {
        await patchStatus(client, resources.seeds, seed, { conditions });
        return requeue;
      }
      const since = seed.status.conditions.find(({ type }) => type === wanted.type)?.lastTransitionTime ?? '';
      if (clock.now() - Date.parse(since) < shootMonitorPeriodMs) return requeue;
      for (const shoot of shoots.list()) if (shoot.status?.seedName === name) await doubt(shoot);
      return requeue;
    },
  });
}
