// Writes to a PTY in order, waiting where the program does not read.
import type { Clock } from '../common/clock.ts';
import type { Disposable } from '../common/lifecycle.ts';

export interface PtyWriter extends Disposable {
  /** `onTaken` is called when the PTY has taken the last of `bytes`. */
  write(bytes: Uint8Array, onTaken?: () => void): void;
}

export interface PtyWriterOptions {
  /** Writes what fits and returns how much that was; throws an error with code EAGAIN when nothing fits. */
  writeSync(bytes: Uint8Array): number;
  clock: Clock;
}

const firstRetryMs = 5;
const maxRetryMs = 100;

const isFull = (fault: unknown) => fault instanceof Error && 'code' in fault && fault.code === 'EAGAIN';

/** A PTY whose program ended takes no more: what is left is dropped. */
export function createPtyWriter({ writeSync, clock }: PtyWriterOptions): PtyWriter {
  const queue: { bytes: Uint8Array; onTaken?: () => void }[] = [];
  let retry: Disposable | undefined;
  let retryMs = firstRetryMs;
  let isEnded = false;
  let isPumping = false;

  const end = () => {
    isEnded = true;
    queue.length = 0;
    retry?.dispose();
  };
  const pump = () => {
    retry = undefined;
    isPumping = true;
    drain();
    isPumping = false;
  };
  const drain = () => {
    for (let [head] = queue; head; [head] = queue) {
      let taken: number;
      try {
        taken = writeSync(head.bytes);
      } catch (fault) {
        if (!isFull(fault)) return end();
        retry = clock.after(retryMs, pump);
        retryMs = Math.min(retryMs * 2, maxRetryMs);
        return;
      }
      retryMs = firstRetryMs;
      head.bytes = head.bytes.subarray(taken);
      if (head.bytes.length) continue;
      queue.shift();
      head.onTaken?.();
    }
  };

  return {
    write(bytes, onTaken) {
      if (isEnded || !bytes.length) return;
      queue.push({ bytes, onTaken });
      if (!retry && !isPumping) pump();
    },
    dispose: end,
  };
}
