// Durations as people say them.

const plural = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;

/** What is left, rounded so that it never promises more: "2 h 5 min", "42 min", "< 1 min", "no time". */
export function timeLeft(leftMs: number): string {
  if (leftMs <= 0) return 'no time';
  const minutes = Math.floor(leftMs / 60_000);
  if (minutes < 1) return '< 1 min';
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest ? `${Math.floor(minutes / 60)} h ${rest} min` : `${minutes / 60} h`;
}

/** What is left, to the second: "4:59". */
export function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** How far into something: "0.4 s", "12 s", "2 min 5 s". Negative clock differences count as zero. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

/** How long a start takes, for a card: "about a second", "about 20 seconds", "about 3 minutes". */
export function aboutSeconds(seconds: number): string {
  if (seconds <= 1) return 'about a second';
  if (seconds < 90) return `about ${plural(Math.round(seconds), 'second')}`;
  return `about ${plural(Math.round(seconds / 60), 'minute')}`;
}

/** A round trip: "3 ms"; under one it says so. */
export const latency = (ms: number): string => (ms < 1 ? '< 1 ms' : `${Math.round(ms)} ms`);
