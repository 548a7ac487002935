// A garden at the edge of gardenlet's tests: a KubeClient over a map that keeps finalizers, generations, conflicts and watches as the API does.
import { isDeepStrictEqual } from 'node:util';
import { KubeError } from '../../../server/kube/index.ts';
import type { KubeClient, KubeObject, Resource, WatchEvent } from '../../../server/kube/index.ts';

type Stored = KubeObject & { spec?: unknown; status?: unknown };
type Listener = (event: WatchEvent<never>) => void;

const keyOf = ({ group, plural }: Resource, name: string, namespace?: string) =>
  `${group}/${plural}/${namespace ?? ''}/${name}`;
const prefixOf = ({ group, plural }: Resource) => `${group}/${plural}/`;

/** RFC 7386. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = mergePatch(result[key], value);
  }
  return result;
}

export class FakeGarden implements KubeClient {
  /** Every write that reached it: `PATCH shoots/a status` and the like. */
  readonly writes: string[] = [];
  /** Called before each write; may throw what the API would answer. */
  onWrite: (write: string) => void = () => {};
  #objects = new Map<string, Stored>();
  #listeners = new Map<string, Set<Listener>>();
  #history: { prefix: string; version: number; event: WatchEvent<Stored> }[] = [];
  #version = 1;

  constructor(private readonly nowMs: () => number) {}

  find<T extends KubeObject>(resource: Resource, name: string, namespace?: string): T | undefined {
    return structuredClone(this.#objects.get(keyOf(resource, name, namespace))) as T | undefined;
  }

  /** As a user would create it. */
  add(resource: Resource, object: Stored): void {
    this.#put(resource, {
      ...object,
      metadata: { generation: 1, uid: `uid-${object.metadata.name}`, ...object.metadata },
    });
  }

  /** As a user would change it. */
  change(resource: Resource, name: string, namespace: string | undefined, patch: object): void {
    this.#write(resource, name, namespace, patch, '');
  }

  remove(resource: Resource, name: string, namespace?: string): void {
    const old = this.#ensure(resource, name, namespace);
    if (!old.metadata.finalizers?.length) return this.#drop(resource, old);
    if (old.metadata.deletionTimestamp) return;
    const deletionTimestamp = new Date(this.nowMs()).toISOString();
    const generation = (old.metadata.generation ?? 0) + 1;
    this.#put(resource, { ...old, metadata: { ...old.metadata, deletionTimestamp, generation } });
  }

  get = async <T extends KubeObject>(resource: Resource, name: string, namespace?: string) =>
    structuredClone(this.#ensure(resource, name, namespace)) as unknown as T;

  list = async <T extends KubeObject>(resource: Resource) => ({
    items: structuredClone(
      [...this.#objects].filter(([key]) => key.startsWith(prefixOf(resource))).map(([, object]) => object),
    ) as unknown as T[],
    resourceVersion: String(this.#version),
  });

  create = async <T extends KubeObject>(resource: Resource, object: T) => {
    const { name, namespace } = object.metadata;
    this.#note(`POST ${resource.plural}/${name}`);
    if (this.#objects.has(keyOf(resource, name, namespace))) throw new KubeError(409, 'AlreadyExists', name);
    this.add(resource, structuredClone(object) as Stored);
    return this.find<T>(resource, name, namespace)!;
  };

  update = async (): Promise<never> => {
    throw new Error('gardenlet patches');
  };

  patch = async <T extends KubeObject>(
    resource: Resource,
    name: string,
    namespace: string | undefined,
    type: string,
    patch: unknown,
    { subresource = '' }: { subresource?: string } = {},
  ) => {
    if (type !== 'merge') throw new Error(`${type} is not known here`);
    this.#note(`PATCH ${resource.plural}/${name}${subresource && ` ${subresource}`}`);
    this.#write(resource, name, namespace, patch as object, subresource);
    return (this.find<T>(resource, name, namespace) ?? {}) as T;
  };

  delete = async (resource: Resource, name: string, namespace?: string) => {
    this.#note(`DELETE ${resource.plural}/${name}`);
    this.remove(resource, name, namespace);
  };

  watch<T extends KubeObject>(
    resource: Resource,
    { resourceVersion }: { resourceVersion: string },
    onEvent: (event: WatchEvent<T>) => void,
  ) {
    for (const { prefix, version, event } of this.#history)
      if (prefix === prefixOf(resource) && version > Number(resourceVersion))
        queueMicrotask(() => onEvent(event as WatchEvent<never>));
    const listeners = this.#listeners.get(prefixOf(resource)) ?? new Set();
    this.#listeners.set(prefixOf(resource), listeners.add(onEvent as Listener));
    return { dispose: () => void listeners.delete(onEvent as Listener) };
  }

  request = async (): Promise<never> => {
    throw new Error('not known here');
  };

  dispose(): void {
    this.#listeners.clear();
  }

  /** Connections that are still open. */
  get watches(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  #note(write: string): void {
    this.writes.push(write);
    this.onWrite(write);
  }

  #ensure(resource: Resource, name: string, namespace?: string): Stored {
    const object = this.#objects.get(keyOf(resource, name, namespace));
    if (!object) throw new KubeError(404, 'NotFound', `${resource.plural} "${name}" not found`);
    return object;
  }

  #write(
    resource: Resource,
    name: string,
    namespace: string | undefined,
    patch: { metadata?: { resourceVersion?: string } },
    subresource: string,
  ): void {
    const old = this.#ensure(resource, name, namespace);
    const version = patch.metadata?.resourceVersion;
    if (version !== undefined && version !== old.metadata.resourceVersion) throw new KubeError(409, 'Conflict', name);
    const merged = mergePatch(old, patch) as Stored;
    const next = subresource === 'status' ? { ...old, status: merged.status } : { ...merged, status: old.status };
    if (!isDeepStrictEqual(next.spec, old.spec))
      next.metadata = { ...next.metadata, generation: (old.metadata.generation ?? 0) + 1 };
    if (next.metadata.deletionTimestamp && !next.metadata.finalizers?.length) this.#drop(resource, next);
    else this.#put(resource, next);
  }

  #put(resource: Resource, object: Stored): void {
    const { name, namespace } = object.metadata;
    const key = keyOf(resource, name, namespace);
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED';
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } };
    this.#objects.set(key, stored);
    this.#tell(resource, { type, object: structuredClone(stored) });
  }

  #drop(resource: Resource, object: Stored): void {
    this.#objects.delete(keyOf(resource, object.metadata.name, object.metadata.namespace));
    this.#version++;
    this.#tell(resource, { type: 'DELETED', object: structuredClone(object) });
  }

  #tell(resource: Resource, event: WatchEvent<Stored>): void {
    this.#history.push({ prefix: prefixOf(resource), version: this.#version, event });
    for (const listener of this.#listeners.get(prefixOf(resource)) ?? [])
      queueMicrotask(() => listener(event as WatchEvent<never>));
  }
}
