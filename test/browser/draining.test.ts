// What a page shows while its gateway is replaced: a mark, and nothing else.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { isConnected, launchBrowser, openPage, waitForText } from '../support/browser.ts';
import { createReplicas, type Replicas } from '../support/replicas.ts';

describe('draining, as the page shows it', function () {
  this.timeout(90_000);
  let browser: Browser;
  let replicas: Replicas;
  before(async () => {
    [browser, replicas] = await Promise.all([launchBrowser(), createReplicas()]);
  });
  after(async () => {
    await browser?.close();
    await replicas?.dispose();
  });

  it('marks that it connects again, keeps the screen, and takes what is typed meanwhile', async () => {
    const first = await replicas.start();
    const { context, page, complaints } = await openPage(browser);
    await page.goto(`${replicas.balancer.url}/terminal`);
    await page.getByRole('button', { name: 'vera-visitor' }).click();
    await isConnected(page);
    await waitForText(page, /[$#]\s*$/);
    await page.evaluate(`(() => {
      window.marks = [];
      const note = () => {
        const mark = document.querySelector('.line-label')?.textContent;
        if (mark && mark !== window.marks.at(-1)) window.marks.push(mark);
        for (const ribbon of document.querySelectorAll('.ribbon')) window.marks.push('ribbon: ' + ribbon.textContent);
        if (!document.querySelector('.terminal-screen')) window.marks.push('no terminal');
      };
      note();
      new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
    })()`);
    await page.keyboard.type('echo "before $((6*7))"\n');
    await waitForText(page, 'before 42');
    await replicas.start();
    replicas.balancer.remove(first.ownUrl);
    await page.keyboard.type('echo "amid ');
    const ended = first.dispose();
    await page.keyboard.type('$((7*8))"\n');
    await ended;
    await waitForText(page, 'amid 56');
    await isConnected(page);
    assert.match(await waitForText(page, 'amid 56'), /before 42/);
    const marks = await page.evaluate<string[]>('window.marks');
    assert.deepEqual(marks, ['Connected', 'Reconnecting', 'Connected']);
    assert.deepEqual(complaints, []);
    await context.close();
  });
});
