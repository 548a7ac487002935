// CloudProfiles and NamespacedCloudProfiles: what a landscape offers, and what a project adds to it.
// Models pkg/apiserver/registry/core/{cloudprofile,namespacedcloudprofile}, plugin/pkg/namespacedcloudprofile, the resource reference manager
import { createBadRequest, createInternalError, invalid, type FieldError } from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest, Reader, Strategy } from '../../../apiserver/types.ts';
import { ensureMayChangeProfile } from '../admission/custom-verbs.ts';
import { labelExtensions } from '../admission/extension-labels.ts';
import { countedList, createPlainError, refuse } from '../faults.ts';
import { cloudProfileReference, createLookupFailure, find, list } from '../lookups.ts';
import { dnsSubdomainFaults, nameErrors } from '../meta.ts';
import { countGeneration, dropGeneration, inOrder } from '../strategies.ts';
import type { CloudProfile, CloudProfileSpec, ExpirableVersion, NamespacedCloudProfile, Shoot } from '../types.ts';
import { isActive, isExpired } from '../versions.ts';
import { defaultCloudProfile, defaultNamespacedCloudProfile } from './defaults.ts';
import { cloudProfileErrors, namespacedCloudProfileErrors } from './validation.ts';

type Profile = CloudProfile | NamespacedCloudProfile;

const removed = (before: readonly ExpirableVersion[] = [], after: readonly ExpirableVersion[] = []) =>
  before.map(({ version }) => version).filter((version) => !after.some((other) => other.version === version));

/** Versions of a new profile that are over already are dropped. */
function dropOldVersions({ spec }: CloudProfile, nowMs: number): void {
  if (spec.kubernetes.versions) {
    spec.kubernetes.versions = spec.kubernetes.versions.filter((version) => isActive(version, nowMs));
  }
  for (const image of spec.machineImages ?? []) image.versions = image.versions.filter((v) => !isExpired(v, nowMs));
}

/** The Shoots that live by a profile, directly or by one of its NamespacedCloudProfiles. */
function* shootsOf(profile: Profile, reader: Reader): Generator<Shoot> {
  for (const shoot of list(reader, 'shoots')) {
    const reference = cloudProfileReference(shoot);
    if (!reference || shoot.metadata.deletionTimestamp) continue;
    if (profile.kind === 'NamespacedCloudProfile') {
      const isOurs = shoot.metadata.namespace === profile.metadata.namespace;
      if (reference.kind === profile.kind && reference.name === profile.metadata.name && isOurs) yield shoot;
    } else if (reference.kind === 'CloudProfile') {
      if (reference.name === profile.metadata.name) yield shoot;
    } else {
      const child = find(reader, 'namespacedCloudProfiles', reference.name, shoot.metadata.namespace);
      if (child?.spec.parent.name === profile.metadata.name) yield shoot;
    }
  }
}

/** What stands against taking versions out of a profile: each version and who uses it. */
function usesOfRemoved(profile: CloudProfile, old: CloudProfile, reader: Reader): string[] {
  const versions = removed(old.spec.kubernetes.versions, profile.spec.kubernetes.versions);
  const images = new Map(
    (old.spec.machineImages ?? []).map(({ name, versions: before }) => [
      name,
      removed(before, profile.spec.machineImages?.find((image) => image.name === name)?.versions),
    ]),
  );
  const { name } = profile.metadata;
  const faults: string[] = [];
  for (const { metadata, spec } of shootsOf(profile, reader)) {
    const user = `'${metadata.namespace}/${metadata.name}'`;
    const { version = '' } = spec.kubernetes;
    if (versions.includes(version)) {
      faults.push(
        `unable to delete Kubernetes version "${version}" from CloudProfile "${name}" - version is still in use by shoot ${user}`,
      );
    }
    for (const worker of spec.provider.workers ?? []) {
      const { image } = worker.machine;
      if (!image?.version || !images.get(image.name)?.includes(image.version)) continue;
      faults.push(
        `unable to delete Machine image version '${image.name}/${image.version}' from CloudProfile "${name}" - version is still in use by shoot ${user} by worker "${worker.name}"`,
      );
    }
  }
  return faults;
}

