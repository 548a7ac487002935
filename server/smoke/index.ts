// The smoke test as one call: steps one after the other, and nothing left behind.
import type { Clock } from '../common/clock.ts';
import { messageOf } from '../common/errors.ts';
import { cleanUp, steps, type SmokeParts } from './steps.ts';

export { SmokeClient } from './client.ts';
export { smokeIdentityOf } from './identity.ts';
export type { SmokeParts } from './steps.ts';

const seconds = (clock: Clock, startMs: number) => `${((clock.monotonicMs() - startMs) / 1000).toFixed(1)} s`;

/** Runs all steps and tells each by `say`. Throws at the first that fails, with its sentence and why; its session is ended before. */
export async function runSmokeTest(parts: SmokeParts, say: (line: string) => void): Promise<void> {
  for (const { sentence, run } of steps) {
    const startMs = parts.clock.monotonicMs();
    try {
      await run(parts);
    } catch (fault) {
      const rest = await cleanUp(parts).then(
        () => '',
        (left) => ` The session of the test could not be ended: ${messageOf(left)}`,
      );
      throw new Error(`This does not hold: ${sentence} The reason: ${messageOf(fault)}${rest}`);
    }
    say(`${sentence} (${seconds(parts.clock, startMs)})`);
  }
}
