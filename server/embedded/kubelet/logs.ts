// What `kubectl logs` reads: the file that a container writes to, from its tail, and as it grows.
import { open, stat } from 'node:fs/promises';
import type { Clock } from '../../common/clock.ts';

const chunkBytes = 64 * 1024;
const lookEveryMs = 200;

export interface LogQuery {
  tailLines?: number;
  limitBytes?: number;
  /** Whether it goes on while there is more to come. */
  isFollowed: boolean;
}

const count = (text: string | null): number | undefined => (text && /^\d{1,12}$/.test(text) ? Number(text) : undefined);

export const parseLogQuery = (query: URLSearchParams): LogQuery => ({
  tailLines: count(query.get('tailLines')),
  limitBytes: count(query.get('limitBytes')),
  isFollowed: query.get('follow') === 'true',
});

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

async function readRange(file: string, start: number, end: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Where the last `lines` lines of a file of `size` bytes begin. */
export async function startOfTail(file: string, size: number, lines: number): Promise<number> {
  if (lines === 0) return size;
  let seen = 0;
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - chunkBytes);
    const chunk = await readRange(file, start, end);
    for (let i = chunk.length - 1; i >= 0; i--) {
      const isLastByte = start + i === size - 1;
      if (chunk[i] === 0x0a && !isLastByte && ++seen === lines) return start + i + 1;
    }
    end = start;
  }
  return 0;
}

/** The log as it is; with `isFollowed` on until `isEnded` and all is read, or the signal. */
export async function* readLog(
  file: string,
  { tailLines, limitBytes, isFollowed }: LogQuery,
  { clock, isEnded, signal }: { clock: Clock; isEnded(): boolean; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const size = await sizeOf(file);
  let at = tailLines === undefined ? 0 : await startOfTail(file, size, tailLines);
  let left = limitBytes ?? Infinity;
  while (!signal.aborted && left > 0) {
    const isLast = isEnded();
    const end = await sizeOf(file);
    if (end < at) at = 0;
    while (at < end && left > 0) {
      const chunk = await readRange(file, at, Math.min(end, at + chunkBytes, at + left));
      at += chunk.length;
      left -= chunk.length;
      yield chunk;
    }
    if (!isFollowed || isLast) return;
    await clock.sleep(lookEveryMs, signal).catch(() => undefined);
  }
}
