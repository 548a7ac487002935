// What our code says to a Kubernetes API: objects, resources and the client's interface. Free of the library behind it.
import type { Disposable } from '../common/lifecycle.ts';

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** A resource by its place in the API. `group` is '' for core. */
export interface Resource {
  group: string;
  version: string;
  plural: string;
  kind: string;
  isNamespaced: boolean;
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface ObjectList<T> {
  items: T[];
  resourceVersion: string;
}

export type PatchType = 'merge' | 'json' | 'strategic' | 'apply';

export interface WriteOptions {
  subresource?: string;
  fieldManager?: string;
  /** Server-side apply takes fields from others. */
  isForced?: boolean;
}

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  preconditions?: { uid?: string; resourceVersion?: string };
}

export type WatchEvent<T> = { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: T };

/** Throws KubeError for every answer that is not 2xx, and for a server that does not answer. */
export interface KubeClient extends Disposable {
  get<T extends KubeObject>(resource: Resource, name: string, namespace?: string): Promise<T>;
  list<T extends KubeObject>(resource: Resource, options?: ListOptions): Promise<ObjectList<T>>;
  create<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions & { name?: string }): Promise<T>;
  /** PUT; a stale resourceVersion throws a conflict. */
  update<T extends KubeObject>(resource: Resource, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(
    resource: Resource,
    name: string,
    namespace: string | undefined,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions,
  ): Promise<T>;
  delete(resource: Resource, name: string, namespace?: string, options?: DeleteOptions): Promise<void>;
  /**
   * One watch connection from `resourceVersion` on. `onEvent` gets every event in order; `onEnd` is called once, with the fault if it
   * did not end by itself. Use an informer unless a single connection is wanted.
   */
  watch<T extends KubeObject>(
    resource: Resource,
    options: ListOptions & { resourceVersion: string },
    onEvent: (event: WatchEvent<T>) => void,
    onEnd: (fault?: Error) => void,
  ): Disposable;
  /** Any other path of the API, JSON in and out: subresources, health. */
  request<T>(method: string, path: string, body?: unknown): Promise<T>;
}

export interface InformerHandlers<T> {
  onAdd?(object: T): void;
  onUpdate?(object: T, old: T): void;
  onDelete?(object: T): void;
}

/** A list that is kept up to date: list, watch, and again after any fault, with back-off. */
export interface Informer<T extends KubeObject> extends Disposable {
  /** Resolves when the first list is in. */
  readonly synced: Promise<void>;
  /** Why the list cannot be kept up to date at the moment; undefined while it is. */
  readonly fault?: Error;
  get(name: string, namespace?: string): T | undefined;
  list(): T[];
  /** Handlers are told of what is there already, too. */
  subscribe(handlers: InformerHandlers<T>): Disposable;
}
