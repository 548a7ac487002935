// Decides when the agent is told how far this browser has parsed its output, and how much may be outstanding.
import { initialWindowBytes, maxWindowBytes } from '../../server/protocol/frames.ts';

/** Acknowledged in quarters of the window: often enough that the agent never waits for a browser that keeps up, seldom enough that a keystroke costs no extra frame. */
const acksPerWindow = 4;
/**
 * The window holds what the parser works through in this time, drawing not counted: enough to keep it busy while acknowledgements are on
 * their way, little enough that the answer to a Ctrl-C is seen at once.
 */
const worthMs = 40;
const minShownBytes = 32 * 1024;
const smoothing = 0.25;
/** A terminal that nobody sees: its program waits rather than the main thread. */
const hiddenWindowBytes = 32 * 1024;
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
  /** How fast the parser was in the last moments. */
  measured(bytesPerMs: number): void;
  /** xterm has parsed all output before `sequence`. Returns what to acknowledge now, or undefined to wait. */
  parsed(sequence: number): Acknowledgement | undefined;
  /** Returns what to tell the agent now. */
  setVisibility(visibility: Visibility): Acknowledgement | undefined;
}

export const createFlowControl = (): FlowControl => new Flow();

class Flow implements FlowControl {
  #isAttached = false;
  #acknowledged = 0;
  #parsed = 0;
  #bytesPerMs: number | undefined;
  #toldBytes = initialWindowBytes;
  #visibility: Visibility = 'shown';

  attach(sequence: number, windowBytes: number): void {
    this.#isAttached = true;
    this.#acknowledged = this.#parsed = sequence;
    this.#toldBytes = windowBytes;
  }

  measured(bytesPerMs: number): void {
    this.#bytesPerMs ??= bytesPerMs;
    this.#bytesPerMs += smoothing * (bytesPerMs - this.#bytesPerMs);
  }

  parsed(sequence: number): Acknowledgement | undefined {
    if (!this.#isAttached) return undefined;
    this.#parsed = sequence;
    const stepBytes = (this.#toldBytes || hiddenWindowBytes) / acksPerWindow;
    return sequence - this.#acknowledged < Math.max(1, Math.floor(stepBytes)) ? undefined : this.#acknowledge();
  }

  setVisibility(visibility: Visibility): Acknowledgement | undefined {
    if (visibility === this.#visibility) return undefined;
    const wasAway = this.#visibility === 'away';
    this.#visibility = visibility;
    const ratio = this.#windowBytes / this.#toldBytes;
    const isNotable = wasAway || ratio >= notableFactor || ratio <= 1 / notableFactor;
    return this.#isAttached && isNotable ? this.#acknowledge() : undefined;
  }

  get #windowBytes(): number {
    if (this.#visibility === 'away') return 0;
    if (this.#visibility === 'hidden') return hiddenWindowBytes;
    if (this.#bytesPerMs === undefined) return initialWindowBytes;
    return Math.round(Math.min(maxWindowBytes, Math.max(minShownBytes, this.#bytesPerMs * worthMs)));
  }

  #acknowledge(): Acknowledgement {
    this.#acknowledged = this.#parsed;
    this.#toldBytes = this.#windowBytes;
    return { sequence: this.#acknowledged, windowBytes: this.#toldBytes };
  }
}
