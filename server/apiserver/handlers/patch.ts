// PATCH: JSON patch, merge patch, strategic merge patch and server-side apply.
import { BodyFault, parseBody } from '../body.ts';
import { createBadRequest, createInvalid, createUnsupportedPatch, invalid, required } from '../errors.ts';
import { mediaTypeOf, negotiate } from '../negotiation.ts';
import { isRecord, thaw } from '../objects.ts';
import { applyPatch, applyServerSide, createPatchedInvalid, patchContentTypes } from '../patch/index.ts';
import { apiVersionOf, splitApiVersion } from '../registry.ts';
import { ignoredFields } from '../rest/context.ts';
import type { WriteRequest } from '../rest/context.ts';
import { createObject } from '../rest/create.ts';
import { updateObject } from '../rest/update.ts';
import type { ApiObject, Kind } from '../types.ts';
import { createNotRegistered } from './decode.ts';
import { createInvalidOptions, createWriteRequest, parseFieldValidation } from './options.ts';
import type { FieldValidation } from './options.ts';
import type { Answer, KindRequest, ServerContext } from './request.ts';
import { answerWritten, bodyKind } from './write.ts';

const applyType = 'application/apply-patch+yaml';
const strategicType = 'application/strategic-merge-patch+json';
const maxWarnings = 32;

/** Words a fault of the patched object: what is shown of it, and what is wrong. */
type FaultWords = (patched: ApiObject, fault: string) => Error;

/** As Go prints maps and lists with %+v. */
function goPrint(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`;
  if (!isRecord(value)) return String(value);
  const members = Object.keys(value).sort();
  return `map[${members.map((key) => `${key}:${goPrint(value[key])}`).join(' ')}]`;
}

const goTypes: Readonly<Record<string, string>> = {
  number: 'int64',
  array: '[]interface {}',
  object: 'map[string]interface {}',
};

/** What the converter of unstructured data says where the JSON decoder says `cannot unmarshal`. Models apimachinery/pkg/runtime/converter.go */
function asConversionFault(fault: string): string {
  const [, source = '', target = ''] = /cannot unmarshal (\w+) into Go .* of type (.+)$/.exec(fault) ?? [];
  if (!source) return fault;
  const from = goTypes[source] ?? source;
  if (target.startsWith('map[')) return `cannot restore map from ${from}`;
  if (target.startsWith('[]')) return `cannot restore slice from ${from}`;
  return /^(string|bool|u?int\d*|float\d+)$/.test(target)
    ? `cannot convert ${from} to ${target}`
    : `cannot restore struct from: ${from}`;
}

const byTopLevel = (object: ApiObject): ApiObject =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))) as ApiObject;

function faultWords(mediaType: string, text: string): FaultWords {
  if (mediaType !== strategicType) return (patched, fault) => createPatchedInvalid(byTopLevel(patched), fault);
  return (_patched, fault) =>
    createInvalid({ group: '', kind: '' }, '', [invalid('patch', goPrint(JSON.parse(text)), asConversionFault(fault))]);
}

/** The patched object, checked like a body. Changes it. */
function checkPatched(
  { schemas }: ServerContext,
  kind: Kind,
  patched: ApiObject,
  validation: FieldValidation,
  write: WriteRequest,
  createFault: FaultWords,
): ApiObject {
  const { apiVersion, kind: named } = patched;
  if (apiVersion !== apiVersionOf(kind) || named !== kind.kind) {
    throw createFault(patched, createNotRegistered(kind, apiVersion ?? '', named ?? ''));
  }
  const { unknown, typeErrors } = schemas.check(kind.schemaName, patched);
  if (typeErrors[0] !== undefined) throw createFault(patched, typeErrors[0]);
  if (unknown.length) {
    if (validation === 'Strict') throw createFault(patched, `strict decoding error: ${unknown.join(', ')}`);
    if (validation === 'Warn') unknown.slice(0, maxWarnings).forEach((fault) => write.warn(fault));
    schemas.prune(kind.schemaName, patched);
  }
  patched.metadata ??= {} as ApiObject['metadata'];
  return patched;
}

export async function patch(context: ServerContext, request: KindRequest): Promise<Answer> {
  const { kind, subresource, info } = request;
  const { name, namespace, query } = info;
  negotiate(request.accept);
  const mediaType = mediaTypeOf(request.contentType);
  if (!(patchContentTypes as readonly string[]).includes(mediaType)) throw createUnsupportedPatch();
  const write = createWriteRequest(request, 'PatchOptions');
  const validation = parseFieldValidation(query, 'PatchOptions');
  const body = await request.readBody();
  if (mediaType === applyType) return apply(context, request, write, await parseApplied(kind, body), validation);

  const text = body.toString('utf8');
  const target = bodyKind(context, kind, subresource);
  const { schemas } = context;
  const change = (old: ApiObject) => {
    const shown = subresource?.view?.read(old) ?? old;
    const patched = applyPatch(mediaType, text, shown, { schemas, schemaName: target.schemaName });
    return checkPatched(context, target, patched, validation, write, faultWords(mediaType, text));
  };
  const options = { subresource, isPut: false };
  return answerWritten(context, request, updateObject(context, write, { kind, name, namespace }, change, options));
}

/** Throws 400 for what is no object of this kind. */
async function parseApplied(kind: Kind, body: Buffer): Promise<ApiObject> {
  let value: unknown;
  try {
    value = await parseBody(applyType, body);
  } catch (error) {
    if (!(error instanceof BodyFault)) throw error;
    throw createBadRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
  }
  if (!isRecord(value)) {
    const type = Array.isArray(value) ? 'array' : typeof value;
    throw createBadRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${type} into Go value of type map[string]interface {}`,
    );
  }
  const named = typeof value['kind'] === 'string' ? value['kind'] : '';
  const apiVersion = typeof value['apiVersion'] === 'string' ? value['apiVersion'] : '';
  if (named !== kind.kind || apiVersion !== apiVersionOf(kind)) {
    const { group, version } = splitApiVersion(apiVersion);
    throw createBadRequest(`invalid object type: ${group}/${version}, Kind=${named}`);
  }
  value['metadata'] ??= {};
  return value as ApiObject;
}

