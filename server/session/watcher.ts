// Keeps the session pods and their events at hand, and tells each user's subscribers what happens to theirs.
import { toDisposable, type Disposable } from '../common/lifecycle.ts';
import type { Informer } from '../kube/types.ts';
import type { Ended, Progress, Session } from '../protocol/rest.ts';
import { endingOf } from './endings.ts';
import { podNameOf } from './pod-names.ts';
import { compareProgress, progressOfEvent, progressOfPod } from './progress.ts';
import { toSession } from './to-session.ts';
import type { KubeEvent, Pod } from './types.ts';

export interface SessionHandlers {
  onSession?(session: Session): void;
  onProgress?(progress: Progress): void;
  onEnded?(ended: Ended): void;
}

interface Subscription {
  handlers: SessionHandlers;
  /** JSON of the last session told: pods change in ways that no user sees. */
  lastSession: string;
  /** Of the session that was told: the end of an older one of the same name is not its end. */
  sessionId?: string;
  toldIds: Set<string>;
}

export interface WatcherOptions {
  pods: Informer<Pod>;
  events: Informer<KubeEvent>;
  namespace: string;
  titleOf(environment: string): string;
}

export class SessionWatcher implements Disposable {
  readonly #subscriptions = new Map<string, Set<Subscription>>();
  readonly #disposables: Disposable[];
  readonly #eventsOf = new Map<string, Map<string, KubeEvent>>();

  constructor(private readonly options: WatcherOptions) {
    this.#disposables = [
      options.events.subscribe({
        onAdd: (event) => this.#keepEvent(event),
        onUpdate: (event) => this.#keepEvent(event),
        onDelete: (event) => this.#dropEvent(event),
      }),
      options.pods.subscribe({
        onAdd: (pod) => this.#tellPod(pod),
        onUpdate: (pod, old) => {
          // A pod that was deleted and made anew between two lists.
          if (old.metadata.uid !== pod.metadata.uid) this.#tellEnded(old);
          this.#tellPod(pod);
        },
        onDelete: (pod) => this.#tellEnded(pod),
      }),
    ];
  }

  podOf(userId: string): Pod | undefined {
    return this.options.pods.get(podNameOf(userId), this.options.namespace);
  }

  /** Tells what is known already at once, oldest first, then what happens; after `onEnded` nothing more comes. */
  subscribe(userId: string, handlers: SessionHandlers): Disposable {
    const name = podNameOf(userId);
    const subscription: Subscription = { handlers, lastSession: '', toldIds: new Set() };
    const all = this.#subscriptions.get(name) ?? new Set();
    this.#subscriptions.set(name, all.add(subscription));
    const pod = this.podOf(userId);
    if (pod) this.#tell(pod, subscription);
    return toDisposable(() => this.#remove(name, subscription));
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    this.#subscriptions.clear();
  }

  #subscriptionsOf(name: string): Subscription[] {
    return [...(this.#subscriptions.get(name) ?? [])];
  }

  #tellPod(pod: Pod): void {
    for (const subscription of this.#subscriptionsOf(pod.metadata.name)) this.#tell(pod, subscription);
  }

  #tell(pod: Pod, subscription: Subscription): void {
    const { handlers, toldIds } = subscription;
    subscription.sessionId = pod.metadata.uid;
    for (const progress of this.#progressOf(pod)) {
      if (toldIds.has(progress.id)) continue;
      toldIds.add(progress.id);
      handlers.onProgress?.(progress);
    }
    const session = toSession(pod, this.options.titleOf);
    const text = JSON.stringify(session);
    if (text === subscription.lastSession) return;
    subscription.lastSession = text;
    handlers.onSession?.(session);
  }

  #progressOf(pod: Pod): Progress[] {
    const events = [...(this.#eventsOf.get(pod.metadata.uid ?? '')?.values() ?? [])];
    return [...progressOfPod(pod), ...events.flatMap((event) => progressOfEvent(event) ?? [])].sort(compareProgress);
  }

  #tellEnded(pod: Pod): void {
    this.#eventsOf.delete(pod.metadata.uid ?? '');
    for (const subscription of this.#subscriptionsOf(pod.metadata.name)) {
      if (subscription.sessionId !== pod.metadata.uid) continue;
      this.#remove(pod.metadata.name, subscription);
      subscription.handlers.onEnded?.({ sentence: endingOf(pod) });
    }
  }

  #remove(name: string, subscription: Subscription): void {
    const all = this.#subscriptions.get(name);
    all?.delete(subscription);
    if (!all?.size) this.#subscriptions.delete(name);
  }

  #keepEvent(event: KubeEvent): void {
    const { uid = '', name = '' } = event.involvedObject;
    const ofPod = this.#eventsOf.get(uid) ?? new Map<string, KubeEvent>();
    this.#eventsOf.set(uid, ofPod.set(event.metadata.name, event));
    const pod = this.options.pods.get(name, this.options.namespace);
    if (pod?.metadata.uid === uid) this.#tellPod(pod);
  }

  #dropEvent(event: KubeEvent): void {
    const uid = event.involvedObject.uid ?? '';
    const ofPod = this.#eventsOf.get(uid);
    ofPod?.delete(event.metadata.name);
    if (!ofPod?.size) this.#eventsOf.delete(uid);
  }
}
