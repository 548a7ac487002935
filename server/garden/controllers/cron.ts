// Cron schedules of five fields in a time zone, as hibernation schedules use them.

interface CronSchedule {
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
  days: ReadonlySet<number>;
  months: ReadonlySet<number>;
  weekdays: ReadonlySet<number>;
  /** With both a day of the month and a weekday given, either is enough. */
  isEitherDay: boolean;
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const shortcuts: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

function parseField(text: string, min: number, max: number, names: readonly string[] = []): Set<number> | undefined {
  const numberOf = (part: string) => {
    const index = names.indexOf(part.toLowerCase());
    if (index >= 0) return index + min;
    return /^\d+$/.test(part) ? Number(part) : NaN;
  };
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const isAny = range === '*' || range === '?';
    const [from = '', to] = isAny ? [String(min), String(max)] : range.split('-');
    const first = numberOf(from);
    const last = to === undefined ? (part.includes('/') ? max : first) : numberOf(to);
    const by = Number(step);
    if (!(first >= min && last <= max && first <= last && by >= 1 && Number.isInteger(by))) return undefined;
    for (let value = first; value <= last; value += by) values.add(value);
  }
  return values;
}

/** Undefined when `text` is no schedule. */
export function parseCron(text: string): CronSchedule | undefined {
  const fields = (shortcuts[text.trim()] ?? text).trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const minutes = parseField(minute, 0, 59);
  const hours = parseField(hour, 0, 23);
  const days = parseField(day, 1, 31);
  const months = parseField(month, 1, 12, monthNames);
  const weekdays = parseField(weekday, 0, 6, weekdayNames);
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  const isGiven = (field: string) => !/^[*?]/.test(field);
  return { minutes, hours, days, months, weekdays, isEitherDay: isGiven(day) && isGiven(weekday) };
}

/** Whether the minute of `ms` is one of the schedule's. Throws RangeError for a time zone that does not exist. */
export function isDue(schedule: CronSchedule, ms: number, timeZone: string): boolean {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    month: 'numeric',
    day: 'numeric',
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(ms);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  const isDay = schedule.days.has(Number(part('day')));
  const isWeekday = schedule.weekdays.has(weekdayNames.indexOf(part('weekday').toLowerCase()));
  return (
    schedule.minutes.has(Number(part('minute'))) &&
    schedule.hours.has(Number(part('hour'))) &&
    schedule.months.has(Number(part('month'))) &&
    (schedule.isEitherDay ? isDay || isWeekday : isDay && isWeekday)
  );
}

const minuteMs = 60_000;

/** The last minute after `sinceMs` and not after `untilMs` at which the schedule was due. */
export function previousDueMs(
  schedule: CronSchedule,
  timeZone: string,
  sinceMs: number,
  untilMs: number,
): number | undefined {
  for (let ms = Math.floor(untilMs / minuteMs) * minuteMs; ms > sinceMs; ms -= minuteMs)
    if (isDue(schedule, ms, timeZone)) return ms;
  return undefined;
}
