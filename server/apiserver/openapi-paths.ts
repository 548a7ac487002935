// The paths of an OpenAPI document: operations of each resource, as far as clients read them.
import { patchContentTypes } from './patch/index.ts';
import type { Kind, Subresource } from './types.ts';

interface Operation {
  tags: string[];
  operationId: string;
  'x-kubernetes-action': string;
  'x-kubernetes-group-version-kind': { group: string; version: string; kind: string };
  parameters?: object[];
  requestBody?: object;
  responses: object;
}

type PathItem = Record<string, Operation | { tags: string[]; operationId: string; responses: object }>;
export type OpenApiPaths = Record<string, PathItem>;

const query = (name: string, type: string) => ({ name, in: 'query', schema: { type, uniqueItems: true } });
const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => query(name, 'string'));
const listParameters = [
  ...['continue', 'fieldSelector', 'labelSelector', 'resourceVersion', 'resourceVersionMatch'].map((name) =>
    query(name, 'string'),
  ),
  query('limit', 'integer'),
  query('timeoutSeconds', 'integer'),
  query('watch', 'boolean'),
];
const deleteParameters = [
  query('dryRun', 'string'),
  query('gracePeriodSeconds', 'integer'),
  query('propagationPolicy', 'string'),
];

// Verb of the API → method, whether it is on the collection, parameters, and the word in operationId.
const operations = {
  list: { method: 'get', isOfCollection: true, parameters: listParameters, word: 'list' },
  create: { method: 'post', isOfCollection: true, parameters: writeParameters, word: 'create' },
  deletecollection: { method: 'delete', isOfCollection: true, parameters: listParameters, word: 'deleteCollection' },
  get: { method: 'get', isOfCollection: false, parameters: undefined, word: 'read' },
  update: { method: 'put', isOfCollection: false, parameters: writeParameters, word: 'replace' },
  patch: {
    method: 'patch',
    isOfCollection: false,
    parameters: [...writeParameters, query('force', 'boolean')],
    word: 'patch',
  },
  delete: { method: 'delete', isOfCollection: false, parameters: deleteParameters, word: 'delete' },
} as const;

/** kubectl apply merges strategically where it finds that type here. */
const patchBody = {
  required: true,
  content: Object.fromEntries(
    patchContentTypes.map((type) => [
      type,
      { schema: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Patch' } },
    ]),
  ),
};

const actions: Readonly<Record<string, string>> = { create: 'post', update: 'put' };
const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const pascal = (group: string): string => group.split(/[.-]/).map(upperFirst).join('');

/** `coreV1`, `appsV1`, `coreGardenerCloudV1beta1`, as in operation ids; `_` separates in tags. */
const groupWords = ({ group, version }: Kind): { id: string; tag: string } => {
  const words = pascal((group || 'core').replace(/\.k8s\.io$/, ''));
  return { id: words + upperFirst(version), tag: `${words.charAt(0).toLowerCase()}${words.slice(1)}_${version}` };
};

function operationsOf(kind: Kind, isOfCollection: boolean, subresource?: Subresource): PathItem {
  const { id, tag } = groupWords(kind);
  const answer = subresource?.kind ?? kind;
  const item: PathItem = {};
  for (const [verb, operation] of Object.entries(operations)) {
    const isCollection = subresource ? false : operation.isOfCollection;
    if (isCollection !== isOfCollection || !(subresource ?? kind).verbs.includes(verb as keyof typeof operations))
      continue;
    const scope = kind.isNamespaced ? 'Namespaced' : '';
    item[operation.method] = {
      tags: [tag],
      operationId: `${operation.word}${id}${scope}${kind.kind}${upperFirst(subresource?.name ?? '')}`,
      'x-kubernetes-action': actions[verb] ?? verb,
      'x-kubernetes-group-version-kind': { group: answer.group, version: answer.version, kind: answer.kind },
      ...(operation.parameters && { parameters: [...operation.parameters] }),
      ...(verb === 'patch' && { requestBody: patchBody }),
      responses: { [verb === 'create' ? '201' : '200']: answerOf(kind, verb, subresource) },
    };
  }
  return item;
}

const answerOf = ({ schemaName }: Kind, verb: string, subresource: Subresource | undefined): object => {
  if (subresource?.kind) return { description: 'OK' };
  const name = verb === 'list' ? `${schemaName}List` : schemaName;
  return { description: 'OK', content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } } };
};

/** Of one group and version: `path` is its place, `apis/apps/v1`. */
export function pathsOf(path: string, kinds: readonly Kind[]): OpenApiPaths {
  const ok = { 200: { description: 'OK' } };
  const root: OpenApiPaths = { [`/${path}/`]: { get: { tags: [path], operationId: `get_${path}`, responses: ok } } };
  for (const kind of kinds) {
    const collection = kind.isNamespaced ? `/${path}/namespaces/{namespace}/${kind.plural}` : `/${path}/${kind.plural}`;
    root[collection] = operationsOf(kind, true);
    if (kind.isNamespaced && kind.verbs.includes('list')) {
      const { get } = root[collection];
      if (get) root[`/${path}/${kind.plural}`] = { get };
    }
    const item = operationsOf(kind, false);
    if (Object.keys(item).length) root[`${collection}/{name}`] = item;
    for (const subresource of kind.subresources)
      root[`${collection}/{name}/${subresource.name}`] = operationsOf(kind, false, subresource);
  }
  return root;
}
