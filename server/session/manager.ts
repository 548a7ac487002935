// Sessions: one pod for each user, made, found and ended through the Kubernetes API, which holds all state.
import type { Clock } from '../common/clock.ts';
import { PlaygroundError } from '../common/errors.ts';
import type { Disposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import type { Informer, KubeClient } from '../kube/types.ts';
import type { EnvironmentSummary, Session } from '../protocol/rest.ts';
import { agentAddressOf, type AgentAddress } from './agent-address.ts';
import type { EndReason } from './endings.ts';
import type { Environment } from './environments.ts';
import { busy, noEnvironment, noSession, notReady, sessionOver } from './faults.ts';
import { stayNotes } from './lifetime.ts';
import { createPlaces, full, type Places } from './places.ts';
import { buildSessionPod } from './pod.ts';
import { SessionPods } from './session-pods.ts';
import { environmentNameOf, ownerIdOf, stateOf } from './state.ts';
import { toSession } from './to-session.ts';
import type { TokenSigner } from './token.ts';
import type { KubeEvent, Owner, Pod } from './types.ts';
import { SessionWatcher, type SessionHandlers } from './watcher.ts';

export interface SessionManager extends Disposable {
  /** Whether pods and events have been listed: before that nothing can be said about sessions. */
  readonly isSynced: boolean;
  /** Resolves when `isSynced` has become true. */
  readonly synced: Promise<void>;
  readonly environments: EnvironmentSummary[];
  /** The user's session; made when there is none, or when the one there is failed. Waits for one that is ending. Throws Full. */
  ensure(owner: Owner, environment: string): Promise<Session>;
  get(userId: string): Promise<Session | undefined>;
  /** Throws NoSession when there is none. */
  end(userId: string): Promise<void>;
  /** Puts the end of the session off as far as it goes. Throws NoSession, and SessionOver when it has failed or is ending. */
  stay(userId: string): Promise<Session>;
  subscribe(userId: string, handlers: SessionHandlers): Disposable;
  /** Throws when there is no session, or it is not ready. */
  findAgent(userId: string): AgentAddress;
  /** Id of the user's session, if this replica knows one: for logs. */
  findId(userId: string): string | undefined;
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
  /** How many sessions there may be at once. */
  maxSessions: number;
  signer: TokenSigner;
  clock: Clock;
  logger: Logger;
  /** Told of every session that got ready, with the time from its creation. */
  onReady?(session: Session, startMs: number): void;
  /** Told of every session that this manager has ended. */
  onEnd?(pod: Pod, why: EndReason): void;
}

const maxAttempts = 5;

class Manager implements SessionManager {
  isSynced = false;
  readonly synced: Promise<void>;
  readonly #watcher: SessionWatcher;
  readonly #pods: SessionPods;
  readonly #places: Places;
  readonly #observer: Disposable;

  constructor(private readonly options: SessionManagerOptions) {
    const { pods, events, namespace, maxSessions, clock } = options;
    this.#pods = new SessionPods(options);
    this.#places = createPlaces({ pods, maxSessions, clock, withdraw: (pod) => void this.#withdraw(pod) });
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
    if (!environment) throw noEnvironment(environmentName);
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const pod = await this.#ensureOnce(owner, environment);
      if (pod) return toSession(pod, this.#titleOf);
    }
    throw busy();
  }

  async get(userId: string): Promise<Session | undefined> {
    // Another replica may have made it a moment ago.
    const pod = this.#watcher.podOf(userId) ?? (await this.#pods.read(userId));
    return pod && toSession(pod, this.#titleOf);
  }

  async end(userId: string): Promise<void> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const pod = await this.#pods.read(userId);
      if (!pod && attempt === 0) throw noSession();
      if (!pod || (await this.#pods.end(pod, 'visitor'))) return;
    }
    throw busy();
  }

  async stay(userId: string): Promise<Session> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const pod = await this.#pods.read(userId);
      if (!pod) throw noSession();
      if (!['starting', 'ready'].includes(stateOf(pod))) throw sessionOver();
      const stayed = await this.#pods.annotate(pod, stayNotes(pod, this.options.clock.now()));
      if (stayed) return toSession(stayed, this.#titleOf);
    }
    throw busy();
  }

  subscribe(userId: string, handlers: SessionHandlers): Disposable {
    return this.#watcher.subscribe(userId, handlers);
  }

  findAgent(userId: string): AgentAddress {
    const pod = this.#watcher.podOf(userId);
    if (!pod || ownerIdOf(pod) !== userId) throw noSession();
    const address = agentAddressOf(pod, this.options.signer);
    if (!address) throw notReady();
    return address;
  }

  findId(userId: string): string | undefined {
    const pod = this.#watcher.podOf(userId);
    return pod && ownerIdOf(pod) === userId ? pod.metadata.uid : undefined;
  }

  list(): Session[] {
    return this.options.pods.list().map((pod) => toSession(pod, this.#titleOf));
  }

  dispose(): void {
    this.#observer.dispose();
    this.#places.dispose();
    this.#watcher.dispose();
  }

  #titleOf = (name: string): string => this.options.environments.get(name)?.title ?? name;

  /** The pod to use; undefined when the world changed meanwhile and one must look again. */
  async #ensureOnce(owner: Owner, environment: Environment): Promise<Pod | undefined> {
    const pod = await this.#pods.read(owner.id);
    if (!pod) return this.#create(owner, environment);
    const state = stateOf(pod);
    if (state === 'failed' && !(await this.#pods.end(pod, 'retry'))) return undefined;
    if (state === 'failed' || state === 'ending') {
      await this.#pods.waitUntilGone(pod);
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
    const { namespace, signer, clock, logger } = this.options;
    this.#places.ensureFree();
    const pod = await this.#pods.create(buildSessionPod(environment, owner, namespace, signer.podKeys, clock.now()));
    if (!pod) return undefined;
    logger.info({ user: owner.id, session: pod.metadata.uid, environment: environment.name }, 'session created');
    if (await this.#places.confirm(pod)) return pod;
    await this.#withdraw(pod);
    throw full();
  }

  /** Other replicas made sessions in the same moment, and there is no place for this one. */
  async #withdraw({ metadata }: Pod): Promise<void> {
    const { logger } = this.options;
    try {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const pod = await this.#pods.readByName(metadata.name);
        if (pod?.metadata.uid !== metadata.uid || (pod && (await this.#pods.end(pod, 'full')))) return;
      }
    } catch (fault) {
      logger.warn({ err: fault, session: metadata.uid }, 'session over the cap not withdrawn');
    }
  }

  #observe(pod: Pod, old?: Pod): void {
    if (!old || stateOf(old) !== 'starting' || stateOf(pod) !== 'ready') return;
    const startMs = this.options.clock.now() - Date.parse(pod.metadata.creationTimestamp ?? '');
    this.options.onReady?.(toSession(pod, this.#titleOf), startMs);
  }
}

export const createSessionManager = (options: SessionManagerOptions): SessionManager => new Manager(options);
