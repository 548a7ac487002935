// A clock for components: renders again each time it ticks.
import { useEffect, useState } from 'preact/hooks';
import { browserTimers } from '../model/timers.ts';

/** ms since the epoch, anew every `periodMs` while the component is shown. */
export function useNow(periodMs: number): number {
  const [nowMs, setNowMs] = useState(() => browserTimers.now());
  useEffect(() => {
    const timer = browserTimers.every(periodMs, () => setNowMs(browserTimers.now()));
    return () => timer.dispose();
  }, [periodMs]);
  return nowMs;
}
