// metadata: what a client may set, what the server fills in, and what is refused. Models k8s.io/apimachinery/pkg/api/validation/objectmeta.go
import { randomUUID } from 'node:crypto';
import { createBadRequest, createConflict, forbidden, invalid, required } from './errors.ts';
import type { FieldError } from './errors.ts';
import { isDeepEqual, toTime } from './objects.ts';
import { checkName, checkQualifiedName, generateName, validateAnnotations, validateLabels } from './names.ts';
import { isBuiltIn } from './registry.ts';
import type { ApiObject, Kind } from './types.ts';

/** Fills in what the server owns, and the name when only generateName is there. Throws 400 when namespaces differ. */
export function initializeMetadata(kind: Kind, object: ApiObject, namespace: string | undefined, nowMs: number): void {
  const { metadata } = object;
  ensureNamespace(kind, object, namespace);
  if (!metadata.name && metadata.generateName) metadata.name = generateName(metadata.generateName);
  metadata.name ??= '';
  metadata.uid = randomUUID();
  metadata.creationTimestamp = toTime(nowMs);
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete (metadata as { selfLink?: string }).selfLink;
}

function ensureNamespace(kind: Kind, object: ApiObject, namespace: string | undefined): void {
  const { metadata } = object;
  if (!kind.isNamespaced) {
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw createBadRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  metadata.namespace = namespace;
}

/** Takes over from `old` what an update cannot change. Throws 400 and 409. */
export function carryMetadata(kind: Kind, object: ApiObject, old: ApiObject): void {
  const { metadata } = object;
  ensureNamespace(kind, object, old.metadata.namespace);
  if (metadata.uid && metadata.uid !== old.metadata.uid) {
    throw createConflict(
      kind,
      old.metadata.name,
      `StorageError: invalid object, Code: 4, Key: /registry/${kind.group ? `${kind.group}/` : ''}${kind.plural}/${old.metadata.namespace ? `${old.metadata.namespace}/` : ''}${old.metadata.name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  metadata.uid = old.metadata.uid;
  metadata.creationTimestamp = old.metadata.creationTimestamp;
  for (const field of ['generation', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'generateName'] as const) {
    if (old.metadata[field] === undefined) delete metadata[field];
    else Object.assign(metadata, { [field]: old.metadata[field] });
  }
  delete (metadata as { selfLink?: string }).selfLink;
}

function validateOwners(object: ApiObject): FieldError[] {
  const owners = object.metadata.ownerReferences ?? [];
  const path = 'metadata.ownerReferences';
  const faults = owners.flatMap((owner) =>
    (['apiVersion', 'kind', 'name', 'uid'] as const)
      .filter((field) => !owner[field])
      .map((field) =>
        field === 'apiVersion'
          ? invalid(`${path}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty')
          : invalid(`${path}.${field}`, owner[field] ?? '', 'must not be empty'),
      ),
  );
  const controllers = owners.filter((owner) => owner.controller);
  if (controllers.length > 1) {
    const [first, second] = controllers;
    faults.push(
      invalid(
        path,
        owners,
        `Only one reference can have Controller set to true. Found "true" in references for ${first?.kind}/${first?.name} and ${second?.kind}/${second?.name}`,
      ),
    );
  }
  return faults;
}

// Finalizers of Kubernetes' own that have no prefix.
const standardFinalizers = ['orphan', 'foregroundDeletion', 'kubernetes'];

function validateFinalizers(object: ApiObject): FieldError[] {
  const finalizers = object.metadata.finalizers ?? [];
  const faults = finalizers.flatMap((name) =>
    checkQualifiedName(name).map((fault) => invalid('metadata.finalizers', name, fault)),
  );
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    faults.push(
      invalid('metadata.finalizers', finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'),
    );
  }
  return faults;
}

// Kubernetes' own kinds are stricter than those of extension API servers. Models kubernetes/pkg/apis/core/validation/validation.go
const validateBuiltInFinalizers = ({ metadata }: ApiObject): FieldError[] =>
  (metadata.finalizers ?? []).flatMap((name, i) =>
    standardFinalizers.includes(name) || name.includes('/')
      ? []
      : [
          invalid(
            `metadata.finalizers[${i}]`,
            name,
            'name is neither a standard finalizer name nor is it fully qualified',
          ),
        ],
  );

export function validateMetadata(kind: Kind, object: ApiObject): FieldError[] {
  const { metadata } = object;
  const rule = kind.strategy.nameRule ?? 'dnsSubdomain';
  const faults: FieldError[] = [];
  if (metadata.generateName) {
    const generated = metadata.generateName.replace(/-$/, 'a');
    faults.push(
      ...checkName(generated, rule).map((fault) => invalid('metadata.generateName', metadata.generateName, fault)),
    );
  }
  if (!metadata.name) faults.push(required('metadata.name', 'name or generateName is required'));
  else faults.push(...checkName(metadata.name, rule).map((fault) => invalid('metadata.name', metadata.name, fault)));
  return [
    ...faults,
    ...validateLabels(metadata.labels, 'metadata.labels'),
    ...validateAnnotations(metadata.annotations, 'metadata.annotations'),
    ...validateOwners(object),
    ...validateFinalizers(object),
    ...(isBuiltIn(kind) ? validateBuiltInFinalizers(object) : []),
  ];
}

/** What an update may not do to metadata, on top of `validateMetadata`. */
export function validateMetadataUpdate(kind: Kind, object: ApiObject, old: ApiObject): FieldError[] {
  const faults: FieldError[] = [];
  const { deletionTimestamp } = old.metadata;
  const added = (object.metadata.finalizers ?? []).filter((name) => !old.metadata.finalizers?.includes(name));
  if (deletionTimestamp && added.length) {
    faults.push(
      forbidden(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((name) => JSON.stringify(name)).join(', ')}}`,
      ),
    );
  }
  // The built-in kinds check this twice and tell it twice.
  return isBuiltIn(kind) ? [...faults, ...faults] : faults;
}

/** Same but for what every write changes. */
export function isUnchanged(object: ApiObject, old: ApiObject): boolean {
  const strip = ({ metadata, ...rest }: ApiObject) => {
    const { resourceVersion: _version, managedFields, ...others } = metadata;
    const entries = managedFields?.map(({ time: _time, ...entry }) => entry);
    return { ...rest, metadata: { ...others, managedFields: entries?.length ? entries : undefined } };
  };
  return isDeepEqual(strip(object), strip(old));
}
