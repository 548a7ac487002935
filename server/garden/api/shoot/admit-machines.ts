// Worker pools against the CloudProfile: machine types, images, volumes and zones that it offers.
// Models plugin/pkg/shoot/validator/admission.go (validateProvider)
import { duplicate, invalid, notSupported, type FieldError } from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import { parseQuantity } from '../../../common/quantity.ts';
import type { CloudProfileSpec, MachineImageVersion, Region, Shoot, Worker } from '../types.ts';
import { compareVersions, isActive, isExpired, parseVersion } from '../versions.ts';

export interface MachineContext {
  profile: CloudProfileSpec;
  region: string;
  oldRegion: string | undefined;
  isUpdate: boolean;
  nowMs: number;
}

const regionOf = ({ profile, region }: MachineContext): Region | undefined =>
  profile.regions?.find(({ name }) => name === region);

function isUnavailable(
  context: MachineContext,
  zones: readonly string[],
  field: 'unavailableMachineTypes' | 'unavailableVolumeTypes',
  type: string,
) {
  return (regionOf(context)?.zones ?? []).some((zone) => zones.includes(zone.name) && zone[field]?.includes(type));
}

/** `supported types are …` behind what is wrong with the one that was chosen. */
function unusableDetail(what: string, type: string, faults: readonly (string | false)[], supported: readonly string[]) {
  const reasons = faults.filter(Boolean).map((fault) => `${fault}, `);
  return `${what} type "${type}" ${reasons.join('')}supported types are [${supported.join(' ')}]`;
}

function machineTypeErrors(
  worker: Worker,
  old: Worker | undefined,
  context: MachineContext,
  path: string,
): FieldError[] {
  const { type, architecture = '' } = worker.machine;
  if (old && old.machine.type === type && old.machine.architecture === architecture) return [];
  const types = context.profile.machineTypes ?? [];
  const isUnavailableHere = (name: string) =>
    isUnavailable(context, worker.zones ?? [], 'unavailableMachineTypes', name);
  const supported = types
    .filter(
      (one) => (one.architecture ?? 'amd64') === architecture && one.usable !== false && !isUnavailableHere(one.name),
    )
    .map(({ name }) => name)
    .sort();
  const found = types.find(({ name }) => name === type);
  if (!found) return [notSupported(`${path}.machine.type`, type, supported)];
  if (supported.includes(type)) return [];
  const faults = [
    found.usable === false && 'is unusable',
    isUnavailableHere(type) && 'is unavailable in at least one zone',
    (found.architecture ?? 'amd64') !== architecture && `does not support CPU architecture "${architecture}"`,
  ];
  return [invalid(`${path}.machine.type`, type, unusableDetail('machine', type, faults, supported))];
}

const isInPlace = ({ updateStrategy }: Worker) =>
  updateStrategy === 'AutoInPlaceUpdate' || updateStrategy === 'ManualInPlaceUpdate';

/** An expired image is still good for a pool that is older than it. */
function isUsable(version: MachineImageVersion, old: Worker | undefined, { isUpdate, nowMs }: MachineContext): boolean {
  if (isActive(version, nowMs)) return true;
  if (!isUpdate || !old || !isExpired(version, nowMs)) return false;
  const [candidate, before] = [parseVersion(version.version), parseVersion(old.machine.image?.version ?? '')];
  return !!candidate && !!before && compareVersions(candidate, before) >= 0;
}

function canUpdateInPlace({ inPlaceUpdates }: MachineImageVersion, old: Worker | undefined): boolean {
  if (!inPlaceUpdates?.supported) return false;
  if (!old) return true;
  const [minimum, before] = [
    parseVersion(inPlaceUpdates.minVersionForUpdate ?? ''),
    parseVersion(old.machine.image?.version ?? ''),
  ];
  return !!minimum && !!before && compareVersions(minimum, before) <= 0;
}

function machineImageErrors(
  worker: Worker,
  old: Worker | undefined,
  context: MachineContext,
  path: string,
): FieldError[] {
  const { image, architecture = '' } = worker.machine;
  if (!image || (old && isDeepEqual(old.machine.image, image) && old.machine.architecture === architecture)) return [];
  const offered = (context.profile.machineImages ?? []).filter(({ name }) => name === image.name);
  const versions = offered.flatMap(({ versions: all }) => all);
  const fits = (version: MachineImageVersion) => (version.architectures ?? ['amd64']).includes(architecture);
  const isGood = (version: MachineImageVersion) =>
    fits(version) && isUsable(version, old, context) && (!isInPlace(worker) || canUpdateInPlace(version, old));
  const supported = versions
    .filter(isGood)
    .map(({ version }) => `${image.name}:${version}`)
    .sort();
  const found = versions.find(({ version }) => version === image.version);
  if (!found) return [notSupported(`${path}.machine.image.version`, image.version ?? '', supported)];
  if (isGood(found)) return [];
  const faults = [
    !fits(found) && `does not support CPU architecture "${architecture}"`,
    !isUsable(found, old, context) && 'is expired',
    isInPlace(worker) &&
      !canUpdateInPlace(found, old) &&
      (context.isUpdate && old
        ? 'cannot be in-place updated from the current version'
        : 'does not support in-place updates'),
  ];
  const reasons = faults.filter(Boolean).map((fault) => `${fault}, `);
  const detail = `machine image version '${image.name}:${image.version}' ${reasons.join('')}supported machine image versions are: [${supported.join(' ')}]`;
  return [invalid(`${path}.machine.image`, { Name: image.name, ProviderConfig: null, Version: image.version }, detail)];
}

