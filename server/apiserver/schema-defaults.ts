// What decoding into Go types and encoding again does to an object: defaults, zero values, canonical forms, unknown fields dropped.
import type { SchemaNode } from './schema.ts';
import { canonicalDuration, canonicalQuantity, canonicalTime } from './schema-values.ts';

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEmpty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length === 0 : isFields(value) && Object.keys(value).length === 0;

/** Lists and maps are never pointers in Go, so an empty one that may be omitted is omitted. */
const isOmitted = (parent: SchemaNode, name: string, child: SchemaNode, value: unknown): boolean =>
  parent.kind === 'struct' &&
  (child.kind === 'list' || child.kind === 'map') &&
  !parent.isRequired(name) &&
  isEmpty(value);

const copyOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? structuredClone(value) : value;

function normaliseValue(node: SchemaNode, value: unknown): unknown {
  switch (node.kind) {
    case 'struct':
    case 'map':
      if (isFields(value)) normaliseFields(node, value);
      return value;
    case 'list':
      return Array.isArray(value) && node.items ? normaliseItems(node.items, value) : value;
    case 'quantity':
      return typeof value === 'string' || typeof value === 'number' ? canonicalQuantity(value) : value;
    case 'duration':
      return typeof value === 'string' ? canonicalDuration(value) : value;
    case 'time':
      return typeof value === 'string' ? canonicalTime(value) : value;
    default:
      return value;
  }
}

function normaliseItems(items: SchemaNode, list: unknown[]): unknown[] {
  for (const [index, item] of list.entries())
    list[index] = normaliseValue(items, item === null ? copyOf(items.defaultValue) : item);
  return list;
}

function normaliseFields(node: SchemaNode, object: Fields): void {
  for (const [name, value] of Object.entries(object)) {
    const child = node.field(name);
    if (!child) continue;
    if (value === null && child.kind !== 'any') {
      // A map keeps its key, with the zero value; a struct's field goes, and may come back as its default.
      if (node.kind === 'map' && child.defaultValue !== undefined) object[name] = copyOf(child.defaultValue);
      else delete object[name];
      continue;
    }
    const normal = normaliseValue(child, value);
    if (isOmitted(node, name, child, normal)) delete object[name];
    else if (normal !== value) object[name] = normal;
  }
  for (const name of node.defaultedFields) {
    if (object[name] !== undefined) continue;
    const child = node.field(name);
    if (child) object[name] = normaliseValue(child, copyOf(child.defaultValue));
  }
}

export function normaliseObject(node: SchemaNode, object: object): void {
  normaliseFields(node, object as Fields);
}

function pruneValue(node: SchemaNode, value: unknown): void {
  if (Array.isArray(value)) {
    const { items } = node;
    if (items) for (const item of value) pruneValue(items, item);
    return;
  }
  if (!isFields(value) || (node.kind !== 'struct' && node.kind !== 'map')) return;
  for (const [name, member] of Object.entries(value)) {
    const child = node.field(name);
    if (child) pruneValue(child, member);
    else delete value[name];
  }
}

export function pruneObject(node: SchemaNode, object: object): void {
  pruneValue(node, object);
}