function apply(
  context: ServerContext,
  request: KindRequest,
  write: WriteRequest,
  applied: ApiObject,
  validation: FieldValidation,
): Answer {
  const { kind, subresource, info } = request;
  const { name, namespace, query } = info;
  if (!query.get('fieldManager')) {
    throw createInvalidOptions('PatchOptions', required('fieldManager', 'is required for apply patch'));
  }
  const { schemas, clock, store } = context;
  const merge = (live: ApiObject | undefined): ApiObject => {
    const { object } = applyServerSide({
      manager: write.fieldManager,
      isForced: query.get('force') === 'true' || query.get('force') === '1',
      applied,
      live,
      schemas,
      schemaName: kind.schemaName,
      apiVersion: apiVersionOf(kind),
      subresource: subresource?.name,
      nowMs: clock.now(),
      ignoredFields: ignoredFields(kind, live ?? applied, subresource),
    });
    return checkPatched(context, kind, thaw(object), validation, write, createPatchedInvalid);
  };
  if (!subresource && !store.get(kind, name, namespace)) {
    const created = createApplied(context, write, kind, merge(undefined), name, namespace);
    return answerWritten(context, request, created, 201);
  }
  const options = { subresource, isPut: false, hasManagedFields: true };
  return answerWritten(context, request, updateObject(context, write, { kind, name, namespace }, merge, options));
}

function createApplied(
  context: ServerContext,
  write: WriteRequest,
  kind: Kind,
  object: ApiObject,
  name: string,
  namespace: string | undefined,
): ApiObject {
  const { metadata } = object;
  metadata.name ||= name;
  if (metadata.name !== name) {
    throw createBadRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (metadata.uid) {
    const fault = invalid('metadata.uid', metadata.uid, 'field is immutable');
    throw createInvalid(kind, name, [fault, fault]);
  }
  delete (metadata as Partial<ApiObject['metadata']>).resourceVersion;
  return createObject(context, write, kind, object, namespace, { hasManagedFields: true });
}
