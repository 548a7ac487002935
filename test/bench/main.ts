// `make bench`: figures of this machine, ours beside a plain baseline from the same run. ROWS (names, separated by commas) chooses some; SESSIONS and KEYS make it shorter.
import { cpus, loadavg } from 'node:os';
import { startPlaygroundProcess } from '../support/playground-process.ts';
import { measureEcho } from './echo.ts';
import { measurePageRows } from './page-rows.ts';
import { printRows, type Row } from './rows.ts';
import { measureSessionMemory } from './session-memory.ts';
import { measureStart } from './start.ts';
import { signIn } from './visitor.ts';

const sessions = Number(process.env.SESSIONS ?? 20);
const keys = Number(process.env.KEYS ?? 500);
const rowNames = process.env.ROWS?.split(',').map((name) => name.trim());
const isWanted = (name: string) => !rowNames || rowNames.includes(name);

const load = loadavg().map((value) => value.toFixed(1));
console.log(
  `${cpus().length} cores, ${cpus()[0]?.model}, Node ${process.version}; load before the run ${load.join(' ')}`,
);
const playground = await startPlaygroundProcess({ gardenSpeed: 1 });
const rows: Row[] = [];
try {
  const visitor = await signIn(playground.url);
  try {
    const { page, cookie } = visitor;
    await measureStart(page, playground.url, isWanted('start') ? sessions : 1);
    if (isWanted('memory')) await measureSessionMemory(page, playground.process.pid ?? 0);
    if (isWanted('socket')) await measureEcho(playground.url, cookie, keys);
    await page.goto('about:blank');
    rows.push(...(await measurePageRows({ visitor, url: playground.url, isWanted, keys })));
  } finally {
    await visitor.browser.close();
  }
} finally {
  await playground.dispose();
}
console.log('');
printRows(rows);
