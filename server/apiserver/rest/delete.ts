// Delete: preconditions, finalizers, grace. Models k8s.io/apiserver/pkg/registry/rest/delete.go and generic/registry/store.go
import * as z from 'zod';
import { createBadRequest, createConflict, createInvalid, createPlainError, notSupported } from '../errors.ts';
import type { FieldError } from '../errors.ts';
import { deepCopy, deepFreeze, toTime } from '../objects.ts';
import type { ApiObject, Kind } from '../types.ts';
import { createAdmissionRequest, getObject } from './context.ts';
import type { ObjectAddress, RestContext, WriteRequest } from './context.ts';

const optional = <T extends z.ZodType>(type: T) => type.nullish();
const deleteOptionsSchema = z.object({
  kind: optional(z.string()),
  gracePeriodSeconds: optional(z.int()),
  propagationPolicy: optional(z.string()),
  orphanDependents: optional(z.boolean()),
  preconditions: optional(z.object({ uid: optional(z.string()), resourceVersion: optional(z.string()) })),
  dryRun: optional(z.array(z.string())),
});

const policies = ['Foreground', 'Background', 'Orphan'] as const;
export type PropagationPolicy = (typeof policies)[number];
const isPolicy = (value: string): value is PropagationPolicy => (policies as readonly string[]).includes(value);

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: PropagationPolicy;
  preconditions?: { uid?: string; resourceVersion?: string };
  isDryRun: boolean;
}

const refuse = (fault: FieldError) => createInvalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [fault]);

function optionsOf(query: URLSearchParams): unknown {
  const grace = query.get('gracePeriodSeconds');
  if (grace !== null && !/^-?\d{1,10}$/.test(grace)) {
    throw createBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  }
  return {
    gracePeriodSeconds: grace === null ? undefined : Number(grace),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    orphanDependents: query.has('orphanDependents') ? query.get('orphanDependents') === 'true' : undefined,
    dryRun: query.getAll('dryRun'),
  };
}

/** From the body if there is one, else from the query. Throws 400, 422, and 500 as Kubernetes does for another kind. */
export function parseDeleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const parsed = deleteOptionsSchema.safeParse(body ?? optionsOf(query));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw createBadRequest(`unable to decode DeleteOptions: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { kind, gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun } = parsed.data;
  if (kind && kind !== 'DeleteOptions') {
    throw createPlainError(
      `no kind ${JSON.stringify(kind)} is registered for version "v1" in scheme "pkg/runtime/scheme.go:110"`,
    );
  }
  if (propagationPolicy && !isPolicy(propagationPolicy)) {
    throw refuse(notSupported('propagationPolicy', propagationPolicy, [...policies, 'nil']));
  }
  if (dryRun?.some((value) => value !== 'All')) throw refuse(notSupported('dryRun', dryRun, ['All']));
  const orphaned = orphanDependents ? 'Orphan' : 'Background';
  return {
    gracePeriodSeconds: gracePeriodSeconds ?? undefined,
    propagationPolicy:
      propagationPolicy && isPolicy(propagationPolicy)
        ? propagationPolicy
        : orphanDependents == null
          ? undefined
          : orphaned,
    preconditions: {
      uid: preconditions?.uid ?? undefined,
      resourceVersion: preconditions?.resourceVersion ?? undefined,
    },
    isDryRun: !!dryRun?.length || query.getAll('dryRun').includes('All'),
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
  // Kubernetes names the kind here, not the resource.
  const subject = { group: kind.group, plural: kind.kind };
  if (uid && uid !== metadata.uid) {
    const message = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw createConflict(subject, metadata.name, message);
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    const message = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw createConflict(subject, metadata.name, message);
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
