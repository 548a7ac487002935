// Values with a syntax of their own: quantities, durations, times and base64, as Go reads and writes them.

const quantityPattern = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/;
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimalSuffixes: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const suffixOfExponent = new Map(Object.entries(decimalSuffixes).map(([suffix, exponent]) => [exponent, suffix]));

interface Quantity {
  /** In units of 10^-9. */
  nanos: bigint;
  format: 'binary' | 'decimal' | 'exponent';
}

const divideUp = (dividend: bigint, divisor: bigint): bigint => {
  const quotient = dividend / divisor;
  if (dividend % divisor === 0n) return quotient;
  return dividend > 0n ? quotient + 1n : quotient - 1n;
};

function scaleOf(suffix: string): { factor: bigint; exponent: number; format: Quantity['format'] } {
  const power = binarySuffixes.indexOf(suffix);
  if (power > 0) return { factor: 1024n ** BigInt(power), exponent: 0, format: 'binary' };
  const known = decimalSuffixes[suffix];
  if (known !== undefined) return { factor: 1n, exponent: known, format: 'decimal' };
  return { factor: 1n, exponent: Number(suffix.slice(1)), format: 'exponent' };
}

function parseQuantity(value: string | number): Quantity | undefined {
  const match = quantityPattern.exec(String(value));
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match ?? [];
  if (!match || whole + fraction === '') return undefined;
  const { factor, exponent, format } = scaleOf(suffix);
  const shift = 9 + exponent - fraction.length;
  const digits = BigInt(whole + fraction) * factor;
  // Models resource.Quantity: what is smaller than a nano is rounded up.
  const nanos = shift >= 0 ? digits * 10n ** BigInt(shift) : divideUp(digits, 10n ** BigInt(-shift));
  return { nanos: sign === '-' ? -nanos : nanos, format };
}

export const isQuantity = (value: unknown): boolean =>
  (typeof value === 'string' || typeof value === 'number') && parseQuantity(value) !== undefined;

/** A quantity as a number, for sums and comparisons; NaN when it is none. */
export function quantityValue(value: unknown): number {
  const quantity = typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined;
  return quantity ? Number(quantity.nanos) / 1e9 : Number.NaN;
}

function formatBinary(nanos: bigint): string | undefined {
  const unit = 1_000_000_000n;
  if (nanos % unit !== 0n || (nanos > -1024n * unit && nanos < 1024n * unit)) return undefined;
  let amount = nanos / unit;
  let power = 0;
  while (amount % 1024n === 0n && power < 6) {
    amount /= 1024n;
    power++;
  }
  return `${amount}${binarySuffixes[power]}`;
}

/** `1000m` → `1`, `1024Mi` → `1Gi`, `0.5` → `500m`. Models resource.Quantity's canonical form. */
export function canonicalQuantity(value: string | number): string {
  const quantity = parseQuantity(value);
  if (!quantity) return String(value);
  if (quantity.nanos === 0n) return '0';
  const binary = quantity.format === 'binary' ? formatBinary(quantity.nanos) : undefined;
  if (binary) return binary;
  let amount = quantity.nanos;
  let exponent = -9;
  while (amount % 1000n === 0n && exponent < 18) {
    amount /= 1000n;
    exponent += 3;
  }
  if (quantity.format === 'exponent') return exponent === 0 ? `${amount}` : `${amount}e${exponent}`;
  return `${amount}${suffixOfExponent.get(exponent) ?? ''}`;
}

const unitNanos: Record<string, bigint> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const durationPart = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;

function parseDuration(text: string): bigint | undefined {
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0n;
  let nanos = 0n;
  let end = 0;
  for (const match of unsigned.matchAll(durationPart)) {
    const [whole = '', fraction = ''] = (match[1] ?? '').split('.');
    const unit = unitNanos[match[2] ?? ''] ?? 0n;
    nanos += BigInt(whole || '0') * unit + (BigInt(fraction || '0') * unit) / 10n ** BigInt(fraction.length);
    end = match.index + match[0].length;
  }
  if (!unsigned || end !== unsigned.length) return undefined;
  return text.startsWith('-') ? -nanos : nanos;
}

