// What is no resource: discovery, OpenAPI, version and health.
import { createMethodNotAllowed, createUnknownResource } from '../errors.ts';
import { aggregatedContentType } from '../discovery.ts';
import { wantsAggregatedDiscovery } from '../negotiation.ts';
import type { Answer, ServerContext } from './request.ts';
import { answerObject, answerText } from './request.ts';

export interface PathRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  accept: string | undefined;
  /** host:port of this server, as clients reach it. */
  address: string;
}

const notFound = (): Answer => answerText('404 page not found\n', 404);

const healthPaths = ['/healthz', '/livez', '/readyz'];
const healthChecks = ['ping', 'log', 'etcd', 'poststarthook/rbac/bootstrap-roles'];

function health(path: string, query: URLSearchParams): Answer {
  const root = healthPaths.find((candidate) => path === candidate || path.startsWith(`${candidate}/`));
  if (!root) return notFound();
  const check = path.slice(root.length + 1);
  if (check) return healthChecks.includes(check) ? answerText('ok') : notFound();
  if (!query.has('verbose')) return answerText('ok');
  const excluded = query.getAll('exclude');
  const lines = healthChecks.map((name) => (excluded.includes(name) ? `[+]${name} excluded: ok` : `[+]${name} ok`));
  return answerText(`${lines.join('\n')}\n${root.slice(1)} check passed\n`);
}

const aggregated = (object: object): Answer => ({
  type: 'text',
  code: 200,
  contentType: aggregatedContentType,
  text: JSON.stringify(object),
});

function discover({ discovery }: ServerContext, { path, accept, address }: PathRequest): Answer {
  const [root, group, version, ...rest] = path.split('/').filter(Boolean);
  if (rest.length) return notFound();
  if (root === 'api') {
    if (!group)
      return wantsAggregatedDiscovery(accept)
        ? aggregated(discovery.aggregatedApi())
        : answerObject(discovery.api(address));
    const resources = version ? undefined : discovery.groupVersion('', group);
    if (!resources) throw createUnknownResource();
    return answerObject(resources);
  }
  if (!group)
    return wantsAggregatedDiscovery(accept) ? aggregated(discovery.aggregatedApis()) : answerObject(discovery.apis());
  const found = version ? discovery.groupVersion(group, version) : discovery.group(group);
  return found ? answerObject(found) : notFound();
}

function describe({ openApi }: ServerContext, path: string, accept: string | undefined): Answer {
  const json = (text: string): Answer => ({ type: 'text', code: 200, contentType: 'application/json', text });
  if (path === '/openapi/v2') {
    const { contentType, body } = openApi.v2(accept);
    return { type: 'text', code: 200, contentType, text: body };
  }
  if (path === '/openapi/v3' || path === '/openapi/v3/') return answerObject(openApi.v3Index());
  const document = path.startsWith('/openapi/v3/') ? openApi.v3(path.slice('/openapi/v3/'.length)) : undefined;
  return document === undefined ? notFound() : json(document);
}

function versionOf({ gitVersion }: ServerContext): object {
  const [, major = '', minor = ''] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  return {
    major,
    minor,
    gitVersion,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '',
    goVersion: '',
    compiler: '',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}

function openApi({ openApi: documents }: ServerContext, { path, accept }: PathRequest): Answer {
  if (path === '/openapi/v3' || path === '/openapi/v3/') return answerObject(documents.v3Index());
  if (path === '/openapi/v2') {
    const { contentType, body } = documents.v2(accept);
    return { type: 'text', code: 200, contentType, text: body };
  }
  const text = documents.v3(path.replace(/^\/openapi\/v3\//, ''));
  return text === undefined ? notFound() : { type: 'text', code: 200, contentType: 'application/json', text };
}

/** Throws 404 as a Status for what lies under a served prefix. */
export function handlePath(context: ServerContext, request: PathRequest): Answer {
  const { method, path, query } = request;
  const first = path.split('/')[1] ?? '';
  if (healthPaths.includes(`/${first}`)) return health(path, query);
  if (method !== 'GET' && method !== 'HEAD') throw createMethodNotAllowed();
  if (path === '/')
    return answerObject({
      paths: [...context.discovery.paths(), ...healthPaths, '/openapi/v2', '/openapi/v3', '/version'].sort(),
    });
  if (first === 'api' || first === 'apis') return discover(context, request);
  if (first === 'openapi') return describe(context, path, request.accept);
  if (first === 'openapi') return openApi(context, request);
  if (path === '/version' || path === '/version/') return answerObject(versionOf(context));
  return notFound();
}
