// What a request to the Kubernetes API was, for those who count them.
import { KubeError } from './errors.ts';
import type { Transport, TransportRequest } from './transport.ts';

/** One request that was answered, or not. Requests that are sent again count each time. */
export interface ObservedRequest {
  /** As RBAC has it: get, list, watch, create, update, patch, delete. */
  verb: string;
  /** Plural, `plural/subresource`, or `other` for paths that are no resource. */
  resource: string;
  /** HTTP status; 0 when none came. */
  code: number;
  /** Until the whole answer was there; of a watch until it began. */
  durationMs: number;
}

export type RequestObserver = (request: ObservedRequest) => void;

const verbs: Record<string, string> = { POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** Verb and resource of a request. Models RequestInfoFactory in k8s.io/apiserver/pkg/endpoints/request. */
export function requestInfoOf(method: string, path: string): { verb: string; resource: string } {
  const [pathname = '', query = ''] = path.split('?');
  const parts = pathname.split('/').filter(Boolean);
  const rest = parts[0] === 'api' ? parts.slice(2) : parts[0] === 'apis' ? parts.slice(3) : [];
  const isInNamespace = rest[0] === 'namespaces' && rest.length > 2;
  const [plural, name, subresource] = isInNamespace ? rest.slice(2) : rest;
  const reading = new URLSearchParams(query).get('watch') === 'true' ? 'watch' : name ? 'get' : 'list';
  const verb = method === 'GET' || method === 'HEAD' ? reading : (verbs[method] ?? 'other');
  if (!plural) return { verb: verb === 'list' ? 'get' : verb, resource: 'other' };
  return { verb, resource: subresource ? `${plural}/${subresource}` : plural };
}

/** `transport`, which tells `onRequest` of each request; `nowMs` is a clock that never jumps. */
export function observeTransport(transport: Transport, onRequest: RequestObserver, nowMs: () => number): Transport {
  async function observe<T>(request: TransportRequest, send: (request: TransportRequest) => Promise<T>): Promise<T> {
    const startedMs = nowMs();
    let status = 0;
    const tell = (code: number) =>
      onRequest({ ...requestInfoOf(request.method, request.path), code, durationMs: nowMs() - startedMs });
    try {
      const answer = await send({ ...request, onStatus: (code) => (status = code) });
      tell(status);
      return answer;
    } catch (fault) {
      // A request that we gave up ourselves says nothing about the server.
      if (!request.signal?.aborted) tell(fault instanceof KubeError ? fault.code : 0);
      throw fault;
    }
  }
  return {
    server: transport.server,
    send: (request) => observe(request, transport.send),
    sendText: (request) => observe(request, transport.sendText),
    dispose: () => transport.dispose(),
  };
}
