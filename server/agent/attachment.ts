// One browser socket on a terminal, as its output sees it: what was sent, what was acknowledged, what it missed.
import type { Clock } from '../common/clock.ts';
import type { Disposable } from '../common/lifecycle.ts';
import { frameHeaderBytes, FrameKind, initialWindowBytes, maxFrameBytes } from '../protocol/frames.ts';
import type { AgentMessage } from '../protocol/messages.ts';
import type { Exit } from './pty.ts';
import type { Ring } from './ring.ts';
import type { Snapshot } from './screen.ts';
import { isSameSize, type Size, type Sized } from './size.ts';

/** Read from the program beyond the window, so that something is there when the next acknowledgement comes. */
const readAheadBytes = 64 * 1024;
/** How long a terminal waits for an attachment that acknowledges nothing. */
export const stallMs = 5_000;
const maxBufferedBytes = 512 * 1024;
const maxOutputBytes = maxFrameBytes - frameHeaderBytes;
/** Behind a frame of this size more is likely to come: it is gathered for a moment, since many small frames cost all who pass them on. */
const gatherFromBytes = 2 * 1024;
const gatherMs = 2;
const gatheredBytes = 32 * 1024;

/** Where an attachment's frames and messages go: a socket. */
export interface AttachmentSink {
  /** Given and not yet on the wire. */
  readonly bufferedBytes: number;
  sendFrame(kind: FrameKind, sequence: number, bytes: Uint8Array): void;
  sendMessage(message: AgentMessage): void;
  /** The terminal's program ended; nothing will follow. */
  end(): void;
}

export interface OutputOptions extends Size {
  ring: Ring;
  sink: AttachmentSink;
  clock: Clock;
  /** The first byte that the client wants, or null: all it can have. */
  from: number | null;
  takeSnapshot(callback: (snapshot: Snapshot) => void): void;
  sendAttached(sequence: number, size: Size): void;
  /** An output frame was sent: what can wait is best said now. */
  onFrame(): void;
  /** Whether the terminal has to wait for this attachment may have changed. */
  onChange(): void;
}

/**
 * Output goes from the ring to the sink as far as window and socket allow. An attachment that the ring has left behind gets a snapshot.
 * States only move on: attaching → live → ended.
 */
export class AttachmentOutput implements Sized, Disposable {
  columns: number;
  rows: number;
  lastUse = 0;
  readonly #options: OutputOptions;
  #sent: number;
  #acknowledged: number;
  #windowBytes = initialWindowBytes;
  #gathering: Disposable | undefined;
  #isAwaitingSnapshot = false;
  #isStalled = false;
  /** Nobody looks at the page: it may fall behind. */
  #isAway = false;
  #stall: Disposable | undefined;
  #exit: Exit | undefined;
  #isDisposed = false;
  #isAttached = false;
  /** The size that the client was last told, and one that it must be told behind the output before `at`. */
  #toldSize: Size;
  #newSize: { size: Size; at: number } | undefined;

  constructor(options: OutputOptions, terminalSize: Size) {
    const { ring, from, columns, rows } = options;
    this.#options = options;
    this.columns = columns;
    this.rows = rows;
    this.#toldSize = terminalSize;
    this.#sent = this.#acknowledged = from ?? ring.end;
  }

  /** Whether the output that the client wants can go on from the ring; `sizedAt` is where the terminal last changed its size. */
  canResume(sizedAt: number): boolean {
    const { ring, from } = this.#options;
    // What was printed for another size must be shown in that: only a snapshot is right then.
    return from !== null && from >= Math.max(ring.start, sizedAt) && from <= ring.end;
  }

  /** Separate from the constructor, since it already sends. */
  start(isResuming: boolean): void {
    if (!isResuming) return this.#requestSnapshot(true);
    this.#isAttached = true;
    this.#options.sendAttached(this.#sent, this.#toldSize);
    this.pump();
  }

  /** Whether the program has to wait for this attachment. */
  get isOverWindow(): boolean {
    const limitBytes = this.#windowBytes + Math.min(readAheadBytes, this.#windowBytes / 2);
    return this.#isWaitedFor && !this.#isAwaitingSnapshot && this.#outstanding >= limitBytes;
  }

