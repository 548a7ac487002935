// Types numbered lines without pause and proves afterwards that each arrived once and in order, both ways; measures the longest silence.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createSystemClock } from '../../../server/common/clock.ts';
import { screenText, waitForText, type Visitor } from './visitor.ts';

const clock = createSystemClock();
const pauseMs = 40;
let marks = 0;
const lineOf = (n: number) => String(n).padStart(6, '0');

export interface TypedResult {
  lines: number;
  /** The longest time in which the terminal showed nothing new. */
  longestSilenceMs: number;
}

export interface Typist {
  /** How many lines were typed so far. */
  count(): number;
  /** Throws when a line is missing, twice or out of order, in what the shell got or in what the terminal shows. */
  stop(): Promise<TypedResult>;
}

const measure = `(() => {
  const seen = { last: performance.now(), longest: 0 };
  const look = () => {
    const now = performance.now();
    seen.longest = Math.max(seen.longest, now - seen.last);
    seen.last = now;
  };
  window.silence = seen;
  window.silenceEnd = window.term.onWriteParsed(look);
})()`;

/** Begins to type into a file, line after line, as fast as the browser takes keys. */
export async function startTyping({ page, login }: Visitor): Promise<Typist> {
  const file = 'typed.txt';
  const mark = ++marks;
  await page.keyboard.type(`clear; echo "begin-$((${mark}))"; cat > ${file}\n`);
  await waitForText(page, new RegExp(`^begin-${mark}$`, 'm'));
  await page.evaluate(measure);
  let count = 0;
  let isStopped = false;
  const typing = (async () => {
    while (!isStopped) {
      await page.keyboard.type(`${lineOf(count + 1)}\n`);
      count++;
      await clock.sleep(pauseMs);
    }
  })();
  // Its fault is told by stop.
  typing.catch(() => undefined);

  const check = async (): Promise<TypedResult> => {
    const longestSilenceMs = Math.round(await page.evaluate<number>('window.silence.longest'));
    await page.evaluate('window.silenceEnd.dispose()');
    const wanted = Array.from({ length: count }, (_, i) => lineOf(i + 1));
    const text = await screenText(page);
    // Below a snapshot the scrollback may begin later.
    const shown = text.split('\n').filter((line) => /^\d{6}$/.test(line));
    assert.deepEqual(shown, wanted.slice(-shown.length), `what ${login} sees`);
    assert.ok(shown.length >= Math.min(count, 300), `${shown.length} of ${count} lines are shown`);
    await page.keyboard.press('Control+d');
    await page.keyboard.type(`sha256sum ${file}\n`);
    const hash = createHash('sha256')
      .update(wanted.map((line) => `${line}\n`).join(''))
      .digest('hex');
    await waitForText(page, hash, 15_000);
    return { lines: count, longestSilenceMs };
  };

  return {
    count: () => count,
    async stop() {
      isStopped = true;
      await typing;
      await waitForText(page, lineOf(count), 60_000);
      return check();
    },
  };
}
