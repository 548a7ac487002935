// Objects as a client asked for them: whole, as a Table, or metadata alone; and text made once for all who ask for the same.
import { stringify } from 'yaml';
import type { Tags } from 'yaml';
import { createBadRequest } from './errors.ts';
import type { Accepted, Representation } from './negotiation.ts';
import { apiVersionOf } from './registry.ts';
import { toTable } from './table.ts';
import type { ApiObject, Kind } from './types.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface ListMeta {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

/** Throws 400; what is no Table does not ask. */
export function parseIncludeObject(query: URLSearchParams, representation: Representation): IncludeObject {
  const value = query.get('includeObject') || 'Metadata';
  if (representation !== 'table') return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw createBadRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`,
  );
}

const metadataOnly = ({ metadata }: ApiObject) => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata,
});

/** kind and apiVersion first, as Kubernetes writes them. */
const whole = ({ kind, apiVersion, ...rest }: ApiObject) => ({ kind, apiVersion, ...rest });

export function represent(
  kind: Kind,
  object: ApiObject,
  representation: Representation,
  options: { nowMs: number; includeObject: IncludeObject },
): object {
  if (representation === 'metadata') return metadataOnly(object);
  if (representation === 'object') return whole(object);
  return toTable(kind, [object], { ...options, listMeta: { resourceVersion: object.metadata.resourceVersion } });
}

export function representList(
  kind: Kind,
  objects: readonly ApiObject[],
  listMeta: ListMeta,
  representation: Representation,
  options: { nowMs: number; includeObject: IncludeObject },
): object {
  if (representation === 'table') return toTable(kind, objects, { ...options, listMeta: { ...listMeta } });
  if (representation === 'metadata') {
    const items = objects.length ? objects.map(({ metadata }) => ({ metadata })) : null;
    return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: listMeta, items };
  }
  const items = objects.map(({ kind: _kind, apiVersion: _apiVersion, ...rest }) => rest);
  return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata: listMeta, items };
}

export const contentTypeOf = ({ format }: Pick<Accepted, 'format'>): string =>
  format === 'yaml' ? 'application/yaml' : 'application/json';

// A dot alone, as managedFields have it, is no number to Go's YAML.
const float = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9_]+)$/;
const withStrictFloat = (tags: Tags): Tags =>
  tags.map((tag) => (typeof tag === 'object' && 'test' in tag && tag.test?.test('.') ? { ...tag, test: float } : tag));

// As Go's YAML looks: keys sorted, lists not indented, quotes around what YAML 1.1 would read as something else.
const yamlStyle = {
  lineWidth: 0,
  sortMapEntries: true,
  indentSeq: false,
  version: '1.1',
  customTags: withStrictFloat,
} as const;

export const serialize = (value: object, format: Accepted['format']): string =>
  format === 'yaml' ? stringify(value, yamlStyle) : `${JSON.stringify(value)}\n`;
