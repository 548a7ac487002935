// From click to prompt: what a visitor waits for, in its parts, over several sessions one after the other.
import type { Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { createBaseline } from './baseline/server.ts';
import { median, ms, percentile, printFigures } from './figures.ts';

interface Start {
  createdMs: number;
  readyMs: number;
  promptMs: number;
}

// A prompt ends in `$`, for root in `#`; the line under the cursor is it.
const isAtPrompt = `(() => {
  const buffer = window.term?.buffer.active;
  const line = buffer?.getLine(buffer.baseY + buffer.cursorY)?.translateToString(true) ?? '';
  return /[$#] *$/.test(line);
})()`;

async function startOnce(page: Page, url: string): Promise<Start> {
  await page.goto(url);
  await page.waitForSelector('.button.primary.large:has-text("Start")');
  const startMs = performance.now();
  const since = () => performance.now() - startMs;
  const created = page
    .waitForResponse((r) => r.url().endsWith('/api/session') && r.request().method() === 'POST')
    .then(since);
  const socket = page.waitForEvent('websocket').then(since);
  const prompt = page.waitForFunction(isAtPrompt, undefined, { polling: 'raf', timeout: 60_000 }).then(since);
  await page.click('.button.primary.large:has-text("Start")');
  return { createdMs: await created, readyMs: await socket, promptMs: await prompt };
}

/** Ends the session and waits until its pod is gone. */
async function endSession(page: Page, url: string): Promise<void> {
  await page.evaluate(`fetch('/api/session', { method: 'DELETE' })`);
  await page.waitForFunction(`fetch('/api/session').then((answer) => answer.status === 404)`, undefined, {
    polling: 100,
    timeout: 60_000,
  });
  await page.goto(url);
}

async function promptOfBaselineMs(url: string): Promise<number> {
  const startMs = performance.now();
  const socket = new WebSocket(url);
  await new Promise<void>((resolve) => socket.on('message', (data) => String(data).includes('$ ') && resolve()));
  socket.close();
  return performance.now() - startMs;
}

/** Leaves the page at the prompt of the last session. */
export async function measureStart(page: Page, url: string, count: number): Promise<void> {
  const starts: Start[] = [];
  for (let i = 0; i < count; i++) {
    if (i) await endSession(page, url);
    starts.push(await startOnce(page, url));
  }
  const baseline = await createBaseline();
  const plain: number[] = [];
  for (let i = 0; i < count; i++) plain.push(await promptOfBaselineMs(baseline.url));
  await baseline.dispose();
  const figure = (what: string, pick: (start: Start) => number) => ({ what, ours: ms(median(starts.map(pick))) });
  printFigures(
    `From click to prompt, ${count} sessions one after the other (the baseline has no pod: bash behind a WebSocket)`,
    [
      figure('click → session created, p50', (s) => s.createdMs),
      figure('→ pod ready, p50', (s) => s.readyMs - s.createdMs),
      figure('→ prompt, p50', (s) => s.promptMs - s.readyMs),
      { ...figure('all, p50', (s) => s.promptMs), baseline: ms(median(plain)), goal: '2000 ms' },
      {
        what: 'all, p95',
        ours: ms(
          percentile(
            starts.map((s) => s.promptMs),
            95,
          ),
        ),
        baseline: ms(percentile(plain, 95)),
      },
    ],
  );
}
