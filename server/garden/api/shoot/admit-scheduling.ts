// Who may set a Shoot's seed, and which seeds it may have.
// Models plugin/pkg/shoot/validator/admission.go (validateScheduling)
import { createInternalError } from '../../../apiserver/errors.ts';
import { createAuthorizer } from '../../../apiserver/authorization.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import { createPlainError, refuse } from '../faults.ts';
import { createLookupFailure, find, isSelected, list } from '../lookups.ts';
import { parseQuantity } from '../../../common/quantity.ts';
import type { CloudProfileSpec, Seed, Shoot, Toleration } from '../types.ts';

type Request = AdmissionRequest<Shoot> & { object: Shoot };

function ensureMaySchedule(request: Request): void {
  const { object: shoot, old, operation, subresource, user, reader } = request;
  const [now, before] = [shoot.spec.seedName, old?.spec.seedName];
  if (operation === 'CREATE') {
    if (now === undefined) return;
    const { name, namespace } = shoot.metadata;
    const attributes = {
      isResource: true,
      verb: 'update',
      group: 'core.gardener.cloud',
      resource: 'shoots',
      subresource: 'binding',
      name,
      namespace,
    } as const;
    if (createAuthorizer(reader).isAllowed(user, attributes)) return;
    throw refuse(request, `user "${user.name}" is not allowed to set .spec.seedName for "shoots"`);
  }
  if (before !== undefined && now === undefined) {
    throw refuse(request, `spec.seedName is already set to '${before}' and cannot be changed to 'nil'`);
  }
  if (subresource === 'binding') {
    if (now === before)
      throw createPlainError('update of binding rejected, shoot is already assigned to the same seed');
    if (before !== undefined && !isDeepEqual({ ...shoot.spec, seedName: before }, old?.spec)) {
      const detail =
        'only spec.seedName can be changed using the binding subresource when the shoot is being rescheduled to a new seed';
      throw refuse(request, detail);
    }
  } else if (now !== before) {
    const detail = `spec.seedName '${before ?? 'nil'}' cannot be changed to '${now}' by patching the shoot, please use the shoots/binding subresource`;
    throw refuse(request, detail);
  }
}

const isTolerated = (taint: Toleration, tolerations: readonly Toleration[]) =>
  tolerations.some(({ key, value }) => key === taint.key && (value === undefined || value === taint.value));

function ensureSeedFits(request: Request, seed: Seed, profile: CloudProfileSpec): void {
  const { object: shoot, reader } = request;
  const [name, seedName] = [shoot.metadata.name, seed.metadata.name];
  const cannot = (why: string) => refuse(request, `cannot schedule shoot '${name}' on seed '${seedName}' ${why}`);
  if (seed.metadata.deletionTimestamp) throw cannot('that is already marked for deletion');
  if (!(seed.spec.taints ?? []).every((taint) => isTolerated(taint, shoot.spec.tolerations ?? []))) {
    throw refuse(request, 'forbidden to use a seed whose taints are not tolerated by the shoot');
  }
  const offered = (seed.spec.accessRestrictions ?? []).map((restriction) => restriction.name);
  if (!(shoot.spec.accessRestrictions ?? []).every((restriction) => offered.includes(restriction.name))) {
    throw refuse(request, "forbidden to use a seed which doesn't support the access restrictions of the shoot");
  }
  const allocatable = seed.status.allocatable?.['shoots'];
  const scheduled = list(reader, 'shoots').filter(({ spec }) => spec.seedName === seedName).length;
  if (allocatable !== undefined && scheduled >= parseQuantity(allocatable)) {
    throw cannot(`that already has the maximum number of shoots scheduled on it (${allocatable})`);
  }
  const selector = profile.seedSelector;
  if (!selector) return;
  if (!isSelected(selector, seed.metadata.labels)) {
    throw cannot('because the cloud profile seed selector is not matching the labels of the seed');
  }
  const types = selector.providerTypes;
  if (types && !types.includes(seed.spec.provider.type) && !types.includes('*')) {
    throw cannot(
      'because none of the provider types in the cloud profile seed selector is matching the provider type of the seed',
    );
  }
}

const isMigrating = ({ lastOperation }: Shoot['status']) =>
  lastOperation?.type === 'Migrate' || (lastOperation?.type === 'Restore' && lastOperation.state !== 'Succeeded');

function ensureNotMigrating(request: Request): void {
  const { object: shoot, old } = request;
  if (isDeepEqual(shoot.spec, old?.spec)) return;
  const { lastOperation, seedName } = shoot.status;
  const isMoved = seedName && shoot.spec.seedName && shoot.spec.seedName !== seedName;
  if (lastOperation && lastOperation.type !== 'Migrate' && isMoved) {
    throw refuse(request, 'shoot spec cannot be changed because shoot has been rescheduled to a new seed');
  }
  if (!lastOperation || !isMigrating(shoot.status)) return;
  throw refuse(
    request,
    `cannot change shoot spec during ${lastOperation.type} operation that is in state ${lastOperation.state}`,
  );
}

/** The seed of the Shoot, if it has one, after all checks of scheduling. Throws 403 or 500. */
export function ensureScheduling(request: Request, profile: CloudProfileSpec): Seed | undefined {
  const { object: shoot, old, reader } = request;
  const { seedName } = shoot.spec;
  const seed = seedName === undefined ? undefined : find(reader, 'seeds', seedName);
  if (seedName !== undefined && !seed) {
    const cause = createLookupFailure('seeds', seedName).message;
    throw createInternalError(`could not find referenced seed "${seedName}": ${cause}`);
  }
  ensureMaySchedule(request);
  if (seed && old?.spec.seedName !== seedName) ensureSeedFits(request, seed, profile);
  if (old?.spec.seedName === undefined || old.spec.seedName === seedName) ensureNotMigrating(request);
  const isZonal = shoot.spec.controlPlane?.highAvailability?.failureTolerance.type === 'zone';
  const zones = seed?.spec.provider.zones?.length ?? 0;
  if (seed && isZonal && zones < 3) {
    throw refuse(
      request,
      `cannot schedule shoot '${shoot.metadata.name}' with failure tolerance of zone on seed '${seedName}' with only ${zones} zones, at least 3 zones are required`,
    );
  }
  return seed;
}

/** A Shoot on the move is not deleted. */
export function ensureDeletable(request: AdmissionRequest<Shoot>): void {
  const { old } = request;
  if (!old || !isMigrating(old.status)) return;
  const { type, state } = old.status.lastOperation ?? {};
  throw refuse(request, `cannot mark shoot for deletion during ${type} operation that is in state ${state}`);
}
