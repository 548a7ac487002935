// From a body to an object of a kind: media type, apiVersion and kind, field validation.
import { createBadRequest } from '../errors.ts';
import { BodyFault, bodyTypes, parseBody, summarize } from '../body.ts';
import { scanJson } from '../json-scan.ts';
import { ensureMediaType } from '../negotiation.ts';
import { isRecord } from '../objects.ts';
import { apiVersionOf, isBuiltIn, splitApiVersion } from '../registry.ts';
import type { Registry } from '../registry.ts';
import type { ApiObject, Kind } from '../types.ts';
import { parseFieldValidation } from './options.ts';
import type { OptionsKind } from './options.ts';
import type { ApiRequest, ServerContext } from './request.ts';

const maxWarnings = 32;

/** What a server's scheme says of a kind that it does not know; `asked` is the kind that was expected. */
export const createNotRegistered = (asked: Kind, apiVersion: string, kind: string): string =>
  `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:${isBuiltIn(asked) ? 110 : 111}"`;

const cannotBeHandled = (kind: Kind, why: string, named = kind.kind, version = kind.version) =>
  createBadRequest(`${named} in version ${JSON.stringify(version)} cannot be handled as a ${kind.kind}: ${why}`);

/** Go's package of a group's internal types. */
const internalPackage = (group: string) => group.split('.')[0] || 'core';

/** Throws 400 when the body names another kind than its address. */
function ensureKind(registry: Registry, value: Record<string, unknown>, kind: Kind): void {
  const expected = apiVersionOf(kind);
  for (const field of ['kind', 'apiVersion']) {
    if (value[field] == null || typeof value[field] === 'string') continue;
    throw cannotBeHandled(
      kind,
      `json: cannot unmarshal ${typeof value[field]} into Go struct field .${field} of type string`,
    );
  }
  const named = (value['kind'] as string | null) || kind.kind;
  const apiVersion = (value['apiVersion'] as string | null) || expected;
  value['kind'] = named;
  value['apiVersion'] = apiVersion;
  if (named === kind.kind && apiVersion === expected) return;
  const { version } = splitApiVersion(apiVersion);
  const other = registry.findByKind(apiVersion, named);
  // Kubernetes' server and an extension API server do not know each other's kinds.
  if (!other || isBuiltIn(other) !== isBuiltIn(kind)) {
    throw cannotBeHandled(kind, createNotRegistered(kind, apiVersion, named), named, version);
  }
  if (named !== kind.kind) {
    const internal = `${internalPackage(kind.group)}.${kind.kind}`;
    throw cannotBeHandled(
      kind,
      `converting (${version}.${named}) to (${internal}): unknown conversion`,
      named,
      version,
    );
  }
  throw createBadRequest(
    `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
  );
}

const unrecognized = (kind: Kind, why: string, body: Buffer) =>
  createBadRequest(`the object provided is unrecognized (must be of type ${kind.kind}): ${why} (${summarize(body)})`);

const headType = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

async function parseObject(kind: Kind, mediaType: string, body: Buffer): Promise<Record<string, unknown>> {
  const prefix = mediaType === 'application/json' ? "couldn't get version/kind; json parse error: " : '';
  let value: unknown;
  try {
    value = await parseBody(mediaType, body);
  } catch (error) {
    if (error instanceof BodyFault) throw unrecognized(kind, prefix + error.message, body);
    throw error;
  }
  if (value === null) return {};
  if (isRecord(value)) return value;
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  throw unrecognized(kind, `${prefix}json: cannot unmarshal ${type} into Go value of type ${headType}`, body);
}

/** The object in a body. Throws 400, 413, 415. */
export async function decodeObject(
  context: ServerContext,
  request: ApiRequest,
  kind: Kind,
  optionsKind: OptionsKind,
): Promise<ApiObject> {
  const mediaType = ensureMediaType(request.contentType, bodyTypes);
  const validation = parseFieldValidation(request.info.query, optionsKind);
  const body = await request.readBody();
  const value = await parseObject(kind, mediaType, body);
  ensureKind(context.registry, value, kind);
  const { unknown, typeErrors } = context.schemas.check(kind.schemaName, value);
  if (typeErrors[0] !== undefined) throw cannotBeHandled(kind, typeErrors[0]);
  const isJson = mediaType === 'application/json' && validation !== 'Ignore';
  const duplicates = isJson ? scanJson(body.toString('utf8')).duplicates : [];
  const faults = [...unknown, ...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`)];
  if (faults.length && validation === 'Strict') {
    throw cannotBeHandled(kind, `strict decoding error: ${faults.join(', ')}`);
  }
  if (validation === 'Warn') faults.slice(0, maxWarnings).forEach((fault) => request.warn(fault));
  if (unknown.length) context.schemas.prune(kind.schemaName, value);
  value['metadata'] ??= {};
  return value as ApiObject;
}
