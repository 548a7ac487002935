// `make bench`: figures of this machine, ours beside a plain baseline from the same run. SESSIONS and KEYS make it shorter.
import { cpus } from 'node:os';
import { isConnected, waitForText } from '../support/browser.ts';
import { measureEcho } from './echo.ts';
import { signIn, startPlayground } from './playground.ts';
import { measureSessionMemory } from './session-memory.ts';
import { measureStart } from './start.ts';

const sessions = Number(process.env.SESSIONS ?? 20);
const keys = Number(process.env.KEYS ?? 500);

console.log(`${cpus().length} cores, ${cpus()[0]?.model}, Node ${process.version}`);
const playground = await startPlayground();
const { page, cookie, browser } = await signIn(playground.url);
try {
  await measureStart(page, playground.url, sessions);
  await page.goto(`${playground.url}/terminal`);
  await isConnected(page);
  await waitForText(page, /\$$/);
  await measureSessionMemory(page, playground.process.pid!);
  await measureEcho(playground.url, cookie, keys);
} finally {
  await browser.close();
  await playground.dispose();
}
