// The Kubernetes API by verbs, for any resource: paths, patch types, retries where the server asks for them.
import { createSystemClock, type Clock } from '../common/clock.ts';
import { KubeError } from './errors.ts';
import { observeTransport, type RequestObserver } from './observe.ts';
import { createTransport, loadKubeConfig, type Transport, type TransportRequest } from './transport.ts';
import type { KubeClient, KubeObject, ListOptions, ObjectList, PatchType, Resource, WriteOptions } from './types.ts';
import { openWatch } from './watch.ts';

const defaultPatience: Patience = { readTimeoutMs: 30_000, writeTimeoutMs: 30_000, maxWaitMs: 120_000 };
/** For somebody who waits for the answer: a clear fault soon is worth more than an answer late. */
export const interactivePatience: Patience = { readTimeoutMs: 4_000, writeTimeoutMs: 10_000, maxWaitMs: 2_000 };
const maxAttempts = 6;
const listPageSize = 500;

const patchContentTypes: Record<PatchType, string> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

type Query = Record<string, string | number | boolean | undefined>;

/** `/apis/<group>/<version>/namespaces/<ns>/<plural>/<name>/<subresource>`, with a query. */
export function pathOf(
  resource: Resource,
  namespace?: string,
  name?: string,
  subresource?: string,
  query: Query = {},
): string {
  const { group, version, plural, isNamespaced } = resource;
  const parts = group ? ['apis', group, version] : ['api', version];
  if (isNamespaced && namespace) parts.push('namespaces', namespace);
  parts.push(plural, ...(name ? [name] : []), ...(subresource ? [subresource] : []));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  return `/${parts.map(encodeURIComponent).join('/')}${search.size ? `?${search}` : ''}`;
}

const isRepeatable = (error: unknown): error is KubeError =>
  error instanceof KubeError && (error.code === 429 || (error.code === 503 && error.retryAfterSeconds !== undefined));

/** Sends, and again when the server is too busy and says so (429, or 503 with Retry-After), unless it asks for more than our patience. */
async function sendJson<T>(
  transport: Transport,
  clock: Clock,
  patience: Patience,
  request: Omit<TransportRequest, 'idleTimeoutMs'>,
): Promise<T> {
  const idleTimeoutMs = request.method === 'GET' ? patience.readTimeoutMs : patience.writeTimeoutMs;
  let waitedMs = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      const text = await transport.sendText({ ...request, idleTimeoutMs });
      return (text ? JSON.parse(text) : undefined) as T;
    } catch (error) {
      if (attempt >= maxAttempts || !isRepeatable(error)) throw error;
      const delayMs = (error.retryAfterSeconds ?? 1) * 1000;
      waitedMs += delayMs;
      if (waitedMs > patience.maxWaitMs) throw error;
      await clock.sleep(delayMs);
    }
  }
}

const writeQuery = ({ fieldManager, isForced }: WriteOptions): Query => ({ fieldManager, force: isForced });
const listQuery = ({ labelSelector, fieldSelector }: ListOptions): Query => ({ labelSelector, fieldSelector });

/** How long a request may take. Watches are not bound by it. */
export interface Patience {
  /** Without a byte for so long a request is given up. */
  readTimeoutMs: number;
  writeTimeoutMs: number;
  /** What a server that is too busy may ask us to wait, in all. */
  maxWaitMs: number;
}

export interface KubeClientOptions {
  /** A path or YAML text; absent: the default places, then in-cluster. */
  kubeconfig?: string;
  clock?: Clock;
  /** Absent: that of a program that nobody waits for. */
  patience?: Patience;
  /** Told of every request. */
  onRequest?: RequestObserver;
}

/** Throws when the kubeconfig cannot be read. */
export function createKubeClient({
  kubeconfig,
  clock = createSystemClock(),
  patience = defaultPatience,
  onRequest = () => undefined,
}: KubeClientOptions = {}): KubeClient {
  const transport = observeTransport(createTransport(loadKubeConfig(kubeconfig)), onRequest, clock.monotonicMs);
  const send = <T>(method: string, path: string, body?: unknown, contentType?: string): Promise<T> =>
    sendJson(transport, clock, patience, {
      method,
      path,
      body: body === undefined ? undefined : JSON.stringify(body),
      contentType,
    });

  return {
    get: (resource, name, namespace) => send('GET', pathOf(resource, namespace, name)),
    async list<T extends KubeObject>(resource: Resource, options: ListOptions = {}): Promise<ObjectList<T>> {
      const items: T[] = [];
      for (let next: string | undefined; ;) {
        const query = { ...listQuery(options), limit: listPageSize, continue: next };
        const page = await send<{
          items?: T[];
          metadata: { resourceVersion: string; continue?: string };
          apiVersion: string;
        }>('GET', pathOf(resource, options.namespace, undefined, undefined, query));
        // Items of a list carry no apiVersion and kind of their own.
        for (const item of page.items ?? []) items.push({ ...item, apiVersion: page.apiVersion, kind: resource.kind });
        next = page.metadata.continue || undefined;
        if (!next) return { items, resourceVersion: page.metadata.resourceVersion };
      }
    },
    create: (resource, object, options = {}) =>
      send(
        'POST',
        pathOf(
          resource,
          object.metadata?.namespace,
          options.subresource && options.name,
          options.subresource,
          writeQuery(options),
        ),
        object,
      ),
    update: (resource, object, options = {}) =>
      send(
        'PUT',
        pathOf(resource, object.metadata.namespace, object.metadata.name, options.subresource, writeQuery(options)),
        object,
      ),
    patch: (resource, name, namespace, type, patch, options = {}) =>
      send(
        'PATCH',
        pathOf(resource, namespace, name, options.subresource, writeQuery(options)),
        patch,
        patchContentTypes[type],
      ),
    async delete(resource, name, namespace, options = {}) {
      await send('DELETE', pathOf(resource, namespace, name), { apiVersion: 'v1', kind: 'DeleteOptions', ...options });
    },
    watch: (resource, options, onEvent, onEnd) =>
      openWatch(
        transport,
        pathOf(resource, options.namespace, undefined, undefined, {
          ...listQuery(options),
          watch: true,
          allowWatchBookmarks: true,
          resourceVersion: options.resourceVersion,
          timeoutSeconds: 290,
        }),
        onEvent,
        onEnd,
      ),
    request: (method, path, body) => send(method, path, body),
    dispose: () => transport.dispose(),
  };
}
