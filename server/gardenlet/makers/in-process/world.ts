// The cluster as its controllers see it: a store to read, and small writes that behave as the API's would.
import { randomUUID } from 'node:crypto';
import { deepCopy, isDeepEqual, toTime } from '../../../apiserver/objects.ts';
import type { RestContext } from '../../../apiserver/rest/context.ts';
import { createObject } from '../../../apiserver/rest/create.ts';
import type { Store } from '../../../apiserver/store.ts';
import type { ApiObject, GroupResource, ObjectMeta } from '../../../apiserver/types.ts';
import { randomSuffix } from './names.ts';
import { isDeleting, kinds } from './objects.ts';

export type Draft<T extends ApiObject> = Omit<T, 'metadata'> & {
  metadata: Omit<ObjectMeta, 'uid' | 'resourceVersion' | 'creationTimestamp'>;
};

type ApiObjectDraft = { apiVersion: string; kind: string; metadata: Partial<ObjectMeta>; spec?: unknown };

export interface World {
  readonly store: Store;
  readonly nowMs: number;
  /** How many times faster than life the cluster runs: delays are divided by it. */
  readonly speed: number;
  list<T extends ApiObject>(resource: GroupResource, namespace?: string): readonly T[];
  get<T extends ApiObject>(resource: GroupResource, name: string, namespace?: string): T | undefined;
  /** Stored as it is, with uid, creation time and generation filled in. */
  create<T extends ApiObject>(resource: GroupResource, draft: Draft<T>): T;
  /** As a POST of the controller `manager` would: with defaults, checks and admission. Throws a StatusError. */
  post(draft: ApiObjectDraft, manager: string): void;
  /**
   * Writes what `change` makes of a copy of the object as it is now, unless that is as before or the object is gone;
   * a changed spec raises the generation.
   */
  update<T extends ApiObject>(resource: GroupResource, object: T, change: (copy: T) => void): void;
  /** As DELETE does: with finalizers left or grace to wait for, the object stays with a deletionTimestamp. */
  delete(resource: GroupResource, object: ApiObject, graceSeconds?: number): void;
  /** As the kubelet ends a pod, or the API an object that nothing holds any longer. */
  remove(resource: GroupResource, object: ApiObject): void;
  event(object: ApiObject, type: 'Normal' | 'Warning', reason: string, message: string, component: string): void;
}

const initialMetadata = (metadata: Draft<ApiObject>['metadata'], nowMs: number, hasSpec: boolean): ObjectMeta => ({
  ...metadata,
  uid: randomUUID(),
  resourceVersion: '',
  creationTimestamp: toTime(nowMs),
  ...(hasSpec && { generation: 1 }),
});

function writeEvent(world: World, ...[object, type, reason, message, component]: Parameters<World['event']>): void {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace = 'default', uid, resourceVersion } = metadata;
  const now = toTime(world.nowMs);
  world.create(kinds.events, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${randomSuffix(16)}`, namespace },
    involvedObject: { apiVersion, kind, name, namespace: metadata.namespace, uid, resourceVersion },
    type,
    reason,
    message,
    source: { component },
    reportingComponent: component,
    reportingInstance: '',
    firstTimestamp: now,
    lastTimestamp: now,
    eventTime: null,
    count: 1,
  });
}

/** Writes as a controller of kube-controller-manager. */
const writeAs = (manager: string) => ({
  user: { name: `system:serviceaccount:kube-system:${manager}`, groups: ['system:masters'] },
  isDryRun: false,
  fieldManager: 'kube-controller-manager',
  warn: () => undefined,
});

export function createWorld(context: RestContext, speed: number): World {
  const { store, registry, clock } = context;
  const world: World = {
    store,
    speed,
    get nowMs() {
      return clock.now();
    },
    list: (resource, namespace) => store.list(resource, namespace) as readonly never[],
    get: (resource, name, namespace) => store.get(resource, name, namespace) as never,
    create(resource, draft) {
      const metadata = initialMetadata(draft.metadata, world.nowMs, draft.spec !== undefined);
      return store.insert(resource, { ...(draft as object), metadata } as ApiObject) as never;
    },
    post(draft, manager) {
      const kind = registry.findByKind(draft.apiVersion, draft.kind);
      if (!kind) throw new Error(`${draft.apiVersion} ${draft.kind} is not served`);
      createObject(context, writeAs(manager), kind, deepCopy(draft) as ApiObject, draft.metadata.namespace);
    },
    update(resource, { metadata: { name, namespace, uid } }, change) {
      const object = store.get(resource, name, namespace);
      if (!object || object.metadata.uid !== uid) return;
      const copy = deepCopy(object);
      change(copy as never);
      if (isDeepEqual(copy, object)) return;
      const { generation } = object.metadata;
      if (generation !== undefined && !isDeepEqual(copy.spec, object.spec)) copy.metadata.generation = generation + 1;
      store.replace(resource, copy);
    },
    delete(resource, object, graceSeconds = 0) {
      if (isDeleting(object)) return;
      if (!graceSeconds && !object.metadata.finalizers?.length) return world.remove(resource, object);
      world.update(resource, object, ({ metadata }) => {
        metadata.deletionTimestamp = toTime(world.nowMs + graceSeconds * 1000);
        metadata.deletionGracePeriodSeconds = graceSeconds;
      });
    },
    remove(resource, { metadata: { name, namespace } }) {
      if (store.get(resource, name, namespace)) store.remove(resource, name, namespace);
    },
    event: (...event) => writeEvent(world, ...event),
  };
  return world;
}
