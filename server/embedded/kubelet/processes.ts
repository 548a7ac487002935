// Processes as /proc shows them: those that belong to a directory, by their environment, whatever group or session they moved to.
import { readdir, readFile } from 'node:fs/promises';

const maxRounds = 5;
const read = (file: string) => readFile(file, 'latin1').catch(() => '');

/** Signals a process, or a group when negative; false when it is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

/** When a process began, in clock ticks since boot; undefined when it is gone. With the pid it names a process for good. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  const fields = (await read(`/proc/${pid}/stat`)).split(') ').at(-1)?.split(' ');
  return fields && fields.length > 19 ? fields[19] : undefined;
}

interface SeenProcess {
  pid: number;
  environment: string[];
}

/** All processes whose environment this user may read; none where there is no /proc. */
async function listProcesses(): Promise<SeenProcess[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  return Promise.all(pids.map(async (pid) => ({ pid, environment: (await read(`/proc/${pid}/environ`)).split('\0') })));
}

export interface ProcessTable {
  /**
   * Living processes that were started for `directory`: it is in the value of one of their variables. Where a process works says nothing:
   * an administrator may look around.
   */
  of(directory: string): Promise<number[]>;
  /** Kills all processes of `directory`, also those that they start meanwhile. */
  killAll(directory: string): Promise<void>;
}

/** Many pods often end at once: their questions share a look at /proc. */
export function createProcessTable(list = listProcesses): ProcessTable {
  let current: Promise<SeenProcess[]> | undefined;
  let next: Promise<SeenProcess[]> | undefined;
  // What is asked while a look is under way may be newer than it: it gets the one after.
  const look = (): Promise<SeenProcess[]> => {
    next ??= (current ?? Promise.resolve()).then(() => {
      current = next;
      next = undefined;
      return list();
    });
    return next;
  };
  const table: ProcessTable = {
    async of(directory) {
      const marker = `=${directory}/`;
      return (await look())
        .filter(({ pid, environment }) => pid !== process.pid && environment.some((one) => one.includes(marker)))
        .map(({ pid }) => pid);
    },
    async killAll(directory) {
      for (let round = 0; round < maxRounds; round++) {
        const pids = await table.of(directory);
        if (!pids.length) return;
        for (const pid of pids) signal(pid, 'SIGKILL');
      }
    },
  };
  return table;
}

/** Living processes that were started for `directory`, now. */
export const processesOf = (directory: string): Promise<number[]> => createProcessTable().of(directory);
