// One terminal: a program on a PTY, its screen, and the attachments that look at it. Knows no socket.
import type { Clock } from '../common/clock.ts';
import type { Disposable } from '../common/lifecycle.ts';
import type { CloseReason } from '../protocol/close-codes.ts';
import { closeReasons } from '../protocol/close-codes.ts';
import { maxInputInFlightBytes } from '../protocol/frames.ts';
import type { ClientMessage } from '../protocol/messages.ts';
import type { TerminalSummary } from '../protocol/rest.ts';
import { AttachmentOutput, windowBytes, type AttachmentSink } from './attachment.ts';
import { createInputLedger } from './input-ledger.ts';
import type { Command, Exit, Pty, StartPty } from './pty.ts';
import { createRing } from './ring.ts';
import { createScreen } from './screen.ts';
import { chooseSize, isSameSize, type Size } from './size.ts';

export type AttachRequest = Extract<ClientMessage, { type: 'attach' }>;

/** One attachment, for the one that holds its socket. Faults are the reason for which the socket is to be closed. */
export interface Attachment extends Disposable {
  input(sequence: number, bytes: Uint8Array): CloseReason | undefined;
  acknowledge(sequence: number): CloseReason | undefined;
  resize(size: Size): void;
  /** The socket has room again. */
  drained(): void;
}

export interface Terminal {
  readonly summary: TerminalSummary;
  attach(request: AttachRequest, sink: AttachmentSink): Attachment;
  /** Ends the program; resolves when its processes are gone. */
  end(): Promise<void>;
}

export interface TerminalOptions {
  id: string;
  command: Command;
  size: Size;
  startPty: StartPty;
  clock: Clock;
  /** Number of the first output byte; different for every shell. */
  firstSequence: number;
  onExit(exit: Exit): void;
}

export const ringBytes = 256 * 1024;
/** Measured: a line of 120 columns takes 1.5 KiB, so eight full terminals take 25 MiB. */
export const scrollbackLines = 2_000;
/** The screen must not fall behind the ring: what follows a snapshot is read from there. */
const maxScreenBacklogBytes = ringBytes / 2;

/** Starts the program. Throws when it cannot be started. */
export function createTerminal(options: TerminalOptions): Terminal {
  const { id, clock, firstSequence } = options;
  const createdAt = new Date(clock.now()).toISOString();
  const ring = createRing(ringBytes, firstSequence);
  const ledger = createInputLedger();
  const attachments = new Set<AttachmentOutput>();
  let { size } = options;
  let uses = 0;
  let lastInputAtMs: number | undefined;
  let isPaused = false;
  let exit: Exit | undefined;

  const screen = createScreen({
    size,
    first: firstSequence,
    scrollbackLines,
    onAnswer: (bytes) => pty.write(bytes),
    onParsed: () => updatePaused(),
    readOutput: (from, to) => (from >= ring.start ? ring.read(from, to) : undefined),
  });
  const updatePaused = () => {
    const mustPause =
      screen.backlogBytes > maxScreenBacklogBytes || [...attachments].some((attachment) => attachment.isOverWindow);
    if (mustPause === isPaused) return;
    isPaused = mustPause;
    pty.setPaused(isPaused);
  };
  const pty: Pty = options.startPty(options.command, size, {
    onOutput(bytes) {
      ring.push(bytes);
      screen.write(bytes);
      for (const attachment of attachments) attachment.pump();
      updatePaused();
    },
    onExit(how) {
      exit = how;
      options.onExit(how);
      for (const attachment of [...attachments]) attachment.exit(how);
      // Snapshots that are on their way are asked for before this.
      screen.snapshot(() => screen.dispose());
    },
  });

  /** `cause` asked for its size itself, and so is not told of it. */
  const updateSize = (cause?: AttachmentOutput) => {
    const chosen = chooseSize(attachments);
    if (!chosen || exit) return;
    const isChanged = !isSameSize(chosen, size);
    size = chosen;
    if (isChanged) {
      pty.resize(size);
      screen.resize(size);
    }
    cause?.rememberSize(size);
    if (!isChanged) return;
    for (const attachment of attachments) if (attachment !== cause) attachment.changeSize(size);
  };

  function attach(request: AttachRequest, sink: AttachmentSink): Attachment {
    const { clientId, from, columns, rows } = request;
    let inFlightBytes = 0;
    const output = new AttachmentOutput(
      {
        ring,
        sink,
        clock,
        from,
        columns,
        rows,
        takeSnapshot: (callback) => screen.snapshot(callback),
        sendAttached: (sequence, shown) =>
          sink.sendMessage({
            type: 'attached',
            terminal: id,
            sequence,
            inputSequence: ledger.expected(clientId),
            windowBytes,
            columns: shown.columns,
            rows: shown.rows,
          }),
        onChange: updatePaused,
      },
      { columns, rows },
    );
    output.lastUse = ++uses;
    attachments.add(output);
    updateSize(output);
    output.start();
    updatePaused();

    return {
      input(sequence, bytes) {
        const accepted = ledger.accept(clientId, sequence, bytes);
        if (accepted.kind === 'gap') return closeReasons.badMessage;
        const fresh = accepted.bytes;
        const expected = ledger.expected(clientId);
        const acknowledge = () => sink.sendMessage({ type: 'ack', sequence: expected });
        if (!fresh.length) return void acknowledge();
        inFlightBytes += fresh.length;
        if (inFlightBytes > maxInputInFlightBytes * 2) return closeReasons.tooLarge;
        lastInputAtMs = clock.now();
        output.lastUse = ++uses;
        updateSize();
        // The frame's buffer belongs to the socket, and the PTY may take its time.
        pty.write(Uint8Array.from(fresh), () => {
          inFlightBytes -= fresh.length;
          acknowledge();
        });
        return undefined;
      },
      acknowledge: (sequence) => (output.acknowledge(sequence) ? undefined : closeReasons.badMessage),
      resize(wanted) {
        Object.assign(output, wanted, { lastUse: ++uses });
        updateSize(output);
      },
      drained: () => output.pump(),
      dispose() {
        output.dispose();
        if (!attachments.delete(output)) return;
        updateSize();
        updatePaused();
      },
    };
  }

  return {
    get summary() {
      const { title } = screen;
      const lastInputAt = lastInputAtMs === undefined ? {} : { lastInputAt: new Date(lastInputAtMs).toISOString() };
      return { id, createdAt, ...size, title, attachments: attachments.size, ...lastInputAt };
    },
    attach,
    end: () => pty.end(),
  };
}
