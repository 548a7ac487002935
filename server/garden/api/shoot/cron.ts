// Cron expressions of hibernation schedules: what is wrong with one, in the words of the library that Gardener parses them by.
// Models github.com/robfig/cron ParseStandard

interface Bounds {
  min: number;
  max: number;
  names?: Readonly<Record<string, number>>;
}

const numbered = (names: string, first: number) =>
  Object.fromEntries(names.split(' ').map((name, index) => [name, index + first]));

const bounds: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: numbered('jan feb mar apr may jun jul aug sep oct nov dec', 1) },
  { min: 0, max: 6, names: numbered('sun mon tue wed thu fri sat', 0) },
];
const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

function toNumber(text: string, names?: Bounds['names']): number | string {
  const named = names?.[text.toLowerCase()];
  if (named !== undefined) return named;
  if (/^[+-]?\d+$/.test(text)) {
    const value = Number(text);
    return value < 0 ? `Negative number (${value}) not allowed: ${text}` : value;
  }
  return `Failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}

function faultOfRange(text: string, { min, max, names }: Bounds): string | undefined {
  const [range = '', step, ...steps] = text.split('/');
  const [low = '', high, ...more] = range.split('-');
  if (more.length) return `Too many hyphens: ${text}`;
  if (steps.length) return `Too many slashes: ${text}`;
  const isAll = low === '*' || low === '?';
  const start = isAll ? min : toNumber(low, names);
  if (typeof start === 'string') return start;
  let end: number | string = isAll ? max : start;
  if (!isAll && high !== undefined) end = toNumber(high, names);
  else if (step !== undefined) end = max;
  if (typeof end === 'string') return end;
  const width = step === undefined ? 1 : toNumber(step);
  if (typeof width === 'string') return width;
  if (start < min) return `Beginning of range (${start}) below minimum (${min}): ${text}`;
  if (end > max) return `End of range (${end}) above maximum (${max}): ${text}`;
  if (start > end) return `Beginning of range (${start}) beyond end of range (${end}): ${text}`;
  return width === 0 ? `Step of range should be a positive number: ${text}` : undefined;
}

/** Undefined for a good one. */
export function faultOfCron(spec: string): string | undefined {
  if (!spec) return 'Empty spec string';
  if (spec.startsWith('@')) {
    if (descriptors.includes(spec) || /^@every (\d+(\.\d+)?(ns|us|ms|s|m|h))+$/.test(spec)) return undefined;
    return `Unrecognized descriptor: ${spec}`;
  }
  const fields = spec.trim().split(/\s+/);
  if (fields.length !== bounds.length) return `Expected exactly 5 fields, found ${fields.length}: ${spec}`;
  for (const [index, field] of fields.entries()) {
    for (const range of field.split(',')) {
      const fault = faultOfRange(range, bounds[index]!);
      if (fault) return fault;
    }
  }
  return undefined;
}

/** Whether a time zone is known, by its IANA name. */
export function isTimeZone(name: string): boolean {
  if (name === '' || name === 'UTC' || name === 'Local') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
