// Maintenance windows: times of day of the form 220000+0100.
// Models pkg/utils/timewindow
const dayMs = 24 * 60 * 60 * 1000;

/** The parts of the layout 150405-0700, in Go's names of them. */
const parts = [
  { layout: '15', pattern: /^\d\d/, max: 23, what: 'hour' },
  { layout: '04', pattern: /^\d\d/, max: 59, what: 'minute' },
  { layout: '05', pattern: /^\d\d/, max: 59, what: 'second' },
  { layout: '-0700', pattern: /^[+-]\d{4}/, max: Infinity, what: 'time zone' },
] as const;

/** ms since midnight, UTC, or what is wrong, in Go's words. */
function parseTime(value: string): { ms: number } | { fault: string } {
  const wrong = (reason: string) => ({
    fault: `could not parse the value into the maintenanceTime format: parsing time ${JSON.stringify(value)}${reason}`,
  });
  let rest = value;
  const numbers: number[] = [];
  for (const { layout, pattern, max, what } of parts) {
    const text = pattern.exec(rest)?.[0];
    if (!text) return wrong(` as "150405-0700": cannot parse ${JSON.stringify(rest)} as "${layout}"`);
    if (Number(text) > max) return wrong(`: ${what} out of range`);
    numbers.push(Number(text));
    rest = rest.slice(text.length);
  }
  if (rest) return wrong(`: extra text: ${JSON.stringify(rest)}`);
  const [hours = 0, minutes = 0, seconds = 0, zone = 0] = numbers;
  const zoneMinutes = Math.trunc(zone / 100) * 60 + (zone % 100);
  const ms = ((hours * 60 + minutes - zoneMinutes) * 60 + seconds) * 1000;
  return { ms: ((ms % dayMs) + dayMs) % dayMs };
}

/** How long a window is; one that ends before it begins ends on the next day. */
export function windowDurationMs(begin: string, end: string): { ms: number } | { fault: string } {
  const [from, to] = [parseTime(begin), parseTime(end)];
  if ('fault' in from) return { fault: `could not parse begin time: ${from.fault}` };
  if ('fault' in to) return { fault: `could not parse end time: ${to.fault}` };
  const ms = to.ms - from.ms;
  return { ms: ms < 0 ? ms + dayMs : ms };
}
