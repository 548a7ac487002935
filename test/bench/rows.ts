// The rows of the table of figures: what must be, what was measured, what the baseline does, and whether it is met.

export interface Row {
  what: string;
  must: string;
  measured: string;
  baseline: string;
  isMet: boolean;
}

export function printRows(rows: readonly Row[]): void {
  const cells = [
    ['what', 'must', 'measured', 'baseline', ''],
    ...rows.map(({ what, must, measured, baseline, isMet }) => [
      what,
      must,
      measured,
      baseline,
      isMet ? 'met' : 'MISSED',
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  for (const row of cells)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('   ')
        .trimEnd(),
    );
  console.log(`${rows.filter(({ isMet }) => isMet).length} met, ${rows.filter(({ isMet }) => !isMet).length} missed`);
}
