// One browser socket on a terminal, as its output sees it: what was sent, what was acknowledged, what it missed.
import type { Clock } from '../common/clock.ts';
import type { Disposable } from '../common/lifecycle.ts';
import { frameHeaderBytes, FrameKind, maxFrameBytes } from '../protocol/frames.ts';
import type { AgentMessage } from '../protocol/messages.ts';
import type { Exit } from './pty.ts';
import type { Ring } from './ring.ts';
import type { Snapshot } from './screen.ts';
import { isSameSize, type Size, type Sized } from './size.ts';

/** Bytes that an attachment may leave unacknowledged. A browser parses so much in some ten milliseconds. */
export const windowBytes = 128 * 1024;
/** How long a terminal waits for an attachment that acknowledges nothing. */
export const stallMs = 5_000;
const maxBufferedBytes = 512 * 1024;
const maxOutputBytes = maxFrameBytes - frameHeaderBytes;

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
  #isAwaitingSnapshot = false;
  #isStalled = false;
  #stall: Disposable | undefined;
  #exit: Exit | undefined;
  #isDisposed = false;
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

  /** Separate from the constructor, since it already sends. */
  start(): void {
    const { ring, from, sendAttached } = this.#options;
    if (from === null || from < ring.start || from > ring.end) return this.#requestSnapshot(true);
    sendAttached(from, this.#toldSize);
    this.pump();
  }

  /** Whether the program has to wait for this attachment. */
  get isOverWindow(): boolean {
    return !this.#isStalled && !this.#isAwaitingSnapshot && this.#outstanding >= windowBytes;
  }

  get #outstanding(): number {
    return this.#options.ring.end - this.#acknowledged;
  }

  /** False for bytes that were never sent. */
  acknowledge(sequence: number): boolean {
    if (sequence > this.#sent) return false;
    if (sequence <= this.#acknowledged) return true;
    this.#acknowledged = sequence;
    this.#isStalled = false;
    this.#stall?.dispose();
    this.#stall = undefined;
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
        return this.#isStalled ? undefined : this.#requestSnapshot(false);
      }
      const room = this.#exit ? maxOutputBytes : windowBytes - (this.#sent - this.#acknowledged);
      if (room <= 0 || (!this.#exit && sink.bufferedBytes > maxBufferedBytes)) break;
      const to = Math.min(ring.end, this.#sent + Math.min(room, maxOutputBytes));
      sink.sendFrame(FrameKind.output, this.#sent, ring.read(this.#sent, to));
      this.#sent = to;
      this.#tellSize();
    }
    this.#tellSize();
    this.#watchStall();
    if (this.#exit) this.#finish();
  }

  /** Tells the client of a new size, behind the output that came before. */
  changeSize(size: Size): void {
    this.#newSize = { size, at: this.#options.ring.end };
    this.#tellSize();
  }

  /** The client knows this size: it asked for it. */
  rememberSize(size: Size): void {
    this.#toldSize = size;
    this.#newSize = undefined;
  }

  /** The program ended: the rest of the output is sent without waiting, then the exit. */
  exit(exit: Exit): void {
    this.#exit = exit;
    this.pump();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#stall?.dispose();
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
        sendAttached(snapshot.sequence, snapshot);
        this.#toldSize = snapshot;
      } else this.#tell(snapshot);
      sink.sendFrame(FrameKind.snapshot, snapshot.sequence, snapshot.bytes);
      this.pump();
      this.#options.onChange();
    });
  }

  #tellSize(): void {
    if (!this.#newSize || this.#isAwaitingSnapshot || this.#sent < this.#newSize.at) return;
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
