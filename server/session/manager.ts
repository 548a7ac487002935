// Sessions: one pod for each user, made, found and ended through the Kubernetes API, which holds all state.
import type { Clock } from '../common/clock.ts';
import { PlaygroundError } from '../common/errors.ts';
import type { Disposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import type { KubeError } from '../kube/errors.ts';
import type { Informer, KubeClient } from '../kube/types.ts';
import type { EnvironmentSummary, Session } from '../protocol/rest.ts';
import { agentAddressOf, type AgentAddress } from './agent-address.ts';
import type { EndReason } from './endings.ts';
import type { Environment } from './environments.ts';
import { busy, noEnvironment, noSession, notReady, sessionOver } from './faults.ts';
import { stayNotes } from './lifetime.ts';
import type { Origin } from './observer.ts';
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
  /**
   * The user's session; made when there is none, or when the one there is failed. Waits for one that is ending. Throws Full. `origin`, here
   * and below: the request that asks, for the records.
   */
  ensure(owner: Owner, environment: string, origin?: Origin): Promise<Session>;
  get(userId: string): Promise<Session | undefined>;
  /** Throws NoSession when there is none. */
  end(userId: string, origin?: Origin): Promise<void>;
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
  /** Told of every session that this manager has made. */
  onCreate?(pod: Pod, origin?: Origin): void;
  /** Told of every pod that the cluster refused to make. */
  onRefuse?(pod: Pod, fault: KubeError): void;
  /** Told of every session that this manager has ended. */
  onEnd?(pod: Pod, why: EndReason, origin?: Origin): void;
}

const maxAttempts = 5;

class Manager implements SessionManager {
  isSynced = false;
  readonly synced: Promise<void>;
  readonly #watcher: SessionWatcher;
  readonly #pods: SessionPods;
  readonly #places: Places;

  constructor(private readonly options: SessionManagerOptions) {
    const { pods, events, namespace, maxSessions, clock } = options;
    this.#pods = new SessionPods(options);
    this.#places = createPlaces({ pods, maxSessions, clock, withdraw: (pod) => void this.#withdraw(pod) });
    this.#watcher = new SessionWatcher({ pods, events, namespace, titleOf: this.#titleOf });
    this.synced = Promise.all([pods.synced, events.synced]).then(() => void (this.isSynced = true));
  }

  get environments(): EnvironmentSummary[] {
    return [...this.options.environments.values()].map(({ name, title, description, features, startSeconds }) => {
      const isDefault = name === this.options.defaultEnvironment;
      return { name, title, description, features, startSeconds, isDefault };
    });
  }

  async ensure(owner: Owner, environmentName: string, origin?: Origin): Promise<Session> {
    const environment = this.options.environments.get(environmentName);
    if (!environment) throw noEnvironment(environmentName);
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const pod = await this.#ensureOnce(owner, environment, origin);
      if (pod) return toSession(pod, this.#titleOf);
    }
    throw busy();
  }

  async get(userId: string): Promise<Session | undefined> {
    // Another replica may have made it a moment ago.
    const pod = this.#watcher.podOf(userId) ?? (await this.#pods.read(userId));
    return pod && toSession(pod, this.#titleOf);
  }

  async end(userId: string, origin?: Origin): Promise<void> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const pod = await this.#pods.read(userId);
      if (!pod && attempt === 0) throw noSession();
      if (!pod || (await this.#pods.end(pod, 'visitor', { origin }))) return;
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
    this.#places.dispose();
    this.#watcher.dispose();
  }

  #titleOf = (name: string): string => this.options.environments.get(name)?.title ?? name;

  /** The pod to use; undefined when the world changed meanwhile and one must look again. */
  async #ensureOnce(owner: Owner, environment: Environment, origin?: Origin): Promise<Pod | undefined> {
    const pod = await this.#pods.read(owner.id);
    if (!pod) return this.#create(owner, environment, origin);
    const state = stateOf(pod);
    if (state === 'failed' && !(await this.#pods.end(pod, 'retry', { origin }))) return undefined;
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

  async #create(owner: Owner, environment: Environment, origin?: Origin): Promise<Pod | undefined> {
    const { namespace, signer, clock, logger, onCreate } = this.options;
    this.#places.ensureFree();
    const pod = await this.#pods.create(buildSessionPod(environment, owner, namespace, signer.podKeys, clock.now()));
    if (!pod) return undefined;
    const { requestId } = origin ?? {};
    logger.info(
      { requestId, user: owner.id, session: pod.metadata.uid, environment: environment.name },
      'session created',
    );
    onCreate?.(pod, origin);
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
}

export const createSessionManager = (options: SessionManagerOptions): SessionManager => new Manager(options);
