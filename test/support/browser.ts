// Chromium for browser tests: found or named, started once for a file, with what all of them look at.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const screenshotFolder = join(root, '.artifacts', 'screenshots');

/** `flags` of the command line, besides those that every test has. */
export async function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  const executablePath = candidates.find((path) => existsSync(path));
  if (!executablePath) {
    throw new Error('The browser tests need Chromium. Install the Debian package "chromium": apt-get install chromium');
  }
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...flags,
    ],
  });
}

let built: Promise<string> | undefined;

/** Builds the page as it is now, once for the process. Returns the folder. */
export function buildPage(): Promise<string> {
  const outDir = join(root, '.artifacts', 'page');
  built ??= build({
    root: join(root, 'web'),
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir },
  }).then(() => outDir);
  return built;
}

export interface Watched {
  context: BrowserContext;
  page: Page;
  /** What the page complained about: uncaught errors, refused by policy, requests to other hosts. */
  complaints: string[];
}

/** A page of its own (cookies and storage too) that notes everything it should not do. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  return { context, page, complaints: watch(page) };
}

export function watch(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) complaints.push(message.text());
  });
  page.on('request', (request) => {
    const { hostname } = new URL(request.url());
    if (!['127.0.0.1', 'localhost', 'avatars.githubusercontent.com', ''].includes(hostname)) {
      complaints.push(`request to ${hostname}`);
    }
  });
  return complaints;
}

/** The terminal's text as it stands: lines without trailing blanks, scrollback included. */
export const screenText = (page: Page): Promise<string> =>
  page.evaluate<string>(`(() => {
    const buffer = window.term?.buffer.active;
    if (!buffer) return '';
    return Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)?.translateToString(true) ?? '').join('\\n').trimEnd();
  })()`);

/** Waits until the terminal shows `pattern`; tells what it showed instead. */
export async function waitForText(page: Page, pattern: RegExp | string, timeoutMs = 15_000): Promise<string> {
  const isThere = (text: string) => (typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text));
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const text = await screenText(page);
    if (isThere(text)) return text;
    if (Date.now() > deadline) throw new Error(`The terminal never showed ${String(pattern)}, but:\n${text}`);
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
  }
}

/** Waits until `isTrue` holds, looking again with every turn of the event loop that brings something. */
export async function waitFor(isTrue: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`Never came true: ${isTrue.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function isConnected(page: Page): Promise<void> {
  await page.waitForSelector('[data-connection="live"]');
}

export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(screenshotFolder, { recursive: true });
  // To hide the caret, a style would be added to the page, against the page's policy.
  await page.screenshot({ path: join(screenshotFolder, `${name}.png`), caret: 'initial' });
}

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface AxeResults {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}

/** The accessibility rules that the page breaks, a line each. The context must be opened with bypassCSP. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axePath });
  const { violations } = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })');
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary ?? ''}`),
  );
}
