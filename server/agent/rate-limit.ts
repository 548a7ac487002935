// A bucket of tokens: so much at once, and so much a second in the long run.
import type { Clock } from '../common/clock.ts';

export interface RateLimit {
  /** Takes one; false when there is none. */
  take(): boolean;
}

export function createRateLimit(burst: number, perSecond: number, clock: Pick<Clock, 'now'>): RateLimit {
  let left = burst;
  let filledAtMs = clock.now();
  return {
    take() {
      const nowMs = clock.now();
      left = Math.min(burst, left + ((nowMs - filledAtMs) * perSecond) / 1000);
      filledAtMs = nowMs;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
