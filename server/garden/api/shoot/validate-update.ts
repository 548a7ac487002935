// What may not change in a Shoot once it is there.
// Models pkg/api/core/validation/shoot.go (ValidateShootSpecUpdate, validateHibernationUpdate, ValidateShootStatusUpdate)
import { forbidden, invalid, type FieldError } from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { Shoot, ShootSpec } from '../types.ts';
import { compareVersions, parseVersion } from '../versions.ts';
import { immutableDetail } from './constants.ts';
import { specDifferences } from './spec-diff.ts';

const immutable = (path: string, value: unknown, old: unknown): FieldError[] =>
  isDeepEqual(value, old) ? [] : [invalid(path, value ?? null, immutableDetail)];

const onceSet = (path: string, value: unknown, old: unknown): FieldError[] =>
  old === undefined ? [] : immutable(path, value, old);

/** Versions go up, and the control plane does not skip a minor one. */
function versionErrors(path: string, version = '', old = '', isSkippingAllowed = false): FieldError[] {
  if (!version) return [invalid(path, '', 'cannot validate kubernetes version upgrade because it is unset')];
  const [next, before] = [parseVersion(version), parseVersion(old)];
  if (!next || !before) return [];
  const isSkipping = next.major > before.major || next.minor >= before.minor + 2;
  return [
    ...(compareVersions(next, before) < 0 ? [forbidden(path, 'kubernetes version downgrade is not supported')] : []),
    ...(!isSkippingAllowed && isSkipping
      ? [forbidden(path, 'kubernetes version upgrade cannot skip a minor version')]
      : []),
  ];
}

const isInPlace = (strategy: string | undefined) =>
  strategy === 'AutoInPlaceUpdate' || strategy === 'ManualInPlaceUpdate';

function workersErrors(spec: ShootSpec, old: ShootSpec): FieldError[] {
  return (spec.provider.workers ?? []).flatMap((worker, index) => {
    const path = `spec.provider.workers[${index}]`;
    const before = old.provider.workers?.find(({ name }) => name === worker.name);
    const errors: FieldError[] = [];
    if (before && isInPlace(before.updateStrategy) !== isInPlace(worker.updateStrategy)) {
      const [from, to] = isInPlace(before.updateStrategy)
        ? ['AutoInPlaceUpdate/ManualInPlaceUpdate', 'AutoRollingUpdate']
        : ['AutoRollingUpdate', 'AutoInPlaceUpdate/ManualInPlaceUpdate'];
      const detail = `update strategy cannot be changed from ${from} to ${to}`;
      errors.push(invalid(`${path}.updateStrategy`, worker.updateStrategy, detail));
    }
    const version = worker.kubernetes?.version ?? spec.kubernetes.version;
    const oldVersion = (before ?? worker).kubernetes?.version ?? old.kubernetes.version;
    const isSkippingAllowed = !isInPlace(worker.updateStrategy);
    return [...errors, ...versionErrors(`${path}.kubernetes.version`, version, oldVersion, isSkippingAllowed)];
  });
}

function dnsErrors({ dns, seedName }: ShootSpec, { dns: old }: ShootSpec): FieldError[] {
  if (!old) return [];
  if (!dns) return immutable('spec.dns', dns, old);
  const primary = ({ providers = [] }: NonNullable<ShootSpec['dns']>) => providers.find((provider) => provider.primary);
  const [now, before] = [primary(dns), primary(old)];
  const path = 'spec.dns.providers';
  const errors = onceSet('spec.dns.domain', dns.domain, old.domain);
  if (seedName === undefined || !before) return errors;
  if (!now) return [...errors, forbidden(path, 'removing a primary provider is not allowed')];
  if (before.type && !now.type)
    return [...errors, forbidden(path, 'removing the primary provider type is not allowed')];
  if (!before.type || now.type === before.type) return errors;
  return [...errors, forbidden(path, 'changing primary provider type is not allowed')];
}

function ipFamilyErrors(families: readonly string[] = [], old: readonly string[] = []): FieldError[] {
  const change = `${old.join()}>${families.join()}`;
  if (isDeepEqual(families, old) || ['IPv4>IPv4,IPv6', 'IPv4,IPv6>IPv4'].includes(change)) return [];
  const detail = `unsupported IP family update: oldIPFamilies=[${old.join(' ')}], newIPFamilies=[${families.join(' ')}]`;
  return [forbidden('spec.networking.ipFamilies', detail)];
}

function networkingErrors({ networking }: ShootSpec, { networking: old }: ShootSpec): FieldError[] {
  const path = 'spec.networking';
  if (!old) return [];
  if (!networking) return [forbidden(path, "networking cannot be set to nil if it's already set")];
  return [
    ...immutable(`${path}.type`, networking.type, old.type),
    ...onceSet(`${path}.pods`, networking.pods, old.pods),
    ...onceSet(`${path}.services`, networking.services, old.services),
    ...ipFamilyErrors(networking.ipFamilies, old.ipFamilies),
  ];
}

function credentialsErrors(spec: ShootSpec, old: ShootSpec): FieldError[] {
  const isUnset = old.credentialsBindingName !== undefined && !spec.credentialsBindingName;
  const isMigrating = old.secretBindingName && spec.secretBindingName === undefined && spec.credentialsBindingName;
  return [
    ...(isUnset ? [forbidden('spec.credentialsBindingName', 'the field cannot be unset')] : []),
    ...(isMigrating ? [] : immutable('spec.secretBindingName', spec.secretBindingName, old.secretBindingName)),
  ];
}

