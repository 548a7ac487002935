// Which seed a shoot goes to. Models pkg/scheduler/controller/shoot/reconciler.go
import { isDeleting, type CloudProfileSpec, type Seed, type Shoot } from '../types.ts';
import { isSelected, selectorText } from './selectors.ts';

export interface SchedulingInput {
  shoot: Shoot;
  projectName: string;
  cloudProfile: CloudProfileSpec;
  seeds: readonly Seed[];
  /** All shoots of the garden, for the seeds' load. */
  shoots: readonly Shoot[];
}

/** Visible, not being deleted, reconciled once, its gardenlet alive, and its backup buckets fine where it has any. */
export function isUsableSeed(seed: Seed): boolean {
  const needed = ['GardenletReady', ...(seed.spec.backup ? ['BackupBucketsReady'] : [])];
  const isReady = needed.every((type) =>
    seed.status?.conditions?.some((one) => one.type === type && one.status === 'True'),
  );
  const isVisible = seed.spec.settings?.scheduling?.visible !== false;
  return !isDeleting(seed) && isVisible && isReady && seed.status?.lastOperation !== undefined;
}

/** How many shoots each seed has: those that go there, and those that have not left it yet. */
export function seedUsage(shoots: readonly Shoot[]): Map<string, number> {
  const usage = new Map<string, number>();
  for (const { spec, status } of shoots)
    for (const name of new Set([spec.seedName, status?.seedName]))
      if (name) usage.set(name, (usage.get(name) ?? 0) + 1);
  return usage;
}

const isTolerated = (seed: Seed, shoot: Shoot): boolean =>
  (seed.spec.taints ?? []).every((taint) =>
    shoot.spec.tolerations?.some(
      ({ key, value }) => key === taint.key && (value === undefined || value === (taint.value ?? '')),
    ),
  );

/** Why a seed cannot take the shoot; undefined when it can. */
function rejection(seed: Seed, shoot: Shoot, usage: ReadonlyMap<string, number>): string | undefined {
  if (!isTolerated(seed, shoot)) return "shoot does not tolerate the seed's taints";
  const allocatable = seed.status?.allocatable?.shoots;
  if (allocatable !== undefined && (usage.get(seed.metadata.name) ?? 0) >= Number(allocatable))
    return 'seed does not have available capacity for shoots';
  return undefined;
}

type Filter = (seeds: readonly Seed[], input: SchedulingInput) => readonly Seed[];

/** Keeps the seeds that `isMatching`; throws with `complaint` when none is left. */
const filter =
  (
    isMatching: (seed: Seed, input: SchedulingInput) => boolean,
    complaint: (count: number, input: SchedulingInput) => string,
  ): Filter =>
  (seeds, input) => {
    const matching = seeds.filter((seed) => isMatching(seed, input));
    if (!matching.length) throw new Error(complaint(seeds.length, input));
    return matching;
  };

const selectorFilter = (kind: string, selectorOf: (input: SchedulingInput) => Shoot['spec']['seedSelector']): Filter =>
  filter(
    ({ metadata }, input) => isSelected(selectorOf(input), metadata.labels),
    (count, input) =>
      `none out of the ${count} seeds has the matching labels required by seed selector of '${kind}' (selector: '${selectorText(selectorOf(input) ?? {})}')`,
  );

const isZonal = ({ spec }: Shoot) => spec.controlPlane?.highAvailability?.failureTolerance?.type === 'zone';

/** A domain below one of Gardener's own must be the one that the shoot would get there. */
function isDomainSupported(seed: Seed, { shoot, projectName, seeds }: SchedulingInput): boolean {
  const domain = shoot.spec.dns?.domain;
  const isOfGardener = seeds.some(({ spec }) => spec.dns?.defaults?.some((one) => domain?.endsWith(`.${one.domain}`)));
  if (!domain || !isOfGardener) return true;
  return (seed.spec.dns?.defaults ?? []).some(
    (one) => domain === `${shoot.metadata.name}.${projectName}.${one.domain}`,
  );
}

