// A Shoot against its project, its seed and what its CloudProfile offers.
// Models plugin/pkg/shoot/validator/admission.go
import {
  createInternalError,
  createInvalid,
  forbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import { createPlainError, refuse, refuseFields } from '../faults.ts';
import {
  cloudProfileReference,
  find,
  getCloudProfileSpec,
  getProject,
  isSelected,
  list,
  messageOf,
} from '../lookups.ts';
import type { CloudProfileSpec, ExpirableVersion, Project, Seed, Shoot } from '../types.ts';
import { classificationAt, isActive } from '../versions.ts';
import { machineErrors } from './admit-machines.ts';
import { ensureDeletable, ensureScheduling } from './admit-scheduling.ts';
import { issuerAnnotation } from './constants.ts';
import { isOverlapping } from './cidr.ts';
import { domainUniquenessErrors } from './dns.ts';

type Request = AdmissionRequest<Shoot> & { object: Shoot };

// `shoot--<project>--<shoot>` ends up in names that may not be longer.
const maxNamesLength = 21;

function ensureProject({ object: shoot, kind, operation, reader, ...rest }: Request): Project {
  let project: Project;
  try {
    project = getProject(reader, shoot.metadata.namespace);
  } catch (error) {
    throw createInternalError(`could not find referenced project: ${messageOf(error)}`);
  }
  if (operation !== 'CREATE') return project;
  const { name } = shoot.metadata;
  const projectName = project.metadata.name;
  if ((projectName + name).length > maxNamesLength) {
    const detail = `the length of the shoot name and the project name must not exceed ${maxNamesLength} characters (project: ${projectName}; shoot: ${name})`;
    throw createInvalid(kind, name, [invalid('name', name, detail)]);
  }
  if (project.metadata.deletionTimestamp) {
    throw refuse(
      { kind, name: rest.name },
      `cannot create shoot '${name}' in project '${projectName}' that is already marked for deletion`,
    );
  }
  return project;
}

/** A Shoot is woken up by what it runs, so it falls asleep only when nothing there would stop that. */
function ensureHibernatable(request: Request): void {
  const { object: shoot, old } = request;
  if (old?.spec.hibernation?.enabled || !shoot.spec.hibernation?.enabled) return;
  const constraint = shoot.status.constraints?.find(({ type }) => type === 'HibernationPossible');
  if (!constraint || constraint.status === 'True') return;
  throw refuse(request, `'HibernationPossible' constraint is '${constraint.status}': ${constraint.message}`);
}

const isManaged = (shoot: Shoot | undefined) => shoot?.metadata.annotations?.[issuerAnnotation] === 'managed';

function ensureIssuer(request: Request): void {
  const { object: shoot, old, reader } = request;
  if (!isManaged(shoot) && !isManaged(old)) return;
  const isOffered = list(reader, 'secrets', 'garden').some(
    ({ metadata }) => metadata.labels?.['gardener.cloud/role'] === 'shoot-service-account-issuer',
  );
  if (!isOffered && isManaged(shoot)) {
    throw refuse(
      request,
      'cannot enable managed service account issuer as it is not supported in this Gardener installation',
    );
  }
  if (isManaged(old) && !isManaged(shoot)) {
    throw refuse(request, 'once enabled managed service account issuer cannot be disabled');
  }
  if (isManaged(shoot) && shoot.spec.kubernetes.kubeAPIServer?.serviceAccountConfig?.issuer !== undefined) {
    const field = '.kubernetes.kubeAPIServer.serviceAccountConfig.issuer';
    throw refuse(request, `managed service account issuer cannot be enabled when ${field} is set`);
  }
}

/** The profile changes only between a CloudProfile and the NamespacedCloudProfiles of it. */
function ensureSameProfile({ object: shoot, old, reader }: Request): void {
  const [now, before] = [cloudProfileReference(shoot), old && cloudProfileReference(old)];
  if (!now || !before || isDeepEqual(now, before)) return;
  const rootOf = ({ kind, name }: typeof now) =>
    kind === 'CloudProfile'
      ? name
      : find(reader, 'namespacedCloudProfiles', name, shoot.metadata.namespace)?.spec.parent.name;
  if (rootOf(now) === rootOf(before)) return;
  const show = (reference: typeof now) =>
    reference.kind === 'CloudProfile' ? `"${reference.name}"` : `"${reference.name}" (root: "${rootOf(reference)}")`;
  throw createPlainError(
    `cloud profile reference change is invalid: cannot change from ${show(before)} to ${show(now)}. The cloud profile reference must remain within the same hierarchy`,
  );
}

function seedSelectorErrors({ spec }: Shoot, old: Shoot | undefined, seed: Seed | undefined): FieldError[] {
  const selector = spec.seedSelector;
  const path = 'spec.seedSelector';
  if (!seed || isDeepEqual(old?.spec.seedSelector, selector)) return [];
  if (!selector) return old ? [invalid(path, null, 'cannot unset seedSelector once it has been set')] : [];
  const { name, labels } = seed.metadata;
  const cannot = (what: string) =>
    `cannot change seedSelector to not match the ${what} of the already selected seed "${name}"`;
  const types = selector.providerTypes ?? [];
  return [
    ...(isSelected(selector, labels) ? [] : [invalid(path, selector, cannot('labels'))]),
    ...(types.length && !types.includes(seed.spec.provider.type)
      ? [invalid(`${path}.providerTypes`, types, cannot('provider type'))]
      : []),
  ];
}

function networkErrors({ spec }: Shoot, seed: Seed | undefined): FieldError[] {
  const { nodes, pods, services, ipFamilies = [] } = spec.networking ?? {};
  const path = 'spec.networking';
  if (!ipFamilies.includes('IPv4')) return [];
  const errors: FieldError[] = [];
  const add = (field: string, value: string | undefined, a: string, b: string) =>
    errors.push(invalid(`${path}.${field}`, value, `shoot ${a} network intersects with shoot ${b} network`));
  if (isOverlapping(pods, services)) add('services', services, 'pod', 'service');
  if (isOverlapping(pods, nodes)) add('pods', pods, 'pod', 'node');
  if (isOverlapping(services, nodes)) add('services', services, 'service', 'node');
  if (!seed) return errors;
  if (pods === undefined && spec.provider.workers?.length) errors.push(required(`${path}.pods`, 'pods is required'));
  if (services === undefined) errors.push(required(`${path}.services`, 'services is required'));
  return errors;
}

/** Versions that the profile offers; what is expired is good for updates only. */
function versionErrors(
  versions: readonly ExpirableVersion[],
  version: string | undefined,
  old: string | undefined,
  isNew: boolean,
  path: string,
  nowMs: number,
): FieldError[] {
  if (version === undefined || version === old) return [];
  const offered = versions.filter((one) => !isNew || isActive(one, nowMs));
  if (offered.some((one) => one.version === version)) return [];
  const shown = offered.map((one) =>
    classificationAt(one, nowMs) === 'preview' ? `${one.version} (preview)` : one.version,
  );
  return [notSupported(path, version, shown)];
}

function regionErrors({ spec }: Shoot, old: Shoot | undefined, { regions = [] }: CloudProfileSpec): FieldError[] {
  const names = regions.map(({ name }) => name);
  if (spec.region === old?.spec.region || names.includes(spec.region)) return [];
  return [notSupported('spec.region', spec.region, names)];
}

function accessErrors(
  { spec }: Shoot,
  old: Shoot | undefined,
  { regions = [] }: CloudProfileSpec,
  seed: Seed | undefined,
): FieldError[] {
  const names = (restrictions: { name: string }[] | undefined) => (restrictions ?? []).map(({ name }) => name);
  const asked = names(spec.accessRestrictions);
  if (isDeepEqual([...asked].sort(), names(old?.spec.accessRestrictions).sort())) return [];
  const region = regions.find(({ name }) => name === spec.region);
  if (!region) return [invalid('spec.region', spec.region, 'region not present in CloudProfile')];
  const [offered, ofSeed] = [names(region.accessRestrictions), names(seed?.spec.accessRestrictions)];
  const path = (index: number) => `spec.accessRestrictions[${index}]`;
  return [
    ...asked.flatMap((name, index) => (offered.includes(name) ? [] : [notSupported(path(index), name, offered)])),
    ...asked.flatMap((name, index) =>
      !seed || ofSeed.includes(name)
        ? []
        : [forbidden(path(index), `access restriction "${name}" is not supported by the seed`)],
    ),
  ];
}

function providerTypeErrors(
  { spec, metadata }: Shoot,
  profile: CloudProfileSpec,
  reader: Request['reader'],
): FieldError[] {
  const { type } = spec.provider;
  const path = 'spec.provider.type';
  if (type !== profile.type) {
    return [
      invalid(
        path,
        type,
        `provider type in shoot must equal provider type of referenced CloudProfile: "${profile.type}"`,
      ),
    ];
  }
  const { secretBindingName, credentialsBindingName } = spec;
  const binding =
    secretBindingName !== undefined
      ? find(reader, 'secretBindings', secretBindingName, metadata.namespace)
      : credentialsBindingName === undefined
        ? undefined
        : find(reader, 'credentialsBindings', credentialsBindingName, metadata.namespace);
  const ofBinding = binding?.provider?.type ?? '';
  if (!binding || ofBinding.split(',').includes(type)) return [];
  return [
    invalid(
      path,
      type,
      `provider type in shoot must match provider type of referenced ${binding.kind}: "${ofBinding}"`,
    ),
  ];
}

function limitErrors({ spec, metadata }: Shoot, { limits }: CloudProfileSpec): FieldError[] {
  const max = limits?.maxNodesTotal;
  const total = (spec.provider.workers ?? []).reduce((sum, { minimum }) => sum + minimum, 0);
  if (max === undefined || metadata.deletionTimestamp || total <= max) return [];
  const detail = `the total minimum node count of all worker pools must not exceed the limit of ${max} configured in the CloudProfile`;
  return [forbidden('spec.provider.workers', detail)];
}

function errorsAgainst(request: Request, profile: CloudProfileSpec, seed: Seed | undefined): FieldError[] {
  const { object: shoot, old, operation, nowMs, reader } = request;
  const { spec } = shoot;
  const versions = profile.kubernetes.versions ?? [];
  const isUpdate = operation === 'UPDATE';
  const context = { profile, region: spec.region, oldRegion: old?.spec.region, isUpdate, nowMs };
  const wrongType = providerTypeErrors(shoot, profile, reader);
  return [
    ...seedSelectorErrors(shoot, old, seed),
    ...networkErrors(shoot, seed),
    ...versionErrors(
      versions,
      spec.kubernetes.version,
      old?.spec.kubernetes.version,
      !isUpdate,
      'spec.kubernetes.version',
      nowMs,
    ),
    ...regionErrors(shoot, old, profile),
    ...accessErrors(shoot, old, profile, seed),
    ...(wrongType.length
      ? wrongType
      : machineErrors(shoot, old, context, (worker, before, path) => {
          const oldVersion = before?.kubernetes?.version ?? old?.spec.kubernetes.version;
          const at = `${path}.kubernetes.version`;
          return versionErrors(versions, worker.kubernetes?.version, oldVersion, !isUpdate || !before, at, nowMs);
        })),
    ...limitErrors(shoot, profile),
    ...(isDeepEqual(spec, old?.spec) ? [] : domainUniquenessErrors(shoot, reader)),
  ];
}

/** Throws 403 with all that does not fit; 422 for the length of the name; 500 for what is not there at all. */
export function ensureFitsCloudProfile(request: AdmissionRequest<Shoot>): void {
  const { object: shoot, old, operation, subresource, reader } = request;
  if (subresource && subresource !== 'binding') return;
  if (operation === 'DELETE') return ensureDeletable(request);
  if (!shoot) return;
  const isSame =
    old && subresource !== 'binding' && isDeepEqual([shoot.spec, shoot.metadata], [old.spec, old.metadata]);
  if (isSame) return;
  const write = request as Request;
  let profile: CloudProfileSpec | undefined;
  try {
    profile = getCloudProfileSpec(reader, shoot);
  } catch (error) {
    throw createInternalError(`could not find referenced cloud profile: ${messageOf(error)}`);
  }
  if (!profile) return;
  ensureSameProfile(write);
  ensureProject(write);
  const seed = ensureScheduling(write, profile);
  ensureHibernatable(write);
  ensureIssuer(write);
  const errors = errorsAgainst(write, profile, seed);
  if (errors.length) throw refuseFields(request, errors);
}
