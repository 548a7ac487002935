// A visitor for measuring: a browser that is signed in, and its cookie for clients without a browser.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';

export interface Visitor {
  page: Page;
  cookie: string;
  context: BrowserContext;
  browser: Browser;
}

/** A browser on the welcome page of `url`, signed in through the stand-in. */
export async function signIn(url: string): Promise<Visitor> {
  const browser = await launchBrowser();
  // The policy of the page forbids the evaluation that waiting for a condition is made of.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, bypassCSP: true });
  const page = await context.newPage();
  await page.goto(url);
  await page.click('.button.primary.large');
  await page.getByRole('button', { name: 'vera-visitor' }).click();
  await page.waitForSelector('.button.primary.large:has-text("Start")');
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  return { page, cookie, context, browser };
}