function admitCloudProfile(request: AdmissionRequest<CloudProfile>): void {
  const { object: profile, old, operation, reader, subresource } = request;
  if (operation !== 'UPDATE' || !profile || !old || subresource || profile.metadata.deletionTimestamp) return;
  const faults = usesOfRemoved(profile, old, reader);
  if (faults.length) throw refuse(request, countedList(faults));
}

export const cloudProfileStrategy: Strategy<CloudProfile> = {
  nameRule: 'pathSegment',
  default: defaultCloudProfile,
  mutate: (request) => labelExtensions(request as AdmissionRequest),
  prepare(request) {
    const { object: profile, operation, nowMs } = request;
    if (profile && operation === 'CREATE') dropOldVersions(profile, nowMs);
    dropGeneration(request as AdmissionRequest);
  },
  validate({ object: profile, old, subresource }): FieldError[] {
    if (!profile || subresource) return [];
    const isTypeChanged = old && old.spec.type !== profile.spec.type;
    return [
      ...nameErrors('metadata.name', profile.metadata.name, dnsSubdomainFaults),
      ...cloudProfileErrors(profile.spec),
      ...(isTypeChanged ? [invalid('spec.type', profile.spec.type, 'field is immutable')] : []),
    ];
  },
  admit: admitCloudProfile,
  isGenerationRaised: () => false,
};

/** Versions of Kubernetes can only be given a later end than the parent gives them. Throws 500 as the garden does. */
function ensureOverrides(profile: NamespacedCloudProfile, parent: CloudProfileSpec): void {
  for (const { version, expirationDate } of profile.spec.kubernetes?.versions ?? []) {
    if (!parent.kubernetes.versions?.some((known) => known.version === version)) {
      throw createPlainError(
        `invalid kubernetes version specified: '${version}' does not exist in parent CloudProfile and thus cannot be overridden`,
      );
    }
    if (expirationDate === undefined)
      throw createPlainError(`specified version '${version}' does not set expiration date`);
  }
  const types = new Set((parent.machineTypes ?? []).map(({ name }) => name));
  const taken = (profile.spec.machineTypes ?? []).findIndex(({ name }) => types.has(name));
  if (taken < 0) return;
  const { name } = profile.spec.machineTypes![taken]!;
  throw createPlainError(
    `error while validating merged NamespacedCloudProfile: [status.cloudProfileSpec.machineTypes[${types.size}].name: Duplicate value: "${name}"]`,
  );
}

function admitNamespacedProfile(request: AdmissionRequest<NamespacedCloudProfile>): void {
  const { object: profile, old, operation, reader, subresource } = request;
  if (operation === 'DELETE' || !profile || subresource) return;
  if (old && (isDeepEqual(old.spec, profile.spec) || profile.metadata.deletionTimestamp)) return;
  const parent = find(reader, 'cloudProfiles', profile.spec.parent.name);
  if (!parent) throw createBadRequest('parent CloudProfile could not be found');
  ensureOverrides(profile, parent.spec);
}

export const namespacedCloudProfileStrategy: Strategy<NamespacedCloudProfile> = {
  nameRule: 'pathSegment',
  default: defaultNamespacedCloudProfile,
  mutate(request) {
    const { object: profile, reader } = request;
    const parent = profile?.spec.parent;
    if (parent?.kind === 'CloudProfile' && !find(reader, 'cloudProfiles', parent.name)) {
      throw createInternalError(createLookupFailure('cloudProfiles', parent.name).message);
    }
    labelExtensions(request as AdmissionRequest);
  },
  prepare: (request) => countGeneration(request as AdmissionRequest),
  validate({ object: profile, old, subresource }): FieldError[] {
    if (!profile || subresource) return [];
    const isParentChanged = old && !isDeepEqual(old.spec.parent, profile.spec.parent);
    return [
      ...nameErrors('metadata.name', profile.metadata.name, dnsSubdomainFaults),
      ...(isParentChanged ? [invalid('spec.parent', profile.spec.parent, 'field is immutable')] : []),
      ...namespacedCloudProfileErrors(profile),
    ];
  },
  admit: inOrder<NamespacedCloudProfile>(admitNamespacedProfile, ensureMayChangeProfile),
  isGenerationRaised: () => false,
};
