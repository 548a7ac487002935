// Row: 50 MB of coloured UTF-8 to the page: how fast, and how long the page's main thread is held at most.
import { writeFile } from 'node:fs/promises';
import { ms, median } from '../figures.ts';
import type { Row } from '../rows.ts';
import { createMark, type Ran, type TerminalPage } from '../terminal-page.ts';

const fileBytes = 50_000_000;
const words = [
  'grün',
  'größer',
  '漢字',
  'κόσμος',
  '→ ready',
  'shoot/local',
  'naïve',
  'Übung',
  '█▓▒░',
  'plain words here',
];
const maxTaskMs = 50;

/** Lines as build tools print them: a time, a coloured level, words in several scripts. */
function colouredLine(number: number): string {
  const colour = 31 + (number % 6);
  const text = Array.from({ length: 6 }, (_, index) => words[(number * 7 + index * 3) % words.length]).join(' ');
  return `\x1b[2m${String(number).padStart(7, '0')}\x1b[0m \x1b[1;${colour}mINFO\x1b[0m \x1b[38;5;${number % 256}m${text}\x1b[0m\n`;
}

/** The file of all runs, just under 50 MB: xterm.js drops what is written beyond that at once, and the baseline has no flow control. */
export async function createBulkFile(file: string): Promise<number> {
  const lines: string[] = [];
  let bytes = 0;
  for (let number = 0; ; number++) {
    const line = colouredLine(number);
    bytes += Buffer.byteLength(line);
    if (bytes > fileBytes) break;
    lines.push(line);
  }
  const text = Buffer.from(lines.join(''));
  await writeFile(file, text);
  return text.length;
}

export async function measureBulk(
  ours: TerminalPage,
  baseline: TerminalPage,
  file: string,
  runs: number,
): Promise<Row> {
  const bytes = await createBulkFile(file);
  const results: Ran[][] = [[], []];
  for (let run = 0; run < runs; run++)
    for (const [index, terminal] of [ours, baseline].entries()) {
      await terminal.page.bringToFront();
      const mark = createMark();
      results[index]!.push(await terminal.run(`clear; cat ${file}; ${mark.command}`, mark.line));
    }
  const [own, plain] = results.map((ran) => ({
    rate: bytes / 1000 / median(ran.map(({ tookMs }) => tookMs)),
    taskMs: Math.max(...ran.map(({ longestTaskMs }) => longestTaskMs)),
  }));
  const show = ({ rate, taskMs }: { rate: number; taskMs: number }) =>
    `${rate.toFixed(1)} MB/s, ${taskMs ? ms(taskMs) : `under ${maxTaskMs} ms`}`;
  return {
    what: `50 MB of coloured UTF-8, median of ${runs}; longest task of the main thread`,
    must: `${plain!.rate.toFixed(1)} MB/s, ${maxTaskMs} ms`,
    measured: show(own!),
    baseline: show(plain!),
    isMet: own!.rate >= plain!.rate && own!.taskMs <= maxTaskMs,
  };
}
