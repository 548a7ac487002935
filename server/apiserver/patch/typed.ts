// Objects as trees of fields by their schema: which paths they have, what differs, how they merge.
// Models sigs.k8s.io/structured-merge-diff/typed.
import type { SchemaNode } from '../schema.ts';
import { FieldSet, type PathElement } from './field-set.ts';
import { isEqual, isFields, type Fields } from './fields.ts';

type Node = SchemaNode | undefined;

/** Maps whose members are owned one by one; what has no schema is such a map too. */
export const isGranularMap = (node: Node, value: unknown): value is Fields =>
  isFields(value) && !node?.isAtomicMap && (!node || ['struct', 'map', 'any'].includes(node.kind));

/** Lists whose elements are owned one by one. */
export const isGranularList = (node: Node, value: unknown): value is unknown[] =>
  Array.isArray(value) && node?.kind === 'list' && node.listType !== 'atomic';

/** The path element of an element of a granular list; keys that are left out take the schema's default. */
export function elementOf(node: SchemaNode, item: unknown): PathElement {
  if (node.listType === 'set' || !isFields(item)) return `v:${JSON.stringify(item)}`;
  const keys: Fields = {};
  for (const key of [...node.listKeys].sort()) {
    const value = item[key] ?? node.items?.field(key)?.defaultValue;
    if (value !== undefined) keys[key] = value;
  }
  return `k:${JSON.stringify(keys)}`;
}

export const fieldOf = (node: Node, name: string): Node => (node?.kind === 'any' ? undefined : node?.field(name));

/** The members of a value that is owned piece by piece; undefined for a leaf. */
function membersOf(node: Node, value: unknown): [PathElement, Node, unknown][] | undefined {
  if (isGranularMap(node, value))
    return Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [`f:${name}`, fieldOf(node, name), member]);
  if (node && isGranularList(node, value)) return value.map((item) => [elementOf(node, item), node.items, item]);
  return undefined;
}

/** The paths that an applied configuration claims. */
export function fieldSetOf(node: Node, value: unknown): FieldSet {
  const set = new FieldSet();
  const members = membersOf(node, value);
  if (!members) {
    set.isMember = true;
    return set;
  }
  const isKnown = (element: PathElement) => node?.kind === 'struct' && node.field(element.slice(2)) !== undefined;
  for (const [element, child, member] of members) {
    const nested = fieldSetOf(child, member);
    const isEmptyMap = isFields(member) && Object.keys(member).length === 0;
    // Empty lists of pieces claim nothing; keys of maps and elements of lists are claimed beside what is in them.
    nested.isMember ||= isEmptyMap || !isKnown(element);
    if (nested.isMember || nested.children.size) set.children.set(element, nested);
  }
  return set;
}

export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

const isEmptyValue = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

function compareInto(result: Comparison, path: PathElement[], node: Node, before: unknown, after: unknown): void {
  const beforeMembers = membersOf(node, before);
  const afterMembers = membersOf(node, after);
  const isLeaf = (!beforeMembers && !afterMembers) || (isEmptyValue(before) && isEmptyValue(after));
  if (before === undefined) result.added.insert(path);
  else if (after === undefined) result.removed.insert(path);
  else if (isLeaf && !isEqual(before, after)) result.modified.insert(path);
  if (isLeaf) return;
  const others = new Map((afterMembers ?? []).map((member) => [member[0], member]));
  for (const [element, child, value] of beforeMembers ?? []) {
    compareInto(result, [...path, element], child, value, others.get(element)?.[2]);
    others.delete(element);
  }
  for (const [element, child, value] of others.values())
    compareInto(result, [...path, element], child, undefined, value);
}

export function compare(node: SchemaNode, before: object, after: object): Comparison {
  const result = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() };
  compareInto(result, [], node, before, after);
  return result;
}

/** Elements of `applied` come in its order; the others of `live` keep their places around them. */
function mergeLists(node: SchemaNode, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const liveByElement = new Map(live.map((item) => [elementOf(node, item), item]));
  const rest = new Map(applied.map((item) => [elementOf(node, item), item]));
  const shared = [...rest.keys()].filter((element) => liveByElement.has(element));
  const merged: unknown[] = [];
  const takeThrough = (last: PathElement) => {
    for (const [element, item] of [...rest]) {
      merged.push(mergeValues(node.items, liveByElement.get(element), item));
      rest.delete(element);
      if (element === last) return;
    }
  };
  for (const [element, item] of liveByElement) {
    if (!shared.includes(element)) merged.push(item);
    else if (rest.has(element) && element === shared.find((other) => rest.has(other))) takeThrough(element);
  }
  for (const element of [...rest.keys()]) takeThrough(element);
  return merged;
}

/** `live` overlaid with `applied`; neither is changed. */
export function mergeValues(node: Node, live: unknown, applied: unknown): unknown {
  if (isGranularMap(node, live) && isGranularMap(node, applied)) {
    const merged: Fields = { ...live };
    for (const [name, value] of Object.entries(applied))
      merged[name] = mergeValues(fieldOf(node, name), live[name], value);
    return merged;
  }
  if (node && isGranularList(node, live) && isGranularList(node, applied)) return mergeLists(node, live, applied);
  return applied;
}

/** Without the members of `set`, and all beneath them; `value` is not changed. Undefined when nothing is left. */
export function withoutFields(node: Node, value: unknown, set: FieldSet): unknown {
  if (isGranularMap(node, value)) {
    const kept = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
      const removed = set.children.get(`f:${name}`);
      if (!removed) return [[name, member]];
      if (removed.isMember) return [];
      const rest = withoutFields(fieldOf(node, name), member, removed);
      return rest === undefined ? [] : [[name, rest]];
    });
    return kept.length ? Object.fromEntries(kept) : undefined;
  }
  if (!node || !isGranularList(node, value)) return value;
  const kept = value.flatMap((item) => {
    const removed = set.children.get(elementOf(node, item));
    if (!removed) return [item];
    const rest = removed.isMember ? undefined : withoutFields(node.items, item, removed);
    return rest === undefined ? [] : [rest];
  });
  return kept.length ? kept : undefined;
}
