// Tells a browser which input the program has taken: behind the echo where there is one, or a little later, many keys at once.
import type { Clock } from '../common/clock.ts';
import type { Disposable } from '../common/lifecycle.ts';

export interface InputAcks extends Disposable {
  /** The program has taken all input before `sequence`. */
  taken(sequence: number): void;
  /** Says now what there is to say. */
  flush(): void;
}

/** Only a page whose line breaks needs to know, so a keystroke's echo need not wait behind the acknowledgement. */
const delayMs = 20;
/** A paste goes on as fast as it is taken: well below what a page may leave unacknowledged. */
const flushBytes = 32 * 1024;

export function createInputAcks(clock: Clock, send: (sequence: number) => void): InputAcks {
  let told = 0;
  let taken = 0;
  let timer: Disposable | undefined;
  const flush = () => {
    timer?.dispose();
    timer = undefined;
    if (taken === told) return;
    told = taken;
    send(taken);
  };
  return {
    taken(sequence) {
      taken = sequence;
      if (taken - told >= flushBytes) flush();
      else timer ??= clock.after(delayMs, flush);
    },
    flush,
    dispose() {
      timer?.dispose();
    },
  };
}
