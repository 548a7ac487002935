// Kinds with few rules of their own: Quota, ExposureClass, BackupBucket, BackupEntry, InternalSecret, ShootState.
// Models pkg/api/core/validation/{quota,exposureclass,backupbucket,backupentry,internalsecret,shootstate}.go
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest, ApiObject, Strategy } from '../../../apiserver/types.ts';
import { ensureDeletionConfirmed } from '../admission/deletion-confirmation.ts';
import { ensureRegistered } from '../admission/extension-validator.ts';
import { labelExtensions } from '../admission/extension-labels.ts';
import { refuse } from '../faults.ts';
import { createLookupFailure, find } from '../lookups.ts';
import { dnsLabelFaults, dnsSubdomainFaults, nameErrors, removeAnnotation } from '../meta.ts';
import { tolerationErrors } from '../project/project.ts';
import { countGeneration, dropGeneration, inOrder } from '../strategies.ts';
import type { Quota, Secret, Toleration } from '../types.ts';

const immutable = (path: string, value: unknown, old: unknown): FieldError[] =>
  isDeepEqual(value, old) ? [] : [invalid(path, value ?? null, 'field is immutable')];

const quotaMetrics = ['cpu', 'gpu', 'memory', 'storage.standard', 'storage.premium', 'loadbalancer'];
const quotaScopes = [
  'core.gardener.cloud/v1beta1, Kind=Project',
  '/v1, Kind=Secret',
  'security.gardener.cloud/v1alpha1, Kind=WorkloadIdentity',
];

function quotaErrors({ metadata, spec }: Quota, old: Quota | undefined): FieldError[] {
  const { clusterLifetimeDays, scope } = spec;
  const group = scope.apiVersion === 'v1' ? '/v1' : scope.apiVersion;
  const kind = `${group}, Kind=${scope.kind}`;
  return [
    ...(old ? immutable('spec.scope', scope, old.spec.scope) : []),
    ...nameErrors('metadata.name', metadata.name, dnsSubdomainFaults),
    ...(clusterLifetimeDays !== undefined && clusterLifetimeDays < 1
      ? [invalid('spec.clusterLifetimeDays', clusterLifetimeDays, 'must be greater than 0')]
      : []),
    ...(quotaScopes.includes(kind) ? [] : [notSupported('spec.scope', kind, quotaScopes)]),
    ...Object.entries(spec.metrics ?? {}).flatMap(([metric, value]) =>
      quotaMetrics.includes(metric)
        ? []
        : [invalid(`spec.metrics[${metric}]`, String(value), `${metric} is no supported quota metric`)],
    ),
  ];
}

export const quotaStrategy: Strategy<Quota> = {
  nameRule: 'pathSegment',
  prepare: (request) => dropGeneration(request as AdmissionRequest),
  validate: ({ object, old }) => (object ? quotaErrors(object, old) : []),
  isGenerationRaised: () => false,
};

interface ExposureClass extends ApiObject {
  handler: string;
  scheduling?: { tolerations?: Toleration[] };
}
const maxHandlerLength = 34;

function exposureClassErrors(object: ExposureClass, old: ExposureClass | undefined): FieldError[] {
  if (old)
    return [
      ...immutable('handler', object.handler, old.handler),
      ...immutable('scheduling', object.scheduling, old.scheduling),
    ];
  const { name } = object.metadata;
  return [
    ...nameErrors('metadata.name', name, dnsLabelFaults),
    ...dnsLabelFaults(object.handler).map((fault) => invalid('handler', name, fault)),
    ...(object.handler.length > maxHandlerLength
      ? [invalid('handler', name, `exposure class handler is restricted to ${maxHandlerLength} characters`)]
      : []),
    ...tolerationErrors(object.scheduling?.tolerations, 'scheduling.tolerations'),
  ];
}

export const exposureClassStrategy: Strategy = {
  nameRule: 'pathSegment',
  prepare: dropGeneration,
  validate: ({ object, old }) =>
    object ? exposureClassErrors(object as ExposureClass, old as ExposureClass | undefined) : [],
  isGenerationRaised: () => false,
  isUnconditionalUpdateForbidden: true,
};

interface Backup extends ApiObject {
  spec: {
    provider?: { type: string; region: string };
    bucketName?: string;
    seedName?: string;
    credentialsRef?: { apiVersion: string; kind: string; name: string; namespace: string };
  };
}
const operationAnnotation = 'gardener.cloud/operation';

/** `operation=reconcile` is served at once by a new generation. */
function prepareBackup(request: AdmissionRequest): void {
  const { object, old, subresource } = request;
  countGeneration(request);
  if (!object || !old || subresource || object.metadata.annotations?.[operationAnnotation] !== 'reconcile') return;
  removeAnnotation(object, operationAnnotation);
  object.metadata.generation = (old.metadata.generation ?? 0) + 1;
}

