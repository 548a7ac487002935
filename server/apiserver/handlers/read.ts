// get, list and watch.
import { createBadRequest, createPlainError, forbidden } from '../errors.ts';
import { isResourceVersion, listObjects, parseResourceVersion, versionFault } from '../list.ts';
import { negotiate, negotiateWatch } from '../negotiation.ts';
import { parseIncludeObject, represent, representList } from '../representation.ts';
import { getObject } from '../rest/context.ts';
import { createMatcher } from '../selectors.ts';
import { createInvalidOptions } from './options.ts';
import type { Answer, KindRequest, ServerContext } from './request.ts';
import { answerObject } from './request.ts';

// Kubernetes' default is a random time between 30 and 60 minutes.
const defaultWatchTimeoutMs = 30 * 60 * 1000;
const maxWatchTimeoutMs = 24 * 60 * 60 * 1000;

export function get(context: ServerContext, request: KindRequest): Answer {
  const { kind, info, subresource } = request;
  const { representation, format } = negotiate(request.accept);
  const object = getObject(context, { kind, name: info.name, namespace: info.namespace });
  if (subresource?.view) return answerObject(subresource.view.read(object), 200, format);
  const options = { nowMs: context.clock.now(), includeObject: parseIncludeObject(info.query, representation) };
  return answerObject(represent(kind, object, representation, options), 200, format);
}

function parseCount(query: URLSearchParams, name: string): number {
  const value = query.get(name) || '0';
  if (/^-?\d{1,12}$/.test(value)) return Math.max(0, Number(value));
  throw createBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
}

const matcherOf = ({ kind, info }: KindRequest) => {
  const { query, name } = info;
  const fields = query.get('fieldSelector') ?? '';
  const selector = name ? [fields, `metadata.name=${name}`].filter(Boolean).join(',') : fields;
  return createMatcher(kind, query.get('labelSelector') ?? '', selector);
};

export function list(context: ServerContext, request: KindRequest): Answer {
  const { kind, info } = request;
  const { representation, format } = negotiate(request.accept);
  parseCount(info.query, 'timeoutSeconds');
  if (info.query.has('sendInitialEvents')) {
    throw createInvalidOptions(
      'ListOptions',
      forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'),
    );
  }
  const { items, listMeta } = listObjects(context, {
    kind,
    namespace: info.namespace,
    matches: matcherOf(request),
    limit: parseCount(info.query, 'limit'),
    continueToken: info.query.get('continue') ?? '',
    resourceVersion: info.query.get('resourceVersion') ?? '',
    resourceVersionMatch: info.query.get('resourceVersionMatch') ?? '',
  });
  const options = { nowMs: context.clock.now(), includeObject: parseIncludeObject(info.query, representation) };
  return answerObject(representList(kind, items, listMeta, representation, options), 200, format);
}

function ensureInitialEventsAreAllowed(query: URLSearchParams): boolean {
  const value = query.get('sendInitialEvents');
  if (value === null) return false;
  if (query.get('resourceVersionMatch') !== 'NotOlderThan') {
    const detail = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan';
    throw createInvalidOptions('ListOptions', forbidden('resourceVersionMatch', detail));
  }
  return value === 'true' || value === '1';
}

export function watch(context: ServerContext, request: KindRequest): Answer {
  const { kind, info } = request;
  const { query } = info;
  const representation = negotiateWatch(request.accept);
  const given = query.get('resourceVersion') ?? '';
  const hasInitialEvents = ensureInitialEventsAreAllowed(query);
  if (given && !isResourceVersion(given)) throw createPlainError(versionFault(given));
  const resourceVersion = given && given !== '0' ? parseResourceVersion(given, context.store) : undefined;
  const timeoutMs = Math.min(parseCount(query, 'timeoutSeconds') * 1000, maxWatchTimeoutMs) || defaultWatchTimeoutMs;
  return {
    type: 'watch',
    options: {
      kind,
      namespace: info.namespace,
      matches: matcherOf(request),
      resourceVersion: hasInitialEvents ? undefined : resourceVersion,
      hasInitialEvents,
      hasBookmarks: query.get('allowWatchBookmarks') === 'true' || query.get('allowWatchBookmarks') === '1',
      representation,
      includeObject: parseIncludeObject(query, representation),
      timeoutMs,
    },
  };
}
