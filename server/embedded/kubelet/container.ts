// One run of a container: a process in a group of its own, its output in a file, its end as Kubernetes tells it.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import type { ProcessSpec } from './environment.ts';
import { signal } from './processes.ts';

export interface Exit {
  exitCode: number;
  signal?: number;
}

export interface ContainerRun {
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly exited: Promise<Exit>;
  /** Asks the group to end. */
  terminate(): void;
  /** Ends the group at once. */
  kill(): void;
}

const signalBase = 128;

function exitOf(code: number | null, name: NodeJS.Signals | null): Exit {
  if (code !== null) return { exitCode: code };
  const number = name ? constants.signals[name] : 9;
  return { exitCode: signalBase + number, signal: number };
}

/** Starts the process, output appended to `logFile`. Rejects when it cannot be started: no such program, no such directory. */
export function startContainer({ command, env, cwd }: ProcessSpec, logFile: string): Promise<ContainerRun> {
  const [program = '', ...args] = command;
  const log = openSync(logFile, 'a', 0o600);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    const exited = new Promise<Exit>((settle) => child.on('exit', (code, name) => settle(exitOf(code, name))));
    child.on('error', reject);
    child.on('spawn', () => {
      const pid = child.pid ?? 0;
      resolve({
        pid,
        exited,
        terminate: () => void signal(-pid, 'SIGTERM'),
        kill: () => void signal(-pid, 'SIGKILL'),
      });
    });
  });
}
