// Update: PUT and patches, of an object or of a view on it. Models k8s.io/apiserver/pkg/registry/rest/update.go
import {
  createBadRequest,
  createConflict,
  createInvalid,
  createNotFound,
  createPlainError,
  invalid,
} from '../errors.ts';
import { isResourceVersion } from '../list.ts';
import { carryMetadata, isUnchanged, validateMetadata, validateMetadataUpdate } from '../metadata.ts';
import { deepCopy, deepFreeze, getPath, isDeepEqual, setPath, thaw } from '../objects.ts';
import type { AdmissionRequest, ApiObject, Kind, Subresource } from '../types.ts';
import { createAdmissionRequest, ensureValid, hasStatusView, trackFields } from './context.ts';
import type { ObjectAddress, RestContext, WriteRequest } from './context.ts';
import { isDeletionDue } from './delete.ts';

export interface UpdateOptions {
  subresource?: Subresource;
  /** PUT, which may have to name a resourceVersion; a patch never has to. */
  isPut: boolean;
  /** Whether `change` has set managedFields (server-side apply). */
  hasManagedFields?: boolean;
}

/**
 * `change` makes the new object from the stored one, which is frozen; it may share parts with it. What it gives is taken over.
 * Gives the stored object in the version of `kind`. Throws 400, 403, 404, 409, 422.
 */
export function updateObject(
  context: RestContext,
  request: WriteRequest,
  address: ObjectAddress,
  change: (old: ApiObject) => ApiObject,
  options: UpdateOptions,
): ApiObject {
  const { kind, name, namespace } = address;
  const { registry, store } = context;
  const stored = store.get(kind, name, namespace);
  if (!stored) throw createNotFound(kind, name);
  const old = registry.fromStorage(kind, stored);
  const given = thaw(change(old));
  ensureSameObject(address, given, old, options);
  const { subresource } = options;
  if (!subresource?.view) {
    context.schemas.applyDefaults(kind.schemaName, given);
    kind.strategy.default?.(given, admissionOf(context, request, kind, given, old, subresource));
    if (!options.hasManagedFields) trackFields(context, request, kind, given, old, subresource);
  }
  const object = subresource ? throughView(subresource, given, old) : withoutStatus(kind, given, old);
  object.metadata.resourceVersion = old.metadata.resourceVersion;
  checkUpdate(kind, admissionOf(context, request, kind, object, old, subresource), object, old, context.admit);
  if (subresource?.view) trackFields(context, request, kind, object, old, subresource);
  return put(context, request, kind, object, old);
}

function admissionOf(
  context: RestContext,
  request: WriteRequest,
  kind: Kind,
  object: ApiObject,
  old: ApiObject,
  subresource: Subresource | undefined,
): AdmissionRequest {
  const { name, namespace } = old.metadata;
  const parts = {
    operation: 'UPDATE' as const,
    kind,
    subresource: subresource?.name ?? '',
    namespace,
    name,
    object,
    old,
  };
  return createAdmissionRequest(context, request, parts);
}

function ensureSameObject(
  { kind, name }: ObjectAddress,
  given: ApiObject,
  old: ApiObject,
  { isPut }: UpdateOptions,
): void {
  const { metadata } = given;
  if (metadata.name && metadata.name !== name) {
    throw createBadRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (!metadata.name) {
    const message = `the name of the object (${name} based on URL) was undeterminable: name must be provided`;
    throw createBadRequest(message);
  }
  if (!isPut) ensureUnmoved(kind, given, old);
  if (metadata.resourceVersion && !isResourceVersion(metadata.resourceVersion)) {
    throw createPlainError(`strconv.ParseUint: parsing ${JSON.stringify(metadata.resourceVersion)}: invalid syntax`);
  }
  if (!metadata.resourceVersion || metadata.resourceVersion === '0') {
    if (isPut && kind.strategy.isUnconditionalUpdateForbidden) {
      throw createInvalid(kind, name, [invalid('metadata.resourceVersion', 0, 'must be specified for an update')]);
    }
  } else if (metadata.resourceVersion !== old.metadata.resourceVersion) {
    throw createConflict(
      kind,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  }
  carryMetadata(kind, given, old);
}

/** A patch that changes the uid is invalid, where a PUT with another one is a conflict. */
function ensureUnmoved(kind: Kind, given: ApiObject, old: ApiObject): void {
  const { uid } = given.metadata;
  if (!uid || uid === old.metadata.uid) return;
  const fault = invalid('metadata.uid', uid, 'field is immutable');
  throw createInvalid(kind, old.metadata.name, [fault, fault]);
}

const withoutStatus = (kind: Kind, given: ApiObject, old: ApiObject): ApiObject => {
  if (!hasStatusView(kind)) return given;
  if (old.status === undefined) delete given.status;
  else given.status = deepCopy(old.status);
  return given;
};

/** The stored object with only those parts changed that the view may write. */
function throughView({ writes = ['status'], view }: Subresource, given: ApiObject, old: ApiObject): ApiObject {
  const object = deepCopy(old);
  if (view) view.write(object, given);
  else {
    for (const field of [...writes, 'metadata.managedFields']) {
      const path = field.split('.');
      setPath(object, path, deepCopy(getPath(given, path)));
    }
  }
  return object;
}

function checkUpdate(
  kind: Kind,
  admission: AdmissionRequest,
  object: ApiObject,
  old: ApiObject,
  admit: RestContext['admit'],
): void {
  const { strategy } = kind;
  const { name } = old.metadata;
  admit?.(admission);
  strategy.mutate?.(admission);
  raiseGeneration(kind, object, old);
  strategy.prepare?.(admission);
  const metadataFaults = [...validateMetadata(kind, object), ...validateMetadataUpdate(kind, object, old)];
  ensureValid(kind, name, metadataFaults, strategy.validate?.(admission) ?? []);
  strategy.admit?.(admission);
}

function raiseGeneration(kind: Kind, object: ApiObject, old: ApiObject): void {
  const { generation } = old.metadata;
  if (generation === undefined) return;
  const isRaised = kind.strategy.isGenerationRaised?.(object, old) ?? !isDeepEqual(object.spec, old.spec);
  object.metadata.generation = isRaised ? generation + 1 : generation;
}

function put(context: RestContext, request: WriteRequest, kind: Kind, object: ApiObject, old: ApiObject): ApiObject {
  const { registry, store } = context;
  const isEnded = isDeletionDue(kind, object);
  if (!isEnded && isUnchanged(object, old)) return old;
  if (request.isDryRun) return deepFreeze(object);
  const stored = registry.toStorage(kind, object);
  if (!isEnded) return registry.fromStorage(kind, store.replace(kind, stored));
  store.remove(kind, old.metadata.name, old.metadata.namespace);
  return deepFreeze(object);
}
