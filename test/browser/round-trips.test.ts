// What the page measures on its line, and tells the gateway once a minute.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { buildPage, isConnected, launchBrowser, openPage, type Watched } from '../support/browser.ts';
import { FakeGateway, visitor } from '../support/fake-gateway.ts';

describe('round trips of the page', function () {
  this.timeout(60_000);
  let browser: Browser;
  let gateway: FakeGateway;
  let watched: Watched;

  before(async () => {
    browser = await launchBrowser();
    gateway = new FakeGateway(await buildPage());
    await gateway.listen();
    watched = await openPage(browser);
  });
  after(async () => {
    await watched?.context.close();
    await gateway?.close();
    await browser?.close();
  });

  it('are told after a minute, as milliseconds', async () => {
    const { page } = watched;
    gateway.user = visitor;
    gateway.setSession('ready');
    await page.clock.install();
    await page.goto(`${gateway.url}/terminal`);
    await isConnected(page);
    await page.waitForSelector('.line-latency');
    const told = page.waitForRequest((request) => request.url().endsWith('/api/session/round-trips'));
    await page.clock.fastForward(60_000);
    const { milliseconds } = (await told).postDataJSON() as { milliseconds: number[] };
    assert.ok(
      milliseconds.length > 0 && milliseconds.every((ms) => Number.isInteger(ms) && ms >= 0),
      String(milliseconds),
    );
    assert.deepEqual(watched.complaints, []);
  });
});
