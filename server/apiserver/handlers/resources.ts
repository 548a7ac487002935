// From a request about a resource to the handler of its verb.
import { createMethodNotAllowed, createUnknownResource } from '../errors.ts';
import type { Kind, Subresource, Verb } from '../types.ts';
import { connect } from './connect.ts';
import { get, list, watch } from './read.ts';
import type { Answer, ApiRequest, KindRequest, ServerContext } from './request.ts';
import { answerText } from './request.ts';
import { createReview, isReview } from './reviews.ts';
import { remove, removeCollection } from './delete.ts';
import { patch } from './patch.ts';
import { create, update } from './write.ts';

const handlers: Readonly<Record<string, (context: ServerContext, request: KindRequest) => Answer | Promise<Answer>>> = {
  get,
  list,
  watch,
  create,
  update,
  patch,
  delete: remove,
  deletecollection: removeCollection,
};

const needsName = new Set(['get', 'update', 'patch', 'delete']);

function findKind({ registry }: ServerContext, { info }: ApiRequest): Kind {
  const kind = registry.find(info.group, info.version, info.resource);
  if (!kind) throw createUnknownResource();
  if (!kind.isNamespaced && info.namespace !== undefined) throw createUnknownResource();
  const isAcrossNamespaces = kind.isNamespaced && info.namespace === undefined;
  if (isAcrossNamespaces && info.name) throw createUnknownResource();
  if (isAcrossNamespaces && !['list', 'watch', 'deletecollection'].includes(info.verb)) throw createMethodNotAllowed();
  return kind;
}

function findSubresource(kind: Kind, { info }: ApiRequest): Subresource | undefined {
  if (!info.subresource) return undefined;
  const subresource = kind.subresources.find(({ name }) => name === info.subresource);
  if (!subresource) throw createUnknownResource();
  return subresource;
}

/** Throws 404 and 405, and what the handlers throw. */
export function handleResource(context: ServerContext, request: ApiRequest): Answer | Promise<Answer> {
  const { group, version } = request.info;
  if (group && !context.registry.hasVersion(group, version)) return answerText('404 page not found\n', 404);
  const kind = findKind(context, request);
  const subresource = findSubresource(kind, request);
  const { verb, name } = request.info;
  const isServed = (subresource ?? kind).verbs.includes(verb as Verb);
  const handler = Object.hasOwn(handlers, verb) ? handlers[verb] : undefined;
  const isMisplaced = subresource ? !name : needsName.has(verb) !== (name !== '');
  if (!isServed || !handler || (isMisplaced && verb !== 'watch')) throw createMethodNotAllowed();
  const kindRequest = { ...request, kind, subresource };
  if (subresource?.connect) return connect(context, kindRequest);
  if (isReview(kind)) return createReview(context, kindRequest);
  return handler(context, kindRequest);
}
