// From a body to an object of a kind: media type, apiVersion and kind, field validation, query options of writes.
import { createBadRequest, StatusError } from '../errors.ts';
import { bodyTypes, parseBody } from '../body.ts';
import { ensureMediaType } from '../negotiation.ts';
import { isRecord } from '../objects.ts';
import { apiVersionOf } from '../registry.ts';
import type { WriteRequest } from '../rest/context.ts';
import type { Schemas } from '../schema.ts';
import type { ApiObject, Kind } from '../types.ts';
import type { ApiRequest } from './request.ts';

const maxManagerLength = 128;
const maxWarnings = 32;

/** 400 in Kubernetes' words; several values, or one that is not All. */
export function parseDryRun(query: URLSearchParams, optionsKind: string): boolean {
  const values = query.getAll('dryRun').filter((value) => value !== '');
  const wrong = values.find((value) => value !== 'All');
  if (wrong === undefined) return values.length > 0;
  throw new StatusError(
    422,
    'Invalid',
    `${optionsKind}.meta.k8s.io "" is invalid: dryRun: Unsupported value: ${JSON.stringify(wrong)}: supported values: "All"`,
    { group: 'meta.k8s.io', kind: optionsKind },
  );
}

/** The program's name when the client does not say: what stands before the first slash of User-Agent. */
export function managerOf({ info, userAgent }: Pick<ApiRequest, 'info' | 'userAgent'>, optionsKind: string): string {
  const given = info.query.get('fieldManager');
  if (given && given.length > maxManagerLength) {
    throw new StatusError(
      422,
      'Invalid',
      `${optionsKind}.meta.k8s.io "" is invalid: fieldManager: Invalid value: ${JSON.stringify(given)}: may not be more than ${maxManagerLength} bytes`,
      { group: 'meta.k8s.io', kind: optionsKind },
    );
  }
  return given || userAgent.split('/')[0]?.slice(0, maxManagerLength) || 'unknown';
}

export const createWriteRequest = (request: ApiRequest, optionsKind: string): WriteRequest => ({
  user: request.user,
  isDryRun: parseDryRun(request.info.query, optionsKind),
  fieldManager: managerOf(request, optionsKind),
  warn: (message) => request.warn(message),
});

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export function parseFieldValidation(query: URLSearchParams, optionsKind: string): FieldValidation {
  const value = query.get('fieldValidation') || 'Warn';
  if (value === 'Ignore' || value === 'Warn' || value === 'Strict') return value;
  throw new StatusError(
    422,
    'Invalid',
    `${optionsKind}.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: ${JSON.stringify(value)}: supported values: "Ignore", "Strict", "Warn"`,
    { group: 'meta.k8s.io', kind: optionsKind },
  );
}

const cannotBeHandled = (kind: Kind, why: string) =>
  createBadRequest(
    `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}: ${why}`,
  );

/** Throws 400 when the body names another kind than its address. */
function ensureKind(value: Record<string, unknown>, kind: Kind): void {
  const expected = apiVersionOf(kind);
  if (value['kind'] !== undefined && typeof value['kind'] !== 'string')
    throw cannotBeHandled(kind, 'kind must be a string');
  const named = (value['kind'] as string | undefined) || kind.kind;
  const version = (value['apiVersion'] as string | undefined) || expected;
  if (named !== kind.kind) {
    const short = version.includes('/') ? version.slice(version.indexOf('/') + 1) : version;
    throw createBadRequest(
      `${named} in version ${JSON.stringify(short)} cannot be handled as a ${kind.kind}: converting (${version}, Kind=${named}) to ${kind.kind}: unknown conversion`,
    );
  }
  if (version !== expected) {
    throw createBadRequest(
      `the API version in the data (${version}) does not match the expected API version (${expected})`,
    );
  }
  value['kind'] = kind.kind;
  value['apiVersion'] = expected;
}

/**
 * Checks types (400), reports what the schema does not know as the client wants it, and drops it. Changes `value`.
 * `createFault` words a refusal of strict validation.
 */
export function checkFields(
  schemas: Schemas,
  kind: Kind,
  value: ApiObject,
  validation: FieldValidation,
  warn: (message: string) => void,
): void {
  const { unknown, typeErrors } = schemas.check(kind.schemaName, value);
  if (typeErrors[0] !== undefined) throw cannotBeHandled(kind, typeErrors[0]);
  if (!unknown.length) return;
  if (validation === 'Strict') throw cannotBeHandled(kind, `strict decoding error: ${unknown.join(', ')}`);
  if (validation === 'Warn') unknown.slice(0, maxWarnings).forEach(warn);
  schemas.prune(kind.schemaName, value);
}

/** The object in a body. Throws 400, 413, 415. */
export async function decodeObject(
  request: ApiRequest,
  schemas: Schemas,
  kind: Kind,
  optionsKind: string,
): Promise<ApiObject> {
  const mediaType = ensureMediaType(request.contentType, bodyTypes);
  const validation = parseFieldValidation(request.info.query, optionsKind);
  const value = await parseBody(mediaType, await request.readBody());
  if (!isRecord(value)) {
    throw cannotBeHandled(
      kind,
      `json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type ${kind.version}.${kind.kind}`,
    );
  }
  ensureKind(value, kind);
  value['metadata'] ??= {};
  checkFields(schemas, kind, value as ApiObject, validation, (message) => request.warn(message));
  return value as ApiObject;
}
