// Who manages which fields: entries of metadata.managedFields as sets, and back.
import { formatTime } from '../schema-values.ts';
import type { ApiObject, ManagedFieldsEntry } from '../types.ts';
import { FieldSet, type FieldsV1, type PathElement } from './field-set.ts';

export interface Manager {
  name: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource: string;
  time: string | undefined;
  fields: FieldSet;
}

export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Manager[] {
  return (entries ?? [])
    .filter(({ fieldsV1, operation }) => fieldsV1 && operation)
    .map(({ manager, operation, apiVersion, time, fieldsV1, subresource = '' }) => {
      const fields = FieldSet.fromFieldsV1(fieldsV1 as FieldsV1);
      fields.isMember = false;
      return { name: manager, operation, apiVersion, subresource, time, fields };
    });
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Sorted as Kubernetes does; managers without fields are left out. */
export function encodeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] {
  const entries = managers
    .filter(({ fields }) => !fields.isEmpty)
    .map(({ name, operation, apiVersion, subresource, time, fields }): ManagedFieldsEntry => ({
      manager: name,
      operation,
      apiVersion,
      ...(time && { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: fields.toFieldsV1(),
      ...(subresource && { subresource }),
    }));
  return entries.sort(
    (a, b) =>
      compareTexts(a.operation, b.operation) ||
      compareTexts(a.time ?? '', b.time ?? '') ||
      compareTexts(a.manager, b.manager) ||
      compareTexts(a.apiVersion, b.apiVersion) ||
      compareTexts(a.subresource ?? '', b.subresource ?? ''),
  );
}

/** An applier is the same whatever version it applies; an updater is not. */
export const isSameManager = (a: Omit<Manager, 'fields' | 'time'>, b: Omit<Manager, 'fields' | 'time'>): boolean =>
  a.name === b.name &&
  a.operation === b.operation &&
  a.subresource === b.subresource &&
  (a.operation === 'Apply' || a.apiVersion === b.apiVersion);

// Models managedfields/internal/stripmeta.go: what the server itself decides on is nobody's.
const strippedMeta = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
];
const strippedPaths: PathElement[][] = [
  ['f:apiVersion'],
  ['f:kind'],
  ...strippedMeta.map((name) => ['f:metadata', `f:${name}`]),
];

/** `ignoredFields`: top-level fields that this way of writing resets, such as `status`. */
export function strip(set: FieldSet, ignoredFields: readonly string[]): FieldSet {
  for (const path of strippedPaths) set.removeTree(path);
  for (const field of ignoredFields) set.removeTree([`f:${field}`]);
  const metadata = set.children.get('f:metadata');
  if (metadata) metadata.isMember = false;
  if (metadata?.isEmpty) set.children.delete('f:metadata');
  return set;
}

export const timeOf = (nowMs: number): string => formatTime(nowMs);

/** The object as its managers see it: without the list of managers. */
export function withoutManagedFields(object: ApiObject): ApiObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
