// What a CloudProfile and a NamespacedCloudProfile say in their status: how each version stands today, and the merged profile.
// Models pkg/controllermanager/controller/{cloudprofile,namespacedcloudprofile}/reconciler.go
import { isDeepStrictEqual } from 'node:util';
import { resources, type Informer } from '../../kube/index.ts';
import type {
  CloudProfile,
  CloudProfileSpec,
  ExpirableVersion,
  MachineImage,
  NamespacedCloudProfile,
} from '../types.ts';
import { patchStatus, type ControllerContext } from './context.ts';

interface LifecycleStage {
  classification: string;
  startTime?: string;
}

interface LifecycleVersion extends ExpirableVersion {
  lifecycle?: LifecycleStage[];
}

/** preview, supported, deprecated, expired or unavailable at `nowMs`. */
export function classificationAt(version: LifecycleVersion, nowMs: number): string {
  const { lifecycle, classification = 'supported', expirationDate } = version;
  if (lifecycle?.length) {
    const begun = lifecycle.filter(({ startTime }) => startTime === undefined || Date.parse(startTime) <= nowMs);
    return begun.at(-1)?.classification ?? 'unavailable';
  }
  return expirationDate !== undefined && Date.parse(expirationDate) <= nowMs ? 'expired' : classification;
}

/** When the next version changes its classification, in ms since the epoch; undefined when none will. */
export function nextTransitionMs(versions: readonly LifecycleVersion[], nowMs: number): number | undefined {
  const times = versions
    .flatMap(({ expirationDate, lifecycle = [] }) => [expirationDate, ...lifecycle.map(({ startTime }) => startTime)])
    .map((time) => Date.parse(time ?? ''))
    .filter((time) => time > nowMs);
  return times.length ? Math.min(...times) : undefined;
}

const versionStatus = (version: LifecycleVersion, nowMs: number) => ({
  classification: classificationAt(version, nowMs),
  version: version.version,
});

export const cloudProfileStatus = ({ kubernetes, machineImages }: CloudProfileSpec, nowMs: number) => ({
  kubernetes: { versions: kubernetes.versions.map((version) => versionStatus(version, nowMs)) },
  machineImages: machineImages.map(({ name, versions }) => ({
    name,
    versions: versions.map((version) => versionStatus(version, nowMs)),
  })),
});

// A timer cannot be set further ahead than this.
const maxRequeueMs = 24 * 60 * 60_000;

export async function keepCloudProfileStatus(
  profile: CloudProfile,
  { client, clock }: ControllerContext,
): Promise<{ requeueAfterMs?: number }> {
  const nowMs = clock.now();
  const status = cloudProfileStatus(profile.spec, nowMs);
  const { kubernetes, machineImages } = profile.status ?? {};
  if (!isDeepStrictEqual({ kubernetes, machineImages }, status))
    await patchStatus(client, resources.cloudProfiles, profile, status);
  const versions = [
    ...profile.spec.kubernetes.versions,
    ...profile.spec.machineImages.flatMap((image) => image.versions),
  ];
  const nextMs = nextTransitionMs(versions, nowMs);
  return { requeueAfterMs: nextMs === undefined ? undefined : Math.min(nextMs - nowMs, maxRequeueMs) };
}

function mergeBy<T>(
  base: readonly T[] | undefined,
  override: readonly T[] | undefined,
  keyOf: (item: T) => string,
  merge: (old: T, given: T) => T,
  isAdding: boolean,
): T[] | undefined {
  if (!override?.length) return base && [...base];
  const merged = new Map((base ?? []).map((item) => [keyOf(item), item]));
  for (const given of override) {
    const old = merged.get(keyOf(given));
    if (old) merged.set(keyOf(given), merge(old, given));
    else if (isAdding) merged.set(keyOf(given), given);
  }
  return [...merged.values()];
}

const withExpiration = <T extends ExpirableVersion>(old: T, { expirationDate }: ExpirableVersion): T => ({
  ...old,
  expirationDate,
});

type ImageVersion = MachineImage['versions'][number];
const ownFields = ['architectures', 'capabilityFlavors', 'cri', 'kubeletVersionConstraint', 'classification'];

const mergeImageVersion = (old: ImageVersion, given: ImageVersion): ImageVersion =>
  ownFields.some((field) => given[field] !== undefined) ? given : withExpiration(old, given);

const withArchitecture = (version: ImageVersion): ImageVersion =>
  version.architectures?.length ? version : { ...version, architectures: ['amd64'] };

const mergeImage = (old: MachineImage, given: MachineImage): MachineImage => ({
  ...old,
  updateStrategy: given.updateStrategy ?? old.updateStrategy,
  versions: mergeBy(old.versions, given.versions, ({ version }) => version, mergeImageVersion, true) ?? [],
});

/** The profile that shoots see: the parent's, with what the child adds and changes. */
export function mergeProfiles(parent: CloudProfileSpec, child: NamespacedCloudProfile['spec']): CloudProfileSpec {
  const byName = ({ name }: { name: string }) => name;
  const takeGiven = <T>(_old: T, given: T): T => given;
  const images = mergeBy(parent.machineImages, child.machineImages, byName, mergeImage, true) ?? [];
  const types = mergeBy(parent.machineTypes, child.machineTypes, byName, takeGiven, true) ?? [];
  const volumeTypes = mergeBy(parent.volumeTypes, child.volumeTypes, byName, takeGiven, true);
  const versions = mergeBy(
    parent.kubernetes.versions,
    child.kubernetes?.versions,
    ({ version }) => version,
    withExpiration,
    false,
  );
  return {
    ...parent,
    kubernetes: { ...parent.kubernetes, versions: versions ?? [] },
    machineImages: images.map((image) => ({ ...image, versions: image.versions.map(withArchitecture) })),
    machineTypes: types.map((type) => ({ ...type, architecture: type.architecture ?? 'amd64' })),
    ...(volumeTypes ? { volumeTypes } : {}),
    ...(child.caBundle ? { caBundle: `${parent.caBundle ?? ''}${child.caBundle}` } : {}),
    ...(child.limits?.maxNodesTotal ? { limits: { ...parent.limits, maxNodesTotal: child.limits.maxNodesTotal } } : {}),
  };
}

export async function keepNamespacedCloudProfileStatus(
  profile: NamespacedCloudProfile,
  parents: Informer<CloudProfile>,
  { client }: ControllerContext,
): Promise<void> {
  const parent = parents.get(profile.spec.parent.name);
  if (!parent) return;
  // What is compared has no members that JSON would leave out.
  const cloudProfileSpec = JSON.parse(JSON.stringify(mergeProfiles(parent.spec, profile.spec))) as CloudProfileSpec;
  const status = { cloudProfileSpec, observedGeneration: profile.metadata.generation };
  const { cloudProfileSpec: oldSpec, observedGeneration } = profile.status ?? {};
  if (isDeepStrictEqual({ cloudProfileSpec: oldSpec, observedGeneration }, status)) return;
  await patchStatus(client, resources.namespacedCloudProfiles, profile, status);
}
