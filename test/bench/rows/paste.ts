// Row: a paste of 1 MB into `cat > file`: every byte, and how long until the shell is back.
import { readFile, rm } from 'node:fs/promises';
import { ms } from '../figures.ts';
import type { Row } from '../rows.ts';
import { createMark, type TerminalPage } from '../terminal-page.ts';

const mustMs = 1000;
const pastedBytes = 1024 * 1024;

function createText(): string {
  const line = (number: number) => `${number}: what one pastes, grün and 漢字, ${'x'.repeat(number % 60)}\n`;
  let text = '';
  for (let number = 0; Buffer.byteLength(text) < pastedBytes; number += 1) {
    // Measuring every line would take longer than pasting.
    for (let count = 0; count < 100; count++) text += line(number * 100 + count);
  }
  return text;
}

interface Pasted {
  tookMs: number;
  isExact: boolean;
}

async function pasteOnce({ page, run, ask }: TerminalPage, file: string, text: string): Promise<Pasted> {
  await page.bringToFront();
  const mark = createMark();
  await run(`clear; echo ready; cat > ${file}; ${mark.command}`, 'ready');
  const startMs = performance.now();
  const done = ask(`waitForLine(${JSON.stringify(mark.line)})`);
  await page.evaluate(`window.term.paste(${JSON.stringify(text)}), window.term.input('\\x04')`);
  const isBack = await Promise.race([done.then(() => true), page.waitForTimeout(30_000).then(() => false)]);
  const tookMs = performance.now() - startMs;
  if (!isBack) await page.keyboard.press('Control+c');
  const written = await readFile(file, 'utf8').catch(() => '');
  await rm(file, { force: true });
  return { tookMs, isExact: isBack && written === text };
}

export async function measurePaste(ours: TerminalPage, baseline: TerminalPage, file: string): Promise<Row> {
  const text = createText();
  const own = await pasteOnce(ours, file, text);
  const plain = await pasteOnce(baseline, file, text);
  const show = ({ tookMs, isExact }: Pasted) => `${ms(tookMs)}, ${isExact ? 'exact' : 'NOT exact'}`;
  return {
    what: `paste of ${(Buffer.byteLength(text) / 1024 / 1024).toFixed(2)} MiB into cat > file`,
    must: `${mustMs} ms, exact`,
    measured: show(own),
    baseline: show(plain),
    isMet: own.isExact && own.tookMs <= mustMs,
  };
}
