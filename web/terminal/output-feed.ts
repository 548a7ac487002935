// Hands output to the terminals of the page in pieces, so that none holds the page up: those that are seen take turns, the others get what is left over.
import type { Timers } from '../model/timers.ts';

/** Parses `bytes` and calls back when that is done: xterm's write. */
export type Parse = (bytes: Uint8Array, parsed: () => void) => void;

export interface OutputFeed {
  /** Parses `bytes` behind all that was written before. */
  write(bytes: Uint8Array, parsed: () => void): void;
  /** Runs `act` behind all that was written before. */
  afterward(act: () => void): void;
  setShown(isShown: boolean): void;
  /** Somebody typed: for a moment what comes is parsed at once, whatever frames that costs. */
  hurry(): void;
  dispose(): void;
}

export interface OutputFeeder {
  /** A feed for one terminal; it counts as shown until told otherwise. `onSpeed` is told how fast it parses, drawing not counted. */
  add(parse: Parse, onSpeed: (bytesPerMs: number) => void): OutputFeed;
}

export interface OutputFeederOptions {
  timers: Timers;
  /** ms, with fractions. */
  now: () => number;
  /** Calls back in a turn of the event loop of its own, behind what waits there: keys, other messages, drawing. */
  yieldTurn: (callback: () => void) => void;
}

/** Parsed in a millisecond or less nearly everywhere. */
const pieceBytes = 16 * 1024;
const sliceMs = 20;
/**
 * Behind each slice the browser draws a frame, which takes as long as parsing some hundred kilobytes. So behind a slice of a flood the next one
 * waits until it is worth a frame: nobody can read so many.
 */
const floodBytes = 32 * 1024;
const gatheredBytes = 320 * 1024;
const gatherMs = 40;
const hurryMs = 300;
const hiddenSliceMs = 2;
/** After a slice of a hidden terminal, none of them gets another for so many times as long. */
const hiddenPause = 4;
/** Output of this size is parsed at once when nothing waits before it: an echo. */
const directBytes = 4 * 1024;
const minMeasuredBytes = 2 * pieceBytes;

interface Piece {
  bytes?: Uint8Array;
  done?: () => void;
}

/**
 * Told the time before each piece, and the piece's bytes, returns the bytes per ms so far, or undefined after too little. The first piece of a
 * slice does not count: xterm begins it in a turn of its own, which may come behind a frame.
 */
function createSpeedMeasure(): (nowMs: number, bytes: number) => number | undefined {
  let startMs: number | undefined;
  let isFirst = true;
  let handed = 0;
  return (nowMs, bytes) => {
    const parsed = handed;
    if (!isFirst) {
      startMs ??= nowMs;
      handed += bytes;
    }
    isFirst = false;
    const tookMs = nowMs - (startMs ?? nowMs);
    return parsed >= minMeasuredBytes && tookMs > 0 ? parsed / tookMs : undefined;
  };
}

export const createOutputFeeder = (options: OutputFeederOptions): OutputFeeder => new Feeder(options);

class Feeder implements OutputFeeder {
  readonly #options: OutputFeederOptions;
  /** Feeds with something to parse, in order of their turn. */
  readonly #waiting = new Set<Feed>();
  /** A turn is coming, or a slice is being parsed. */
  #isBusy = false;
  #timer: { dispose(): void } | undefined;
  #hiddenDueMs = 0;

  constructor(options: OutputFeederOptions) {
    this.#options = options;
  }

  add(parse: Parse, onSpeed: (bytesPerMs: number) => void): OutputFeed {
    return new Feed(parse, onSpeed, this.#options.now, (feed, isWaiting) => {
      if (isWaiting) this.#waiting.add(feed);
      else this.#waiting.delete(feed);
      this.#plan();
    });
  }

  #dueMsOf(feed: Feed): number {
    return feed.isShown ? feed.dueMs : this.#hiddenDueMs;
  }

  /** The next turn comes at once when a feed is due, else when the first one is. */
  #plan(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    if (this.#isBusy || !this.#waiting.size) return;
    const delayMs = Math.min(...[...this.#waiting].map((feed) => this.#dueMsOf(feed))) - this.#options.now();
    if (delayMs > 0) {
      this.#timer = this.#options.timers.after(Math.ceil(delayMs), () => this.#plan());
      return;
    }
    this.#isBusy = true;
    this.#options.yieldTurn(() => this.#turn());
  }

  #turn(): void {
    const startMs = this.#options.now();
    const feed = [...this.#waiting].find((candidate) => this.#dueMsOf(candidate) <= startMs);
    const { isShown } = feed ?? {};
    const end = () => {
      const endMs = this.#options.now();
      if (feed && !isShown) this.#hiddenDueMs = endMs + (endMs - startMs) * hiddenPause;
      this.#isBusy = false;
      this.#plan();
    };
    if (!feed) return end();
    // Behind the others.
    this.#waiting.delete(feed);
    this.#waiting.add(feed);
    feed.runSlice(isShown ? sliceMs : hiddenSliceMs, end);
  }
}