function controllerManagerErrors({ kubernetes }: ShootSpec, old: ShootSpec): FieldError[] {
  const path = 'spec.kubernetes.kubeControllerManager';
  const [now, before] = [kubernetes.kubeControllerManager, old.kubernetes.kubeControllerManager];
  return [
    ...immutable(`${path}.nodeCIDRMaskSize`, now?.nodeCIDRMaskSize, before?.nodeCIDRMaskSize),
    ...onceSet(`${path}.nodeCIDRMaskSizeIPv6`, now?.nodeCIDRMaskSizeIPv6, before?.nodeCIDRMaskSizeIPv6),
  ];
}

function switchErrors(spec: ShootSpec, old: ShootSpec): FieldError[] {
  const [has, had] = [!!spec.provider.workers?.length, !!old.provider.workers?.length];
  if (has === had) return [];
  const detail = had
    ? 'cannot switch from a Shoot with workers to a workerless Shoot'
    : 'cannot switch from a workerless Shoot to a Shoot with workers';
  return [forbidden('spec.provider.workers', detail)];
}

/** All that an update of the spec does and must not. */
export function specUpdateErrors(shoot: Shoot, { spec: old }: Shoot): FieldError[] {
  const { spec, metadata } = shoot;
  if (metadata.deletionTimestamp && !isDeepEqual(spec, old)) {
    const changes = specDifferences(spec, old).join(',');
    return [forbidden('spec', `cannot update shoot spec if deletion timestamp is set. Requested changes: ${changes}`)];
  }
  const errors = [
    ...immutable('spec.region', spec.region, old.region),
    ...credentialsErrors(spec, old),
    ...dnsErrors(spec, old),
    ...versionErrors('spec.kubernetes.version', spec.kubernetes.version, old.kubernetes.version),
    ...controllerManagerErrors(spec, old),
  ];
  const switched = switchErrors(spec, old);
  if (switched.length) return [...errors, ...switched];
  const isSchedulerChanged = old.schedulerName !== spec.schedulerName;
  const isNowDefault = old.schedulerName === undefined && spec.schedulerName === 'default-scheduler';
  return [
    ...errors,
    ...immutable('spec.provider.type', spec.provider.type, old.provider.type),
    ...workersErrors(spec, old),
    ...networkingErrors(spec, old),
    ...(isSchedulerChanged && !isNowDefault
      ? [invalid('spec.schedulerName', spec.schedulerName ?? null, immutableDetail)]
      : []),
  ];
}

/** A cluster falls asleep only when no rotation and no encryption is half done. */
export function hibernationUpdateErrors(shoot: Shoot, old: Shoot): FieldError[] {
  if (old.spec.hibernation?.enabled || !shoot.spec.hibernation?.enabled) return [];
  const path = 'spec.hibernation.enabled';
  const busyPhases = {
    etcdEncryptionKey: ['Preparing', 'Completing'],
    serviceAccountKey: ['Preparing', 'PreparingWithoutWorkersRollout', 'Completing'],
  };
  const errors = Object.entries(busyPhases).flatMap(([credential, phases]) => {
    const phase = shoot.status.credentials?.rotation?.[credential]?.phase ?? '';
    const detail = `shoot cannot be hibernated when .status.credentials.rotation.${credential}.phase is "${phase}"`;
    return phases.includes(phase) ? [forbidden(path, detail)] : [];
  });
  const sorted = (resources: readonly string[] | undefined) => [...(resources ?? [])].sort();
  const wanted = sorted(old.spec.kubernetes.kubeAPIServer?.encryptionConfig?.resources);
  if (!isDeepEqual(wanted, sorted(old.status.credentials?.encryptionAtRest?.resources))) {
    const detail =
      'shoot cannot be hibernated when spec.kubernetes.kubeAPIServer.encryptionConfig.resources and status.credentials.encryptionAtRest.resources are not equal';
    errors.push(forbidden(path, detail));
  }
  return errors;
}

/** High availability is switched on, never off or to another kind. */
export function availabilityUpdateErrors(shoot: Shoot, old: Shoot): FieldError[] {
  const typeOf = ({ spec }: Shoot) => spec.controlPlane?.highAvailability?.failureTolerance.type;
  const [now, before] = [typeOf(shoot), typeOf(old)];
  const path = 'spec.controlPlane.highAvailability.failureTolerance.type';
  if (before === undefined || now === before) return [];
  return [invalid(path, now ?? null, immutableDetail)];
}

/** Identities in the status are written once. */
export function statusUpdateErrors({ status }: Shoot, { status: old }: Shoot): FieldError[] {
  const identity = (value: Shoot['status']) => (value as { clusterIdentity?: string }).clusterIdentity;
  const names = new Set<string>();
  return [
    ...(old.uid ? immutable('status.uid', status.uid, old.uid) : []),
    ...(old.technicalID ? immutable('status.technicalID', status.technicalID, old.technicalID) : []),
    ...onceSet('status.clusterIdentity', identity(status), identity(old)),
    ...(status.advertisedAddresses ?? []).flatMap(({ name, url }, index): FieldError[] => {
      const path = `status.advertisedAddresses[${index}]`;
      if (!name) return [{ type: 'FieldValueRequired', path: `${path}.name`, detail: 'field must not be empty' }];
      if (names.has(name)) return [{ type: 'FieldValueDuplicate', path: `${path}.name`, value: name, detail: '' }];
      names.add(name);
      if (URL.canParse(url) && url.startsWith('https://')) return [];
      return [invalid(`${path}.url`, url, "'https' is the only allowed URL scheme")];
    }),
  ];
}