  get #isWaitedFor(): boolean {
    return !this.#isStalled && !this.#isAway;
  }

  get #outstanding(): number {
    return this.#options.ring.end - this.#acknowledged;
  }

  /** `windowBytes` is what may be outstanding from now on; 0: the program need not wait. False for bytes that were never sent. */
  acknowledge(sequence: number, windowBytes: number): boolean {
    if (sequence > this.#sent) return false;
    this.#isAway = windowBytes === 0;
    this.#windowBytes = windowBytes || this.#windowBytes;
    if (sequence > this.#acknowledged) {
      this.#acknowledged = sequence;
      this.#isStalled = false;
      this.#stall?.dispose();
      this.#stall = undefined;
    }
    this.pump();
    this.#options.onChange();
    return true;
  }

  /** Sends what may be sent: there is more output, or more room. */
  pump(): void {
    const { ring, sink } = this.#options;
    while (!this.#isAwaitingSnapshot && !this.#isDisposed && this.#sent < ring.end) {
      if (this.#sent < ring.start) {
        if (this.#exit) break;
        return this.#isWaitedFor ? this.#requestSnapshot(false) : undefined;
      }
      const room = this.#exit ? maxOutputBytes : this.#windowBytes - (this.#sent - this.#acknowledged);
      if (room <= 0 || (!this.#exit && sink.bufferedBytes > maxBufferedBytes) || this.#isGathering) break;
      const from = this.#sent;
      const to = Math.min(ring.end, from + Math.min(room, maxOutputBytes));
      sink.sendFrame(FrameKind.output, from, ring.read(from, to));
      this.#options.onFrame();
      this.#sent = to;
      if (to - from >= gatherFromBytes) this.#gather();
      this.#tellSize();
    }
    this.#tellSize();
    this.#watchStall();
    if (this.#exit) this.#finish();
  }

  get #isGathering(): boolean {
    return !!this.#gathering && !this.#exit && this.#options.ring.end - this.#sent < gatheredBytes;
  }

  #gather(): void {
    this.#gathering?.dispose();
    this.#gathering = this.#options.clock.after(gatherMs, () => {
      this.#gathering = undefined;
      this.pump();
    });
  }

  /** Tells the client of a new size, behind the output that came before. */
  changeSize(size: Size): void {
    this.#newSize = { size, at: this.#options.ring.end };
    this.#tellSize();
  }

  /** The program ended: the rest of the output is sent without waiting, then the exit. */
  exit(exit: Exit): void {
    this.#exit = exit;
    this.pump();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#stall?.dispose();
    this.#gathering?.dispose();
  }

  #finish(): void {
    if (this.#isAwaitingSnapshot || this.#isDisposed || !this.#exit) return;
    this.dispose();
    this.#options.sink.sendMessage({ type: 'exit', ...this.#exit });
    this.#options.sink.end();
  }

  #requestSnapshot(isFirst: boolean): void {
    this.#isAwaitingSnapshot = true;
    this.#options.takeSnapshot((snapshot) => {
      if (this.#isDisposed) return;
      this.#isAwaitingSnapshot = false;
      this.#sent = this.#acknowledged = snapshot.sequence;
      const { sendAttached, sink } = this.#options;
      if (isFirst) {
        this.#isAttached = true;
        this.#toldSize = snapshot;
        sendAttached(snapshot.sequence, snapshot);
      } else this.#tell(snapshot);
      sink.sendFrame(FrameKind.snapshot, snapshot.sequence, snapshot.bytes);
      this.pump();
      this.#options.onChange();
    });
  }

  #tellSize(): void {
    if (!this.#newSize || !this.#isAttached || this.#isAwaitingSnapshot || this.#sent < this.#newSize.at) return;
    const { size } = this.#newSize;
    this.#newSize = undefined;
    this.#tell(size);
  }

  #tell(size: Size): void {
    if (isSameSize(size, this.#toldSize)) return;
    this.#toldSize = { columns: size.columns, rows: size.rows };
    this.#options.sink.sendMessage({ type: 'size', ...this.#toldSize });
  }

  #watchStall(): void {
    if (!this.isOverWindow || this.#stall || this.#exit) return;
    this.#stall = this.#options.clock.after(stallMs, () => {
      this.#stall = undefined;
      this.#isStalled = true;
      this.#options.onChange();
    });
  }
}
