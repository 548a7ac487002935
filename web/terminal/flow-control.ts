// Decides when the agent is told how far this browser has parsed its output, and how much may be outstanding.
import { initialWindowBytes, maxWindowBytes, minWindowBytes } from '../../server/protocol/frames.ts';

/** Acknowledged in quarters of the window: often enough that the agent never waits for a browser that keeps up, seldom enough that a keystroke costs no extra frame. */
const acksPerWindow = 4;
/** What is outstanding must be worked through before the answer to a Ctrl-C is seen; less than that and a frame that is drawn leaves the parser idle. */
const worthMs = 30;
/** A terminal that nobody sees: its program waits rather than the main thread. */
const hiddenWindowBytes = 32 * 1024;
/** Shorter bursts say nothing of how long drawing takes. */
const minSampleMs = 25;
const minSampleBytes = 32 * 1024;
const smoothing = 0.3;
const roundTripsKept = 8;
const maxRoundTripMs = 500;
/** A window that changes less is not told between two acknowledgements. */
const notableFactor = 2;

/** `shown`: seen; `hidden`: behind another tab of the page; `away`: the whole page is hidden, and the browser slows it down. */
export type Visibility = 'shown' | 'hidden' | 'away';

export interface Acknowledgement {
  sequence: number;
  /** 0: the program must not wait. */
  windowBytes: number;
}

export interface FlowControl {
  /** The line is (again) attached; `windowBytes` is what the agent leaves unacknowledged at first. */
  attach(sequence: number, windowBytes: number): void;
  /** Output up to `sequence` came and waits to be parsed. */
  received(sequence: number, nowMs: number): void;
  /** xterm has parsed all output before `sequence`. Returns what to acknowledge now, or undefined to wait. */
  parsed(sequence: number, nowMs: number): Acknowledgement | undefined;
  /** Returns what to tell the agent now. */
  setVisibility(visibility: Visibility): Acknowledgement | undefined;
  /** Bytes that are on the way do not keep this browser busy. */
  setRoundTrip(roundTripMs: number): void;
}

const clamp = (bytes: number) => Math.round(Math.min(maxWindowBytes, Math.max(minWindowBytes, bytes)));

export const createFlowControl = (): FlowControl => new Flow();

class Flow implements FlowControl {
  #isAttached = false;
  #acknowledged = 0;
  #parsed = 0;
  #received = 0;
  /** What the agent was told last. */
  #toldBytes = 0;
  #visibility: Visibility = 'shown';
  #roundTripsMs: number[] = [];
  #bytesPerMs: number | undefined;
  /** When the parser last had nothing to do, and how far it was then. */
  #sample: { sinceMs: number; from: number } | undefined;

  attach(sequence: number, windowBytes: number): void {
    this.#isAttached = true;
    this.#acknowledged = this.#parsed = this.#received = sequence;
    this.#toldBytes = windowBytes;
    this.#sample = undefined;
  }

  received(sequence: number, nowMs: number): void {
    this.#received = Math.max(this.#received, sequence);
    this.#sample ??= { sinceMs: nowMs, from: this.#parsed };
  }

  parsed(sequence: number, nowMs: number): Acknowledgement | undefined {
    if (!this.#isAttached) return undefined;
    this.#parsed = sequence;
    this.#learn(nowMs);
    if (sequence - this.#acknowledged < Math.max(1, Math.floor(this.#toldBytes / acksPerWindow))) return undefined;
    return this.#acknowledge();
  }

  setVisibility(visibility: Visibility): Acknowledgement | undefined {
    if (visibility === this.#visibility) return undefined;
    const wasAway = this.#visibility === 'away';
    this.#visibility = visibility;
    this.#sample = undefined;
    const ratio = this.#windowBytes / this.#toldBytes;
    const isNotable = wasAway || ratio >= notableFactor || ratio <= 1 / notableFactor;
    return this.#isAttached && isNotable ? this.#acknowledge() : undefined;
  }

  setRoundTrip(roundTripMs: number): void {
    this.#roundTripsMs = [...this.#roundTripsMs.slice(1 - roundTripsKept), roundTripMs];
  }

  get #windowBytes(): number {
    if (this.#visibility === 'away') return 0;
    if (this.#visibility === 'hidden') return hiddenWindowBytes;
    if (this.#bytesPerMs === undefined) return this.#toldBytes || initialWindowBytes;
    // The shortest: under a flood the answer to a ping waits, too.
    const roundTripMs = Math.min(maxRoundTripMs, ...this.#roundTripsMs);
    return clamp(this.#bytesPerMs * (worthMs + roundTripMs));
  }

  /** Only times in which there was something to parse count: waiting for the program says nothing of this browser. */
  #learn(nowMs: number): void {
    if (!this.#sample || this.#visibility !== 'shown') return;
    const bytes = this.#parsed - this.#sample.from;
    const tookMs = nowMs - this.#sample.sinceMs;
    if (bytes >= minSampleBytes && tookMs >= minSampleMs) {
      const bytesPerMs = bytes / tookMs;
      this.#bytesPerMs =
        this.#bytesPerMs === undefined ? bytesPerMs : this.#bytesPerMs + smoothing * (bytesPerMs - this.#bytesPerMs);
      this.#sample = { sinceMs: nowMs, from: this.#parsed };
    }
    if (this.#parsed >= this.#received) this.#sample = undefined;
  }

  #acknowledge(): Acknowledgement {
    this.#acknowledged = this.#parsed;
    this.#toldBytes = this.#windowBytes;
    return { sequence: this.#acknowledged, windowBytes: this.#toldBytes };
  }
}
