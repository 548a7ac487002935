// The objects in memory: by resource, namespace and name, with one growing resourceVersion and a bounded history for watches.
import { randomUUID } from 'node:crypto';
import type { Disposable } from '../common/lifecycle.ts';
import { toDisposable } from '../common/lifecycle.ts';
import { createAlreadyExists, createConflict, createForbidden, createNotFound, StatusError } from './errors.ts';
import { deepFreeze, toTime, weigh } from './objects.ts';
import type { Registry } from './registry.ts';
import type { ApiObject, GroupResource, ObjectMeta, Reader } from './types.ts';

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Key of the resource, see Registry.keyOf. */
  readonly key: string;
  /** For DELETED: the last state, with the resourceVersion of the deletion. */
  readonly object: ApiObject;
  readonly old: ApiObject | undefined;
  readonly resourceVersion: number;
}

/** All objects are frozen and in the version that is stored. Writes are told to watchers before they return; watchers must not write. */
export interface Store extends Reader {
  readonly resourceVersion: number;
  /** Objects of all resources. */
  readonly size: number;
  /** Throws 409 when the name is taken, 403 when the store is full. Sets the resourceVersion. */
  insert(resource: GroupResource, object: ApiObject): ApiObject;
  /** Throws 404, and 409 when the object's resourceVersion is not the stored one. */
  replace(resource: GroupResource, object: ApiObject): ApiObject;
  /** Throws 404. Gives the last state back. */
  remove(resource: GroupResource, name: string, namespace?: string): ApiObject;
  /** Puts objects as they are; uid, creationTimestamp and resourceVersion are filled in. What is there already is replaced. */
  load(objects: readonly ApiObject[]): void;
  /** Told of every write to a resource, or to all of them. */
  subscribe(resource: GroupResource | undefined, onEvent: (event: StoreEvent) => void): Disposable;
  /** What happened to a resource after `resourceVersion`, oldest first. Throws 410 when that is forgotten. */
  eventsSince(resource: GroupResource, resourceVersion: number): StoreEvent[];
  /** The objects of a resource as they were at `resourceVersion`, in order of their keys. Throws 410 when that is forgotten. */
  listAt(resource: GroupResource, namespace: string | undefined, resourceVersion: number): readonly ApiObject[];
}

export interface StoreLimits {
  maxObjects: number;
  maxBytes: number;
  /** How many of the last writes watches can start from, and how much they may weigh. */
  maxHistoryEvents: number;
  maxHistoryBytes: number;
}

export const defaultStoreLimits: StoreLimits = {
  maxObjects: 20_000,
  maxBytes: 64 * 1024 * 1024,
  maxHistoryEvents: 2_000,
  maxHistoryBytes: 8 * 1024 * 1024,
};

const entryKey = (name: string, namespace: string | undefined) => (namespace ? `${namespace}/${name}` : name);

// As Kubernetes writes them; clients that print JSON show the order.
const metadataFields = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const;

function inOrder(metadata: ObjectMeta): ObjectMeta {
  const ordered: Record<string, unknown> = {};
  for (const field of metadataFields) if (metadata[field] !== undefined) ordered[field] = metadata[field];
  return ordered as unknown as ObjectMeta;
}

class Table {
  readonly entries = new Map<string, ApiObject>();
  readonly listeners = new Set<(event: StoreEvent) => void>();
  #sorted: ApiObject[] | undefined;

  /** In the order of etcd's keys. */
  get sorted(): readonly ApiObject[] {
    this.#sorted ??= [...this.entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
    return this.#sorted;
  }

  set(key: string, object: ApiObject): void {
    this.entries.set(key, object);
    this.#sorted = undefined;
  }

  delete(key: string): void {
    this.entries.delete(key);
    this.#sorted = undefined;
  }
}

export interface StoreOptions {
  registry: Registry;
  now(): number;
  limits?: Partial<StoreLimits>;
}

