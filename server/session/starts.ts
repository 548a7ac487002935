// Watches sessions start, and tells an observer once what became of each: ready, what keeps it from starting, or removed by others.
import type { Clock } from '../common/clock.ts';
import type { Disposable } from '../common/lifecycle.ts';
import type { Informer } from '../kube/types.ts';
import { factsOf, type SessionObserver, type StartFailure } from './observer.ts';
import { boundReason, startFailureOfEvent, startFailuresOf, startPhasesOf } from './start-phases.ts';
import { stateOf } from './state.ts';
import { annotations, type KubeEvent, type Pod } from './types.ts';

export interface StartWatchOptions {
  pods: Informer<Pod>;
  events: Informer<KubeEvent>;
  namespace: string;
  /** Every replica sees every pod: one of them tells. */
  isTelling(): boolean;
  observer: Pick<SessionObserver, 'onReady' | 'onStartFailure' | 'onEnded'>;
  clock: Clock;
}

interface Start {
  /** What comes after is no failure to start. */
  wasReady: boolean;
  /** Reasons that this replica has told, or seen while another one tells. */
  known: Set<string>;
}

class StartWatch implements Disposable {
  /** By uid of the pod. */
  readonly #starts = new Map<string, Start>();
  readonly #subscriptions: Disposable[];

  constructor(private readonly options: StartWatchOptions) {
    const { pods, events } = options;
    const onEvent = (event: KubeEvent) => this.#lookAtEvent(event);
    this.#subscriptions = [
      pods.subscribe({
        onAdd: (pod) => this.#meet(pod),
        onUpdate: (pod, old) => {
          if (old.metadata.uid === pod.metadata.uid) return this.#look(pod);
          this.#part(old);
          this.#meet(pod);
        },
        onDelete: (pod) => this.#part(pod),
      }),
      events.subscribe({ onAdd: onEvent, onUpdate: onEvent }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  // What a pod has behind it when it is seen first was told by whoever led then, if by anybody.
  #meet(pod: Pod): void {
    const known = new Set(startFailuresOf(pod).map(({ reason }) => boundReason(reason)));
    this.#starts.set(pod.metadata.uid ?? '', { wasReady: stateOf(pod) === 'ready', known });
  }

  #look(pod: Pod): void {
    const start = this.#starts.get(pod.metadata.uid ?? '');
    const state = stateOf(pod);
    if (!start || start.wasReady || state === 'ending') return;
    if (state !== 'ready') return startFailuresOf(pod).forEach((failure) => this.#tellFailure(pod, start, failure));
    start.wasReady = true;
    this.#tellReady(pod);
  }

  #lookAtEvent(event: KubeEvent): void {
    const { name = '', uid = '' } = event.involvedObject;
    const failure = startFailureOfEvent(event);
    const start = this.#starts.get(uid);
    const pod = this.options.pods.get(name, this.options.namespace);
    if (failure && start && !start.wasReady && pod?.metadata.uid === uid) this.#tellFailure(pod, start, failure);
  }

  #tellFailure(pod: Pod, { known }: Start, { reason, message }: StartFailure): void {
    const bounded = boundReason(reason);
    if (known.has(bounded)) return;
    known.add(bounded);
    const failure = { reason: bounded, message: bounded === reason ? message : `${reason}: ${message}` };
    if (this.options.isTelling()) this.options.observer.onStartFailure(factsOf(pod), failure);
  }

  #tellReady(pod: Pod): void {
    if (!this.options.isTelling()) return;
    const readyMs = this.options.clock.now();
    // The API server's clock may be ahead of ours.
    const startMs = Math.max(0, readyMs - Date.parse(pod.metadata.creationTimestamp ?? ''));
    this.options.observer.onReady(factsOf(pod), startMs, startPhasesOf(pod, readyMs));
  }

  #part(pod: Pod): void {
    this.#starts.delete(pod.metadata.uid ?? '');
    const isOurs = pod.metadata.annotations?.[annotations.endReason] !== undefined;
    if (!isOurs && this.options.isTelling()) this.options.observer.onEnded(factsOf(pod), 'removed');
  }
}

export const watchStarts = (options: StartWatchOptions): Disposable => new StartWatch(options);
