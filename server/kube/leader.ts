// Leader election over a Lease: a loop that looks, decides (lease.ts) and writes; what only one may do runs while this process leads.
import type { Clock } from '../common/clock.ts';
import { messageOf } from '../common/errors.ts';
import { toDisposable, type AsyncDisposable, type Disposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { isAlreadyExists, isConflict, isNotFound } from './errors.ts';
import {
  decideLease,
  nextLeaseSpec,
  observeLease,
  renewWithinMs,
  retryMs,
  type Lease,
  type LeaseObservation,
} from './lease.ts';
import { resources } from './resources.ts';
import type { KubeClient } from './types.ts';

/** The time in which one process leads without a break. */
export interface Term {
  /** Whether this process may act now: ask before each act. It turns false before another process may lead, even if nobody told us. */
  readonly isCurrent: boolean;
}

export interface LeaderElector extends AsyncDisposable {
  readonly isLeading: boolean;
  /** Ends the work, then gives the lease back, so that another leads at once. Takes five seconds at most. */
  dispose(): Promise<void>;
}

export interface LeaderElectorOptions {
  client: KubeClient;
  clock: Clock;
  logger: Logger;
  /** Of the lease. */
  namespace: string;
  name: string;
  /** Of this process, different from that of any other, also of one before it in the same pod. */
  identity: string;
  /** Begins the work of a leader; what it returns ends it, and is awaited before the next term begins. */
  lead(term: Term): AsyncDisposable;
}

/** Two tries within the time in which a leader must renew. */
const requestTimeoutMs = renewWithinMs / 2;
const endTimeoutMs = 2_000;

class Elector implements LeaderElector {
  #observed: LeaseObservation | undefined;
  /** An answer did not come: what is in `#observed` may have been overtaken by ourselves. */
  #mustRead = true;
  #leadUntilMs = -Infinity;
  #term: { end(): Promise<void> } | undefined;
  #termTimer: Disposable | undefined;
  #ending: Promise<void> = Promise.resolve();
  #isFailing = false;
  /** Number of the step that counts: one that was given up may still be under way. */
  #current = 0;
  readonly #abort = new AbortController();
  readonly #loop: Promise<void>;
  #disposal: Promise<void> | undefined;

  constructor(private readonly options: LeaderElectorOptions) {
    this.#loop = this.#run();
  }

  get isLeading(): boolean {
    return !this.#abort.signal.aborted && this.options.clock.monotonicMs() < this.#leadUntilMs;
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    this.#abort.abort(new Error('the leader election has ended'));
    this.#endTerm();
    await this.#within(endTimeoutMs, Promise.all([this.#loop, this.#ending])).catch(() => undefined);
    const lease = this.#observed?.lease;
    if (lease?.spec?.holderIdentity !== this.options.identity) return;
    await this.#within(endTimeoutMs, this.#write(lease, 'release')).catch((fault: unknown) =>
      this.options.logger.info({ fault: messageOf(fault) }, 'lease not given back; it runs out by itself'),
    );
  }

  async #run(): Promise<void> {
    const { clock, logger, name } = this.options;
    while (!this.#abort.signal.aborted) {
      const startedMs = clock.monotonicMs();
      let waitMs = retryMs;
      try {
        waitMs = await this.#within(requestTimeoutMs, this.#step(++this.#current, startedMs));
        this.#isFailing = false;
      } catch (fault) {
        this.#current++;
        this.#mustRead = true;
        // One line for a cluster that is away for an hour.
        if (!this.#isFailing) logger.warn({ lease: name, fault: messageOf(fault) }, 'lease not read or written');
        this.#isFailing = true;
      }
      const spentMs = clock.monotonicMs() - startedMs;
      await clock.sleep(Math.max(0, waitMs - spentMs), this.#abort.signal).catch(() => undefined);
    }
  }

  /** One look and at most one write; returns when to come again, in ms. */
  async #step(number: number, startedMs: number): Promise<number> {
    const { clock, identity } = this.options;
    const isGivenUp = () => number !== this.#current;
    if (this.#mustRead || !this.isLeading) {
      const lease = await this.#read();
      if (isGivenUp()) return retryMs;
      this.#observed = observeLease(this.#observed, lease, clock.monotonicMs());
      this.#mustRead = false;
    }
    const step = decideLease(this.#observed, identity, clock.monotonicMs());
    if (step.kind === 'wait') this.#extend(-Infinity);
    if (step.kind === 'wait' || this.#abort.signal.aborted) return step.kind === 'wait' ? step.forMs : retryMs;
    try {
      const written = await this.#write(this.#observed?.lease, step.kind);
      if (isGivenUp()) return retryMs;
      this.#observed = { lease: written, sinceMs: clock.monotonicMs() };
      // From before the request: when it arrived, and others saw it, was later.
      this.#extend(startedMs + renewWithinMs);
      return retryMs;
    } catch (fault) {
      if (!isConflict(fault) && !isAlreadyExists(fault) && !isNotFound(fault)) throw fault;
      this.#mustRead = true;
      return 0;
    }
  }

  async #read(): Promise<Lease | undefined> {
    const { client, name, namespace } = this.options;
    try {
      return await client.get<Lease>(resources.leases, name, namespace);
    } catch (fault) {
      if (isNotFound(fault)) return undefined;
      throw fault;
    }
  }

  #write(lease: Lease | undefined, kind: 'acquire' | 'renew' | 'release'): Promise<Lease> {
    const { client, clock, name, namespace, identity } = this.options;
    const spec = nextLeaseSpec(lease, kind, identity, clock.now());
    if (lease) return client.update<Lease>(resources.leases, { ...lease, spec });
    const metadata = { name, namespace };
    return client.create<Lease>(resources.leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata,
      spec,
    });
  }

  #extend(untilMs: number): void {
    const { clock, logger, identity } = this.options;
    this.#leadUntilMs = untilMs;
    this.#termTimer?.dispose();
    if (!this.isLeading) return this.#endTerm();
    this.#termTimer = clock.after(untilMs - clock.monotonicMs(), () => this.#endTerm());
    if (this.#term) return;
    logger.info({ identity }, 'leading');
    this.#startTerm();
  }

  #startTerm(): void {
    let isOver = false;
    const isCurrent = () => !isOver && this.isLeading;
    const term: Term = {
      get isCurrent() {
        return isCurrent();
      },
    };
    const starting = this.#ending
      .then(() => (isCurrent() ? this.options.lead(term) : undefined))
      .catch((fault: unknown) => void this.options.logger.error({ err: fault }, 'leader did not begin'));
    this.#term = {
      async end() {
        isOver = true;
        await (await starting)?.dispose();
      },
    };
  }

  #endTerm(): void {
    this.#termTimer?.dispose();
    if (!this.#term) return;
    const { logger, identity } = this.options;
    logger.info({ identity }, 'leading no more');
    this.#ending = this.#term
      .end()
      .catch((fault: unknown) => logger.error({ err: fault }, 'leader did not end cleanly'));
    this.#term = undefined;
  }

  async #within<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
    let timer: Disposable = toDisposable(() => undefined);
    const late = new Promise<never>((_resolve, reject) => {
      timer = this.options.clock.after(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms`)));
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      timer.dispose();
    }
  }
}

export const createLeaderElector = (options: LeaderElectorOptions): LeaderElector => new Elector(options);
