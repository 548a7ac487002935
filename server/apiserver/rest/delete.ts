// Delete: preconditions, finalizers, grace. Models k8s.io/apiserver/pkg/registry/rest/delete.go and generic/registry/store.go
import { z } from 'zod';
import { createBadRequest, createConflict } from '../errors.ts';
import { deepCopy, deepFreeze, toTime } from '../objects.ts';
import type { ApiObject, Kind } from '../types.ts';
import { createAdmissionRequest, getObject } from './context.ts';
import type { ObjectAddress, RestContext, WriteRequest } from './context.ts';

const deleteOptionsSchema = z.object({
  gracePeriodSeconds: z.int().nullish(),
  propagationPolicy: z.enum(['Background', 'Foreground', 'Orphan', '']).nullish(),
  orphanDependents: z.boolean().nullish(),
  preconditions: z.object({ uid: z.string().nullish(), resourceVersion: z.string().nullish() }).nullish(),
  dryRun: z.array(z.string()).nullish(),
});

export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: PropagationPolicy;
  preconditions?: { uid?: string; resourceVersion?: string };
  isDryRun: boolean;
}

const readDryRun = (values: readonly string[]): boolean => {
  if (values.every((value) => value === 'All')) return values.length > 0;
  throw createBadRequest(
    `DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ${JSON.stringify(values)}: supported values: "All"`,
  );
};

/** From the body if there is one, else from the query. Throws 400. */
export function parseDeleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const grace = query.get('gracePeriodSeconds');
  const fromQuery = {
    gracePeriodSeconds: grace === null ? undefined : Number(grace),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    orphanDependents: query.has('orphanDependents') ? query.get('orphanDependents') === 'true' : undefined,
    dryRun: query.getAll('dryRun'),
  };
  const parsed = deleteOptionsSchema.safeParse(body ?? fromQuery);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw createBadRequest(`unable to decode DeleteOptions: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun } = parsed.data;
  const policy =
    propagationPolicy || (orphanDependents == null ? undefined : orphanDependents ? 'Orphan' : 'Background');
  return {
    gracePeriodSeconds: gracePeriodSeconds ?? undefined,
    propagationPolicy: policy,
    preconditions: {
      uid: preconditions?.uid ?? undefined,
      resourceVersion: preconditions?.resourceVersion ?? undefined,
    },
    isDryRun: readDryRun([...(dryRun ?? []), ...(body === undefined ? [] : fromQuery.dryRun)]),
  };
}

/** Nothing holds the object any longer. */
export function isDeletionDue(kind: Kind, object: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers } = object.metadata;
  if (!deletionTimestamp || finalizers?.length || deletionGracePeriodSeconds > 0) return false;
  return !kind.strategy.isDeletionHeld?.(object);
}

function ensurePreconditions(kind: Kind, { metadata }: ApiObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions ?? {};
  if (uid && uid !== metadata.uid) {
    const message = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`;
    throw createConflict(kind, metadata.name, message);
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    const message = `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`;
    throw createConflict(kind, metadata.name, message);
  }
}

function finalizersFor({ metadata }: ApiObject, policy: PropagationPolicy | undefined): string[] {
  const finalizers = metadata.finalizers ?? [];
  if (!policy) return [...finalizers];
  const others = finalizers.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion');
  if (policy === 'Orphan') return [...others, 'orphan'];
  return policy === 'Foreground' ? [...others, 'foregroundDeletion'] : others;
}

export interface Deletion {
  /** The last state, or the state that it lives on in. */
  object: ApiObject;
  isGone: boolean;
}

/** Throws 403, 404, 409. */
export function deleteObject(
  context: RestContext,
  request: WriteRequest,
  address: ObjectAddress,
  options: DeleteOptions,
): Deletion {
  const { kind, name, namespace } = address;
  const old = getObject(context, address);
  ensurePreconditions(kind, old, options);
  const parts = { operation: 'DELETE' as const, kind, subresource: '', namespace, name, object: undefined, old };
  const admission = createAdmissionRequest(context, { ...request, isDryRun: options.isDryRun }, parts);
  context.admit?.(admission);
  kind.strategy.admit?.(admission);
  const object = beginDeletion(context, kind, old, options);
  if (!object) return { object: old, isGone: false };
  const isGone = isDeletionDue(kind, object);
  if (options.isDryRun) return { object: deepFreeze(object), isGone };
  if (isGone) {
    context.store.remove(kind, name, namespace);
    return { object: old, isGone };
  }
  const stored = context.store.replace(kind, context.registry.toStorage(kind, object));
  return { object: context.registry.fromStorage(kind, stored), isGone };
}

/** The object as it is while its deletion goes on; undefined when that changes nothing. */
function beginDeletion(
  context: RestContext,
  kind: Kind,
  old: ApiObject,
  options: DeleteOptions,
): ApiObject | undefined {
  const { strategy } = kind;
  const object = deepCopy(old);
  const { metadata } = object;
  const graceSeconds = Math.max(0, strategy.gracePeriodSeconds?.(object, options.gracePeriodSeconds) ?? 0);
  metadata.finalizers = finalizersFor(old, options.propagationPolicy);
  if (!metadata.finalizers.length) delete metadata.finalizers;
  if (metadata.deletionTimestamp) {
    const isShorter = graceSeconds < (metadata.deletionGracePeriodSeconds ?? 0);
    const isSame = old.metadata.finalizers?.join() === metadata.finalizers?.join();
    if (!isShorter && isSame && !isDeletionDue(kind, object)) return undefined;
    if (isShorter) {
      const begunMs = Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
      metadata.deletionTimestamp = toTime(graceSeconds ? begunMs + graceSeconds * 1000 : context.clock.now());
      metadata.deletionGracePeriodSeconds = graceSeconds;
    }
    return object;
  }
  metadata.deletionTimestamp = toTime(context.clock.now() + graceSeconds * 1000);
  metadata.deletionGracePeriodSeconds = graceSeconds;
  if (metadata.generation) metadata.generation++;
  strategy.beginDeletion?.(object);
  return object;
}