class Feed implements OutputFeed {
  isShown = true;
  /** When the next slice may begin. */
  dueMs = 0;
  readonly #parse: Parse;
  readonly #onSpeed: (bytesPerMs: number) => void;
  readonly #now: () => number;
  readonly #setWaiting: (feed: Feed, isWaiting: boolean) => void;
  #pieces: Piece[] = [];
  #queuedBytes = 0;
  #hurryUntilMs = 0;
  #isParsing = false;
  #isDisposed = false;
  #sliceEnded: (() => void) | undefined;

  constructor(
    parse: Parse,
    onSpeed: (bytesPerMs: number) => void,
    now: () => number,
    setWaiting: (feed: Feed, isWaiting: boolean) => void,
  ) {
    this.#parse = parse;
    this.#onSpeed = onSpeed;
    this.#now = now;
    this.#setWaiting = setWaiting;
  }

  write(bytes: Uint8Array, parsed: () => void): void {
    const isIdle = !this.#pieces.length && !this.#isParsing;
    if (isIdle && bytes.length <= directBytes) return this.#parsePiece({ bytes, done: parsed }, () => this.#wake());
    for (let start = 0; start < bytes.length || start === 0; start += pieceBytes) {
      const isLast = start + pieceBytes >= bytes.length;
      this.#pieces.push({ bytes: bytes.subarray(start, start + pieceBytes), ...(isLast ? { done: parsed } : {}) });
    }
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes >= gatheredBytes) this.dueMs = 0;
    this.#wake();
  }

  afterward(act: () => void): void {
    if (!this.#pieces.length && !this.#isParsing) return act();
    this.#pieces.push({ done: act });
    this.#wake();
  }

  setShown(isShown: boolean): void {
    this.isShown = isShown;
    this.#wake();
  }

  hurry(): void {
    this.#hurryUntilMs = this.#now() + hurryMs;
    this.dueMs = 0;
    this.#wake();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#pieces = [];
    this.#queuedBytes = 0;
    this.#setWaiting(this, false);
    // A terminal that is gone calls nobody back.
    this.#endSlice();
  }

  /** Parses pieces until `budgetMs` are over, then calls `ended`. */
  runSlice(budgetMs: number, ended: () => void): void {
    const startMs = this.#now();
    this.#sliceEnded = ended;
    const measure = createSpeedMeasure();
    const queuedBytes = this.#queuedBytes;
    const next = () => {
      const nowMs = this.#now();
      const piece = nowMs - startMs < budgetMs ? this.#pieces.shift() : undefined;
      const length = piece?.bytes?.length ?? 0;
      this.#queuedBytes -= length;
      const speed = measure(nowMs, length);
      if (piece) return this.#parsePiece(piece, next);
      if (speed) this.#onSpeed(speed);
      const isFlood = queuedBytes - this.#queuedBytes >= floodBytes && nowMs >= this.#hurryUntilMs;
      this.dueMs = isFlood && this.#queuedBytes < gatheredBytes ? nowMs + gatherMs : 0;
      if (!this.#pieces.length) this.#setWaiting(this, false);
      this.#endSlice();
    };
    if (!this.#isParsing) return next();
    // An echo that came between is still with xterm: its end calls for the next turn.
    this.#setWaiting(this, false);
    this.#endSlice();
  }

  #endSlice(): void {
    const ended = this.#sliceEnded;
    this.#sliceEnded = undefined;
    ended?.();
  }

  #wake(): void {
    if (this.#pieces.length && !this.#isDisposed) this.#setWaiting(this, true);
  }

  #parsePiece({ bytes, done }: Piece, next: () => void): void {
    const finish = () => {
      this.#isParsing = false;
      if (this.#isDisposed) return;
      done?.();
      next();
    };
    if (!bytes) return finish();
    this.#isParsing = true;
    this.#parse(bytes, finish);
  }
}
