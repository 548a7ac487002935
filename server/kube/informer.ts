// An informer: a list that is kept up to date by a watch, and listed again after any fault, with back-off.
import type { Clock } from '../common/clock.ts';
import { toDisposable, type Disposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { isExpired, KubeError } from './errors.ts';
import type { Informer, InformerHandlers, KubeClient, KubeObject, ListOptions, Resource, WatchEvent } from './types.ts';

const firstDelayMs = 200;
const maxDelayMs = 10_000;
/** A watch that lived so long has worked: what ends it is no repetition of an earlier fault. */
const workingMs = 5_000;

export const keyOf = (object: KubeObject): string => keyOfName(object.metadata.name, object.metadata.namespace);
const keyOfName = (name: string, namespace?: string): string => (namespace ? `${namespace}/${name}` : name);

/** The delay before try number `attempt` (from 0): doubled each time, with jitter from `random` in [0, 1). */
export const backOffMs = (attempt: number, random: number): number =>
  Math.min(maxDelayMs, firstDelayMs * 2 ** attempt) * (0.5 + random / 2);

/** Why a watch is opened again: ended by the server in good order, too old for it, or broken. */
export type WatchRestart = 'closed' | 'expired' | 'fault';

export interface InformerOptions {
  clock: Clock;
  logger: Logger;
  /** Told when a watch has ended and another follows; `resource` is its plural. */
  onWatchRestart?(resource: string, reason: WatchRestart): void;
}

class WatchedList<T extends KubeObject> implements Informer<T> {
  readonly synced: Promise<void>;
  fault: Error | undefined;
  #objects = new Map<string, T>();
  #handlers = new Set<InformerHandlers<T>>();
  #isDisposed = false;
  #connection: Disposable | undefined;
  #timer: Disposable | undefined;
  #resourceVersion = '';
  #attempt = 0;
  #markSynced!: () => void;

  constructor(
    private readonly client: KubeClient,
    private readonly resource: Resource,
    private readonly listOptions: ListOptions,
    private readonly options: InformerOptions,
  ) {
    this.synced = new Promise((resolve) => (this.#markSynced = resolve));
    void this.#relist();
  }

  get = (name: string, namespace?: string): T | undefined => this.#objects.get(keyOfName(name, namespace));
  list = (): T[] => [...this.#objects.values()];

  subscribe(handlers: InformerHandlers<T>): Disposable {
    this.#handlers.add(handlers);
    for (const object of this.#objects.values()) this.#tell(handlers, 'onAdd', object);
    return toDisposable(() => this.#handlers.delete(handlers));
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timer?.dispose();
    this.#connection?.dispose();
    this.#handlers.clear();
  }

  // A handler's fault is the handler's: it must not stop the list from being kept.
  #tell(handlers: InformerHandlers<T>, name: keyof InformerHandlers<T>, object: T, old?: T): void {
    try {
      handlers[name]?.(object, old as T);
    } catch (fault) {
      this.options.logger.error({ err: fault, resource: this.resource.plural }, 'informer handler failed');
    }
  }

  #tellAll(name: keyof InformerHandlers<T>, object: T, old?: T): void {
    for (const handlers of [...this.#handlers]) this.#tell(handlers, name, object, old);
  }

  #put(object: T): void {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    if (!old) this.#tellAll('onAdd', object);
    else if (old.metadata.resourceVersion !== object.metadata.resourceVersion) this.#tellAll('onUpdate', object, old);
  }

  #remove(object: T): void {
    if (this.#objects.delete(keyOf(object))) this.#tellAll('onDelete', object);
  }

  async #relist(): Promise<void> {
    try {
      const { items, resourceVersion } = await this.client.list<T>(this.resource, this.listOptions);
      if (this.#isDisposed) return;
      const present = new Set(items.map(keyOf));
      for (const [key, object] of this.#objects) if (!present.has(key)) this.#remove(object);
      for (const item of items) this.#put(item);
      this.#resourceVersion = resourceVersion;
      this.fault = undefined;
      this.#markSynced();
      this.#watch();
    } catch (fault) {
      this.#retry(fault, () => void this.#relist());
    }
  }

  /** After the back-off, or when the server wants to be asked again, whichever is later. */
  #retry(fault: unknown, again: () => void): void {
    if (this.#isDisposed) return;
    this.fault = fault instanceof Error ? fault : new Error(String(fault));
    const wishedMs = fault instanceof KubeError ? (fault.retryAfterSeconds ?? 0) * 1000 : 0;
    const delayMs = Math.max(wishedMs, backOffMs(this.#attempt++, Math.random()));
    this.options.logger.warn(
      { err: fault, resource: this.resource.plural, delayMs },
      'list or watch failed; trying again',
    );
    this.#timer?.dispose();
    this.#timer = this.options.clock.after(delayMs, again);
  }

  #watch(): void {
    if (this.#isDisposed) return;
    this.fault = undefined;
    const startedMs = this.options.clock.now();
    const onEvent = (event: WatchEvent<T>) => {
      this.#resourceVersion = event.object.metadata.resourceVersion ?? this.#resourceVersion;
      this.#attempt = 0;
      if (event.type === 'DELETED') this.#remove(event.object);
      else if (event.type !== 'BOOKMARK') this.#put(event.object);
    };
    const onEnd = (fault?: Error) => {
      if (this.#isDisposed) return;
      this.options.onWatchRestart?.(this.resource.plural, isExpired(fault) ? 'expired' : fault ? 'fault' : 'closed');
      const hasWorked = this.options.clock.now() - startedMs >= workingMs;
      if (hasWorked) this.#attempt = 0;
      const again = fault ? () => void this.#relist() : () => this.#watch();
      // The first time at once; a server that ends watches again and again would be asked without end.
      const isOrderly = isExpired(fault) || !fault;
      if (isOrderly && (hasWorked || this.#attempt++ === 0)) again();
      else this.#retry(fault ?? new Error('watch ended at once'), again);
    };
    this.#connection = this.client.watch<T>(
      this.resource,
      { ...this.listOptions, resourceVersion: this.#resourceVersion },
      onEvent,
      onEnd,
    );
  }
}

export const createInformer = <T extends KubeObject>(
  client: KubeClient,
  resource: Resource,
  listOptions: ListOptions,
  options: InformerOptions,
): Informer<T> => new WatchedList<T>(client, resource, listOptions, options);
