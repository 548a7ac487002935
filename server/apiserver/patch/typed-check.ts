// Whether an applied configuration fits its schema, in the words of server-side apply.
import { StatusError } from '../errors.ts';
import type { SchemaNode } from '../schema.ts';
import type { ApiObject } from '../types.ts';
import { formatPath, type PathElement } from './field-set.ts';
import { isFields } from './fields.ts';
import { elementOf } from './typed.ts';

const expectations: Partial<Record<SchemaNode['kind'], [expected: string, types: readonly string[]]>> = {
  string: ['string', ['string']],
  time: ['string', ['string']],
  microTime: ['string', ['string']],
  duration: ['string', ['string']],
  bytes: ['string', ['string']],
  boolean: ['boolean', ['boolean']],
  integer: ['numeric (int or float)', ['number']],
  number: ['numeric (int or float)', ['number']],
  quantity: ['untyped', ['string', 'number']],
  intOrString: ['untyped', ['string', 'number']],
};

const shown = (value: unknown, expected: string): string => {
  const type = Array.isArray(value) ? 'list' : typeof value === 'object' ? 'map' : typeof value;
  return expected.startsWith('numeric') ? type : `&value.valueUnstructured{Value:${JSON.stringify(value)}}`;
};

function check(node: SchemaNode, value: unknown, path: PathElement[], faults: string[]): void {
  const say = (text: string, at = path) => void faults.push(`${formatPath(at)}: ${text}`);
  if (value === null || value === undefined || node.kind === 'any') return;
  if (node.kind === 'list') {
    if (!Array.isArray(value)) return say(`expected list, got ${shown(value, 'list')}`);
    return checkItems(node, value, path, faults);
  }
  if (node.kind === 'struct' || node.kind === 'map') {
    if (!isFields(value)) return say(`expected map, got ${shown(value, 'map')}`);
    for (const [name, member] of Object.entries(value)) {
      const child = node.field(name);
      if (child) check(child, member, [...path, `f:${name}`], faults);
      else say('field not declared in schema', [...path, `f:${name}`]);
    }
    return;
  }
  const [expected, types] = expectations[node.kind] ?? ['', [typeof value]];
  if (!types.includes(typeof value)) say(`expected ${expected}, got ${shown(value, expected)}`);
}

function checkItems(node: SchemaNode, list: readonly unknown[], path: PathElement[], faults: string[]): void {
  const seen = new Set<PathElement>();
  const { items } = node;
  if (!items) return;
  for (const [index, item] of list.entries()) {
    const isAtomic = node.listType === 'atomic';
    const element = isAtomic ? `v:${index}` : elementOf(node, item);
    if (!isAtomic && seen.has(element))
      faults.push(`${formatPath(path)}: duplicate entries for key ${formatPath([element])}`);
    seen.add(element);
    check(items, item, [...path, element], faults);
  }
}

/** Throws StatusError 500 that tells all faults. Models apimachinery/pkg/util/managedfields/internal/structuredmerge.go. */
export function ensureTyped(node: SchemaNode, applied: ApiObject): void {
  const faults: string[] = [];
  check(node, applied, [], faults);
  if (!faults.length) return;
  const { namespace, name } = applied.metadata ?? {};
  const gv = applied.apiVersion.includes('/') ? applied.apiVersion : `/${applied.apiVersion}`;
  const list = faults.length === 1 ? faults[0] : `errors:\n${faults.map((fault) => `  ${fault}`).join('\n')}`;
  const id = `${namespace ?? ''}/${name ?? ''}; ${gv}, Kind=${applied.kind}`;
  throw new StatusError(500, '', `failed to create typed patch object (${id}): ${list}`);
}
