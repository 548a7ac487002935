// Create: from what a client sent to what is stored. Models k8s.io/apiserver/pkg/registry/rest/create.go
import { createAlreadyExists, createPlainError } from '../errors.ts';
import { initializeMetadata, validateMetadata } from '../metadata.ts';
import { generateName } from '../names.ts';
import { deepFreeze } from '../objects.ts';
import type { ApiObject, Kind } from '../types.ts';
import { createAdmissionRequest, ensureValid, hasStatusView, trackFields } from './context.ts';
import type { RestContext, WriteRequest } from './context.ts';

// As often as Kubernetes tries.
const maxGenerateAttempts = 8;

/** How an object that an apply creates comes by its managedFields; otherwise the whole object belongs to an Update of the manager. */
export interface CreateOptions {
  hasManagedFields?: boolean;
}

/** `object` is taken over. Gives the stored object in the version of `kind`. Throws 400, 403, 409, 422. */
export function createObject(
  context: RestContext,
  request: WriteRequest,
  kind: Kind,
  object: ApiObject,
  namespace: string | undefined,
  options: CreateOptions = {},
): ApiObject {
  const { schemas, clock } = context;
  const { strategy } = kind;
  if (object.metadata.resourceVersion) {
    throw createPlainError('resourceVersion should not be set on objects to be created');
  }
  const isNameGenerated = !object.metadata.name && !!object.metadata.generateName;
  initializeMetadata(kind, object, namespace, clock.now());
  if (hasStatusView(kind)) delete object.status;
  schemas.applyDefaults(kind.schemaName, object);
  if (object.spec !== undefined) object.metadata.generation = 1;
  else delete object.metadata.generation;

  const admission = createAdmissionRequest(context, request, {
    operation: 'CREATE',
    kind,
    subresource: '',
    namespace,
    name: object.metadata.name ?? '',
    object,
    old: undefined,
  });
  strategy.default?.(object, admission);
  // Kubernetes notes who manages what after defaults and before admission: what the server sets later belongs to nobody.
  if (!options.hasManagedFields) trackFields(context, request, kind, object, undefined);
  context.admit?.(admission);
  strategy.mutate?.(admission);
  strategy.prepare?.(admission);
  ensureValid(kind, object.metadata.name, validateMetadata(kind, object), strategy.validate?.(admission) ?? []);
  strategy.admit?.(admission);
  return put(context, request, kind, object, isNameGenerated);
}

function put(
  context: RestContext,
  request: WriteRequest,
  kind: Kind,
  object: ApiObject,
  isNameGenerated: boolean,
): ApiObject {
  const { store, registry } = context;
  const { metadata } = object;
  for (let attempt = 1; isNameGenerated && attempt < maxGenerateAttempts; attempt++) {
    if (!store.get(kind, metadata.name, metadata.namespace)) break;
    metadata.name = generateName(metadata.generateName ?? '');
  }
  if (store.get(kind, metadata.name, metadata.namespace)) throw createAlreadyExists(kind, metadata.name);
  if (request.isDryRun) return deepFreeze(object);
  return registry.fromStorage(kind, store.insert(kind, registry.toStorage(kind, object)));
}
