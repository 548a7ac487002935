// Time for the page: what server/common's Clock gives, so that a test can hold it still.

export interface Timers {
  /** ms since the epoch. */
  now(): number;
  after(delayMs: number, callback: () => void): { dispose(): void };
  every(periodMs: number, callback: () => void): { dispose(): void };
}

export const browserTimers: Timers = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return { dispose: () => clearTimeout(timer) };
  },
  every(periodMs, callback) {
    const timer = setInterval(callback, periodMs);
    return { dispose: () => clearInterval(timer) };
  },
};

/** Runs callbacks in turns of the event loop of their own, without the delay that browsers give to timers. */
export function createTurns(): (callback: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const callbacks: (() => void)[] = [];
  port1.onmessage = () => callbacks.shift()?.();
  return (callback) => {
    callbacks.push(callback);
    port2.postMessage(null);
  };
}
