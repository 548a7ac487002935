// A KubeClient over objects in memory: what a Kubernetes API does with them, as far as controllers need it in their tests.
import { KubeError, keyOf } from '../../server/kube/index.ts';
import type { KubeClient, KubeObject, Resource, WatchEvent } from '../../server/kube/index.ts';

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

function merge(target: Tree, patch: Tree): Tree {
  const merged = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else if (value !== undefined)
      merged[key] = isTree(value) ? merge(isTree(merged[key]) ? merged[key] : {}, value) : value;
  }
  return merged;
}

export interface MemoryKube {
  client: KubeClient;
  /** Puts an object as it is, and tells the watchers. */
  put(resource: Resource, object: KubeObject): void;
  get<T extends KubeObject>(resource: Resource, name: string, namespace?: string): T | undefined;
  list<T extends KubeObject>(resource: Resource): T[];
  /** Writes in order, as `create secrets garden/a`, without those of events. */
  readonly writes: string[];
}

export function createMemoryKube(): MemoryKube {
  const tables = new Map<string, Map<string, KubeObject>>();
  const watchers = new Map<string, Set<(event: WatchEvent<KubeObject>) => void>>();
  const writes: string[] = [];
  let version = 0;
  const idOf = ({ plural, group }: Resource) => (plural === 'events' ? 'events' : `${plural}.${group}`);
  const tableOf = (resource: Resource) => {
    const table = tables.get(idOf(resource)) ?? new Map<string, KubeObject>();
    tables.set(idOf(resource), table);
    return table;
  };
  const keyFor = (name: string, namespace?: string) => (namespace ? `${namespace}/${name}` : name);
  const tell = (resource: Resource, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject) =>
    watchers.get(idOf(resource))?.forEach((onEvent) => onEvent({ type, object }));
  const note = (verb: string, resource: Resource, key: string) => {
    if (resource.plural !== 'events') writes.push(`${verb} ${resource.plural} ${key}`);
  };
  const fail = (code: number, reason: string, resource: Resource, key: string): never => {
    throw new KubeError(code, reason, `${resource.plural} "${key}": ${reason}`);
  };
  const find = (resource: Resource, key: string): KubeObject =>
    tableOf(resource).get(key) ?? fail(404, 'NotFound', resource, key);

  function store(resource: Resource, object: KubeObject, old?: KubeObject): KubeObject {
    const specOf = (one?: KubeObject) => JSON.stringify((one as { spec?: unknown } | undefined)?.spec);
    const isSpecChanged = specOf(object) !== specOf(old);
    const metadata = {
      uid: `uid-of-${keyOf(object)}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...object.metadata,
      generation:
        (old?.metadata.generation ?? object.metadata.generation ?? 0) + (isSpecChanged && old ? 1 : old ? 0 : 1),
      resourceVersion: String(++version),
    };
    const stored = { ...object, metadata };
    if (metadata.deletionTimestamp && !metadata.finalizers?.length) {
      tableOf(resource).delete(keyOf(stored));
      tell(resource, 'DELETED', stored);
    } else {
      tableOf(resource).set(keyOf(stored), stored);
      tell(resource, old ? 'MODIFIED' : 'ADDED', stored);
    }
    return stored;
  }

  const client: KubeClient = {
    get: async (resource, name, namespace) => find(resource, keyFor(name, namespace)) as never,
    async list(resource, { namespace, labelSelector } = {}) {
      const labels = (labelSelector?.split(',') ?? []).map((part) => part.split('='));
      const items = [...tableOf(resource).values()].filter(
        ({ metadata }) =>
          (!namespace || !metadata.namespace || metadata.namespace === namespace) &&
          labels.every(([key = '', value]) => metadata.labels?.[key] === value),
      );
      return { items: items as never[], resourceVersion: String(version) };
    },
    async create(resource, object) {
      const suffix = object.metadata.generateName ? `${object.metadata.generateName}x${version}` : object.metadata.name;
      const named = { ...object, metadata: { ...object.metadata, name: suffix } };
      const key = keyOf(named);
      if (tableOf(resource).has(key)) fail(409, 'AlreadyExists', resource, key);
      note('create', resource, key);
      return store(resource, named) as never;
    },
    async update(resource, object, options = {}) {
      const key = keyOf(object);
      const old = find(resource, key);
      const { resourceVersion } = object.metadata;
      if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) fail(409, 'Conflict', resource, key);
      note(options.subresource ? `update ${options.subresource} of` : 'update', resource, key);
      return store(resource, object, old) as never;
    },
    async patch(resource, name, namespace, _type, patch, options = {}) {
      const key = keyFor(name, namespace);
      const old = find(resource, key);
      const { resourceVersion } = ((patch as Tree).metadata ?? {}) as { resourceVersion?: string };
      if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) fail(409, 'Conflict', resource, key);
      note(options.subresource ? `patch ${options.subresource} of` : 'patch', resource, key);
      return store(resource, merge(old as unknown as Tree, patch as Tree) as unknown as KubeObject, old) as never;
    },
    async delete(resource, name, namespace, { preconditions = {} } = {}) {
      const key = keyFor(name, namespace);
      const old = find(resource, key);
      const { uid = old.metadata.uid, resourceVersion = old.metadata.resourceVersion } = preconditions;
      if (uid !== old.metadata.uid || resourceVersion !== old.metadata.resourceVersion)
        fail(409, 'Conflict', resource, key);
      note('delete', resource, key);
      store(resource, { ...old, metadata: { ...old.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }, old);
    },
    watch(resource, _options, onEvent) {
      const listener = onEvent as (event: WatchEvent<KubeObject>) => void;
      const listeners = watchers.get(idOf(resource)) ?? new Set();
      watchers.set(idOf(resource), listeners.add(listener));
      return { dispose: () => void listeners.delete(listener) };
    },
    request: async () => fail(404, 'NotFound', { plural: 'paths', group: '' } as Resource, ''),
    dispose: () => undefined,
  };
  return {
    client,
    writes,
    put: (resource, object) => void store(resource, object, tableOf(resource).get(keyOf(object))),
    get: <T extends KubeObject>(resource: Resource, name: string, namespace?: string) =>
      tableOf(resource).get(keyFor(name, namespace)) as T | undefined,
    list: <T extends KubeObject>(resource: Resource) => [...tableOf(resource).values()] as T[],
  };
}
