// Server-side apply: a manager says which fields it wants, and owns them.
// Models sigs.k8s.io/structured-merge-diff/merge Updater.Apply and apimachinery/pkg/util/managedfields.
import { createBadRequest, StatusError, type StatusCause } from '../errors.ts';
import type { Schemas } from '../schema.ts';
import type { ApiObject } from '../types.ts';
import { formatPath, FieldSet, type PathElement } from './field-set.ts';
import { isEqual } from './fields.ts';
import {
  decodeManagers,
  encodeManagers,
  isSameManager,
  strip,
  timeOf,
  withoutManagedFields,
  type Manager,
} from './managed-fields.ts';
import { emptyObject, takeFromOthers } from './track.ts';
import { ensureTyped } from './typed-check.ts';
import { compare, fieldSetOf, mergeValues, withoutFields, type Comparison } from './typed.ts';

export interface ApplyRequest {
  manager: string;
  isForced: boolean;
  /** What the manager wants, as it was sent. */
  applied: ApiObject;
  /** Absent when the apply creates the object. */
  live: ApiObject | undefined;
  schemas: Schemas;
  schemaName: string;
  apiVersion: string;
  subresource?: string;
  nowMs: number;
  /** Top-level fields that a write of this kind resets, such as `status`. */
  ignoredFields?: readonly string[];
}

const describeManager = ({ name, subresource, operation, apiVersion }: Manager): string => {
  const described = JSON.stringify(name) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '');
  return operation === 'Update' ? `${described} using ${apiVersion}` : described;
};

/** Models managedfields/internal/conflict.go */
function createConflict(conflicts: readonly [Manager, PathElement[]][]): StatusError {
  const causes = conflicts.map(([manager, path]): StatusCause => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describeManager(manager)}`,
    field: formatPath(path),
  }));
  const [first] = causes;
  if (causes.length === 1 && first)
    return new StatusError(409, 'Conflict', `Apply failed with 1 conflict: ${first.message}: ${first.field}`, {
      causes,
    });
  const byManager = new Map<string, string[]>();
  for (const { message = '', field = '' } of causes) byManager.set(message, [...(byManager.get(message) ?? []), field]);
  const parts = [...byManager].map(
    ([message, fields]) =>
      `${message.replace('conflict with', 'conflicts with')}:\n${fields.map((f) => `- ${f}`).join('\n')}`,
  );
  return new StatusError(409, 'Conflict', `Apply failed with ${causes.length} conflicts: ${parts.join('\n')}`, {
    causes,
  });
}

/** Fields with something owned beneath them count as owned themselves. */
const isHeld = (set: FieldSet, element: PathElement): boolean =>
  set.isMember || (element.startsWith('f:') && set.children.size > 0);

/** The outermost paths that were applied last time and that nobody holds now. */
function abandoned(last: FieldSet, held: FieldSet | undefined): FieldSet {
  const result = new FieldSet();
  for (const [element, child] of last.children) {
    const other = held?.children.get(element);
    if (isHeld(child, element) && !(other && isHeld(other, element))) result.child(element).isMember = true;
    else {
      const nested = abandoned(child, other);
      if (nested.children.size) result.children.set(element, nested);
    }
  }
  return result;
}

function findConflicts(managers: readonly Manager[], self: Manager, { added, modified }: Comparison) {
  const changed = added.union(modified);
  return managers
    .filter((other) => other !== self)
    .sort((a, b) => (describeManager(a) < describeManager(b) ? -1 : 1))
    .flatMap((other) =>
      other.fields
        .intersection(changed)
        .paths()
        .map((path): [Manager, PathElement[]] => [other, path]),
    );
}

/** Objects that were made before anybody was tracked belong to a manager of that name. */
function managersOfLive(request: ApplyRequest): Manager[] {
  const { live, schemas, schemaName, apiVersion, nowMs, ignoredFields = [] } = request;
  const managers = decodeManagers(live?.metadata.managedFields);
  if (!live || managers.length) return managers;
  const node = schemas.nodeAt(schemaName);
  const { added } = compare(node, emptyObject(schemas, schemaName, live), withoutManagedFields(live));
  const fields = strip(added, ignoredFields);
  const time = timeOf(nowMs);
  return [{ name: 'before-first-apply', operation: 'Update', apiVersion, subresource: '', time, fields }];
}

function ensureApplicable({ applied, apiVersion }: ApplyRequest): void {
  if (applied.metadata?.managedFields) throw createBadRequest('metadata.managedFields must be nil');
  if (applied.apiVersion !== apiVersion)
    throw createBadRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${applied.apiVersion}, expected: ${apiVersion}`,
    );
}

/**
 * The object with what `manager` wants, its managedFields written; neither defaulted nor validated. `live` and `applied` stay as they are.
 * When nothing changes, `object` equals `live`, times included.
 * Throws StatusError 400 (managedFields sent, other version), 409 (others manage what would change), 500 (not of the schema).
 */
export function applyServerSide(request: ApplyRequest): { object: ApiObject } {
  ensureApplicable(request);
  const { manager, isForced, applied, live, schemas, schemaName, apiVersion, subresource = '', nowMs } = request;
  const node = schemas.nodeAt(schemaName);
  ensureTyped(node, applied);
  const managers = managersOfLive(request);
  const identity = { name: manager, operation: 'Apply', apiVersion, subresource } as const;
  const previous = managers.find((other) => isSameManager(other, identity));
  const wanted = fieldSetOf(node, applied);
  const fields = strip(fieldSetOf(node, applied), request.ignoredFields ?? []);
  const self: Manager = { ...identity, time: previous?.time, fields };
  const all = [...managers.filter((other) => other !== previous), self];

  const old = live ? withoutManagedFields(live) : emptyObject(schemas, schemaName, applied);
  let merged = mergeValues(node, live ? old : {}, applied) as ApiObject;
  if (previous) {
    // What is nobody's, such as the name, is wanted all the same.
    const held = all.reduce((set, { fields: owned }) => set.union(owned), wanted);
    merged = (withoutFields(node, merged, abandoned(previous.fields, held)) ?? {}) as ApiObject;
  }
  const comparison = compare(node, old, merged);
  const conflicts = findConflicts(all, self, comparison);
  if (conflicts.length && !isForced) throw createConflict(conflicts);
  takeFromOthers(all, self, comparison);
  const isSame = live !== undefined && previous?.fields.equals(fields) && isEqual(old, merged);
  if (!isSame) self.time = timeOf(nowMs);
  const managedFields = encodeManagers(all);
  return { object: { ...merged, metadata: { ...merged.metadata, managedFields } } };
}
