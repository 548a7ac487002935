// Whether this process can serve sessions, and if not, why: for /readyz and, once each, for the log.
import type { Clock } from '../common/clock.ts';
import { messageOf } from '../common/errors.ts';
import type { Disposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { KubeError } from '../kube/errors.ts';
import type { Informer, KubeClient, KubeObject } from '../kube/types.ts';
import { findMissingRights, missingRightsSentence, requiredRights } from './rights.ts';

export interface Readiness extends Disposable {
  /** Why no session can be served, a sentence each for the administrator; none once all was well: see README.md. */
  reasons(): string[];
  /** Resolves when there are no reasons. */
  readonly ready: Promise<void>;
}

export interface ReadinessOptions {
  client: KubeClient;
  lists: readonly Pick<Informer<KubeObject>, 'synced' | 'fault'>[];
  namespace: string;
  leaseName: string;
  clock: Clock;
  logger: Logger;
}

const recheckMs = 2_000;

/** What a fault of a list or of a review means for who set the playground up. */
export function clusterFaultSentence(fault: unknown): string {
  if (!(fault instanceof KubeError)) return `The cluster cannot be asked: ${messageOf(fault)}.`;
  const { code, reason, message } = fault;
  if (reason === 'Unreachable') return `${message}.`;
  if (code === 401) return 'The cluster does not take the credentials of the playground (401 Unauthorized).';
  if (code === 403) return `The cluster forbids the playground what it needs: ${message}.`;
  if (reason === 'Unknown' && code < 500)
    return `What answers at the address of the API server is no Kubernetes API: it said ${code}.`;
  return `The API server cannot answer: ${message} (${code}).`;
}

class ClusterReadiness implements Readiness {
  readonly ready: Promise<void>;
  #isListed = false;
  #missing: string | undefined;
  #isReviewed = false;
  #fault: unknown;
  #isReady = false;
  #told = '';
  #markReady!: () => void;
  #timer: Disposable | undefined;
  #isDisposed = false;

  constructor(private readonly options: ReadinessOptions) {
    this.ready = new Promise((resolve) => (this.#markReady = resolve));
    void Promise.all(options.lists.map(({ synced }) => synced)).then(() => {
      this.#isListed = true;
      this.#tell();
    });
    void this.#review();
  }

  reasons(): string[] {
    if (this.#isReady) return [];
    if (this.#missing) return [this.#missing];
    const fault = this.options.lists.find((list) => list.fault)?.fault ?? this.#fault;
    if (fault) return [clusterFaultSentence(fault)];
    if (!this.#isListed) return ['The session pods have not been listed yet.'];
    return this.#isReviewed ? [] : ['The cluster has not said yet what the playground may do.'];
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timer?.dispose();
  }

  async #review(): Promise<void> {
    const { client, namespace, leaseName, clock, logger } = this.options;
    try {
      const missing = await findMissingRights(client, namespace, requiredRights(leaseName));
      if (missing === undefined)
        logger.warn('the cluster does not say what the playground may do; what it may not shows when it is done');
      this.#missing = missing?.length ? missingRightsSentence(missing, namespace) : undefined;
      this.#isReviewed = true;
      this.#fault = undefined;
    } catch (fault) {
      this.#fault = fault;
    }
    if (this.#isDisposed) return;
    this.#tell();
    if (!this.#isReady) this.#timer = clock.after(recheckMs, () => void this.#review());
  }

  /** Logs what has changed; once all is well it stays so, for an API server that is away must not take every replica out of service. */
  #tell(): void {
    const { logger } = this.options;
    const reasons = this.reasons();
    if (!this.#isReady && !reasons.length && this.#isListed) {
      this.#isReady = true;
      this.#timer?.dispose();
      logger.info('ready');
      this.#markReady();
    }
    const text = reasons.join(' ');
    if (text && text !== this.#told && (this.#missing || this.#fault)) logger.error(text);
    this.#told = text;
  }
}

export const createReadiness = (options: ReadinessOptions): Readiness => new ClusterReadiness(options);
