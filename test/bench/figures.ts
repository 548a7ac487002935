// Figures: percentiles, and a table of ours beside the baseline's.

/** The value below which `percent` of `values` lie; NaN for none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 50);

export interface Figure {
  what: string;
  ours: string;
  baseline?: string;
  goal?: string;
}

export function printFigures(title: string, figures: readonly Figure[]): void {
  const rows = [
    ['what', 'ours', 'baseline', 'goal'],
    ...figures.map((f) => [f.what, f.ours, f.baseline ?? '', f.goal ?? '']),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  console.log(`\n${title}`);
  for (const row of rows)
    console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('   ')}`.trimEnd());
}

export const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
export const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
