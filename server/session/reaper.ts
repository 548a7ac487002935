// What only the leader does: it ends sessions that nobody uses, whose time is over, that failed or belong to nobody.
import type { Clock } from '../common/clock.ts';
import { messageOf } from '../common/errors.ts';
import type { AsyncDisposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { createController, createSource, type Controller } from '../kube/controller.ts';
import { keyOf } from '../kube/informer.ts';
import type { Informer, KubeClient } from '../kube/types.ts';
import { agentAddressOf } from './agent-address.ts';
import type { AgentClient } from './agent-client.ts';
import type { EndReason } from './endings.ts';
import { announcementOf, judge, learn, type Facts, type Verdict } from './lifetime.ts';
import { SessionPods } from './session-pods.ts';
import type { TokenSigner } from './token.ts';
import type { Pod } from './types.ts';

export interface ReaperOptions {
  client: KubeClient;
  pods: Informer<Pod>;
  namespace: string;
  agents: Pick<AgentClient, 'readIdleMs'>;
  signer: TokenSigner;
  clock: Clock;
  logger: Logger;
  /** Whether this process may act: asked before each act. */
  term: { readonly isCurrent: boolean };
  onEnd?(pod: Pod, why: EndReason): void;
}

/** How many agents are asked, or sessions ended, at once. */
const concurrency = 8;
/** A session whose user could not *stay*, since the cluster was away or nobody led, is not ended in the first minute of a term. */
const graceMs = 60_000;
/** Looked at at least this often: clocks are set, and timers have an upper bound. */
const maxWaitMs = 15 * 60_000;
/** A pod that changed in our hands comes again by its change; this is for a watch that is broken. */
const overtakenMs = 1_000;

class Reaper implements AsyncDisposable {
  readonly #pods: SessionPods;
  readonly #notBeforeMs: number;
  readonly #factsOf = new Map<string, { uid: string | undefined; facts: Facts }>();
  readonly #working = new Set<Promise<unknown>>();
  readonly #controller: Controller;

  constructor(private readonly options: ReaperOptions) {
    const { clock, logger, pods } = options;
    this.#pods = new SessionPods(options);
    this.#notBeforeMs = clock.now() + graceMs;
    this.#controller = createController({
      name: 'reaper',
      clock,
      logger,
      concurrency,
      sources: [createSource(pods, (pod) => [keyOf(pod)])],
      reconcile: (key) => this.#track(this.#reconcile(key)),
    });
  }

  async dispose(): Promise<void> {
    this.#controller.dispose();
    await Promise.allSettled([...this.#working]);
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#working.add(work);
    const done = () => void this.#working.delete(work);
    work.then(done, done);
    return work;
  }

  async #reconcile(key: string): Promise<{ requeueAfterMs?: number } | void> {
    const { clock, pods, term } = this.options;
    if (!term.isCurrent) return;
    const [namespace, name = ''] = key.split('/');
    const pod = pods.get(name, namespace);
    if (!pod) return void this.#factsOf.delete(key);
    const known = this.#factsOf.get(key);
    const { uid } = pod.metadata;
    let facts = learn(known && known.uid === uid ? known.facts : {}, pod, clock.now());
    const verdict = judge(pod, facts, clock.now(), this.#notBeforeMs);
    if (verdict.kind === 'ask') facts = await this.#ask(pod, facts);
    this.#factsOf.set(key, { uid, facts });
    const untilMs = await this.#act(pod, verdict);
    if (untilMs !== undefined) return { requeueAfterMs: Math.min(maxWaitMs, Math.max(0, untilMs - clock.now())) };
  }

  /** Returns when to look again; undefined when it changes. */
  async #act(pod: Pod, verdict: Verdict): Promise<number | undefined> {
    const { clock, term } = this.options;
    if (verdict.kind === 'keep') return verdict.untilMs;
    // With what the agent said, and with the pod as it is by then.
    if (verdict.kind === 'ask') return clock.now();
    const isDone =
      verdict.kind === 'end'
        ? await this.#pods.end(pod, verdict.why, { mayGoOn: () => term.isCurrent })
        : await this.#pods.annotate(pod, announcementOf(pod, verdict.idleAtMs));
    if (!isDone) return clock.now() + overtakenMs;
    return verdict.kind === 'end' ? undefined : verdict.untilMs;
  }

  async #ask(pod: Pod, facts: Facts): Promise<Facts> {
    const { agents, signer, clock, logger } = this.options;
    const agent = agentAddressOf(pod, signer);
    try {
      if (!agent) throw new Error('the session is not ready');
      const idleMs = await agents.readIdleMs(agent);
      const atMs = clock.now();
      return {
        ...facts,
        answer: { atMs, lastInputMs: idleMs === undefined ? undefined : atMs - idleMs },
        unansweredMs: undefined,
      };
    } catch (fault) {
      logger.debug({ session: pod.metadata.uid, fault: messageOf(fault) }, 'agent not asked for its last input');
      return { ...facts, unansweredMs: clock.now() };
    }
  }
}

/** Begins at once; disposing it waits for what is under way. */
export const createReaper = (options: ReaperOptions): AsyncDisposable => new Reaper(options);
