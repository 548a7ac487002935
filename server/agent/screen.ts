// What a terminal shows: a headless xterm that reads along, answers programs' questions, and is written down as a snapshot.
import { SerializeAddon } from '@xterm/addon-serialize';
import { Terminal } from '@xterm/headless/lib-headless/xterm-headless.mjs';
import type { Disposable } from '../common/lifecycle.ts';
import { maxSnapshotBytes } from '../protocol/frames.ts';
import { trackMarks } from './screen-marks.ts';
import { trackModes } from './screen-modes.ts';
import { createSequenceBoundary } from './sequence-boundary.ts';
import type { Size } from './size.ts';
import { useGraphemes } from './unicode.ts';

export interface Snapshot extends Size {
  /** Number of the first output byte that is not in it. */
  sequence: number;
  bytes: Uint8Array;
}

export interface ScreenOptions {
  size: Size;
  /** Number of the first byte that will be written. */
  first: number;
  scrollbackLines: number;
  /** What the screen says to the program: answers to its questions. */
  onAnswer(bytes: Uint8Array): void;
  /** `bytes` of what was written are parsed. */
  onParsed(): void;
  /** The bytes [from, to) of the output, for what a snapshot leaves half done; undefined when they are gone. */
  readOutput(from: number, to: number): Uint8Array | undefined;
}

export interface Screen extends Disposable {
  readonly title: string;
  /** Written and not yet parsed. */
  readonly backlogBytes: number;
  write(bytes: Uint8Array): void;
  /** Takes effect behind all that is written so far. */
  resize(size: Size): void;
  /** Calls back when all that is written so far is parsed, before anything that is written later. */
  snapshot(callback: (snapshot: Snapshot) => void): void;
}

const maxTitleLength = 256;
const nothing = new Uint8Array(0);

/**
 * A snapshot is text that makes an empty terminal look and behave the same: scrollback, screen, cursor, modes, margins, title. Output that
 * stops inside a character or an escape sequence has no such moment: what is left of it is repeated at the snapshot's end.
 */
export function createScreen(options: ScreenOptions): Screen {
  const { columns: cols, rows } = options.size;
  const { scrollbackLines: scrollback } = options;
  // What a program prints may be anything: it is no fault of ours that is worth a line in our log.
  const terminal = new Terminal({ cols, rows, scrollback, allowProposedApi: true, logLevel: 'off' });
  const serializer = new SerializeAddon();
  terminal.loadAddon(serializer);
  useGraphemes(terminal);
  const modes = trackModes(terminal);
  const marks = trackMarks(terminal);
  const boundary = createSequenceBoundary();
  let title = '';
  let parsed = options.first;
  let backlogBytes = 0;
  let isDisposed = false;
  terminal.onTitleChange((text) => (title = text.slice(0, maxTitleLength)));
  terminal.onData((text) => options.onAnswer(Buffer.from(text)));
  terminal.onBinary((text) => options.onAnswer(Buffer.from(text, 'latin1')));

  /** Marks belong to the normal buffer, so they come before the switch to the other one. */
  const serialize = (scrollback: number): string => {
    const all = serializer.serialize({ scrollback });
    if (terminal.buffer.active.type === 'normal') return all + modes.serialize() + marks.serialize();
    const normal = serializer.serialize({ scrollback, excludeAltBuffer: true, excludeModes: true });
    return normal + marks.serialize() + all.slice(normal.length) + modes.serialize();
  };
  const render = (): Uint8Array => {
    const head = title ? `\x1b]0;${title}\x07` : '';
    const pending = options.readOutput(parsed - boundary.pendingBytes, parsed) ?? nothing;
    // A line of a thousand coloured columns takes kilobytes: less scrollback where all of it is too much.
    for (let scrollback = options.scrollbackLines; ; scrollback = Math.floor(scrollback / 4)) {
      const bytes = Buffer.from(head + serialize(scrollback));
      if (bytes.length + pending.length <= maxSnapshotBytes) return Buffer.concat([bytes, pending]);
      if (scrollback === 0) return Buffer.from(head);
    }
  };

  return {
    get title() {
      return title;
    },
    get backlogBytes() {
      return backlogBytes;
    },
    write(bytes) {
      backlogBytes += bytes.length;
      terminal.write(bytes, () => {
        if (isDisposed) return;
        boundary.push(bytes);
        backlogBytes -= bytes.length;
        parsed += bytes.length;
        options.onParsed();
      });
    },
    resize(size) {
      terminal.write(nothing, () => {
        if (isDisposed) return;
        terminal.resize(size.columns, size.rows);
        modes.reset();
      });
    },
    snapshot(callback) {
      terminal.write(nothing, () => {
        if (isDisposed) return;
        callback({ sequence: parsed, bytes: render(), columns: terminal.cols, rows: terminal.rows });
      });
    },
    dispose() {
      isDisposed = true;
      terminal.dispose();
    },
  };
}
