// One browser on one agent: two sockets that copy each other and end together, once.
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../common/clock.ts';
import { DisposableStore, type Disposable } from '../common/lifecycle.ts';
import type { CloseReason } from '../protocol/close-codes.ts';
import { FrameBoundary, renderCloseFrame } from './frame-boundary.ts';

export interface SpliceOptions {
  clock: Clock;
  browser: Duplex;
  agent: Socket;
  onBytes?(direction: 'in' | 'out', bytes: number): void;
  onEnd(): void;
}

const keepAliveMs = 15_000;
const stallCheckMs = 15_000;
const stallTimeoutMs = 60_000;
const lingerMs = 2_000;

export class Splice implements Disposable {
  readonly #boundary = new FrameBoundary();
  readonly #timers = new DisposableStore();
  #drainReason: CloseReason | undefined;
  #isFinishing = false;
  #isOver = false;
  #flushed = 0;
  #lastMovedMs: number;

  constructor(private readonly options: SpliceOptions) {
    const { browser, agent, clock } = options;
    this.#lastMovedMs = clock.now();
    for (const socket of [browser, agent])
      if (socket instanceof Socket) socket.setNoDelay(true).setKeepAlive(true, keepAliveMs);
    const end = () => this.dispose();
    browser.on('error', end).on('end', end).on('close', end);
    const finish = () => this.#finish();
    agent.on('error', finish).on('end', finish).on('close', finish);
    this.#timers.add(clock.every(stallCheckMs, () => this.#checkStall()));
  }

  /** `head` and `rest` of the agent's answer go to the browser, `early` (what the browser sent meanwhile) to the agent. */
  start(head: Buffer, rest: Buffer, early: Buffer): void {
    const { browser, agent, onBytes } = this.options;
    browser.write(head);
    if (rest.length) this.#toBrowser(rest);
    if (early.length) agent.write(early);
    agent.on('data', (chunk: Buffer) => this.#toBrowser(chunk));
    browser.on('drain', () => agent.resume());
    browser.on('data', (chunk: Buffer) => onBytes?.('in', chunk.length));
    browser.pipe(agent);
    if (!browser.writableNeedDrain) agent.resume();
  }

  /** Ends the browser's socket with `reason` behind the frame that is under way, if any. */
  drain(reason: CloseReason): void {
    if (this.#drainReason || this.#isOver) return;
    this.#drainReason = reason;
    this.#timers.add(this.options.clock.after(lingerMs, () => this.dispose()));
    if (this.#boundary.isBetweenFrames) this.#close(reason);
  }

  dispose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timers.dispose();
    this.options.browser.destroy();
    this.options.agent.destroy();
    this.options.onEnd();
  }

  #toBrowser(chunk: Buffer): void {
    const { browser, agent, onBytes } = this.options;
    const lastEnd = this.#boundary.push(chunk);
    const isLast = this.#drainReason !== undefined && lastEnd > 0;
    const bytes = isLast ? chunk.subarray(0, lastEnd) : chunk;
    onBytes?.('out', bytes.length);
    if (!browser.write(bytes)) agent.pause();
    if (isLast && this.#drainReason) this.#close(this.#drainReason);
  }

  #close(reason: CloseReason): void {
    const { browser, agent } = this.options;
    browser.unpipe(agent);
    agent.removeAllListeners('data');
    browser.write(renderCloseFrame(reason.code, reason.sentence));
    this.#finish();
  }

  // The agent's last words, often why it closes, must reach the browser: destroying at once could discard them.
  #finish(): void {
    if (this.#isFinishing || this.#isOver) return;
    this.#isFinishing = true;
    const { browser, clock } = this.options;
    browser.end();
    browser.resume();
    this.#timers.add(clock.after(lingerMs, () => this.dispose()));
  }

  // A peer that is gone without a word holds bytes back for a quarter of an hour before TCP gives up.
  #checkStall(): void {
    const { browser, clock } = this.options;
    const waiting = browser.writableLength;
    const flushed = browser instanceof Socket ? browser.bytesWritten - waiting : 0;
    if (waiting === 0 || flushed !== this.#flushed) this.#lastMovedMs = clock.now();
    this.#flushed = flushed;
    if (clock.now() - this.#lastMovedMs >= stallTimeoutMs) this.dispose();
  }
}
