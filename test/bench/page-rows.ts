// The rows that are measured in the page: ours and the baseline's, in one browser.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBaseline } from './baseline/server.ts';
import type { Row } from './rows.ts';
import { measureBulk } from './rows/bulk.ts';
import { measureEcho } from './rows/echo.ts';
import { measureInterrupt } from './rows/interrupt.ts';
import { measurePaste } from './rows/paste.ts';
import { addProbe, measureTerminal, openTerminalPage, type TerminalPage } from './terminal-page.ts';
import type { Visitor } from './visitor.ts';

export interface PageRowOptions {
  visitor: Visitor;
  url: string;
  /** Names of the rows to measure. */
  isWanted(name: string): boolean;
  keys: number;
}

interface Pages {
  ours: TerminalPage;
  baseline: TerminalPage;
  /** A folder for files that both shells see. */
  folder: string;
}

const rowsInPage: Record<string, (pages: Pages, options: PageRowOptions) => Promise<Row>> = {
  echo: ({ ours, baseline }, { keys }) => measureEcho(ours, baseline, keys),
  interrupt: ({ ours, baseline }) => measureInterrupt(ours, baseline, 20),
  paste: ({ ours, baseline, folder }) => measurePaste(ours, baseline, join(folder, 'pasted')),
  bulk: ({ ours, baseline, folder }) => measureBulk(ours, baseline, join(folder, 'bulk'), 3),
};

export async function measurePageRows(options: PageRowOptions): Promise<Row[]> {
  const { visitor, url } = options;
  const wanted = Object.entries(rowsInPage).filter(([name]) => options.isWanted(name));
  if (!wanted.length) return [];
  const { context } = visitor;
  await addProbe(context);
  const baselineServer = await createBaseline();
  const folder = await mkdtemp(join(tmpdir(), 'playground-bench-'));
  try {
    const page = await context.newPage();
    await page.goto(`${url}/terminal`);
    const ours = await measureTerminal(page);
    const [columns, rows] = await page.evaluate<[number, number]>('[window.term.cols, window.term.rows]');
    const address = `${baselineServer.url.replace('ws', 'http')}/?columns=${columns}&rows=${rows}`;
    const baseline = await openTerminalPage(context, address);
    const measured: Row[] = [];
    for (const [name, measure] of wanted) {
      console.error(`measuring: ${name}`);
      measured.push(await measure({ ours, baseline, folder }, options));
    }
    await Promise.all([ours.dispose(), baseline.dispose()]);
    return measured;
  } finally {
    await baselineServer.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}
