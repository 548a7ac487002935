// What the page measures on its lines, told to the gateway once a minute: only pages know how long a keystroke is on its way.
import { maxRoundTrips, type RoundTrips } from '../../server/protocol/rest.ts';
import type { Timers } from './timers.ts';

export interface RoundTripReport {
  /** One measurement. In a page that nobody sees it says more about the browser than about the line. */
  add(roundTripMs: number): void;
  dispose(): void;
}

export interface RoundTripReportOptions {
  timers: Timers;
  isVisible: () => boolean;
  send: (roundTrips: RoundTrips) => Promise<void>;
}

const periodMs = 60_000;
const maxMs = 60_000;

export function createRoundTripReport({ timers, isVisible, send }: RoundTripReportOptions): RoundTripReport {
  let milliseconds: number[] = [];
  const timer = timers.every(periodMs, () => {
    if (!milliseconds.length) return;
    const roundTrips = { milliseconds };
    milliseconds = [];
    // A measurement that is lost is no fault that anybody should see.
    send(roundTrips).catch(() => undefined);
  });
  return {
    add(roundTripMs) {
      const isUsable = roundTripMs >= 0 && roundTripMs <= maxMs;
      if (isUsable && isVisible() && milliseconds.length < maxRoundTrips) milliseconds.push(Math.round(roundTripMs));
    },
    dispose: () => timer.dispose(),
  };
}
