// Waits for what other processes do: looks again every tenth of a second, within a bound that the test says.
import { createSystemClock } from '../../server/common/clock.ts';

const clock = createSystemClock();

/** Resolves when `probe` holds; throws with `what` after `boundMs`. */
export async function eventually(
  what: string,
  probe: () => boolean | Promise<boolean>,
  boundMs: number,
): Promise<void> {
  const endMs = clock.now() + boundMs;
  while (!(await probe())) {
    if (clock.now() > endMs) throw new Error(`never happened: ${what}`);
    await clock.sleep(100);
  }
}
