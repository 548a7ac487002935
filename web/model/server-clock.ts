// The gateway's clock as this page knows it: the browser's own may be wrong by hours, and ends are told in the gateway's time.

export interface ServerClock {
  /** ms since the epoch. */
  now(): number;
  /** Takes the `Date` of an answer that came just now. */
  learn(date: string | null): void;
}

/** Dates are whole seconds and come a little late: a smaller difference is none. */
const toleranceMs = 2_000;

export function createServerClock(now: () => number): ServerClock {
  let aheadMs = 0;
  return {
    now: () => now() + aheadMs,
    learn(date) {
      const differenceMs = Date.parse(date ?? '') + 500 - now();
      if (!Number.isNaN(differenceMs)) aheadMs = Math.abs(differenceMs) > toleranceMs ? differenceMs : 0;
    },
  };
}
