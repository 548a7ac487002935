// create, update, patch, delete and deletecollection.
import { bodyTypes, parseBody } from '../body.ts';
import { createInvalid, required, StatusError } from '../errors.ts';
import { listObjects } from '../list.ts';
import { ensureMediaType, negotiate } from '../negotiation.ts';
import { deepCopy } from '../objects.ts';
import { applyPatch, applyServerSide, createPatchedInvalid, patchContentTypes } from '../patch/index.ts';
import { apiVersionOf } from '../registry.ts';
import { parseIncludeObject, represent, representList } from '../representation.ts';
import { hasStatusView } from '../rest/context.ts';
import type { WriteRequest } from '../rest/context.ts';
import { createObject } from '../rest/create.ts';
import { deleteObject, parseDeleteOptions } from '../rest/delete.ts';
import type { DeleteOptions } from '../rest/delete.ts';
import { updateObject } from '../rest/update.ts';
import { createMatcher } from '../selectors.ts';
import type { ApiObject, Kind, Subresource } from '../types.ts';
import { createWriteRequest, decodeObject, parseFieldValidation } from './decode.ts';
import type { FieldValidation } from './decode.ts';
import type { Answer, KindRequest, ServerContext } from './request.ts';
import { answerObject } from './request.ts';

function answer(context: ServerContext, request: KindRequest, object: ApiObject, code = 200): Answer {
  const { representation, format } = negotiate(request.accept);
  const view = request.subresource?.view;
  if (view) return answerObject(view.read(object), code, format);
  const options = { nowMs: context.clock.now(), includeObject: parseIncludeObject(request.info.query) };
  return answerObject(represent(request.kind, object, representation, options), code, format);
}

export async function create(context: ServerContext, request: KindRequest): Promise<Answer> {
  negotiate(request.accept);
  const write = createWriteRequest(request, 'CreateOptions');
  const object = await decodeObject(request, context.schemas, request.kind, 'CreateOptions');
  return answer(context, request, createObject(context, write, request.kind, object, request.info.namespace), 201);
}

/** The kind of the body: that of the view, if it has one of its own. */
const bodyKind = ({ schemas }: ServerContext, kind: Kind, subresource: Subresource | undefined): Kind => {
  if (!subresource?.view || !subresource.kind) return kind;
  const { group, version, kind: name } = subresource.kind;
  return {
    ...kind,
    group,
    version,
    kind: name,
    schemaName: schemas.schemaNameOf(group, version, name) ?? kind.schemaName,
  };
};

export async function update(context: ServerContext, request: KindRequest): Promise<Answer> {
  const { kind, subresource, info } = request;
  negotiate(request.accept);
  const write = createWriteRequest(request, 'UpdateOptions');
  const object = await decodeObject(request, context.schemas, bodyKind(context, kind, subresource), 'UpdateOptions');
  const { name, namespace } = info;
  if (!subresource && kind.strategy.isCreatedOnUpdate && !context.store.get(kind, name, namespace)) {
    object.metadata.name ||= name;
    delete (object.metadata as Partial<ApiObject['metadata']>).resourceVersion;
    return answer(context, request, createObject(context, write, kind, object, namespace), 201);
  }
  const stored = updateObject(context, write, { kind, name, namespace }, () => object, { subresource, isPut: true });
  return answer(context, request, stored);
}

/** The patched object, checked like a body. Throws 422. */
function checkPatched(
  context: ServerContext,
  kind: Kind,
  patched: ApiObject,
  validation: FieldValidation,
  write: WriteRequest,
): ApiObject {
  const { unknown, typeErrors } = context.schemas.check(kind.schemaName, patched);
  if (typeErrors[0] !== undefined) throw createPatchedInvalid(patched, typeErrors[0]);
  if (unknown.length) {
    if (validation === 'Strict') throw createPatchedInvalid(patched, `strict decoding error: ${unknown.join(', ')}`);
    if (validation === 'Warn') unknown.slice(0, 32).forEach((fault) => write.warn(fault));
    context.schemas.prune(kind.schemaName, patched);
  }
  patched.metadata ??= { name: '' } as ApiObject['metadata'];
  return patched;
}

const applyType = 'application/apply-patch+yaml';

export async function patch(context: ServerContext, request: KindRequest): Promise<Answer> {
  const { kind, subresource, info } = request;
  const { name, namespace, query } = info;
  negotiate(request.accept);
  const mediaType = ensureMediaType(request.contentType, patchContentTypes);
  const write = createWriteRequest(request, 'PatchOptions');
  const validation = parseFieldValidation(query, 'PatchOptions');
  const body = await request.readBody();
  if (mediaType === applyType) {
    const applied = (await parseBody(applyType, body)) as ApiObject;
    return apply(context, request, write, applied, validation);
  }
  const text = body.toString('utf8');
  const target = bodyKind(context, kind, subresource);
  const { schemas } = context;
  const change = (old: ApiObject) => {
    const patched = applyPatch(mediaType, text, subresource?.view?.read(old) ?? old, {
      schemas,
      schemaName: target.schemaName,
    });
    return checkPatched(context, target, patched, validation, write);
  };
  return answer(
    context,
    request,
    updateObject(context, write, { kind, name, namespace }, change, { subresource, isPut: false }),
  );
}

