// Sessions: one pod for each user, made, found and ended through the Kubernetes API, which holds all state.
import type { Clock } from '../common/clock.ts';
import { PlaygroundError } from '../common/errors.ts';
import type { Disposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../kube/errors.ts';
import { resources } from '../kube/resources.ts';
import type { Informer, KubeClient } from '../kube/types.ts';
import type { EnvironmentSummary, Session } from '../protocol/rest.ts';
import type { Environment } from './environments.ts';
import { noSession, notReady, toPlaygroundError } from './faults.ts';
import { agentPortOf, buildSessionPod, podNameOf } from './pod.ts';
import { environmentNameOf, isEnding, isExpired, ownerIdOf, stateOf, toSession } from './state.ts';
import type { TokenSigner } from './token.ts';
import { annotations, type KubeEvent, type Owner, type Pod } from './types.ts';
import { SessionWatcher, type SessionHandlers } from './watcher.ts';

/** Where a session's agent is, and how to show it who asks. */
export interface AgentAddress {
  sessionId: string;
  host: string;
  port: number;
  createToken(): Promise<string>;
}

export interface SessionManager extends Disposable {
  /** Whether pods and events have been listed: before that nothing can be said about sessions. */
  readonly isSynced: boolean;
  /** Resolves when `isSynced` has become true. */
  readonly synced: Promise<void>;
  readonly environments: EnvironmentSummary[];
  /** The user's session; made when there is none, or when the one there is failed. Waits for one that is ending. */
  ensure(owner: Owner, environment: string): Promise<Session>;
  get(userId: string): Promise<Session | undefined>;
  /** Throws NoSession when there is none. */
  end(userId: string): Promise<void>;
  subscribe(userId: string, handlers: SessionHandlers): Disposable;
  /** Throws when there is no session, or it is not ready. */
  findAgent(userId: string): AgentAddress;
  list(): Session[];
}

export interface SessionManagerOptions {
  client: KubeClient;
  /** Of the session pods, and of the events in their namespace. */
  pods: Informer<Pod>;
  events: Informer<KubeEvent>;
  namespace: string;
  environments: ReadonlyMap<string, Environment>;
  defaultEnvironment: string;
  signer: TokenSigner;
  clock: Clock;
  logger: Logger;
  /** Told of every session that got ready, with the time from its creation. */
  onReady?(session: Session, startMs: number): void;
}

const maxAttempts = 5;
const goneTimeoutMs = 20_000;

class Manager implements SessionManager {
  isSynced = false;
  readonly synced: Promise<void>;
  readonly #watcher: SessionWatcher;
  readonly #observer: Disposable;

  constructor(private readonly options: SessionManagerOptions) {
    const { pods, events, namespace } = options;
    this.#watcher = new SessionWatcher({ pods, events, namespace, titleOf: this.#titleOf });
    this.#observer = pods.subscribe({
      onAdd: (pod) => this.#observe(pod),
      onUpdate: (pod, old) => this.#observe(pod, old),
    });
    this.synced = Promise.all([pods.synced, events.synced]).then(() => void (this.isSynced = true));
  }

  get environments(): EnvironmentSummary[] {
    return [...this.options.environments.values()].map(({ name, title, description, features, startSeconds }) => {
      const isDefault = name === this.options.defaultEnvironment;
      return { name, title, description, features, startSeconds, isDefault };
    });
  }

  async ensure(owner: Owner, environmentName: string): Promise<Session> {
    const environment = this.options.environments.get(environmentName);
    if (!environment)
      throw new PlaygroundError(
        404,
        'NoEnvironment',
        `There is no environment named ${JSON.stringify(environmentName)}.`,
      );
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const pod = await this.#ensureOnce(owner, environment);
      if (pod) return toSession(pod, this.#titleOf);
    }
    throw new PlaygroundError(503, 'SessionBusy', 'Your session is being changed by another request. Try again.', {
      retryAfterSeconds: 2,
    });
  }

  async get(userId: string): Promise<Session | undefined> {
    // Another replica may have made it a moment ago.
    const pod = this.#watcher.podOf(userId) ?? (await this.#read(userId));
    return pod && toSession(pod, this.#titleOf);
  }

  async end(userId: string): Promise<void> {
    const pod = await this.#read(userId);
    if (!pod) throw noSession();
    await this.#delete(pod, 'visitor');
  }

  subscribe(userId: string, handlers: SessionHandlers): Disposable {
    return this.#watcher.subscribe(userId, handlers);
  }

  findAgent(userId: string): AgentAddress {
    const pod = this.#watcher.podOf(userId);
    if (!pod || ownerIdOf(pod) !== userId) throw noSession();
    const { uid: podUid, annotations: notes } = pod.metadata;
    const host = pod.status?.podIP;
    const port = agentPortOf(pod);
    if (stateOf(pod) !== 'ready' || !host || !port || !podUid) throw notReady();
    const keyId = notes?.[annotations.tokenKey] ?? '';
    return { sessionId: podUid, host, port, createToken: () => this.options.signer.sign({ podUid, userId, keyId }) };
  }

  list(): Session[] {
    return this.options.pods.list().map((pod) => toSession(pod, this.#titleOf));
  }

  dispose(): void {
    this.#observer.dispose();
    this.#watcher.dispose();
  }

  #titleOf = (name: string): string => this.options.environments.get(name)?.title ?? name;

  /** The pod to use; undefined when the world changed meanwhile and one must look again. */
  async #ensureOnce(owner: Owner, environment: Environment): Promise<Pod | undefined> {
    const pod = await this.#read(owner.id);
    if (!pod) return this.#create(owner, environment);
    const state = stateOf(pod);
    if (state === 'failed') await this.#delete(pod, 'retry');
    if (state === 'failed' || state === 'ending') {
      await this.#waitUntilGone(pod);
      return undefined;
    }
    if (environmentNameOf(pod) !== environment.name)
      throw new PlaygroundError(
        409,
        'OtherEnvironment',
        `You have a session in ${this.#titleOf(environmentNameOf(pod))} already. End it to start another one.`,
      );
    return pod;
  }

  async #create(owner: Owner, environment: Environment): Promise<Pod | undefined> {
    const { client, namespace, signer, logger } = this.options;
    const pod = buildSessionPod(environment, owner, namespace, signer.podKeys);
    try {
      const created = await client.create<Pod>(resources.pods, pod);
      logger.info({ user: owner.id, session: created.metadata.uid, environment: environment.name }, 'session created');
      return created;
    } catch (fault) {
      if (isAlreadyExists(fault)) return undefined;
      throw toPlaygroundError(fault);
    }
  }

  async #read(userId: string): Promise<Pod | undefined> {
    try {
      const pod = await this.options.client.get<Pod>(resources.pods, podNameOf(userId), this.options.namespace);
      if (ownerIdOf(pod) === userId) return pod;
    } catch (fault) {
      if (isNotFound(fault)) return undefined;
      throw toPlaygroundError(fault);
    }
    throw new PlaygroundError(500, 'ForeignPod', 'The place of your session is taken by a pod of somebody else.');
  }

  async #delete(pod: Pod, why: 'visitor' | 'retry' | 'expired'): Promise<void> {
    const { client, namespace, logger } = this.options;
    const { name, uid } = pod.metadata;
    const note = { metadata: { uid, annotations: { [annotations.endReason]: why } } };
    try {
      // Every replica must be able to tell the user why; the uid makes a newer pod of the same name refuse the note.
      if (!isEnding(pod)) await client.patch(resources.pods, name, namespace, 'merge', note);
      await client.delete(resources.pods, name, namespace, { preconditions: { uid } });
      logger.info({ user: ownerIdOf(pod), session: uid, why }, 'session ended');
    } catch (fault) {
      if (!isNotFound(fault) && !isConflict(fault)) throw toPlaygroundError(fault);
    }
  }

  /** Throws when it takes too long. */
  #waitUntilGone(pod: Pod): Promise<void> {
    const { pods, clock } = this.options;
    return new Promise((resolve, reject) => {
      const isGone = () =>
        this.options.pods.get(pod.metadata.name, pod.metadata.namespace)?.metadata.uid !== pod.metadata.uid;
      const disposables: Disposable[] = [];
      const settle = (act: () => void) => {
        for (const disposable of disposables) disposable.dispose();
        act();
      };
      const look = async () => {
        // The informer may not have seen the pod at all yet.
        if (isGone() && (await this.#isGoneForGood(pod))) settle(resolve);
      };
      disposables.push(
        pods.subscribe({ onDelete: () => void look().catch((fault: unknown) => settle(() => reject(fault))) }),
        clock.every(1000, () => void look().catch((fault: unknown) => settle(() => reject(fault)))),
        clock.after(goneTimeoutMs, () => settle(() => reject(stillEnding()))),
      );
      void look().catch((fault: unknown) => settle(() => reject(fault)));
    });
  }

  async #isGoneForGood(pod: Pod): Promise<boolean> {
    const current = await this.#read(ownerIdOf(pod) ?? '');
    return current?.metadata.uid !== pod.metadata.uid;
  }

  #observe(pod: Pod, old?: Pod): void {
    if (isExpired(pod) && !isEnding(pod) && !(old && isExpired(old)))
      void this.#delete(pod, 'expired').catch((fault: unknown) =>
        this.options.logger.warn({ err: fault, session: pod.metadata.uid }, 'expired session not deleted'),
      );
    if (!old || stateOf(old) !== 'starting' || stateOf(pod) !== 'ready') return;
    const startMs = this.options.clock.now() - Date.parse(pod.metadata.creationTimestamp ?? '');
    this.options.onReady?.(toSession(pod, this.#titleOf), startMs);
  }
}

const stillEnding = () =>
  new PlaygroundError(503, 'SessionEnding', 'Your last session is still ending. Please try again in a moment.', {
    retryAfterSeconds: 5,
  });

export const createSessionManager = (options: SessionManagerOptions): SessionManager => new Manager(options);
