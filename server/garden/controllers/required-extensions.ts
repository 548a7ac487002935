// Which extensions a seed and its shoots need, as `Kind/type`. Models pkg/utils/gardener/{shoot,seed}.go ComputeRequiredExtensions…
import { isDeleting, isWorkerless, type Backup, type ControllerRegistration, type Seed, type Shoot } from '../types.ts';
import { isSelected } from './selectors.ts';

const unmanaged = 'unmanaged';

/** Types of kind Extension that are on for a cluster: named by itself, or registered as on for all, less those that it switches off. */
function extensionTypes(
  clusterType: 'shoot' | 'seed',
  extensions: readonly { type: string; disabled?: boolean }[],
  registrations: readonly ControllerRegistration[],
  isWithoutWorkers: boolean,
): string[] {
  const automatic = registrations
    .flatMap(({ spec }) => spec.resources ?? [])
    .filter(({ kind, autoEnable }) => kind === 'Extension' && autoEnable?.includes(clusterType))
    .filter(({ workerlessSupported }) => !isWithoutWorkers || workerlessSupported)
    .map(({ type }) => type);
  const named = extensions.filter(({ disabled }) => !disabled).map(({ type }) => type);
  const off = extensions.filter(({ disabled }) => disabled).map(({ type }) => type);
  return [...automatic, ...named].filter((type) => !off.includes(type));
}

export function requiredForSeed(seed: Seed, registrations: readonly ControllerRegistration[]): string[] {
  if (isDeleting(seed)) return [];
  const { dns, provider, extensions = [] } = seed.spec;
  return [
    ...(dns?.provider ? [`DNSRecord/${dns.provider.type}`] : []),
    ...extensionTypes('seed', extensions, registrations, false).map((type) => `Extension/${type}`),
    ...['ControlPlane', 'Infrastructure', 'Worker'].map((kind) => `${kind}/${provider.type}`),
  ];
}

export function requiredForShoot(shoot: Shoot, seed: Seed, registrations: readonly ControllerRegistration[]): string[] {
  const { provider, networking, dns, extensions = [] } = shoot.spec;
  const workers = provider.workers ?? [];
  const isWithout = isWorkerless(shoot);
  const dnsTypes = [
    ...(dns?.providers ?? []).flatMap(({ type, primary }) => (type && primary ? [type] : [])),
    ...(seed.spec.dns?.internal ? [seed.spec.dns.internal.type] : []),
    ...(seed.spec.dns?.defaults ?? []).map(({ type }) => type),
  ].filter((type) => type !== unmanaged);
  return [
    ...(seed.spec.backup ? ['BackupBucket', 'BackupEntry'].map((kind) => `${kind}/${seed.spec.backup?.provider}`) : []),
    `ControlPlane/${seed.spec.provider.type}`,
    ...(isWithout ? [] : ['ControlPlane', 'Infrastructure', 'Worker'].map((kind) => `${kind}/${provider.type}`)),
    ...(!isWithout && networking?.type ? [`Network/${networking.type}`] : []),
    ...workers.flatMap(({ machine }) => (machine.image ? [`OperatingSystemConfig/${machine.image.name}`] : [])),
    ...workers.flatMap(({ cri }) => (cri?.containerRuntimes ?? []).map(({ type }) => `ContainerRuntime/${type}`)),
    ...dnsTypes.map((type) => `DNSRecord/${type}`),
    ...extensionTypes('shoot', extensions, registrations, isWithout).map((type) => `Extension/${type}`),
  ];
}

export interface SeedContent {
  shoots: readonly Shoot[];
  buckets: readonly Backup[];
  entries: readonly Backup[];
}

/** The registrations to install on `seed`, by name. */
export function wantedRegistrations(
  seed: Seed,
  { shoots, buckets, entries }: SeedContent,
  registrations: readonly ControllerRegistration[],
): ControllerRegistration[] {
  const { name, labels } = seed.metadata;
  const ours = shoots.filter(({ spec, status }) => spec.seedName === name || status?.seedName === name);
  const typeOf = new Map(buckets.map((bucket) => [bucket.metadata.name, bucket.spec.provider?.type]));
  const required = new Set([
    ...requiredForSeed(seed, registrations),
    ...ours.flatMap((shoot) => requiredForShoot(shoot, seed, registrations)),
    ...buckets.flatMap(({ spec }) => (spec.seedName === name ? [`BackupBucket/${spec.provider?.type}`] : [])),
    ...entries.flatMap(({ spec }) =>
      spec.seedName === name ? [`BackupEntry/${typeOf.get(spec.bucketName ?? '')}`] : [],
    ),
  ]);
  const isWanted = ({ spec }: ControllerRegistration) => {
    if (spec.deployment?.policy === 'Always' && !isDeleting(seed)) return true;
    if (spec.deployment?.policy === 'AlwaysExceptNoShoots' && ours.length) return true;
    return (spec.resources ?? []).some(({ kind, type }) => required.has(`${kind}/${type}`));
  };
  return registrations.filter(
    (registration) =>
      !isDeleting(registration) &&
      isWanted(registration) &&
      isSelected(registration.spec.deployment?.seedSelector, labels),
  );
}
