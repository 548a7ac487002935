// A controller: informers name keys, a queue holds each once, a reconcile function acts on them, faults come again with back-off.
import type { Clock } from '../common/clock.ts';
import { messageOf } from '../common/errors.ts';
import { DisposableStore, type Disposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { isConflict, isNotFound } from './errors.ts';
import { backOffMs } from './informer.ts';
import type { Informer, KubeObject } from './types.ts';

export interface Source {
  /** Adds the source's keys to the queue whenever its objects change. */
  connect(enqueue: (key: string) => void): Disposable;
  readonly synced: Promise<void>;
}

/** Every object of `informer` that comes, changes or goes names the keys to reconcile: its own (`namespace/name`) by default. */
export function createSource<T extends KubeObject>(
  informer: Informer<T>,
  keysOf: (object: T, old?: T) => string[],
): Source {
  return {
    synced: informer.synced,
    connect(enqueue) {
      const onAny = (object: T, old?: T) => keysOf(object, old).forEach(enqueue);
      return informer.subscribe({
        onAdd: (object) => onAny(object),
        onUpdate: onAny,
        onDelete: (object) => onAny(object),
      });
    },
  };
}

export interface ControllerOptions {
  name: string;
  clock: Clock;
  logger: Logger;
  sources: readonly Source[];
  /** How many keys are worked on at once; one key never twice at once. */
  concurrency?: number;
  /** Throws to be called again with back-off; returns `requeueAfterMs` to be called again in good order. */
  reconcile(key: string, signal: AbortSignal): Promise<{ requeueAfterMs?: number } | void>;
}

export interface Controller extends Disposable {
  enqueue(key: string): void;
}

export function createController({
  name,
  clock,
  logger,
  sources,
  concurrency = 1,
  reconcile,
}: ControllerOptions): Controller {
  const disposables = new DisposableStore();
  const abort = new AbortController();
  const waiting = new Set<string>();
  const running = new Set<string>();
  const attempts = new Map<string, number>();
  const timers = new Map<string, Disposable>();
  let isStarted = false;

  const later = (key: string, delayMs: number) => {
    timers.get(key)?.dispose();
    const timer = clock.after(delayMs, () => {
      timers.delete(key);
      enqueue(key);
    });
    timers.set(key, timer);
  };

  function enqueue(key: string): void {
    if (abort.signal.aborted) return;
    waiting.add(key);
    pump();
  }

  function pump(): void {
    if (!isStarted || abort.signal.aborted) return;
    for (const key of waiting) {
      if (running.size >= concurrency) return;
      if (running.has(key)) continue;
      waiting.delete(key);
      running.add(key);
      void work(key);
    }
  }

  async function work(key: string): Promise<void> {
    try {
      const result = await reconcile(key, abort.signal);
      attempts.delete(key);
      if (result?.requeueAfterMs !== undefined) later(key, result.requeueAfterMs);
    } catch (fault) {
      if (!abort.signal.aborted) onFault(key, fault);
    } finally {
      running.delete(key);
      pump();
    }
  }

  function onFault(key: string, fault: unknown): void {
    const attempt = attempts.get(key) ?? 0;
    attempts.set(key, attempt + 1);
    // Somebody else was quicker, as happens all the time: worth a line only for those who look.
    const level = isConflict(fault) || isNotFound(fault) ? 'debug' : 'warn';
    logger[level]({ controller: name, key, attempt, fault: messageOf(fault) }, 'reconcile failed; trying again');
    later(key, backOffMs(attempt, Math.random()));
  }

  for (const source of sources) disposables.add(source.connect(enqueue));
  void Promise.all(sources.map((source) => source.synced)).then(() => {
    isStarted = true;
    pump();
  });

  return {
    enqueue,
    dispose() {
      abort.abort(new Error(`controller ${name} has ended`));
      disposables.dispose();
      for (const timer of timers.values()) timer.dispose();
      timers.clear();
      waiting.clear();
    },
  };
}
