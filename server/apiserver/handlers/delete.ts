// DELETE of one object, and of a collection.
import { BodyFault, bodyTypes, parseBody } from '../body.ts';
import { createPlainError, StatusError } from '../errors.ts';
import { listObjects } from '../list.ts';
import { ensureMediaType, negotiate } from '../negotiation.ts';
import { parseIncludeObject, representList } from '../representation.ts';
import { deleteObject, parseDeleteOptions } from '../rest/delete.ts';
import type { DeleteOptions } from '../rest/delete.ts';
import { createMatcher } from '../selectors.ts';
import { createWriteRequest } from './options.ts';
import type { Answer, KindRequest, ServerContext } from './request.ts';
import { answerObject } from './request.ts';
import { answerWritten } from './write.ts';

async function readDeleteOptions(request: KindRequest): Promise<DeleteOptions> {
  const body = await request.readBody();
  if (!body.length) return parseDeleteOptions(undefined, request.info.query);
  const mediaType = ensureMediaType(request.contentType, bodyTypes);
  try {
    return parseDeleteOptions(await parseBody(mediaType, body), request.info.query);
  } catch (error) {
    if (!(error instanceof BodyFault)) throw error;
    throw createPlainError(`couldn't get version/kind; json parse error: ${error.message}`);
  }
}

export async function remove(context: ServerContext, request: KindRequest): Promise<Answer> {
  const { kind, info } = request;
  const { name, namespace } = info;
  const { format } = negotiate(request.accept);
  const options = await readDeleteOptions(request);
  const write = { ...createWriteRequest(request, 'DeleteOptions'), isDryRun: options.isDryRun };
  const { object, isGone } = deleteObject(context, write, { kind, name, namespace }, options);
  if (!isGone || kind.strategy.isDeletedObjectReturned) return answerWritten(context, request, object);
  const details = { name, group: kind.group || undefined, kind: kind.plural, uid: object.metadata.uid };
  return answerObject({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }, 200, format);
}

/** The first refusal ends it; what is deleted by then stays deleted, as in Kubernetes. */
export async function removeCollection(context: ServerContext, request: KindRequest): Promise<Answer> {
  const { kind, info } = request;
  const { query, namespace } = info;
  const { representation, format } = negotiate(request.accept);
  const options = await readDeleteOptions(request);
  const write = { ...createWriteRequest(request, 'DeleteOptions'), isDryRun: options.isDryRun };
  const matches = createMatcher(kind, query.get('labelSelector') ?? '', query.get('fieldSelector') ?? '');
  const everything = { limit: 0, continueToken: '', resourceVersion: '', resourceVersionMatch: '' };
  const { items, listMeta } = listObjects(context, { kind, namespace, matches, ...everything });
  const deleted = items.flatMap(({ metadata: { name, namespace: where } }) => {
    try {
      return [deleteObject(context, write, { kind, name, namespace: where }, options).object];
    } catch (error) {
      // Deleting one may take others with it.
      if (error instanceof StatusError && error.code === 404) return [];
      throw error;
    }
  });
  const shape = { nowMs: context.clock.now(), includeObject: parseIncludeObject(query, representation) };
  return answerObject(representList(kind, deleted, listMeta, representation, shape), 200, format);
}
