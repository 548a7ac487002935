// Ordinary writes: whoever changes a field manages it from then on.
// Models sigs.k8s.io/structured-merge-diff/merge Updater.Update and apimachinery/pkg/util/managedfields.
import type { SchemaNode, Schemas } from '../schema.ts';
import type { ApiObject, ManagedFieldsEntry } from '../types.ts';
import type { FieldSet } from './field-set.ts';
import { isFields } from './fields.ts';
import {
  decodeManagers,
  encodeManagers,
  isSameManager,
  strip,
  timeOf,
  withoutManagedFields,
  type Manager,
} from './managed-fields.ts';
import { compare, type Comparison } from './typed.ts';

export interface TrackRequest {
  manager: string;
  /** Absent on create. */
  before: ApiObject | undefined;
  /** As it will be stored, defaults and all; its own managedFields count when it brings some. */
  after: ApiObject;
  subresource?: string;
  apiVersion: string;
  schemas: Schemas;
  schemaName: string;
  nowMs: number;
  /** Top-level fields that a write of this kind resets, such as `status`: nobody comes to manage them through it. */
  ignoredFields?: readonly string[];
}

/** Lists and maps that are never omitted are null as long as they are not set. */
function addNulls(node: SchemaNode | undefined, object: Record<string, unknown>): void {
  for (const name of node?.fieldNames ?? []) {
    const child = node?.field(name);
    const value = object[name];
    const isNull = value === undefined && node?.isRequired(name) && (child?.kind === 'list' || child?.kind === 'map');
    if (isNull) object[name] = null;
    else if (isFields(value)) addNulls(child, value);
  }
}

/** What an object is before it exists: the zero values that decoding gives. */
export function emptyObject(schemas: Schemas, schemaName: string, like: ApiObject): ApiObject {
  const empty = { apiVersion: like.apiVersion, kind: like.kind, metadata: {} } as ApiObject;
  schemas.applyDefaults(schemaName, empty);
  addNulls(schemas.nodeAt(schemaName), empty);
  return empty;
}

/** The managers that a write goes by: those that the client sends, unless it sends none or writes a subresource. */
function managersOf(before: ApiObject | undefined, after: ApiObject, subresource: string): Manager[] {
  const sent = after.metadata.managedFields;
  const isReset = sent?.length === 1 && Object.keys(sent[0] ?? {}).length === 0;
  if (isReset && !subresource) return [];
  const stored = before?.metadata.managedFields;
  return decodeManagers(subresource || !sent?.length ? stored : sent);
}

/** Takes from the others what they no longer have a say in; throws nothing: an update wins. */
export function takeFromOthers(managers: readonly Manager[], self: Manager, { added, modified, removed }: Comparison) {
  const changed = added.union(modified).union(removed);
  for (const other of managers) if (other !== self) other.fields = other.fields.difference(changed);
}

/** The entry that changes were made under, made if there is none. */
export function entryOf(managers: Manager[], self: Omit<Manager, 'fields' | 'time'>, fields: FieldSet): Manager {
  const known = managers.find((other) => isSameManager(other, self));
  if (known) return known;
  const entry = { ...self, time: undefined, fields };
  managers.push(entry);
  return entry;
}

export function trackUpdate(request: TrackRequest): ManagedFieldsEntry[] {
  const { manager, before, after, subresource = '', apiVersion, schemas, schemaName, nowMs } = request;
  const old = before ?? emptyObject(schemas, schemaName, after);
  const node = schemas.nodeAt(schemaName);
  const comparison = compare(node, withoutManagedFields(old), withoutManagedFields(after));
  for (const set of Object.values(comparison) as FieldSet[]) strip(set, request.ignoredFields ?? []);
  const managers = managersOf(before, after, subresource);
  const claimed = comparison.added.union(comparison.modified);
  const self = { name: manager, operation: 'Update', apiVersion, subresource } as const;
  if (claimed.isEmpty && comparison.removed.isEmpty) return encodeManagers(managers);
  const entry = entryOf(managers, self, claimed);
  takeFromOthers(managers, entry, comparison);
  const fields = entry.fields.difference(comparison.removed).union(claimed);
  // A write that changes nothing of its own leaves the time as it was.
  if (!entry.time || !claimed.isEmpty) entry.time = timeOf(nowMs);
  entry.fields = fields;
  return encodeManagers(managers);
}
