// Row: keystroke echo in the page, through gateway and agent, beside the baseline's page; key by key in turns.
import { ms, percentile } from '../figures.ts';
import type { Row } from '../rows.ts';
import type { TerminalPage } from '../terminal-page.ts';

const keysPerTurn = 50;
const allowedFactor = 1.3;

/** Both shells get a program that reads and prints nothing, so that the echo is the terminal driver's. */
export async function measureEcho(ours: TerminalPage, baseline: TerminalPage, keys: number): Promise<Row> {
  const pages = [ours, baseline];
  const times: number[][] = [[], []];
  for (const { run } of pages) await run('echo ready; cat > /dev/null', 'ready');
  for (let turn = 0; turn * keysPerTurn < keys; turn++)
    for (const [index, terminal] of pages.entries()) {
      await terminal.page.bringToFront();
      times[index]!.push(...(await terminal.ask<number[]>(`typeKeys(${keysPerTurn})`)));
      await terminal.page.evaluate(`window.term.input('\\r')`);
    }
  for (const { page } of pages) await page.evaluate(`window.term.input('\\x03')`);
  const [own, plain] = times.map((values) => [percentile(values, 50), percentile(values, 99)] as const);
  const show = ([p50, p99]: readonly [number, number]) => `${ms(p50)} / ${ms(p99)}`;
  return {
    what: `keystroke echo in the page, p50 / p99 of ${times[0]!.length}`,
    must: `${show([plain![0] * allowedFactor, plain![1] * allowedFactor])} (1.3 x baseline)`,
    measured: show(own!),
    baseline: show(plain!),
    isMet: own![0] <= plain![0] * allowedFactor && own![1] <= plain![1] * allowedFactor,
  };
}