function criErrors(
  { cri, machine }: Worker,
  old: Worker | undefined,
  { profile }: MachineContext,
  path: string,
): FieldError[] {
  if (!cri || !machine.image || (old && isDeepEqual([old.cri, old.machine.image], [cri, machine.image]))) return [];
  const { name, version } = machine.image;
  const offered = profile.machineImages
    ?.find((image) => image.name === name)
    ?.versions.find((one) => one.version === version)?.cri;
  if (!offered) return [];
  const found = offered.find((one) => one.name === cri.name);
  const image = `machine image '${name}@${version}' does not support`;
  if (!found) {
    const names = offered.map((one) => one.name).join(' ');
    return [invalid(`${path}.cri.name`, cri.name, `${image} CRI '${cri.name}', supported values: [${names}]`)];
  }
  const types = (found.containerRuntimes ?? []).map(({ type }) => type);
  return (cri.containerRuntimes ?? []).flatMap(({ type }, index) =>
    types.includes(type)
      ? []
      : [
          invalid(
            `${path}.cri.containerRuntimes[${index}].type`,
            type,
            `${image} container runtime '${type}', supported values: [${types.join(' ')}]`,
          ),
        ],
  );
}

function volumeErrors(worker: Worker, old: Worker | undefined, context: MachineContext, path: string): FieldError[] {
  const type = worker.volume?.type;
  if (type === undefined || old?.volume?.type === type) return [];
  const types = context.profile.volumeTypes ?? [];
  const isUnavailableHere = (name: string) =>
    isUnavailable(context, worker.zones ?? [], 'unavailableVolumeTypes', name);
  const supported = types
    .filter((one) => one.usable !== false && !isUnavailableHere(one.name))
    .map(({ name }) => name)
    .sort();
  const found = types.find(({ name }) => name === type);
  if (!found) return [notSupported(`${path}.volume.type`, type, supported)];
  if (supported.includes(type)) return [];
  const faults = [
    found.usable === false && 'is unusable',
    isUnavailableHere(type) && 'is unavailable in at least one zone',
  ];
  return [invalid(`${path}.volume.type`, type, unusableDetail('volume', type, faults, supported))];
}

/** What is reserved for the system has to leave something of the machine. */
function reservationErrors({ kubernetes, machine }: Worker, { profile }: MachineContext, path: string): FieldError[] {
  const reserved = kubernetes?.kubelet?.kubeReserved;
  const type = profile.machineTypes?.find(({ name }) => name === machine.type);
  if (!reserved || !type) return [];
  return (['cpu', 'memory'] as const).flatMap((field) => {
    const [asked, capacity] = [reserved[field], type[field]];
    if (asked === undefined || parseQuantity(asked) < parseQuantity(capacity)) return [];
    const name = field === 'cpu' ? 'CPU' : 'memory';
    const detail = `total reserved ${name} (kubeReserved) cannot be more than the Node's ${name} capacity '${capacity}'`;
    return [invalid(`${path}.kubernetes.kubelet`, `kubeReserved ${name}: ${asked}`, detail)];
  });
}

function zoneErrors(worker: Worker, old: Worker | undefined, context: MachineContext, path: string): FieldError[] {
  const { region, oldRegion } = context;
  if (region === oldRegion && isDeepEqual(worker.zones, old?.zones)) return [];
  const offered = (regionOf(context)?.zones ?? []).map(({ name }) => name);
  const seen = new Set<string>();
  return (worker.zones ?? []).flatMap((zone, index) => {
    const at = `${path}.zones[${index}]`;
    const errors: FieldError[] = [];
    if (!offered.length) {
      errors.push(invalid(at, region, 'this region does not support availability zones, please do not configure them'));
    } else if (!offered.includes(zone)) errors.push(notSupported(at, zone, offered));
    if (seen.has(zone)) errors.push(duplicate(at, zone));
    seen.add(zone);
    return errors;
  });
}

/** All faults of the pools, in the order of the pools; a machine with a fault is told before all else of its pool. */
export function machineErrors(
  { spec }: Shoot,
  old: Shoot | undefined,
  context: MachineContext,
  versionErrors: (worker: Worker, old: Worker | undefined, path: string) => FieldError[],
): FieldError[] {
  return (spec.provider.workers ?? []).flatMap((worker, index) => {
    const path = `spec.provider.workers[${index}]`;
    const before = old?.spec.provider.workers?.find(({ name }) => name === worker.name);
    const type = machineTypeErrors(worker, before, context, path);
    const machine = type.length ? type : machineImageErrors(worker, before, context, path);
    return [
      ...(machine.length ? machine : criErrors(worker, before, context, path)),
      ...volumeErrors(worker, before, context, path),
      ...reservationErrors(worker, context, path),
      ...versionErrors(worker, before, path),
      ...zoneErrors(worker, before, context, path),
    ];
  });
}
