// Processes as /proc shows them: those that belong to a directory, by their environment, whatever group or session they moved to.
import { readdir, readFile, readlink } from 'node:fs/promises';

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

async function belongsTo(pid: number, directory: string): Promise<boolean> {
  const environment = await read(`/proc/${pid}/environ`);
  if (environment.split('\0').some((variable) => variable.includes(`=${directory}/`))) return true;
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  return cwd === directory || cwd.startsWith(`${directory}/`);
}

/** Living processes of this user that were started for `directory` or work in it; none where there is no /proc. */
export async function processesOf(directory: string): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => pid !== process.pid && (await belongsTo(pid, directory))));
  return pids.filter((_, i) => found[i]);
}

/** Kills all processes of `directory` that are left, also those that they start meanwhile. */
export async function killProcessesOf(directory: string): Promise<void> {
  for (let round = 0; round < 5; round++) {
    const pids = await processesOf(directory);
    if (!pids.length) return;
    for (const pid of pids) signal(pid, 'SIGKILL');
  }
}