/** Milliseconds of a Go duration such as `1h30m`; undefined when it is none. */
export function durationMs(text: string): number | undefined {
  const nanos = parseDuration(text);
  return nanos === undefined ? undefined : Number(nanos) / 1e6;
}

const withFraction = (nanos: bigint, unit: bigint): string => {
  const fraction = String(nanos % unit).padStart(String(unit).length - 1, '0');
  const text = `${nanos / unit}.${fraction}`;
  return text.replace(/\.?0+$/, '') || '0';
};

/** `1h` → `1h0m0s`. Models time.Duration.String. */
export function canonicalDuration(text: string): string {
  const parsed = parseDuration(text);
  if (parsed === undefined) return text;
  if (parsed === 0n) return '0s';
  const sign = parsed < 0n ? '-' : '';
  const nanos = parsed < 0n ? -parsed : parsed;
  if (nanos < 1000n) return `${sign}${nanos}ns`;
  if (nanos < 1_000_000n) return `${sign}${withFraction(nanos, 1000n)}µs`;
  if (nanos < 1_000_000_000n) return `${sign}${withFraction(nanos, 1_000_000n)}ms`;
  const minutes = nanos / 60_000_000_000n;
  const seconds = nanos % 60_000_000_000n;
  const secondsText = seconds === 0n ? '0' : withFraction(seconds, 1_000_000_000n);
  if (minutes === 0n) return `${sign}${secondsText}s`;
  const hours = minutes / 60n;
  return `${sign}${hours > 0n ? `${hours}h` : ''}${minutes % 60n}m${secondsText}s`;
}

type TimePiece = [pattern: RegExp, layout: string];
const dateAndTime: TimePiece[] = [
  [/^\d{4}/, '2006'],
  [/^-/, '-'],
  [/^(0[1-9]|1[0-2])/, '01'],
  [/^-/, '-'],
  [/^\d{2}/, '02'],
  [/^T/, 'T'],
  [/^([01]\d|2[0-3])/, '15'],
  [/^:/, ':'],
  [/^[0-5]\d/, '04'],
  [/^:/, ':'],
  [/^[0-5]\d/, '05'],
];
const zone: TimePiece = [/^(Z|[+-]\d{2}:\d{2})$/, 'Z07:00'];
const timePieces = [...dateAndTime, [/^(\.\d+)?/, ''] as TimePiece, zone];
const microTimePieces = [...dateAndTime, [/^\.\d{6}/, '.000000'] as TimePiece, zone];

/** What Go's time.Parse says about `text`; undefined when it is a time. */
export function timeFault(text: string, isMicro: boolean): string | undefined {
  let rest = text;
  for (const [pattern, layout] of isMicro ? microTimePieces : timePieces) {
    const match = pattern.exec(rest);
    if (!match) {
      const whole = `2006-01-02T15:04:05${isMicro ? '.000000' : ''}Z07:00`;
      return `parsing time ${JSON.stringify(text)} as "${whole}": cannot parse ${JSON.stringify(rest)} as "${layout}"`;
    }
    rest = rest.slice(match[0].length);
  }
  return Number.isNaN(Date.parse(text)) ? `parsing time ${JSON.stringify(text)}: day out of range` : undefined;
}

/** In UTC, to the second: how metav1.Time is written. */
export const canonicalTime = (text: string): string => {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : formatTime(ms);
};

/** Milliseconds since the epoch → `2026-01-01T00:00:00Z`. */
export const formatTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** What Go's base64 decoder says; undefined when `text` is base64. */
export function base64Fault(text: string): string | undefined {
  const compact = text.replace(/[\r\n]/g, '');
  const bad = compact.search(/[^A-Za-z0-9+/]/);
  const body = /={1,2}$/.test(compact) && compact.length % 4 === 0 ? compact.replace(/=+$/, '') : compact;
  const at =
    bad >= 0 && bad < body.length ? bad : compact.length % 4 === 0 ? -1 : compact.length - (compact.length % 4);
  return at < 0 ? undefined : `illegal base64 data at input byte ${at}`;
}