const patchOptions = { group: 'meta.k8s.io', kind: 'PatchOptions' };

function ignoredFields(kind: Kind, live: ApiObject | undefined, subresource: Subresource | undefined): string[] {
  if (!subresource) return hasStatusView(kind) ? ['status'] : [];
  const written = (subresource.writes ?? ['status']).map((path) => path.split('.')[0]);
  return Object.keys(live ?? {}).filter((field) => !['apiVersion', 'kind', 'metadata', ...written].includes(field));
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
    throw createInvalid(patchOptions, '', [required('fieldManager', 'is required for apply patch')]);
  }
  const { schemas, clock } = context;
  const merge = (live: ApiObject | undefined): ApiObject => {
    checkApplied(context, kind, applied, validation, write);
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
      ignoredFields: ignoredFields(kind, live, subresource),
    });
    return checkPatched(context, kind, deepCopy(object), 'Ignore', write);
  };
  if (!subresource && !context.store.get(kind, name, namespace)) {
    const object = merge(undefined);
    object.metadata.name ||= name;
    return answer(
      context,
      request,
      createObject(context, write, kind, object, namespace, { hasManagedFields: true }),
      201,
    );
  }
  const options = { subresource, isPut: false, hasManagedFields: true };
  return answer(context, request, updateObject(context, write, { kind, name, namespace }, merge, options));
}

/** Unknown fields of an applied configuration; types are the applier's own affair. */
function checkApplied(
  { schemas }: ServerContext,
  kind: Kind,
  applied: ApiObject,
  validation: FieldValidation,
  write: WriteRequest,
): void {
  if (typeof applied !== 'object' || applied === null) return;
  const { unknown } = schemas.check(kind.schemaName, applied);
  if (!unknown.length) return;
  if (validation === 'Strict') {
    throw new StatusError(
      400,
      'BadRequest',
      `error decoding YAML: error converting YAML to JSON: strict decoding error: ${unknown.join(', ')}`,
    );
  }
  if (validation === 'Warn') unknown.slice(0, 32).forEach((fault) => write.warn(fault));
}

async function readDeleteOptions(request: KindRequest): Promise<DeleteOptions> {
  const body = await request.readBody();
  if (!body.length) return parseDeleteOptions(undefined, request.info.query);
  const mediaType =
    request.contentType === undefined ? 'application/json' : ensureMediaType(request.contentType, bodyTypes);
  return parseDeleteOptions(await parseBody(mediaType, body), request.info.query);
}

export async function remove(context: ServerContext, request: KindRequest): Promise<Answer> {
  const { kind, info } = request;
  const { format } = negotiate(request.accept);
  const options = await readDeleteOptions(request);
  const write = { ...createWriteRequest(request, 'DeleteOptions'), isDryRun: options.isDryRun };
  const { object, isGone } = deleteObject(
    context,
    write,
    { kind, name: info.name, namespace: info.namespace },
    options,
  );
  if (!isGone || kind.strategy.isDeletedObjectReturned) return answer(context, request, object);
  const details = { name: info.name, group: kind.group || undefined, kind: kind.plural, uid: object.metadata.uid };
  return answerObject({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }, 200, format);
}

/** The first refusal ends it; what is deleted by then stays deleted, as in Kubernetes. */
export async function removeCollection(context: ServerContext, request: KindRequest): Promise<Answer> {
  const { kind, info } = request;
  const { representation, format } = negotiate(request.accept);
  const options = await readDeleteOptions(request);
  const write = { ...createWriteRequest(request, 'DeleteOptions'), isDryRun: options.isDryRun };
  const matches = createMatcher(kind, info.query.get('labelSelector') ?? '', info.query.get('fieldSelector') ?? '');
  const { items, listMeta } = listObjects(context, {
    kind,
    namespace: info.namespace,
    matches,
    limit: 0,
    continueToken: '',
    resourceVersion: '',
    resourceVersionMatch: '',
  });
  const deleted = items.map(
    ({ metadata: { name, namespace } }) => deleteObject(context, write, { kind, name, namespace }, options).object,
  );
  const shape = { nowMs: context.clock.now(), includeObject: parseIncludeObject(info.query) };
  return answerObject(representList(kind, deleted, listMeta, representation, shape), 200, format);
}