const filters: readonly Filter[] = [
  filter(
    isUsableSeed,
    (count) => `none of the ${count} seeds is valid for scheduling (not deleting, visible and ready)`,
  ),
  selectorFilter('CloudProfile', ({ cloudProfile }) => cloudProfile.seedSelector),
  selectorFilter('Shoot', ({ shoot }) => shoot.spec.seedSelector),
  filter(
    ({ spec }, { shoot, cloudProfile }) => {
      const types = cloudProfile.seedSelector?.providerTypes ?? [];
      if (!types.length) return spec.provider.type === shoot.spec.provider.type;
      return types.includes('*') || types.includes(spec.provider.type);
    },
    (count, { shoot }) => `none out of the ${count} seeds has a matching provider for "${shoot.spec.provider.type}"`,
  ),
  filter(
    ({ spec }, { shoot }) => !isZonal(shoot) || (spec.provider.zones ?? []).length >= 3,
    (count) =>
      `none of the ${count} seeds has at least 3 zones for hosting a shoot control plane with failure tolerance type 'zone'`,
  ),
  filter(
    ({ spec }, { shoot }) =>
      (shoot.spec.controlPlane?.zones ?? []).every((zone) => spec.provider.zones?.includes(zone)),
    (count, { shoot }) =>
      `none of the ${count} seeds contains all requested control plane zones [${shoot.spec.controlPlane?.zones?.join(' ')}]`,
  ),
  filter(
    ({ spec }, { shoot }) =>
      (shoot.spec.accessRestrictions ?? []).every(({ name }) =>
        spec.accessRestrictions?.some((one) => one.name === name),
      ),
    (count) => `none of the ${count} seeds supports the access restrictions configured in the shoot specification`,
  ),
  filter(
    isDomainSupported,
    (count, { shoot }) =>
      `none of the ${count} seeds support the domain "${shoot.spec.dns?.domain}" configured in the shoot specification`,
  ),
  filter(
    ({ metadata }) => metadata.annotations?.['shoot.gardener.cloud/emergency-stop-reconciliations'] !== 'true',
    (count) => `none of the ${count} seeds have enabled shoot reconciliations currently`,
  ),
  (seeds, { shoot, shoots }) => {
    const usage = seedUsage(shoots);
    const reasons: string[] = [];
    const candidates = seeds.filter((seed) => {
      const reason = rejection(seed, shoot, usage);
      if (reason !== undefined) reasons.push(`${seed.metadata.name} => ${reason}`);
      return reason === undefined;
    });
    if (candidates.length) return candidates;
    throw new Error(
      `0/${seeds.length} seed cluster candidate(s) are eligible for scheduling: {${reasons.sort().join(', ')}}`,
    );
  },
  filter(
    ({ spec }, { shoot }) =>
      spec.provider.type === shoot.spec.provider.type &&
      (shoot.spec.purpose === 'testing' || spec.provider.region === shoot.spec.region),
    (_count, { shoot }) =>
      `no matching seed candidate found for Configuration (Cloud Profile '${shoot.spec.cloudProfile?.name ?? shoot.spec.cloudProfileName ?? ''}', Region '${shoot.spec.region}', SeedDeterminationStrategy 'SameRegion')`,
  ),
];

/** The seed with the fewest shoots among those that can take this one. Throws with the scheduler's reason when there is none. */
export function chooseSeed(input: SchedulingInput): Seed {
  const candidates = filters.reduce<readonly Seed[]>((seeds, one) => one(seeds, input), input.seeds);
  const usage = seedUsage(input.shoots);
  const load = (seed: Seed) => usage.get(seed.metadata.name) ?? 0;
  return candidates.reduce((best, seed) => (load(seed) < load(best) ? seed : best));
}
