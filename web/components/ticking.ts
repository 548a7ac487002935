// A clock for components: renders again each time it ticks.
import { useEffect, useState } from 'preact/hooks';
import { browserTimers } from '../model/timers.ts';

/** ms since the epoch, by the browser's clock or another one, anew every `periodMs` while the component is shown. */
export function useNow(periodMs: number, now: () => number = browserTimers.now): number {
  const [nowMs, setNowMs] = useState(now);
  useEffect(() => {
    const timer = browserTimers.every(periodMs, () => setNowMs(now()));
    return () => timer.dispose();
  }, [periodMs, now]);
  return nowMs;
}
