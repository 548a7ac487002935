// create and update, and how what was written is answered.
import { negotiate } from '../negotiation.ts';
import { parseIncludeObject, represent } from '../representation.ts';
import { createObject } from '../rest/create.ts';
import { updateObject } from '../rest/update.ts';
import type { ApiObject, Kind, Subresource } from '../types.ts';
import { decodeObject } from './decode.ts';
import { createWriteRequest } from './options.ts';
import type { Answer, KindRequest, ServerContext } from './request.ts';
import { answerObject } from './request.ts';

/** An object as the client wants to see it. Throws 406. */
export function answerWritten(context: ServerContext, request: KindRequest, object: ApiObject, code = 200): Answer {
  const { representation, format } = negotiate(request.accept);
  const view = request.subresource?.view;
  if (view) return answerObject(view.read(object), code, format);
  const includeObject = parseIncludeObject(request.info.query, representation);
  const options = { nowMs: context.clock.now(), includeObject };
  return answerObject(represent(request.kind, object, representation, options), code, format);
}

export async function create(context: ServerContext, request: KindRequest): Promise<Answer> {
  negotiate(request.accept);
  const { kind, info } = request;
  const write = createWriteRequest(request, 'CreateOptions');
  const object = await decodeObject(context, request, kind, 'CreateOptions');
  return answerWritten(context, request, createObject(context, write, kind, object, info.namespace), 201);
}

/** The kind of the body: that of the view, if it has one of its own. */
export function bodyKind({ schemas }: ServerContext, kind: Kind, subresource: Subresource | undefined): Kind {
  if (!subresource?.view || !subresource.kind) return kind;
  const { group, version, kind: name } = subresource.kind;
  const schemaName = schemas.schemaNameOf(group, version, name) ?? kind.schemaName;
  return { ...kind, group, version, kind: name, schemaName };
}

export async function update(context: ServerContext, request: KindRequest): Promise<Answer> {
  const { kind, subresource, info } = request;
  const { name, namespace } = info;
  negotiate(request.accept);
  const write = createWriteRequest(request, 'UpdateOptions');
  const object = await decodeObject(context, request, bodyKind(context, kind, subresource), 'UpdateOptions');
  if (!subresource && kind.strategy.isCreatedOnUpdate && !context.store.get(kind, name, namespace)) {
    object.metadata.name ||= name;
    delete (object.metadata as Partial<ApiObject['metadata']>).resourceVersion;
    return answerWritten(context, request, createObject(context, write, kind, object, namespace), 201);
  }
  const options = { subresource, isPut: true };
  return answerWritten(
    context,
    request,
    updateObject(context, write, { kind, name, namespace }, () => object, options),
  );
}
