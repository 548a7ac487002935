// Versions that a Shoot leaves out, completed from its CloudProfile.
// Models plugin/pkg/shoot/mutator/admission.go
import { invalid, type FieldError } from '../../../apiserver/errors.ts';
import type { CloudProfileSpec, ExpirableVersion, MachineImageReference, Worker } from '../types.ts';
import { classificationAt, isSupported, newest, type Version } from '../versions.ts';

interface Parts {
  major?: number;
  minor?: number;
}
const isPart = (text: string) => /^\d+$/.test(text);

/** `1`, `1.35` or nothing; the first part that is no number is the fault. */
function partsOf(version: string): Parts | { fault: string } {
  const [major = '', minor = ''] = version.split('.');
  const fault = [minor, major].find((part) => part && !isPart(part));
  if (fault) return { fault };
  return { ...(major && { major: Number(major) }), ...(minor && { minor: Number(minor) }) };
}

const isIn = (parts: Parts, version: Version) =>
  (parts.major === undefined || parts.major === version.major) &&
  (parts.minor === undefined || parts.minor === version.minor);

/** The newest supported version that begins with what is given; what has three parts stays as it is. */
export function completeKubernetesVersion(
  versions: readonly ExpirableVersion[],
  given: string,
  path: string,
  nowMs: number,
): { version: string } | { error: FieldError } {
  if (given.split('.').length === 3) return { version: given };
  const parts = partsOf(given);
  if ('fault' in parts) return { error: invalid(path, parts.fault, 'must be a semantic version') };
  const best = newest(versions, (item, parsed) => isSupported(item, nowMs) && isIn(parts, parsed));
  if (best) return { version: best.version };
  const detail = `couldn't find a suitable version for ${given}. Suitable versions have a non-expired expiration date and are no 'preview' versions. 'Preview'-classified versions have to be selected explicitly`;
  return { error: invalid(path, given, detail) };
}

const reference = (image: MachineImageReference | undefined) => (image ? `${image.name}@${image.version ?? ''}` : '');

/**
 * The machine image of a worker: what it had before where it says nothing, what it names, or else the newest of the profile that fits its
 * architecture and is no preview (deprecated ones only when there is no other).
 */
export function completeMachineImage(
  profile: CloudProfileSpec,
  worker: Worker,
  old: Worker | undefined,
  path: string,
  nowMs: number,
): { image: MachineImageReference } | { error: FieldError } {
  const { image: wanted, architecture = 'amd64' } = worker.machine;
  const before = old?.machine.image;
  if (before && !wanted) return { image: structuredClone(before) };
  if (before && wanted && wanted.name === before.name && (!wanted.version || wanted.version === before.version)) {
    const { providerConfig: _old, ...rest } = before;
    return {
      image: { ...rest, ...(wanted.providerConfig !== undefined && { providerConfig: wanted.providerConfig }) },
    };
  }
  const images = profile.machineImages ?? [];
  if (!images.length) {
    const detail = 'the cloud profile does not contain any machine image - cannot create shoot cluster';
    return { error: invalid(path, reference(wanted), detail) };
  }
  const fits = (version: { architectures?: string[] }) => (version.architectures ?? ['amd64']).includes(architecture);
  const found = wanted?.name
    ? images.find(({ name }) => name === wanted.name)
    : images.find(({ versions }) => versions.some(fits));
  if (!found && wanted?.name) return { error: invalid(path, wanted.name, 'image is not supported') };
  if (!found) {
    const detail = `no valid machine image found that supports architecture \`${architecture}\``;
    return { error: invalid(path, reference(wanted), detail) };
  }
  const version = (wanted?.version ?? '').replace(/^v/, '');
  if (wanted && (version.split('.').length === 3 || found.versions.some((item) => item.version === wanted.version))) {
    return { image: wanted };
  }
  const parts = partsOf(version);
  if ('fault' in parts) {
    const detail = `${parts.fault} must be a semantic version: strconv.ParseUint: parsing ${JSON.stringify(parts.fault)}: invalid syntax`;
    return { error: invalid(path, wanted?.version, detail) };
  }
  const isInPlace = worker.updateStrategy === 'AutoInPlaceUpdate' || worker.updateStrategy === 'ManualInPlaceUpdate';
  const candidates = found.versions.filter(
    (item) =>
      fits(item) && (!isInPlace || item.inPlaceUpdates?.supported) && classificationAt(item, nowMs) !== 'preview',
  );
  const best =
    newest(candidates, (item, parsed) => isIn(parts, parsed) && classificationAt(item, nowMs) !== 'deprecated') ??
    newest(candidates, (_item, parsed) => isIn(parts, parsed));
  if (!best) {
    const detail =
      'failed to determine latest machine image from cloud profile: unable to determine latest expirable version';
    return { error: invalid(path, reference(wanted), detail) };
  }
  const { providerConfig } = wanted ?? {};
  return {
    image: { name: found.name, version: best.version, ...(providerConfig !== undefined && { providerConfig }) },
  };
}
