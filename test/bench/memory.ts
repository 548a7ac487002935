// Memory of processes: proportional set size (PSS), which counts a shared page once over all who share it.
import { readdir, readFile } from 'node:fs/promises';

const read = (file: string) => readFile(file, 'utf8').catch(() => '');

export interface ProcessMemory {
  pid: number;
  command: string;
  pssBytes: number;
}

async function parents(): Promise<Map<number, number>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = new Map<number, number>();
  for (const pid of pids) {
    // The name in parentheses may hold anything, blanks too.
    const rest = (await read(`/proc/${pid}/stat`)).split(') ').at(-1) ?? '';
    found.set(pid, Number(rest.split(' ')[1]));
  }
  return found;
}

/** Every process below `root` in the tree of processes, without itself. */
export async function descendantsOf(root: number): Promise<number[]> {
  const parentOf = await parents();
  const isBelow = (pid: number): boolean => {
    for (let at = parentOf.get(pid); at; at = parentOf.get(at)) if (at === root) return true;
    return false;
  };
  return [...parentOf.keys()].filter(isBelow);
}

export async function memoryOf(pid: number): Promise<ProcessMemory> {
  const rollup = await read(`/proc/${pid}/smaps_rollup`);
  const command = (await read(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ').trim();
  return { pid, command, pssBytes: Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) * 1024 };
}
