// A page with a terminal for measuring, ours or the baseline's: how to open it, type into it and ask it.
import type { BrowserContext, Page } from 'playwright-core';
import { fileURLToPath } from 'node:url';

const probe = fileURLToPath(new URL('in-page.js', import.meta.url));

export interface Ran {
  tookMs: number;
  longestTaskMs: number;
}

export interface TerminalPage {
  page: Page;
  /** Calls a function of in-page.js by its text, such as `run("ls", "x")`. */
  ask<T>(call: string): Promise<T>;
  /** Types a command and waits for a line that begins with `line`. */
  run(command: string, line: string): Promise<Ran>;
  dispose(): Promise<void>;
}

const quote = (text: string) => JSON.stringify(text);

/** Must be called before the page is opened, for all pages of the context. */
export const addProbe = (context: BrowserContext): Promise<unknown> => context.addInitScript({ path: probe });

/** The page at `url`, when its shell has answered once. */
export async function openTerminalPage(context: BrowserContext, url: string): Promise<TerminalPage> {
  const page = await context.newPage();
  await page.goto(url);
  return measureTerminal(page);
}

let marks = 0;
/** A word that nobody else prints; the command that prints it does not hold it. */
export function createMark(): { command: string; line: string } {
  marks += 1;
  return { command: `echo mark-$((${marks}+0)).`, line: `mark-${marks}.` };
}

export async function measureTerminal(page: Page): Promise<TerminalPage> {
  await page.waitForFunction('window.term && window.bench', undefined, { polling: 'raf' });
  const ask = <T>(call: string) => page.evaluate<T>(`window.bench.${call}`);
  const run = (command: string, line: string) => ask<Ran>(`run(${quote(command)}, ${quote(line)})`);
  const { command, line } = createMark();
  await run(command, line);
  return {
    page,
    ask,
    run,
    dispose: () => page.close(),
  };
}
