// Labels that say which extensions an object needs, kept by the server on every write.
// Models plugin/pkg/global/extensionlabels/admission.go
import { createBadRequest, createInternalError } from '../../../apiserver/errors.ts';
import type { AdmissionRequest, ApiObject, Reader } from '../../../apiserver/types.ts';
import { find, get, list, messageOf } from '../lookups.ts';
import { removeLabels, setLabel } from '../meta.ts';
import type {
  CloudProfile,
  ControllerRegistration,
  CredentialsBinding,
  NamespacedCloudProfile,
  SecretBinding,
  Seed,
  Shoot,
  WorkloadIdentity,
} from '../types.ts';

const domain = 'extensions.gardener.cloud/';
const prefixes = {
  extension: `extensions.${domain}`,
  provider: `provider.${domain}`,
  dnsRecord: `dnsrecord.${domain}`,
  networking: `networking.${domain}`,
  operatingSystem: `operatingsystemconfig.${domain}`,
  containerRuntime: `containerruntime.${domain}`,
} as const;
const ownedPrefixes = [...Object.values(prefixes), `selfhostedshootexposure.${domain}`];

/** Types of kind Extension that hold for a cluster: asked for by it, or switched on for all clusters of that type. */
export function enabledExtensions(
  clusterType: 'shoot' | 'seed',
  asked: readonly { type: string; disabled?: boolean }[],
  registrations: readonly ControllerRegistration[],
  isWorkerless = false,
): Set<string> {
  const disabled = new Set(asked.filter((extension) => extension.disabled).map(({ type }) => type));
  const enabled = new Set(asked.filter((extension) => !extension.disabled).map(({ type }) => type));
  for (const resource of registrations.flatMap(({ spec }) => spec.resources ?? [])) {
    if (resource.kind !== 'Extension' || disabled.has(resource.type)) continue;
    if (isWorkerless && !resource.workerlessSupported) continue;
    if (resource.autoEnable?.includes(clusterType)) enabled.add(resource.type);
  }
  return enabled;
}

function* shootLabels(shoot: Shoot, registrations: readonly ControllerRegistration[]): Generator<string> {
  const { provider, networking, dns, extensions } = shoot.spec;
  const workers = provider.workers ?? [];
  for (const type of enabledExtensions('shoot', extensions ?? [], registrations, workers.length === 0)) {
    yield prefixes.extension + type;
  }
  for (const { cri, machine } of workers) {
    for (const { type } of cri?.containerRuntimes ?? []) yield prefixes.containerRuntime + type;
    if (machine.image) yield prefixes.operatingSystem + machine.image.name;
  }
  for (const { type } of dns?.providers ?? []) if (type && type !== 'unmanaged') yield prefixes.dnsRecord + type;
  yield prefixes.provider + provider.type;
  if (networking?.type) yield prefixes.networking + networking.type;
}

function* seedLabels(seed: Seed, registrations: readonly ControllerRegistration[]): Generator<string> {
  const { provider, backup, dns, extensions } = seed.spec;
  for (const type of enabledExtensions('seed', extensions ?? [], registrations)) yield prefixes.extension + type;
  yield prefixes.provider + provider.type;
  if (backup) yield prefixes.provider + backup.provider;
  if (dns.provider) yield prefixes.dnsRecord + dns.provider.type;
}

const providerOfBucket = (bucket: ApiObject) => (bucket.spec as { provider: { type: string } }).provider.type;

/** The labels of an object; undefined for kinds that have none. */
function labelsOf(object: ApiObject, reader: Reader): Iterable<string> | undefined {
  switch (object.kind) {
    case 'Shoot':
      return shootLabels(object as Shoot, list(reader, 'controllerRegistrations'));
    case 'Seed':
      return seedLabels(object as Seed, list(reader, 'controllerRegistrations'));
    case 'SecretBinding':
      return ((object as SecretBinding).provider?.type ?? '')
        .split(',')
        .filter(Boolean)
        .map((type) => prefixes.provider + type);
    case 'CredentialsBinding':
      return [prefixes.provider + (object as CredentialsBinding).provider.type];
    case 'WorkloadIdentity':
      return [prefixes.provider + (object as WorkloadIdentity).spec.targetSystem.type];
    case 'CloudProfile':
      return [prefixes.provider + (object as CloudProfile).spec.type];
    case 'NamespacedCloudProfile':
      return namespacedProfileLabels(object as NamespacedCloudProfile, reader);
    case 'BackupBucket':
      return [prefixes.provider + providerOfBucket(object)];
    case 'BackupEntry': {
      const bucket = find(reader, 'backupBuckets', (object.spec as { bucketName: string }).bucketName);
      if (!bucket)
        throw createInternalError(
          `backupbucket.core.gardener.cloud "${(object.spec as { bucketName: string }).bucketName}" not found`,
        );
      return [prefixes.provider + providerOfBucket(bucket)];
    }
    default:
      return undefined;
  }
}

function namespacedProfileLabels({ spec }: NamespacedCloudProfile, reader: Reader): string[] {
  if (spec.parent.kind !== 'CloudProfile') throw createBadRequest('invalid parent kind');
  try {
    return [prefixes.provider + get(reader, 'cloudProfiles', spec.parent.name).spec.type];
  } catch (error) {
    throw createInternalError(messageOf(error));
  }
}

/** Replaces the extension labels of what is written. Throws 400 or 500 when a parent is unknown. */
export function labelExtensions({ object, reader }: AdmissionRequest): void {
  if (!object) return;
  const labels = labelsOf(object, reader);
  if (!labels) return;
  removeLabels(object, (key) => ownedPrefixes.some((prefix) => key.startsWith(prefix)));
  for (const label of labels) setLabel(object, label, 'true');
}
