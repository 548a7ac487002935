// The terminals of a session by id: started by the first attachment, gone with their program.
import { randomInt } from 'node:crypto';
import type { Clock } from '../common/clock.ts';
import { messageOf } from '../common/errors.ts';
import type { Logger } from '../common/log.ts';
import type { AsyncDisposable } from '../common/lifecycle.ts';
import { closeReasons, type CloseReason } from '../protocol/close-codes.ts';
import { maxTerminals } from '../protocol/layout.ts';
import type { TerminalSummary } from '../protocol/rest.ts';
import type { Command, StartPty } from './pty.ts';
import type { Size } from './size.ts';
import { createTerminal, type Terminal } from './terminal.ts';

export interface Terminals extends AsyncDisposable {
  list(): TerminalSummary[];
  /** When something was last typed in any terminal, also in one that has ended. */
  readonly lastInputAt: string | undefined;
  /** The terminal with this id, started when there is none; or the reason why there can be none. */
  open(id: string, size: Size): Terminal | CloseReason;
  /** Ends a terminal. Returns false when there is none. */
  end(id: string): Promise<boolean>;
}

export interface TerminalsOptions {
  command: Command;
  startPty: StartPty;
  clock: Clock;
  logger: Logger;
}

export const isTerminal = (value: Terminal | CloseReason): value is Terminal => 'attach' in value;

export function createTerminals({ command, startPty, clock, logger }: TerminalsOptions): Terminals {
  const terminals = new Map<string, Terminal>();
  const endings = new Set<Promise<void>>();
  let isDisposed = false;
  /** Of terminals that have ended. */
  let lastInputAt: string | undefined;
  const latest = (times: (string | undefined)[]) =>
    times
      .filter((time) => time !== undefined)
      .sort()
      .at(-1);

  const start = (id: string, size: Size): Terminal => {
    const terminal: Terminal = createTerminal({
      id,
      command,
      size,
      startPty,
      clock,
      firstSequence: randomInt(2 ** 47),
      onExit(exit) {
        lastInputAt = latest([lastInputAt, terminal.summary.lastInputAt]);
        if (terminals.get(id) === terminal) terminals.delete(id);
        logger.info({ terminal: id, exitCode: exit.code, signal: exit.signal }, 'terminal ended');
      },
    });
    terminals.set(id, terminal);
    logger.info({ terminal: id }, 'terminal started');
    return terminal;
  };
  const end = (terminal: Terminal): Promise<void> => {
    const ending = terminal.end().finally(() => endings.delete(ending));
    endings.add(ending);
    return ending;
  };

  return {
    list: () => [...terminals.values()].map(({ summary }) => summary),
    get lastInputAt() {
      return latest([lastInputAt, ...[...terminals.values()].map(({ summary }) => summary.lastInputAt)]);
    },
    open(id, size) {
      const existing = terminals.get(id);
      if (existing) return existing;
      if (isDisposed) return closeReasons.shuttingDown;
      if (terminals.size >= maxTerminals) return closeReasons.tooManyTerminals;
      try {
        return start(id, size);
      } catch (fault) {
        logger.error({ terminal: id, fault: messageOf(fault) }, 'terminal could not be started');
        return closeReasons.shellFailed;
      }
    },
    async end(id) {
      const terminal = terminals.get(id);
      if (!terminal) return false;
      await end(terminal);
      return true;
    },
    async dispose() {
      isDisposed = true;
      for (const terminal of terminals.values()) void end(terminal);
      await Promise.all(endings);
    },
  };
}
