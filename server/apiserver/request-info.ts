// What a request is about, read from its method and path alone. Models k8s.io/apiserver/pkg/endpoints/request/requestinfo.go
import { createBadRequest } from './errors.ts';

export interface ResourceRequest {
  isResource: true;
  /** get, list, watch, create, update, patch, delete, deletecollection. */
  verb: string;
  group: string;
  version: string;
  namespace: string | undefined;
  resource: string;
  /** '' for collections. */
  name: string;
  /** '' for the object itself. */
  subresource: string;
  /** What follows the subresource: of a proxy or of logs. */
  rest: string;
  path: string;
  query: URLSearchParams;
}

export interface PathRequest {
  isResource: false;
  verb: string;
  path: string;
  query: URLSearchParams;
}

export type RequestInfo = ResourceRequest | PathRequest;

const isTrue = (value: string | null) => value !== null && !['', 'false', '0'].includes(value);

function verbOf(method: string, isNamed: boolean): string {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return isNamed ? 'delete' : 'deletecollection';
    case 'GET':
    case 'HEAD':
      return isNamed ? 'get' : 'list';
    default:
      return method.toLowerCase();
  }
}

const decodeSegment = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw createBadRequest(`invalid URL escape in "${segment}"`);
  }
};

/** `url` is the request line's target. Throws 400 when it cannot be understood. */
export function parseRequestInfo(method: string, url: string): RequestInfo {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeSegment);
  const isCore = segments[0] === 'api';
  const prefix = isCore ? 2 : 3;
  if (!path.startsWith('/')) throw createBadRequest('the path must begin with /');
  if ((!isCore && segments[0] !== 'apis') || segments.length <= prefix) {
    return { isResource: false, verb: method.toLowerCase(), path, query };
  }
  const [group, version] = isCore ? ['', segments[1]] : [segments[1], segments[2]];
  let parts = segments.slice(prefix);
  // The old form of a watch: /api/v1/watch/pods.
  const isWatchPath = parts[0] === 'watch' && parts.length > 1;
  if (isWatchPath) parts = parts.slice(1);
  let namespace: string | undefined;
  // `namespaces/x` is the namespace itself, `namespaces/x/status` and `…/finalize` are views on it, all else lies in it.
  if (parts[0] === 'namespaces' && parts.length > 2 && parts[2] !== 'status' && parts[2] !== 'finalize') {
    namespace = parts[1];
    parts = parts.slice(2);
  }
  const [resource = '', name = '', subresource = '', ...rest] = parts;
  const isWatch = isWatchPath || (method === 'GET' && isTrue(query.get('watch')) && !subresource);
  return {
    isResource: true,
    verb: isWatch ? 'watch' : verbOf(method, name !== ''),
    group: group ?? '',
    version: version ?? '',
    namespace,
    resource,
    name,
    subresource,
    rest: rest.join('/'),
    path,
    query,
  };
}

/** What RBAC rules name: `shoots/status`. */
export const qualifiedResource = ({
  resource,
  subresource,
}: Pick<ResourceRequest, 'resource' | 'subresource'>): string =>
  subresource ? `${resource}/${subresource}` : resource;