export function createStore({ registry, now, limits: given }: StoreOptions): Store {
  const limits = { ...defaultStoreLimits, ...given };
  const tables = new Map<string, Table>();
  const everyListener = new Set<(event: StoreEvent) => void>();
  const weights = new WeakMap<ApiObject, number>();
  let history: StoreEvent[] = [];
  let historyBytes = 0;
  let resourceVersion = 1;
  let oldestVersion = 1;
  let size = 0;
  let bytes = 0;

  const weightOf = (object: ApiObject): number => {
    let weight = weights.get(object);
    if (weight === undefined) weights.set(object, (weight = weigh(object)));
    return weight;
  };
  const tableOf = (resource: GroupResource): Table => {
    const key = registry.keyOf(resource);
    let table = tables.get(key);
    if (!table) tables.set(key, (table = new Table()));
    return table;
  };
  const withVersion = (object: ApiObject): ApiObject => {
    const metadata = inOrder({ ...object.metadata, resourceVersion: String(++resourceVersion) });
    return deepFreeze({ ...object, metadata });
  };
  const ensureRoom = (resource: GroupResource, object: ApiObject) => {
    if (size < limits.maxObjects && bytes + weightOf(object) <= limits.maxBytes) return;
    const { name } = object.metadata;
    throw createForbidden(
      resource,
      name,
      `this API server holds at most ${limits.maxObjects} objects of ${Math.round(limits.maxBytes / 1024 / 1024)} MiB together; delete some first`,
    );
  };
  const trimHistory = () => {
    let drop = 0;
    while (history.length - drop > limits.maxHistoryEvents || historyBytes > limits.maxHistoryBytes) {
      const event = history[drop];
      if (!event) break;
      historyBytes -= weightOf(event.object);
      oldestVersion = event.resourceVersion;
      drop++;
    }
    if (drop) history = history.slice(drop);
  };
  const tell = (table: Table, event: StoreEvent) => {
    history.push(event);
    historyBytes += weightOf(event.object);
    // Trimming copies the rest: do it seldom.
    if (history.length > limits.maxHistoryEvents * 1.25 || historyBytes > limits.maxHistoryBytes) trimHistory();
    for (const listener of [...table.listeners]) listener(event);
    for (const listener of [...everyListener]) listener(event);
  };
  const put = (resource: GroupResource, object: ApiObject, old: ApiObject | undefined): ApiObject => {
    const table = tableOf(resource);
    const next = withVersion(object);
    table.set(entryKey(next.metadata.name, next.metadata.namespace), next);
    if (!old) size++;
    bytes += weightOf(next) - (old ? weightOf(old) : 0);
    const type = old ? 'MODIFIED' : 'ADDED';
    tell(table, { type, key: registry.keyOf(resource), object: next, old, resourceVersion });
    return next;
  };
  const find = (resource: GroupResource, name: string, namespace?: string) =>
    tableOf(resource).entries.get(entryKey(name, namespace));
  const ensureRemembered = (from: number) => {
    if (from >= oldestVersion) return;
    throw new StatusError(410, 'Expired', `too old resource version: ${from} (${oldestVersion})`);
  };

  const store: Store = {
    get resourceVersion() {
      return resourceVersion;
    },
    get size() {
      return size;
    },
    get: find,
    list(resource, namespace) {
      const { sorted } = tableOf(resource);
      return namespace ? sorted.filter((object) => object.metadata.namespace === namespace) : sorted;
    },
    insert(resource, object) {
      const { name, namespace } = object.metadata;
      if (find(resource, name, namespace)) throw createAlreadyExists(resource, name);
      ensureRoom(resource, object);
      return put(resource, object, undefined);
    },
    replace(resource, object) {
      const { name, namespace } = object.metadata;
      const old = find(resource, name, namespace);
      if (!old) throw createNotFound(resource, name);
      if (old.metadata.resourceVersion !== object.metadata.resourceVersion) {
        throw createConflict(
          resource,
          name,
          'the object has been modified; please apply your changes to the latest version and try again',
        );
      }
      return put(resource, object, old);
    },
    remove(resource, name, namespace) {
      const old = find(resource, name, namespace);
      if (!old) throw createNotFound(resource, name);
      const table = tableOf(resource);
      table.delete(entryKey(name, namespace));
      size--;
      bytes -= weightOf(old);
      tell(table, { type: 'DELETED', key: registry.keyOf(resource), object: withVersion(old), old, resourceVersion });
      return old;
    },
    load(objects) {
      for (const given of objects) {
        const kind = registry.findByKind(given.apiVersion, given.kind);
        if (!kind) throw new Error(`${given.apiVersion} ${given.kind} is not served`);
        const { name, namespace } = given.metadata;
        const metadata = {
          ...given.metadata,
          uid: given.metadata.uid || randomUUID(),
          creationTimestamp: given.metadata.creationTimestamp || toTime(now()),
        };
        put(kind, registry.toStorage(kind, { ...given, metadata }), find(kind, name, namespace));
      }
    },
    subscribe(resource, onEvent) {
      const listeners = resource ? tableOf(resource).listeners : everyListener;
      listeners.add(onEvent);
      return toDisposable(() => listeners.delete(onEvent));
    },
    eventsSince(resource, from) {
      ensureRemembered(from);
      const key = registry.keyOf(resource);
      return history.filter((event) => event.resourceVersion > from && event.key === key);
    },
    listAt(resource, namespace, at) {
      const objects = new Map(tableOf(resource).entries);
      for (const event of store.eventsSince(resource, at).reverse()) {
        const key = entryKey(event.object.metadata.name, event.object.metadata.namespace);
        if (event.old) objects.set(key, event.old);
        else objects.delete(key);
      }
      return [...objects]
        .filter(([, object]) => !namespace || object.metadata.namespace === namespace)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, object]) => object);
    },
  };
  return store;
}
