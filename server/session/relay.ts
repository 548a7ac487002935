// The relay: splices a browser's socket with the agent's, so that back-pressure is TCP's own and a frame costs no parsing.
import type { Duplex } from 'node:stream';
import type { Clock } from '../common/clock.ts';
import { messageOf } from '../common/errors.ts';
import type { Disposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { closeReasons, type CloseReason } from '../protocol/close-codes.ts';
import { subprotocol } from '../protocol/messages.ts';
import { openAgentUpgrade, type AgentUpgradeAnswer } from './agent-upgrade.ts';
import type { AgentAddress } from './agent-address.ts';
import { Splice } from './splice.ts';

export interface RelayRequest {
  agent: AgentAddress;
  terminalId: string;
  webSocketKey: string;
  /** The browser's socket, and what it sent behind its request. */
  browser: Duplex;
  head: Buffer;
  /** Says whose request it is. */
  logger: Logger;
  /** Told when both ends are connected, and then once when that has ended. */
  onStart?(): void;
  onEnd?(): void;
}

export interface Relay extends Disposable {
  /** How many browsers are attached. */
  readonly size: number;
  /**
   * Connects and splices. Resolves with undefined when both ends are connected, or with why not: then the browser has heard nothing
   * yet, and the caller tells it.
   */
  open(request: RelayRequest): Promise<CloseReason | undefined>;
  /** Ends every socket between two of its frames with `reason`; resolves when all are gone. */
  drain(reason: CloseReason): Promise<void>;
}

export interface RelayOptions {
  clock: Clock;
  onBytes?(direction: 'in' | 'out', bytes: number): void;
}

/** What the browser is told when the agent answers with `status` instead of upgrading. */
function reasonOf(status: number): CloseReason {
  if (status === 401 || status === 403) return closeReasons.forbidden;
  if (status === 429) return closeReasons.tooManyTerminals;
  if (status === 400) return closeReasons.badMessage;
  return closeReasons.agentUnreachable;
}

class SplicingRelay implements Relay {
  readonly #splices = new Set<Splice>();
  #whenEmpty: (() => void) | undefined;

  constructor(private readonly options: RelayOptions) {}

  get size(): number {
    return this.#splices.size;
  }

  async open(relayed: RelayRequest): Promise<CloseReason | undefined> {
    const { agent, terminalId, webSocketKey, browser, logger } = relayed;
    const gone = new AbortController();
    const onGone = () => gone.abort();
    browser.once('close', onGone);
    try {
      const token = await agent.createToken();
      const { host, port } = agent;
      const path = `/terminals/${encodeURIComponent(terminalId)}`;
      const request = { host, port, path, token, webSocketKey, subprotocol };
      const answer = await openAgentUpgrade(request, this.options.clock, gone.signal);
      if (answer.status !== 101) {
        answer.socket.on('error', () => undefined).destroy();
        logger.warn({ status: answer.status }, 'agent refused a terminal');
        return reasonOf(answer.status);
      }
      this.#splice(relayed, answer);
      return undefined;
    } catch (fault) {
      if (!gone.signal.aborted) logger.warn({ fault: messageOf(fault) }, 'agent not reached');
      return closeReasons.agentUnreachable;
    } finally {
      browser.off('close', onGone);
    }
  }

  async drain(reason: CloseReason): Promise<void> {
    if (!this.#splices.size) return;
    const empty = new Promise<void>((resolve) => (this.#whenEmpty = resolve));
    for (const splice of [...this.#splices]) splice.drain(reason);
    await empty;
  }

  dispose(): void {
    for (const splice of [...this.#splices]) splice.dispose();
  }

  #splice({ browser, head, onStart, onEnd }: RelayRequest, answer: AgentUpgradeAnswer): void {
    const splice = new Splice({
      ...this.options,
      browser,
      agent: answer.socket,
      onEnd: () => {
        this.#splices.delete(splice);
        onEnd?.();
        if (!this.#splices.size) this.#whenEmpty?.();
      },
    });
    this.#splices.add(splice);
    onStart?.();
    if (browser.destroyed) splice.dispose();
    else splice.start(answer.head, answer.rest, head);
  }
}

export const createRelay = (options: RelayOptions): Relay => new SplicingRelay(options);
