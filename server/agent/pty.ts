// One pseudo-terminal with a program in it, as bytes: the thin layer over node-pty.
import { spawn } from '@lydell/node-pty';
import { readSync, writeSync } from 'node:fs';
import type { Clock } from '../common/clock.ts';
import type { Disposable } from '../common/lifecycle.ts';
import { endSession, isProcessAlive } from './processes.ts';
import { createPtyWriter } from './pty-writer.ts';
import type { Size } from './size.ts';

export interface Command {
  file: string;
  args: string[];
  /** All that the program sees: nothing of our own environment is added. */
  env: Record<string, string>;
  cwd: string;
}

export interface Exit {
  code: number;
  signal?: number;
}

export interface PtyHandlers {
  onOutput(bytes: Uint8Array): void;
  /** Called once, behind all output. */
  onExit(exit: Exit): void;
}

export interface Pty {
  /** `onTaken` is called when the program's side took all of `bytes`. */
  write(bytes: Uint8Array, onTaken?: () => void): void;
  resize(size: Size): void;
  /** Stops and goes on with reading output: the program waits when its buffer is full. */
  setPaused(isPaused: boolean): void;
  /** Ends the program and all that it started in this terminal: hang-up, then kill. Resolves when that is done. */
  end(): Promise<void>;
}

/** Throws when no PTY can be had. */
export type StartPty = (command: Command, size: Size, handlers: PtyHandlers) => Pty;

/** What node-pty has and does not declare. */
interface Internals {
  readonly fd: number;
  /** The end of the output, before the descriptor is closed. */
  on(event: 'end', listener: () => void): void;
}

/** Reads all that is there. */
function drain(fd: number, onOutput: (bytes: Uint8Array) => void): void {
  const buffer = Buffer.allocUnsafe(16 * 1024);
  try {
    for (let length = readSync(fd, buffer); length > 0; length = readSync(fd, buffer))
      onOutput(Uint8Array.from(buffer.subarray(0, length)));
  } catch {
    // Nothing is left (EIO), or somebody else still holds the terminal (EAGAIN).
  }
}

const hangUpGraceMs = 400;
const exitCheckMs = 50;

export const createPtyStarter =
  (clock: Clock): StartPty =>
  ({ file, args, env, cwd }, { columns: cols, rows }, handlers) => {
    // Strings would break characters that come in two reads.
    const pty = spawn(file, args, { name: 'xterm-256color', cols, rows, cwd, env, encoding: null });
    // node-pty's own write blocks the process while the program reads nothing; the descriptor itself is non-blocking.
    const { fd } = pty as unknown as Internals;
    const writer = createPtyWriter({ clock, writeSync: (bytes) => writeSync(fd, bytes) });
    let isExited = false;
    let exitCheck: Disposable | undefined;
    let ending: Promise<void> | undefined;

    const end = () => (ending ??= endSession(pty.pid, hangUpGraceMs, clock));
    const setPaused = (isPaused: boolean) => {
      exitCheck?.dispose();
      exitCheck = undefined;
      if (isExited) return;
      if (!isPaused) return pty.resume();
      pty.pause();
      // node-pty closes the descriptor soon after the exit, read or not: what is left (the kernel's buffer) is read before.
      exitCheck = clock.every(exitCheckMs, () => {
        if (!isProcessAlive(pty.pid)) setPaused(false);
      });
    };
    pty.onData((data: string | Uint8Array) => {
      if (typeof data !== 'string') handlers.onOutput(data);
    });
    // libuv takes a hang-up behind a short read for the end, and reads of a PTY are always short: what is left is read here.
    (pty as unknown as Internals).on('end', () => drain(fd, handlers.onOutput));
    pty.onExit(({ exitCode, signal }) => {
      isExited = true;
      exitCheck?.dispose();
      writer.dispose();
      void end();
      handlers.onExit({ code: exitCode, ...(signal ? { signal } : {}) });
    });

    return {
      write: writer.write,
      resize(size) {
        if (!isExited) pty.resize(size.columns, size.rows);
      },
      setPaused,
      end,
    };
  };
