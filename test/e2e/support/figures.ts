// Figures that the end-to-end tests measure on their way, printed together at the end.
const lines: string[] = [];

export function note(what: string, value: number, unit: string): void {
  lines.push(`${what}: ${Math.round(value)} ${unit}`);
}

export function printFigures(): void {
  if (lines.length) console.log(`\nMeasured:\n${lines.map((line) => `  ${line}`).join('\n')}\n`);
}
