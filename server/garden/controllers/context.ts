// What every controller of the garden is given: a client, shared informers, a clock, events; and the small writes that all of them need.
import { isConflict, isNotFound, createInformer, createSource, keyOf } from '../../kube/index.ts';
import type { Informer, KubeClient, KubeObject, Resource, Source } from '../../kube/index.ts';
import type { Clock } from '../../common/clock.ts';
import { DisposableStore, type Disposable } from '../../common/lifecycle.ts';
import type { Logger } from '../../common/log.ts';
import type { EventRecorder } from './events.ts';

/** One informer for each resource, whoever asks; it is started at the first question. */
export interface Informers extends Disposable {
  of<T extends KubeObject>(resource: Resource): Informer<T>;
  /** Resolves when all that were asked for so far have their first list. */
  synced(): Promise<void>;
}

export interface ControllerContext {
  client: KubeClient;
  informers: Informers;
  clock: Clock;
  logger: Logger;
  recordEvent: EventRecorder;
}

export function createInformers(client: KubeClient, options: { clock: Clock; logger: Logger }): Informers {
  const disposables = new DisposableStore();
  const started = new Map<string, Informer<KubeObject>>();
  return {
    of<T extends KubeObject>(resource: Resource): Informer<T> {
      const key = `${resource.plural}.${resource.group}`;
      let informer = started.get(key);
      if (!informer) started.set(key, (informer = disposables.add(createInformer(client, resource, {}, options))));
      return informer as unknown as Informer<T>;
    },
    synced: () => Promise.all([...started.values()].map((informer) => informer.synced)).then(() => undefined),
    dispose: () => disposables.dispose(),
  };
}

/** The same client, whose writes are noted in managedFields under `fieldManager`. */
export const withFieldManager = (client: KubeClient, fieldManager: string): KubeClient => ({
  ...client,
  create: (resource, object, options) => client.create(resource, object, { fieldManager, ...options }),
  update: (resource, object, options) => client.update(resource, object, { fieldManager, ...options }),
  patch: (resource, name, namespace, type, patch, options) =>
    client.patch(resource, name, namespace, type, patch, { fieldManager, ...options }),
});

export const splitKey = (key: string): { name: string; namespace?: string } => {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
};

/** The object of a key, as the informer knows it. */
export const findByKey = <T extends KubeObject>(informer: Informer<T>, key: string): T | undefined => {
  const { name, namespace } = splitKey(key);
  return informer.get(name, namespace);
};

/** Every object of the informer stands for its own key. */
export const ownKeys = <T extends KubeObject>(informer: Informer<T>): Source =>
  createSource(informer, (object) => [keyOf(object)]);

const maxAttempts = 5;

/**
 * Writes metadata.finalizers of one object when `change` gives another list, and returns the object as it is then; undefined when it is
 * gone. Others write finalizers too, so it holds on to the resourceVersion and reads again after a conflict.
 */
async function changeFinalizers<T extends KubeObject>(
  client: KubeClient,
  resource: Resource,
  object: T,
  change: (finalizers: readonly string[]) => string[],
): Promise<T | undefined> {
  let current = object;
  const { name, namespace } = object.metadata;
  for (let attempt = 1; ; attempt++) {
    const old = current.metadata.finalizers ?? [];
    const finalizers = change(old);
    if (finalizers.length === old.length) return current;
    const { resourceVersion } = current.metadata;
    try {
      return await client.patch<T>(resource, name, namespace, 'merge', { metadata: { resourceVersion, finalizers } });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (!isConflict(error) || attempt >= maxAttempts) throw error;
      current = await client.get<T>(resource, name, namespace);
    }
  }
}

export const addFinalizer = <T extends KubeObject>(
  client: KubeClient,
  resource: Resource,
  object: T,
  finalizer: string,
): Promise<T | undefined> =>
  changeFinalizers(client, resource, object, (all) => (all.includes(finalizer) ? [...all] : [...all, finalizer]));

export const removeFinalizer = <T extends KubeObject>(
  client: KubeClient,
  resource: Resource,
  object: T,
  finalizer: string,
): Promise<T | undefined> =>
  changeFinalizers(client, resource, object, (all) => all.filter((one) => one !== finalizer));

/** What is gone already needs no writing. */
export const ignoreNotFound = async (work: Promise<unknown>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
};

export const patchStatus = (
  client: KubeClient,
  resource: Resource,
  object: KubeObject,
  status: unknown,
): Promise<KubeObject> =>
  client.patch(
    resource,
    object.metadata.name,
    object.metadata.namespace,
    'merge',
    { status },
    { subresource: 'status' },
  );
