// The cap on sessions: who is over it. What makes two replicas that create at once agree is the order of the pods, which both see.
import type { Clock } from '../common/clock.ts';
import { PlaygroundError } from '../common/errors.ts';
import type { Disposable } from '../common/lifecycle.ts';
import type { Informer } from '../kube/types.ts';
import { fullSentence } from './endings.ts';
import { isOver, stateOf } from './state.ts';
import type { Pod } from './types.ts';

/** Pods of ours that hold a place: the quota of a namespace counts the same. */
export const holdsPlace = (pod: Pod): boolean => !isOver(pod);

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const byAge = ({ metadata: a }: Pod, { metadata: b }: Pod) =>
  compare(a.creationTimestamp ?? '', b.creationTimestamp ?? '') || compare(a.name, b.name);

/** The newest pods beyond `maxSessions`, by creation and then by name. */
export const podsOverCap = (pods: readonly Pod[], maxSessions: number): Pod[] =>
  pods.filter(holdsPlace).sort(byAge).slice(maxSessions);

export const full = (): PlaygroundError => new PlaygroundError(503, 'Full', fullSentence, { retryAfterSeconds: 30 });

/** A pod that is seen so late is not waited for: it is looked at when it comes. */
const seenTimeoutMs = 2_000;

export interface Places extends Disposable {
  /** Throws Full when all places are taken. */
  ensureFree(): void;
  /** For a pod that was just made here: resolves with whether it may stay, once it is seen beside those that others made. */
  confirm(pod: Pod): Promise<boolean>;
}

export interface PlacesOptions {
  pods: Informer<Pod>;
  maxSessions: number;
  clock: Clock;
  /** Takes back a pod that was confirmed before an older one of another replica was seen. */
  withdraw(pod: Pod): void;
}

class CountedPlaces implements Places {
  /** Of pods that were made here and are not ready: by uid, who waits to hear about it. */
  readonly #mine = new Map<string, { confirm?(mayStay: boolean): void }>();
  readonly #subscription: Disposable;

  constructor(private readonly options: PlacesOptions) {
    this.#subscription = options.pods.subscribe({
      onAdd: (pod) => this.#look(pod),
      onUpdate: (pod) => this.#look(pod),
      onDelete: ({ metadata }) => this.#forget(metadata.uid ?? ''),
    });
  }

  ensureFree(): void {
    const { pods, maxSessions } = this.options;
    if (pods.list().filter(holdsPlace).length >= maxSessions) throw full();
  }

  confirm({ metadata }: Pod): Promise<boolean> {
    const { clock, pods } = this.options;
    return new Promise((resolve) => {
      const entry: { confirm?(mayStay: boolean): void } = {};
      const timer = clock.after(seenTimeoutMs, () => entry.confirm?.(true));
      entry.confirm = (mayStay) => {
        timer.dispose();
        delete entry.confirm;
        resolve(mayStay);
      };
      this.#mine.set(metadata.uid ?? '', entry);
      const seen = pods.get(metadata.name, metadata.namespace);
      if (seen) this.#look(seen);
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    for (const uid of [...this.#mine.keys()]) this.#forget(uid);
  }

  #forget(uid: string): void {
    this.#mine.get(uid)?.confirm?.(true);
    this.#mine.delete(uid);
  }

  #look(pod: Pod): void {
    if (!this.#mine.size) return;
    for (const over of podsOverCap(this.options.pods.list(), this.options.maxSessions)) this.#refuse(over);
    const uid = pod.metadata.uid ?? '';
    if (stateOf(pod) === 'starting') this.#mine.get(uid)?.confirm?.(true);
    else this.#forget(uid);
  }

  #refuse(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const entry = this.#mine.get(uid);
    if (!entry) return;
    this.#mine.delete(uid);
    if (entry.confirm) entry.confirm(false);
    else this.options.withdraw(pod);
  }
}

export const createPlaces = (options: PlacesOptions): Places => new CountedPlaces(options);
