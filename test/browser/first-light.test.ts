// The whole way, as a visitor goes it: sign in, see it start, type kubectl, grow a shoot and delete it.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import {
  accessibilityFaults,
  isConnected,
  launchBrowser,
  openPage,
  screenshot,
  screenText,
  waitFor,
  waitForText,
} from '../support/browser.ts';
import { type PlaygroundProcess, startPlaygroundProcess } from '../support/playground-process.ts';

async function signInAs(page: Page, login: string): Promise<void> {
  await page.getByRole('button', { name: login }).click();
}

/** Types a command; resolves with what the terminal shows when the prompt is back. */
async function run(page: Page, command: string, timeoutMs = 30_000): Promise<string> {
  const before = (await screenText(page)).length;
  await page.keyboard.type(`${command}\n`);
  const isBack = (text: string) => text.length > before + command.length && /[$#]\s*$/.test(text);
  let text = '';
  await waitFor(async () => isBack((text = await screenText(page))), timeoutMs);
  return text.slice(before);
}

async function openTerminal(page: Page, playground: PlaygroundProcess, login: string): Promise<void> {
  await page.goto(`${playground.url}/terminal`);
  await signInAs(page, login);
  await isConnected(page);
  await waitForText(page, /[$#]\s*$/);
}

describe('first light', function () {
  this.timeout(180_000);
  let browser: Browser;
  let playground: PlaygroundProcess;

  before(async () => {
    [browser, playground] = await Promise.all([launchBrowser(), startPlaygroundProcess()]);
  });
  after(async () => {
    await browser?.close();
    await playground?.dispose();
  });

  it('from the welcome to a shoot that succeeded, and back', async () => {
    const { context, page, complaints } = await openPage(browser, { colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.goto(playground.url);
    await page.getByText('Pods are local processes here').waitFor();
    await screenshot(page, 'welcome');
    await page.locator('.button.primary.large').click();
    await screenshot(page, 'sign-in');
    await signInAs(page, 'vera-visitor');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.locator('.timeline li').first().waitFor();
    await screenshot(page, 'starting');
    await isConnected(page);
    await waitForText(page, /[$#]\s*$/);

    assert.match(await run(page, 'kubectl get seeds'), /local\s+Ready/);
    assert.match(await run(page, 'kubectl apply -f shoot.yaml'), /shoot.core.gardener.cloud\/local created/);
    await page.keyboard.type('k get shoots -w\n');
    await waitForText(page, /Create Processing \(\d+%\)/, 60_000);
    await waitForText(page, /Create Succeeded \(100%\)/, 120_000);
    await screenshot(page, 'workspace');
    await page.keyboard.press('Control+c');
    await waitForText(page, /\^C[\s\S]*[$#]\s*$/);
    assert.match(await run(page, 'kubectl delete shoot local --wait=false'), /[Cc]onfirm/);
    await run(page, 'kubectl annotate shoot local confirmation.gardener.cloud/deletion=true');
    await run(page, 'kubectl delete shoot local --timeout=100s', 120_000);
    assert.match(await run(page, 'kubectl get shoots'), /No resources found/);

    await page.keyboard.press('Control+Shift+Space');
    await page.getByRole('menuitem', { name: 'End session…' }).click();
    await page.getByRole('button', { name: 'End session' }).click();
    await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    await screenshot(page, 'ended');
    assert.deepEqual(complaints, []);
    await context.close();
  });

  it('the link to the terminal signs in, starts, and keeps the screen over a reload and in two tabs', async () => {
    const { context, page } = await openPage(browser);
    await openTerminal(page, playground, 'vera-visitor');
    await run(page, 'echo "kept $((6*7))"');
    await page.reload();
    await isConnected(page);
    await waitForText(page, 'kept 42');
    const second = await context.newPage();
    await second.goto(`${playground.url}/terminal`);
    await waitForText(second, 'kept 42');
    await second.keyboard.type('echo "seen $((7*8))"\n');
    await Promise.all([waitForText(page, 'seen 56'), waitForText(second, 'seen 56')]);
    await context.close();
  });

  it('a network that goes away takes nothing with it', async () => {
    const { context, page } = await openPage(browser);
    await page.addInitScript(`{
      const Socket = WebSocket;
      window.WebSocket = class extends Socket { constructor(...options) { super(...options); window.lastSocket = this; } };
    }`);
    await openTerminal(page, playground, 'otto-outsider');
    await page.keyboard.type('for i in 1 2 3 4 5 6 7 8; do echo "line $i"; sleep 0.2; done\n');
    await waitForText(page, 'line 2');
    await context.setOffline(true);
    await page.evaluate('window.lastSocket.close()');
    await page.locator('.ribbon[data-kind="connection"]').waitFor();
    await page.keyboard.type('echo "typed $((9*9))"\n');
    await context.setOffline(false);
    await isConnected(page);
    const text = await waitForText(page, 'typed 81');
    const lines = [...text.matchAll(/^line (\d)$/gm)].map(([, number]) => number).join('');
    assert.equal(lines, '12345678');
    assert.equal(text.match(/^typed 81$/gm)?.length, 1);
    await context.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`can be used without a mouse and has no accessibility fault, ${colorScheme}`, async () => {
      const { context, page } = await openPage(browser, { colorScheme, bypassCSP: true });
      const check = async (view: string) => assert.deepEqual(await accessibilityFaults(page), [], view);
      await page.goto(playground.url);
      await page.locator('.button.primary.large').waitFor();
      await check('welcome');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'vera-visitor' }).waitFor();
      await check('sign-in');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: /^(Start|Back to your session)$/ }).waitFor();
      await page.locator('.button.primary.large').focus();
      await page.keyboard.press('Enter');
      await isConnected(page);
      await waitForText(page, /[$#]\s*$/);
      await check('workspace');
      await screenshot(page, `workspace-${colorScheme}`);
      await page.keyboard.press('Control+Shift+Space');
      await page.getByRole('menuitem', { name: 'End session…' }).waitFor();
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
      await check('dialog');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
      await check('ended');
      await context.close();
    });
  }
});
