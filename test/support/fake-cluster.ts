// A cluster of pods and leases in memory, at the edge of session and gateway tests: uids, preconditions, graceful deletion, watches; no kubelet.
import { randomUUID } from 'node:crypto';
import {
  KubeError,
  type KubeClient,
  type KubeObject,
  type Resource,
  type WatchEvent,
} from '../../server/kube/index.ts';
import type { Clock } from '../../server/common/clock.ts';
import type { KubeEvent, Pod } from '../../server/session/index.ts';
import type { PodCondition } from '../../server/session/types.ts';

const plurals: Record<string, string> = { Pod: 'pods', Lease: 'leases' };

type Watcher = (event: WatchEvent<KubeObject>) => void;

export class FakeCluster {
  /** Verbs in order: `create session-…`. */
  readonly calls: string[] = [];
  /** Pods whose deletion waits until `finishDeletion`. */
  isGraceful = false;
  /** Thrown by the next calls, until it is undefined again. */
  fault: KubeError | undefined;
  readonly client: KubeClient;
  readonly #objects = new Map<string, KubeObject>();
  readonly #watchers = new Map<string, Set<Watcher>>();
  #version = 100;

  constructor(private readonly clock: Clock) {
    this.client = this.#createClient();
  }

  get pods(): Pod[] {
    return [...this.#objects.values()].filter((object): object is Pod => object.kind === 'Pod');
  }

  podOf(login: string): Pod {
    const pod = this.pods.find(
      ({ metadata }) => metadata.annotations?.['playground.gardener.cloud/user-login'] === login,
    );
    if (!pod) throw new Error(`no pod of ${login}`);
    return pod;
  }

  /** As a kubelet reports it. */
  setStatus(pod: Pod, status: Pod['status']): Pod {
    const changed: Pod = { ...pod, status: { ...pod.status, ...status } };
    this.#store('MODIFIED', changed);
    return changed;
  }

  makeReady(pod: Pod, podIP = '127.0.0.1'): Pod {
    const at = new Date(this.clock.now()).toISOString();
    const conditions = ['PodScheduled', 'ContainersReady', 'Ready'].map((type): PodCondition => ({
      type,
      status: 'True',
      lastTransitionTime: at,
    }));
    return this.setStatus(pod, { phase: 'Running', podIP, startTime: at, conditions });
  }

  finishDeletion(pod: Pod): void {
    this.#objects.delete(this.#keyOf('pods', pod.metadata.name));
    this.#tell('pods', { type: 'DELETED', object: pod });
  }

  addEvent(pod: Pod, reason: string, message: string, extra: Partial<KubeEvent> = {}): void {
    const name = `${pod.metadata.name}.${++this.#version}`;
    const event: KubeEvent = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: pod.metadata.namespace, uid: randomUUID() },
      involvedObject: {
        kind: 'Pod',
        name: pod.metadata.name,
        uid: pod.metadata.uid,
        fieldPath: 'spec.containers{garden}',
      },
      reason,
      message,
      type: 'Normal',
      firstTimestamp: new Date(this.clock.now()).toISOString(),
      ...extra,
    };
    this.#store('ADDED', event);
  }

  #keyOf = (plural: string, name: string) => `${plural}/${name}`;

  #tell(plural: string, event: WatchEvent<KubeObject>): void {
    for (const watcher of [...(this.#watchers.get(plural) ?? [])]) watcher(structuredClone(event));
  }

  #store(type: 'ADDED' | 'MODIFIED', object: KubeObject): void {
    const plural = plurals[object.kind] ?? 'events';
    object.metadata = { ...object.metadata, resourceVersion: String(++this.#version) };
    this.#objects.set(this.#keyOf(plural, object.metadata.name), object);
    this.#tell(plural, { type, object });
  }

  #find({ plural }: Resource, name: string): KubeObject {
    const object = this.#objects.get(this.#keyOf(plural, name));
    if (!object) throw new KubeError(404, 'NotFound', `${plural} "${name}" not found`);
    return object;
  }

  #note(verb: string, name: string, { plural }: Resource): void {
    // The leader's lease is renewed all the time: no test wants to count that.
    if (plural !== 'leases') this.calls.push(`${verb} ${name}`);
    if (this.fault) throw this.fault;
  }

  #ensureSame(given: { uid?: string; resourceVersion?: string } | undefined, { metadata }: KubeObject): void {
    const { uid = metadata.uid, resourceVersion = metadata.resourceVersion } = given ?? {};
    if (uid !== metadata.uid || resourceVersion !== metadata.resourceVersion)
      throw new KubeError(409, 'Conflict', `${metadata.name} has been modified`);
  }

  #create(resource: Resource, object: KubeObject): KubeObject {
    const { name } = object.metadata;
    this.#note('create', name, resource);
    if (this.#objects.has(this.#keyOf(resource.plural, name)))
      throw new KubeError(409, 'AlreadyExists', `${resource.plural} "${name}" already exists`);
    const creationTimestamp = new Date(this.clock.now()).toISOString();
    const created = { ...object, metadata: { ...object.metadata, uid: randomUUID(), creationTimestamp } };
    this.#store('ADDED', created);
    return created;
  }

  #patch(resource: Resource, name: string, patch: Partial<KubeObject>): KubeObject {
    this.#note('patch', name, resource);
    const old = this.#find(resource, name);
    this.#ensureSame(patch.metadata, old);
    const notes: Record<string, string | null> = { ...old.metadata.annotations, ...patch.metadata?.annotations };
    const annotations = Object.fromEntries(
      Object.entries(notes).filter((note): note is [string, string] => note[1] !== null),
    );
    const patched = { ...old, metadata: { ...old.metadata, annotations } };
    this.#store('MODIFIED', patched);
    return patched;
  }

  #update(resource: Resource, object: KubeObject): KubeObject {
    this.#note('update', object.metadata.name, resource);
    this.#ensureSame(object.metadata, this.#find(resource, object.metadata.name));
    const updated = { ...object };
    this.#store('MODIFIED', updated);
    return updated;
  }

  #delete(resource: Resource, name: string, preconditions?: { uid?: string; resourceVersion?: string }): void {
    this.#note('delete', name, resource);
    const old = this.#find(resource, name);
    this.#ensureSame(preconditions, old);
    if (!this.isGraceful) return this.finishDeletion(old as Pod);
    const deletionTimestamp = new Date(this.clock.now()).toISOString();
    this.#store('MODIFIED', { ...old, metadata: { ...old.metadata, deletionTimestamp } });
  }

  #createClient(): KubeClient {
    return {
      get: async (resource, name) => {
        this.#note('get', name, resource);
        return structuredClone(this.#find(resource, name)) as never;
      },
      list: async ({ plural }) => {
        const items = [...this.#objects].filter(([key]) => key.startsWith(`${plural}/`)).map(([, object]) => object);
        return { items: structuredClone(items) as never[], resourceVersion: String(this.#version) };
      },
      create: async (resource, object) => structuredClone(this.#create(resource, object)) as never,
      update: async (resource, object) => structuredClone(this.#update(resource, object)) as never,
      patch: async (resource, name, _namespace, _type, patch) =>
        structuredClone(this.#patch(resource, name, patch as Partial<KubeObject>)) as never,
      delete: async (resource, name, _namespace, options) => this.#delete(resource, name, options?.preconditions),
      watch: ({ plural }, _options, onEvent) => {
        const watchers = this.#watchers.get(plural) ?? new Set<Watcher>();
        this.#watchers.set(plural, watchers.add(onEvent as Watcher));
        return { dispose: () => void watchers.delete(onEvent as Watcher) };
      },
      // Whatever it is asked for: SelfSubjectAccessReviews.
      request: async () => ({ status: { allowed: true } }) as never,
      dispose: () => undefined,
    };
  }
}
