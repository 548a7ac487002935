// Row: Ctrl-C under a flood, until what the next command prints is drawn.
import { median, ms } from '../figures.ts';
import type { Row } from '../rows.ts';
import { createMark, type TerminalPage } from '../terminal-page.ts';

const must = { medianMs: 50, maxMs: 120 };
const floodMs = 700;

async function interruptOnce({ page, ask, run }: TerminalPage): Promise<number> {
  await page.bringToFront();
  await run(`clear; yes 'a line of a flood, which is long enough to be one'`, 'a line of a flood');
  await page.waitForTimeout(floodMs);
  const mark = createMark();
  return ask<number>(`interrupt(${JSON.stringify(mark.command)}, ${JSON.stringify(mark.line)})`);
}

export async function measureInterrupt(ours: TerminalPage, baseline: TerminalPage, tries: number): Promise<Row> {
  const times: number[][] = [[], []];
  for (let index = 0; index < tries; index++) times[0]!.push(await interruptOnce(ours));
  // A fifth of the tries: without flow control each takes seconds.
  for (let index = 0; index < Math.ceil(tries / 5); index++) times[1]!.push(await interruptOnce(baseline));
  const show = (values: number[]) => `${ms(median(values))} / ${ms(Math.max(...values))}`;
  return {
    what: `Ctrl-C under a flood → next command's output drawn, p50 / max of ${tries}`,
    must: `${must.medianMs} ms / ${must.maxMs} ms`,
    measured: show(times[0]!),
    baseline: show(times[1]!),
    isMet: median(times[0]!) <= must.medianMs && Math.max(...times[0]!) <= must.maxMs,
  };
}
