// Time as a value: a Clock is passed in, so that tests own it and a demo can run faster than life.

export interface Disposable {
  dispose(): void;
}

export interface Clock {
  /** Wall-clock time in ms since the epoch; never scaled. */
  now(): number;
  /** Milliseconds since some moment of this machine: unlike `now` it never jumps. Never scaled. */
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs`; dispose it to cancel. Does not keep the process alive by itself when `isBackground`. */
  after(delayMs: number, callback: () => void): Disposable;
  /** Calls `callback` every `periodMs` until disposed. */
  every(periodMs: number, callback: () => void): Disposable;
  /** Resolves after `delayMs`; rejects with the signal's reason when aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

function sleepOn(clock: Pick<Clock, 'after'>, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer.dispose();
      reject(signal?.reason);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The real clock. `speed` shortens every delay (10 makes a minute take six seconds); `now` stays true. */
export function createSystemClock({ speed = 1 }: { speed?: number } = {}): Clock {
  const clock: Clock = {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs / speed);
      return { dispose: () => clearTimeout(timer) };
    },
    every(periodMs, callback) {
      const timer = setInterval(callback, periodMs / speed);
      return { dispose: () => clearInterval(timer) };
    },
    sleep: (delayMs, signal) => sleepOn(clock, delayMs, signal),
  };
  return clock;
}

export interface ManualClock extends Clock {
  /** Moves time on by `ms`, running what falls due in order, and lets promises settle between the steps. */
  advance(ms: number): Promise<void>;
  /** How many timers are pending: a leak check. */
  readonly pending: number;
}

/** A clock that stands still until `advance` is called. */
export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let nowMs = startMs;
  let order = 0;
  const timers = new Map<number, { dueMs: number; periodMs?: number; callback: () => void }>();
  const add = (delayMs: number, callback: () => void, periodMs?: number): Disposable => {
    const id = order++;
    timers.set(id, { dueMs: nowMs + Math.max(0, delayMs), callback, periodMs });
    return { dispose: () => void timers.delete(id) };
  };
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const clock: ManualClock = {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs, callback) => add(delayMs, callback),
    every: (periodMs, callback) => add(periodMs, callback, Math.max(1, periodMs)),
    sleep: (delayMs, signal) => sleepOn(clock, delayMs, signal),
    get pending() {
      return timers.size;
    },
    async advance(ms) {
      const endMs = nowMs + ms;
      await settle();
      for (;;) {
        const due = [...timers]
          .filter(([, t]) => t.dueMs <= endMs)
          .sort(([a, s], [b, t]) => s.dueMs - t.dueMs || a - b)[0];
        if (!due) break;
        const [id, timer] = due;
        nowMs = Math.max(nowMs, timer.dueMs);
        if (timer.periodMs) timer.dueMs += timer.periodMs;
        else timers.delete(id);
        timer.callback();
        await settle();
      }
      nowMs = endMs;
      await settle();
    },
  };
  return clock;
}
