// JSON patch (RFC 6902) by a library, with the liberties that the Go library of Kubernetes takes.
import jsonPatch, { type Operation } from 'fast-json-patch';
import { createBadRequest, StatusError } from '../errors.ts';
import { isFields, type Fields } from './fields.ts';

const maxOperations = 10_000;

const createRejected = (): StatusError =>
  new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');

/** The value at a JSON pointer; undefined when there is none. */
function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const part of pointer.split('/').slice(1)) {
    const name = unescaped(part);
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Fields)[name];
  }
  return value;
}

/** Models gopkg.in/evanphx/json-patch.v4: replacing what a map does not hold adds it, a value that is not given is null. */
function toStrict(operation: Fields, document: unknown): Operation {
  const { op, path, from } = operation;
  if (typeof path !== 'string') throw createRejected();
  const pointer = path.startsWith('/') || path === '' ? path : `/${path.split('/').slice(1).join('/')}`;
  const value = operation['value'] ?? null;
  if (op === 'replace') {
    const parent = valueAt(document, pointer.slice(0, Math.max(0, pointer.lastIndexOf('/'))));
    return { op: isFields(parent) ? 'add' : 'replace', path: pointer, value };
  }
  if (op === 'copy' && typeof from === 'string' && valueAt(document, from) === undefined)
    return { op: 'add', path: pointer, value: null };
  return { ...operation, path: pointer, value } as Operation;
}

/** Changes and returns `object`. */
export function applyJsonPatch<T extends object>(patch: unknown, object: T): T {
  const refuse = (value: unknown, type: string) => {
    const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
    return createBadRequest(`error decoding patch: json: cannot unmarshal ${found} into Go value of type ${type}`);
  };
  if (!Array.isArray(patch)) throw refuse(patch, '[]handlers.jsonPatchOp');
  const foreign = patch.findIndex((operation) => !isFields(operation));
  if (foreign >= 0) throw refuse(patch[foreign], 'handlers.jsonPatchOp');
  if (patch.length > maxOperations)
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`,
    );
  let document = object;
  try {
    for (const operation of patch) {
      document = jsonPatch.applyOperation(document, toStrict(operation, document), true).newDocument;
    }
  } catch {
    throw createRejected();
  }
  if (!isFields(document)) throw createRejected();
  return document;
}
