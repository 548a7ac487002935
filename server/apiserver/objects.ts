// Objects as values: deep-frozen in the store, copied before a write, compared and weighed without serializing.

/** Freezes `value` and all below it; subtrees that are frozen already are shared as they are. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const key of Object.keys(value)) deepFreeze((value as Record<string, unknown>)[key]);
  return Object.freeze(value);
}

/** A deep copy of JSON-like data that may be written to. */
export function deepCopy<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(deepCopy) as T;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) copy[key] = deepCopy(member);
  }
  return copy as T;
}

/** The value with its frozen parts copied, so that all of it may be written to; the rest is changed in place. */
export function thaw<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Object.isFrozen(value)) return deepCopy(value);
  const members = value as Record<string, unknown>;
  for (const key of Object.keys(members)) {
    const thawed = thaw(members[key]);
    if (thawed !== members[key]) members[key] = thawed;
  }
  return value;
}

/** Equality of JSON-like data; a member that is undefined counts as absent. */
export function isDeepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (Array.isArray(a))
    return a.length === (b as unknown[]).length && a.every((v, i) => isDeepEqual(v, (b as unknown[])[i]));
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const count = (o: Record<string, unknown>) => Object.keys(o).filter((key) => o[key] !== undefined).length;
  return count(left) === count(right) && Object.keys(left).every((key) => isDeepEqual(left[key], right[key]));
}

/** Roughly how many bytes a value takes as JSON. */
export function weigh(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 6;
  let bytes = 2;
  if (Array.isArray(value)) for (const member of value) bytes += weigh(member) + 1;
  else for (const key of Object.keys(value)) bytes += key.length + 4 + weigh((value as Record<string, unknown>)[key]);
  return bytes;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads `a.b.c`. */
export function getPath(object: unknown, path: readonly string[]): unknown {
  let value = object;
  for (const key of path) {
    if (!isRecord(value)) return undefined;
    value = value[key];
  }
  return value;
}

/** Writes `a.b.c`, making what lies between; `undefined` removes it. */
export function setPath(object: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let parent = object;
  for (const key of path.slice(0, -1)) {
    if (!isRecord(parent[key])) {
      if (value === undefined) return;
      parent[key] = {};
    }
    parent = parent[key] as Record<string, unknown>;
  }
  const last = path[path.length - 1];
  if (last === undefined) return;
  if (value === undefined) delete parent[last];
  else parent[last] = value;
}

/** `2026-01-01T00:00:00Z`: Kubernetes' times have whole seconds. */
export const toTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
