// `make bench`: figures of this machine, ours beside a plain baseline from the same run. SESSIONS and KEYS make it shorter.
import { cpus } from 'node:os';
import { startPlaygroundProcess } from '../support/playground-process.ts';
import { measureEcho } from './echo.ts';
import { signIn } from './visitor.ts';
import { measureSessionMemory } from './session-memory.ts';
import { measureStart } from './start.ts';

const sessions = Number(process.env.SESSIONS ?? 20);
const keys = Number(process.env.KEYS ?? 500);

console.log(`${cpus().length} cores, ${cpus()[0]?.model}, Node ${process.version}`);
const playground = await startPlaygroundProcess({ gardenSpeed: 1 });
try {
  const { page, cookie, browser } = await signIn(playground.url);
  try {
    await measureStart(page, playground.url, sessions);
    await measureSessionMemory(page, playground.process.pid ?? 0);
    await measureEcho(playground.url, cookie, keys);
  } finally {
    await browser.close();
  }
} finally {
  await playground.dispose();
}
