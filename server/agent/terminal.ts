// One terminal: a program on a PTY, its screen, and the attachments that look at it. Knows no socket.
import type { Clock } from '../common/clock.ts';
import type { Disposable } from '../common/lifecycle.ts';
import type { CloseReason } from '../protocol/close-codes.ts';
import { closeReasons } from '../protocol/close-codes.ts';
import { initialWindowBytes, maxInputInFlightBytes, maxWindowBytes } from '../protocol/frames.ts';
import type { ClientMessage } from '../protocol/messages.ts';
import type { TerminalSummary } from '../protocol/rest.ts';
import { AttachmentOutput, type AttachmentSink } from './attachment.ts';
import { createInputAcks } from './input-acks.ts';
import { createInputLedger } from './input-ledger.ts';
import type { Command, Exit, Pty, StartPty } from './pty.ts';
import { createRing } from './ring.ts';
import { createScreen } from './screen.ts';
import { chooseSize, isSameSize, type Size } from './size.ts';

export type AttachRequest = Extract<ClientMessage, { type: 'attach' }>;

/** One attachment, for the one that holds its socket. Faults are the reason for which the socket is to be closed. */
export interface Attachment extends Disposable {
  input(sequence: number, bytes: Uint8Array): CloseReason | undefined;
  acknowledge(sequence: number, windowBytes: number): CloseReason | undefined;
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

/** Twice the largest window: what was on its way when a line broke is still there when the page comes back. */
export const ringBytes = 2 * maxWindowBytes;
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
  /** Number of the first byte that was printed for this size. */
  let sizedAt = firstSequence;
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

  const updateSize = () => {
    const chosen = chooseSize(attachments);
    if (!chosen || exit || isSameSize(chosen, size)) return;
    size = chosen;
    sizedAt = ring.end;
    pty.resize(size);
    screen.resize(size);
    for (const attachment of attachments) attachment.changeSize(size);
  };

  function attach(request: AttachRequest, sink: AttachmentSink): Attachment {
    const { clientId, from, columns, rows } = request;
    let inFlightBytes = 0;
    const acks = createInputAcks(clock, (sequence) => sink.sendMessage({ type: 'ack', sequence }));
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
            windowBytes: initialWindowBytes,
            columns: shown.columns,
            rows: shown.rows,
          }),
        onFrame: acks.flush,
        onChange: updatePaused,
      },
      size,
    );
    output.lastUse = ++uses;
    attachments.add(output);
    const isResuming = output.canResume(sizedAt);
    if (!isResuming) updateSize();
    output.start(isResuming);
    if (isResuming) updateSize();
    updatePaused();

    return {
      input(sequence, bytes) {
        const accepted = ledger.accept(clientId, sequence, bytes);
        if (accepted.kind === 'gap') return closeReasons.badMessage;
        const fresh = accepted.bytes;
        const expected = ledger.expected(clientId);
        if (!fresh.length) return void acks.taken(expected);
        inFlightBytes += fresh.length;
        if (inFlightBytes > maxInputInFlightBytes * 2) return closeReasons.tooLarge;
        lastInputAtMs = clock.now();
        output.lastUse = ++uses;
        updateSize();
        // The frame's buffer belongs to the socket, and the PTY may take its time.
        pty.write(Uint8Array.from(fresh), () => {
          inFlightBytes -= fresh.length;
          acks.taken(expected);
        });
        return undefined;
      },
      acknowledge: (sequence, windowBytes) =>
        output.acknowledge(sequence, windowBytes) ? undefined : closeReasons.badMessage,
      resize(wanted) {
        Object.assign(output, wanted, { lastUse: ++uses });
        updateSize();
      },
      drained: () => output.pump(),
      dispose() {
        output.dispose();
        acks.dispose();
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
