// A visitor of the playground in a browser: signs in through the stand-in, types, reads what the terminal shows.
import { type Browser, type BrowserContext, type Page } from 'playwright-core';
import { launchBrowser, screenText, waitForText } from '../../support/browser.ts';

export interface Place {
  /** Address of the playground, as the browser has it. */
  url: string;
  /** Which names of the browser's lead to which ports of this machine. */
  hosts: Readonly<Record<string, number>>;
}

export interface Visitor {
  login: string;
  context: BrowserContext;
  page: Page;
  /** Types a command; resolves with what it printed when that has ended. Throws with the screen when it takes longer. */
  run(command: string, timeoutMs?: number): Promise<string>;
  leave(): Promise<void>;
}

/** Names that exist for this browser only lead to the fronts. */
export function launchFor({ hosts }: Place): Promise<Browser> {
  const rules = Object.entries(hosts).map(([host, port]) => `MAP ${host} 127.0.0.1:${port}`);
  return launchBrowser([`--host-resolver-rules=${rules.join(',')}`, '--ignore-certificate-errors']);
}

export const isAtPrompt = (page: Page, timeoutMs = 90_000): Promise<string> => waitForText(page, /[$#]\s*$/, timeoutMs);

/** As the visitor does it, by the menu; resolves when the page says that it has ended. */
export async function endSession(page: Page): Promise<void> {
  await page.keyboard.press('Control+Shift+Space');
  await page.getByRole('menuitem', { name: 'End session…' }).click();
  await page.getByRole('button', { name: 'End session' }).click();
  await page.getByRole('heading', { name: 'Your session has ended' }).waitFor({ timeout: 30_000 });
}

let marks = 0;

async function runIn(page: Page, command: string, timeoutMs: number): Promise<string> {
  const mark = `end-${++marks}-of`;
  // The mark that is typed is not the one that is printed.
  await page.keyboard.type(`${command}; echo "${mark}-$?"\n`);
  const text = await waitForText(page, new RegExp(`^${mark}-\\d+$`, 'm'), timeoutMs);
  const lines = text.split('\n');
  const typed = lines.findLastIndex((line) => line.includes(`echo "${mark}`));
  const end = lines.findLastIndex((line) => line.startsWith(`${mark}-`));
  return lines.slice(typed + 1, end).join('\n');
}

/** On the stand-in's page. */
export async function signInAs(page: Page, login: string): Promise<void> {
  await page.getByLabel('Somebody else, by GitHub login').fill(login);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Opens the terminal's address, signs in as `login` and waits for the prompt. */
export async function openVisitor(browser: Browser, { url }: Place, login: string): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${url}/terminal`, { timeout: 30_000 });
  await signInAs(page, login);
  await page.waitForSelector('[data-connection="live"]', { timeout: 90_000 });
  await isAtPrompt(page);
  return {
    login,
    context,
    page,
    run: (command, timeoutMs = 30_000) => runIn(page, command, timeoutMs),
    leave: () => context.close(),
  };
}

export { screenText, waitForText };
