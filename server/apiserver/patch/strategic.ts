// Strategic merge patch: a merge patch that knows lists by their keys, with its directives.
// Models k8s.io/apimachinery/pkg/util/strategicpatch/patch.go.
import { StatusError } from '../errors.ts';
import type { SchemaNode } from '../schema.ts';
import { isEqual, isFields, type Fields } from './fields.ts';

type Node = SchemaNode | undefined;

const setElementOrderPrefix = '$setElementOrder/';
const deleteListPrefix = '$deleteFromPrimitiveList/';
const isDirective = (name: string): boolean =>
  name === '$patch' ||
  name === '$retainKeys' ||
  name.startsWith(setElementOrderPrefix) ||
  name.startsWith(deleteListPrefix);

/** As Go prints a map: the words of an error. */
const inGo = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inGo).join(' ')}]`;
  if (!isFields(value)) return value === null ? '<nil>' : String(value);
  const members = Object.keys(value).sort();
  return `map[${members.map((name) => `${name}:${inGo(value[name])}`).join(' ')}]`;
};
const createFault = (message: string): StatusError => new StatusError(500, '', message);

/** What is new to the object, without directives and nulls. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value))
    return value.filter((item) => !isFields(item) || item['$patch'] !== 'delete').map(withoutDirectives);
  if (!isFields(value)) return value;
  const members = Object.entries(value).filter(([name, member]) => !isDirective(name) && member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutDirectives(member)]));
}

const sameElement = (mergeKey: string | undefined) => (a: unknown, b: unknown) =>
  mergeKey ? isFields(a) && isFields(b) && isEqual(a[mergeKey], b[mergeKey]) : isEqual(a, b);

/** Elements that `order` names stand as it says; the others keep their place among those that the server knew. */
function ordered(merged: readonly unknown[], order: readonly unknown[], server: readonly unknown[], mergeKey?: string) {
  const isSame = sameElement(mergeKey);
  const indexIn = (list: readonly unknown[], item: unknown) => list.findIndex((other) => isSame(other, item));
  const named = merged.filter((item) => indexIn(order, item) >= 0);
  named.sort((a, b) => indexIn(order, a) - indexIn(order, b));
  const rest = merged.filter((item) => indexIn(order, item) < 0);
  rest.sort((a, b) => indexIn(server, a) - indexIn(server, b));
  const result: unknown[] = [];
  while (rest.length && named.length) {
    const [left, right] = [indexIn(server, rest[0]), indexIn(server, named[0])];
    result.push(left >= 0 && right >= 0 && left < right ? rest.shift() : named.shift());
  }
  return [...result, ...rest, ...named];
}

function ensureMergeKey(item: unknown, mergeKey: string): asserts item is Fields {
  if (!isFields(item) || item[mergeKey] === undefined)
    throw createFault(`map: ${inGo(item)} does not contain declared merge key: ${mergeKey}`);
}

function mergeKeyedList(original: unknown[], patch: unknown[], items: Node, mergeKey: string): unknown[] {
  if (patch.some((item) => isFields(item) && item['$patch'] === 'replace'))
    return patch.filter((item) => !isFields(item) || item['$patch'] !== 'replace').map(withoutDirectives);
  const isSame = sameElement(mergeKey);
  let merged = [...original];
  for (const item of patch) {
    ensureMergeKey(item, mergeKey);
    const at = merged.findIndex((other) => isSame(other, item));
    const directive = item['$patch'];
    if (directive === 'delete') merged = merged.filter((other) => !isSame(other, item));
    else if (directive !== undefined && directive !== 'merge')
      throw createFault(`unknown patch type: ${inGo(directive)} in map: ${inGo(item)}`);
    else if (at < 0) merged.push(withoutDirectives(item));
    else merged[at] = mergeMap(merged[at] as Fields, item, items);
  }
  return ordered(merged, patch, original, mergeKey);
}

function mergeList(original: unknown[], patch: unknown[], node: Node): unknown[] {
  if (!node?.patchStrategies.includes('merge')) return withoutDirectives(patch) as unknown[];
  if (node.patchMergeKey) return mergeKeyedList(original, patch, node.items, node.patchMergeKey);
  const primitives = patch.filter((item) => !isFields(item));
  const added = primitives.filter((item) => !original.some((other) => isEqual(other, item)));
  return ordered([...original, ...added], primitives, original);
}

/** Applies `$setElementOrder/x` together with the patch of `x`; returns the names that are dealt with. */
function applyElementOrders(original: Fields, patch: Fields, node: Node): Set<string> {
  const done = new Set<string>();
  for (const [directive, order] of Object.entries(patch)) {
    if (!directive.startsWith(setElementOrderPrefix) || !Array.isArray(order)) continue;
    const name = directive.slice(setElementOrderPrefix.length);
    const field = node?.field(name);
    const [current, change] = [original[name], patch[name]];
    const server = Array.isArray(current) ? current : [];
    const merged = Array.isArray(change) ? mergeList(server, change, field) : server;
    if (Array.isArray(change)) done.add(name);
    if (merged.length || Array.isArray(current)) original[name] = ordered(merged, order, server, field?.patchMergeKey);
  }
  return done;
}

function mergeField(original: Fields, name: string, change: unknown, node: Node): void {
  const current = original[name];
  if (change === null) delete original[name];
  else if (isFields(current) && isFields(change)) {
    const isReplaced = node?.patchStrategies.includes('replace') ?? false;
    original[name] = isReplaced ? withoutDirectives(change) : mergeMap(current, change, node);
  } else if (Array.isArray(current) && Array.isArray(change)) original[name] = mergeList(current, change, node);
  else original[name] = withoutDirectives(change);
}

function mergeMap(original: Fields, patch: Fields, node: Node): Fields {
  const directive = patch['$patch'];
  if (directive === 'replace') return withoutDirectives(patch) as Fields;
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge')
    throw createFault(`unknown patch type: ${inGo(directive)} in map: ${inGo(patch)}`);
  const retained = patch['$retainKeys'];
  if (Array.isArray(retained))
    for (const name of Object.keys(original)) if (!retained.includes(name)) delete original[name];
  const done = applyElementOrders(original, patch, node);
  for (const [name, change] of Object.entries(patch)) {
    if (name.startsWith(deleteListPrefix)) removeFromList(original, name.slice(deleteListPrefix.length), change);
    else if (!isDirective(name) && !done.has(name)) mergeField(original, name, change, node?.field(name));
  }
  return original;
}

function removeFromList(original: Fields, name: string, removed: unknown): void {
  const current = original[name];
  if (Array.isArray(current) && Array.isArray(removed))
    original[name] = current.filter((item) => !removed.some((other) => isEqual(other, item)));
}

/** Changes and returns `original`. Throws StatusError 500 for directives that do not exist, as Kubernetes does. */
export function mergeStrategically(original: Fields, patch: Fields, node: SchemaNode): Fields {
  return mergeMap(original, patch, node);
}