function bucketErrors({ metadata, spec }: Backup, old: Backup | undefined): FieldError[] {
  return [
    ...nameErrors('metadata.name', metadata.name, dnsSubdomainFaults),
    ...(spec.provider?.type ? [] : [required('spec.provider.type', 'must specify a provider type')]),
    ...(spec.provider?.region ? [] : [required('spec.provider.region', 'must specify a region')]),
    ...(old ? immutable('spec.provider', spec.provider, old.spec.provider) : []),
    ...(spec.credentialsRef ? [] : [required('spec.credentialsRef', 'must be set')]),
  ];
}

const seedExists = (request: AdmissionRequest, seedName: string | undefined): void => {
  if (seedName === undefined || find(request.reader, 'seeds', seedName)) return;
  throw refuse(request, createLookupFailure('seeds', seedName).message);
};

function admitBucket(request: AdmissionRequest): void {
  const { object, old, operation, name, reader, subresource } = request;
  if (operation === 'DELETE') {
    const entries = (reader.list({ group: 'core.gardener.cloud', plural: 'backupentries' }) as readonly Backup[])
      .filter(({ spec }) => spec.bucketName === name)
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    if (!entries.length) return;
    throw refuse(
      request,
      `cannot delete BackupBucket because BackupEntries are still referencing it, backupEntryNames: ${entries.join(',')}`,
    );
  }
  if (!object || subresource || (old && isDeepEqual(old.spec, object.spec))) return;
  const { spec } = object as Backup;
  seedExists(request, spec.seedName);
  const required = [
    { kind: 'BackupBucket', type: spec.provider?.type ?? '', what: 'provider type', path: 'spec.provider.type' },
  ];
  ensureRegistered(request, 'given BackupBucket uses non-registered', required, 'seed');
}

export const backupBucketStrategy: Strategy = {
  nameRule: 'pathSegment',
  mutate: labelExtensions,
  prepare: prepareBackup,
  validate: ({ object, old, subresource }) =>
    object && !subresource ? bucketErrors(object as Backup, old as Backup | undefined) : [],
  admit: admitBucket,
  isGenerationRaised: () => false,
};

export const backupEntryStrategy: Strategy = {
  nameRule: 'pathSegment',
  mutate: labelExtensions,
  prepare: prepareBackup,
  validate({ object, old, subresource }) {
    if (!object || subresource) return [];
    const { metadata, spec } = object as Backup;
    return [
      ...nameErrors('metadata.name', metadata.name, dnsSubdomainFaults),
      ...(spec.bucketName ? [] : [required('spec.bucketName', 'must specify a bucket name')]),
      ...(old ? immutable('spec.bucketName', spec.bucketName, (old as Backup).spec.bucketName) : []),
    ];
  },
  admit(request) {
    if (request.operation !== 'DELETE') seedExists(request, (request.object as Backup | undefined)?.spec.seedName);
  },
  isGenerationRaised: () => false,
};

const maxSecretBytes = 1024 * 1024;

function internalSecretErrors(
  secret: Secret & { immutable?: boolean },
  old: (Secret & { immutable?: boolean }) | undefined,
): FieldError[] {
  const errors = nameErrors('metadata.name', secret.metadata.name, dnsSubdomainFaults);
  const bytes = Object.values(secret.data ?? {}).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0);
  if (bytes > maxSecretBytes) {
    errors.push({ type: 'FieldValueTooLong', path: 'data', detail: `may not be more than ${maxSecretBytes} bytes` });
  }
  for (const key of Object.keys(secret.data ?? {})) {
    if (/^[-._a-zA-Z0-9]+$/.test(key) && key !== '.' && key !== '..') continue;
    const rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    errors.push(
      invalid(
        `data[${key}]`,
        key,
        `${rule} (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
      ),
    );
  }
  if (!old) return errors;
  errors.push(...immutable('type', secret.type, old.type));
  if (!old.immutable) return errors;
  if (!secret.immutable) errors.push(forbidden('immutable', 'field is immutable when `immutable` is set'));
  if (!isDeepEqual(secret.data, old.data)) errors.push(forbidden('data', 'field is immutable when `immutable` is set'));
  return errors;
}

export const internalSecretStrategy: Strategy = {
  nameRule: 'pathSegment',
  default(object) {
    const secret = object as Secret & { stringData?: Record<string, string> };
    const { stringData } = secret;
    if (!stringData) return;
    const encoded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
    delete secret.stringData;
  },
  prepare: dropGeneration,
  validate: ({ object, old }) => (object ? internalSecretErrors(object as Secret, old as Secret | undefined) : []),
  isGenerationRaised: () => false,
};

export const shootStateStrategy: Strategy = {
  nameRule: 'pathSegment',
  prepare: countGeneration,
  validate: ({ object }) => (object ? nameErrors('metadata.name', object.metadata.name, dnsSubdomainFaults) : []),
  admit: inOrder(ensureDeletionConfirmed),
  isGenerationRaised: () => false,
};
