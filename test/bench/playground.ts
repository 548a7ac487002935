// The playground as users start it, for measuring: the built gateway on free ports, and a browser that is signed in.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface RunningPlayground {
  url: string;
  process: ChildProcess;
  dispose(): Promise<void>;
}

export async function startPlayground(): Promise<RunningPlayground> {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, [path.join(root, 'dist/main.js')], {
    env: { PATH, HOME, TMPDIR, PORT: '0', METRICS_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^The playground is at (\S+)/.exec(line)?.[1];
    if (!url) continue;
    return {
      url,
      process: child,
      async dispose() {
        if (child.exitCode !== null) return;
        child.kill('SIGTERM');
        await once(child, 'exit');
      },
    };
  }
  throw new Error('The playground ended before it said where it is.');
}

export interface Visitor {
  page: Page;
  cookie: string;
  browser: Browser;
}

/** A browser on the welcome page, signed in through the stand-in. */
export async function signIn(url: string): Promise<Visitor> {
  const browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(url);
  await page.click('.button.primary.large');
  await page.click('text=vera-visitor');
  await page.waitForSelector('.button.primary.large:has-text("Start")');
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  return { page, cookie, browser };
}
