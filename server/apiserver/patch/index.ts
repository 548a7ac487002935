// Patches: one way in for JSON patch, merge patch and strategic merge patch; server-side apply has its own.
import { createBadRequest, createInvalid, StatusError } from '../errors.ts';
import type { Schemas } from '../schema.ts';
import { applyJsonPatch } from './json.ts';
import { isFields, type Fields } from './fields.ts';
import { mergeStrategically } from './strategic.ts';

export { applyServerSide, type ApplyRequest } from './apply.ts';
export { trackUpdate, type TrackRequest } from './track.ts';

export const patchContentTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
] as const;

export interface PatchContext {
  schemas: Schemas;
  schemaName: string;
}

const goTypeOf = (value: unknown): string => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);

/** What Go's decoder says about text that is no JSON. */
function jsonFault(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    if (/Unexpected end|Unterminated string|Expected .* in JSON at position/.test(message) && isCutOff(text, message))
      return 'unexpected end of JSON input';
    const token = /Unexpected token '?(.)'?/.exec(message)?.[1] ?? text.charAt(positionOf(message));
    return `invalid character '${token}' looking for beginning of value`;
  }
}

const positionOf = (message: string): number => Number(/position (\d+)/.exec(message)?.[1] ?? 0);
const isCutOff = (text: string, message: string): boolean =>
  !message.includes('position') || positionOf(message) >= text.length;

function parse(text: string, faultPrefix: string): unknown {
  const fault = jsonFault(text);
  if (fault) throw createBadRequest(faultPrefix + fault);
  return JSON.parse(text);
}

function parseMap(text: string, faultPrefix: string): Fields {
  const value = parse(text, faultPrefix);
  if (value === null && faultPrefix) throw createBadRequest('Invalid JSON Patch');
  if (!isFields(value))
    throw createBadRequest(
      `${faultPrefix}json: cannot unmarshal ${goTypeOf(value)} into Go value of type map[string]interface {}`,
    );
  return value;
}

/** RFC 7386, in place. */
export function mergePatch(target: Fields, patch: Fields): void {
  for (const [name, value] of Object.entries(patch)) {
    const current = Object.hasOwn(target, name) ? target[name] : undefined;
    if (value === null) delete target[name];
    else if (isFields(value)) {
      const member = isFields(current) ? current : {};
      mergePatch(member, value);
      define(target, name, member);
    } else define(target, name, value);
  }
}

/** A key named `__proto__` is data like any other. */
const define = (target: Fields, name: string, value: unknown): void => {
  if (name === '__proto__') Object.defineProperty(target, name, { value, enumerable: true, configurable: true });
  else target[name] = value;
};

/**
 * The object that a patch makes of `object`, which stays as it is. `patch` is the body's text. Neither checks nor defaults the result:
 * see `createPatchedInvalid` for what a result of wrong types is answered with.
 * Throws StatusError 400 (no such JSON), 415 (unknown media type), 422 (an operation that does not fit), 500 (unknown $patch directive).
 */
export function applyPatch<T extends object>(contentType: string, patch: string, object: T, context: PatchContext): T {
  const copy = structuredClone(object);
  switch (contentType.split(';')[0]?.trim().toLowerCase()) {
    case 'application/json-patch+json':
      return applyJsonPatch(parse(patch, 'error decoding patch: '), copy);
    case 'application/merge-patch+json':
      mergePatch(copy as Fields, parseMap(patch, 'error decoding patch: '));
      return copy;
    case 'application/strategic-merge-patch+json':
      return mergeStrategically(copy as Fields, parseMap(patch, ''), context.schemas.nodeAt(context.schemaName)) as T;
    default:
      throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  }
}

/** For a patched object that does not decode; `fault` is the first type error. Models apiserver/pkg/endpoints/handlers/patch.go. */
export function createPatchedInvalid(patched: object, fault: string): StatusError {
  const error = { type: 'FieldValueInvalid', path: 'patch', value: JSON.stringify(patched), detail: fault } as const;
  return createInvalid({ group: '', kind: '' }, '', [error]);
}
