// What helps in a terminal: search, commands and their ends, settings, pastes that ask, links that show where they lead.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import {
  accessibilityFaults,
  buildPage,
  isConnected,
  launchBrowser,
  openPage,
  screenshot,
  waitFor,
  waitForText,
  type Watched,
} from '../support/browser.ts';
import { FakeGateway, visitor } from '../support/fake-gateway.ts';

/** What the shipped bash prints around a command. */
const command = (text: string, output: string, exit: number): string =>
  `\x1b]133;A\x07$ \x1b]133;B\x07${text}\r\n\x1b]133;C\x07${output}\x1b]133;D;${exit}\x07`;
const prompt = '\x1b]133;A\x07$ \x1b]133;B\x07';

const signs = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>('[...document.querySelectorAll(".gutter-sign")].map((sign) => sign.dataset.state)');
const selection = (page: Page): Promise<string> => page.evaluate<string>('window.term.getSelection()');

describe('tools of a terminal', function () {
  this.timeout(60_000);
  let browser: Browser;
  let folder: string;
  let gateway: FakeGateway;
  let watched: Watched;
  let page: Page;

  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), buildPage()]);
  });
  after(() => browser?.close());
  beforeEach(async () => {
    gateway = new FakeGateway(folder);
    await gateway.listen();
    gateway.user = visitor;
    gateway.setSession('ready');
    watched = await openPage(browser, { reducedMotion: 'reduce' });
    page = watched.page;
    await watched.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`${gateway.url}/terminal`);
    await isConnected(page);
    await waitFor(async () =>
      page.evaluate<boolean>('document.activeElement?.classList.contains("xterm-helper-textarea")'),
    );
    gateway.terminal.isEchoing = false;
  });
  afterEach(async () => {
    await watched.context.close();
    await gateway.close();
    assert.deepEqual(watched.complaints, []);
  });

  describe('commands', () => {
    it('have a sign in the gutter that says how they ended, and can be jumped to', async () => {
      const lines = 'line\r\n'.repeat(60);
      gateway.terminal.print(command('first', lines, 0) + command('second', lines, 1) + command('third', lines, 130));
      gateway.terminal.print(`${prompt}last`);
      await waitForText(page, 'last');
      await page.keyboard.press('Control+Shift+PageUp');
      await page.getByText('third: exit status 130').waitFor({ state: 'attached' });
      await waitFor(async () => (await signs(page)).join() === 'failed');
      await page.keyboard.press('Control+Shift+PageUp');
      await page.keyboard.press('Control+Shift+PageUp');
      await page.getByText('first: exit status 0').waitFor({ state: 'attached' });
      await waitFor(async () => (await signs(page)).join() === 'ok');
      await page.keyboard.press('Control+Shift+PageDown');
      await page.getByText('second: exit status 1').waitFor({ state: 'attached' });
      await page.locator('.gutter-sign[data-current=true][title="Exit status 1"]').waitFor({ state: 'attached' });
    });

    it('give their output, without the line ends of wrapped lines', async () => {
      const long = 'x'.repeat(400);
      gateway.terminal.print(`${command('show', `one\r\n${long}\r\n`, 0)}${prompt}`);
      await waitForText(page, 'one');
      await page.keyboard.press('Control+Shift+Y');
      await waitFor(async () => (await page.evaluate('navigator.clipboard.readText()')) === `one\n${long}\n`);
    });

    it('keep their signs when all is shown anew from a snapshot', async () => {
      gateway.terminal.print('old');
      await waitForText(page, 'old');
      gateway.terminal.ringStart = gateway.terminal.sequence + 1;
      gateway.terminal.snapshot = '$ make\r\nno rule\r\n$ \x1b]7133;A,2,0,;B,2,2,;C,1,0,;D,0,0,2;A,0,0,;B,0,2,\x07';
      gateway.terminal.cut();
      await waitForText(page, 'no rule');
      await waitFor(async () => (await signs(page)).join() === 'failed');
      await page.keyboard.press('Control+Shift+Y');
      await waitFor(async () => (await page.evaluate('navigator.clipboard.readText()')) === 'no rule\n');
    });

    it('are cleared by the shell itself, and only at a prompt', async () => {
      gateway.terminal.print(`${prompt}`);
      await waitForText(page, '$');
      await page.keyboard.press('Control+Shift+Backspace');
      await waitFor(() => gateway.terminal.input === '\x1b\x0c');
      gateway.terminal.print('sleep\r\n\x1b]133;C\x07zzz');
      await waitForText(page, 'zzz');
      await page.keyboard.press('Control+Shift+Backspace');
      await page.getByText('The scrollback can be cleared at a prompt.').waitFor({ state: 'attached' });
      assert.equal(gateway.terminal.input, '\x1b\x0c');
    });
  });

  describe('search', () => {
    const open = async () => {
      await page.keyboard.press('Control+Shift+F');
      await page.getByLabel('Search in the terminal').waitFor();
    };
    const counts = (words: string) => page.locator('.search-count', { hasText: words }).waitFor();

    it('counts in the whole scrollback, and goes up and down and around', async () => {
      const rows = Array.from({ length: 3000 }, (_, row) => (row % 1000 === 7 ? `Needle ${row}` : `straw ${row}`));
      gateway.terminal.print(rows.join('\r\n'));
      await waitForText(page, 'straw 2999');
      await open();
      await page.keyboard.type('needle');
      await counts('3 of 3');
      assert.equal(await selection(page), 'Needle');
      await page.keyboard.press('Enter');
      await counts('2 of 3');
      await page.keyboard.press('Enter');
      await counts('1 of 3');
      const top = await page.evaluate<number>('window.term.buffer.active.viewportY');
      assert.ok(top < 10);
      await page.keyboard.press('Enter');
      await counts('3 of 3');
      await page.keyboard.press('Shift+Enter');
      await counts('1 of 3');
      await page.getByRole('button', { name: 'Match case' }).click();
      await counts('Nothing found');
      await page.keyboard.press('Escape');
      await page.keyboard.type('x');
      await waitFor(() => gateway.terminal.input === 'x');
    });

    it('takes regular expressions, and says when one is none', async () => {
      gateway.terminal.print('shoot-1 shoot-22 (x');
      await waitForText(page, 'shoot-22');
      await open();
      await page.keyboard.type('(x');
      await counts('1 of 1');
      await page.getByRole('button', { name: 'Regular expression' }).click();
      await counts('Not a regular expression');
      await page.getByLabel('Search in the terminal').fill('shoot-\\d+');
      await counts('of 2');
      await page.keyboard.press('Shift+Enter');
      assert.ok(['shoot-1', 'shoot-22'].includes(await selection(page)));
    });

    it('finds wide characters where they are, and what is wrapped', async () => {
      const columns = await page.evaluate<number>('window.term.cols');
      gateway.terminal.print(`漢字 🌱 fund\r\n${'.'.repeat(columns - 3)}wrapped`);
      await waitForText(page, 'fund');
      await open();
      await page.keyboard.type('fund');
      await counts('1 of 1');
      assert.equal(await selection(page), 'fund');
      await page.getByLabel('Search in the terminal').fill('🌱');
      await counts('1 of 1');
      assert.equal(await selection(page), '🌱');
      await page.getByLabel('Search in the terminal').fill('wrapped');
      await counts('1 of 1');
      assert.equal((await selection(page)).replace('\n', ''), 'wrapped');
    });
  });

  describe('paste', () => {
    const paste = async (text: string) => {
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
      await page.keyboard.press('Control+Shift+V');
    };

    it('of one line goes to the program at once', async () => {
      await paste('kubectl get seeds');
      await waitFor(() => gateway.terminal.input === 'kubectl get seeds');
    });

    it('of several lines asks, where the program does not bracket it', async () => {
      await paste('one\ntwo\n');
      await page.getByRole('dialog', { name: 'Paste 2 lines?' }).waitFor();
      await page.getByRole('button', { name: 'Do not paste' }).click();
      await paste('one\r\ntwo');
      await page.getByRole('button', { name: 'Paste', exact: true }).click();
      await waitFor(() => gateway.terminal.input === 'one\rtwo');
      await paste('\n');
      await page.getByRole('button', { name: 'Paste, and do not ask again' }).click();
      await paste('\nfour\n');
      await waitFor(() => gateway.terminal.input === 'one\rtwo\r\rfour\r');
    });

    it('in brackets asks nothing, and cannot end them', async () => {
      gateway.terminal.print('\x1b[?2004hready');
      await waitForText(page, 'ready');
      await paste('one\ntwo\x1b[201~rm -rf');
      await waitFor(() => gateway.terminal.input === '\x1b[200~one\rtwo\u241b[201~rm -rf\x1b[201~');
    });
  });

  describe('links and looks', () => {
    it('shows the address behind a text before it is followed, and follows none but web addresses', async () => {
      const link = (address: string) => `\x1b]8;;${address}\x1b\\click here\x1b]8;;\x1b\\\r\n`;
      gateway.terminal.print(link('https://gardener.cloud/docs?x=1') + link('javascript:alert(1)'));
      await waitForText(page, 'click here');
      const screen = await page.locator('.xterm-screen').boundingBox();
      assert.ok(screen);
      await page.mouse.move(screen.x + 30, screen.y + 8);
      await page.mouse.move(screen.x + 34, screen.y + 8);
      await page.mouse.click(screen.x + 34, screen.y + 8);
      await page.getByRole('dialog', { name: 'Open this address?' }).waitFor();
      assert.equal(await page.locator('.preview').textContent(), 'https://gardener.cloud/docs?x=1');
      await page.keyboard.press('Escape');
      await page.mouse.move(screen.x + 30, screen.y + 26);
      await page.mouse.click(screen.x + 34, screen.y + 26);
      await page.keyboard.type('x');
      await waitFor(() => gateway.terminal.input === 'x');
      assert.equal(await page.getByRole('dialog').count(), 0);
    });

    it('keeps what is chosen, in this window and the next', async () => {
      const size = () => page.evaluate<number>('window.term.options.fontSize');
      await page.keyboard.press('Control+Shift+Period');
      await waitFor(async () => (await size()) === 15);
      const { columns } = gateway.terminal.size;
      await page.keyboard.press('Control+Comma');
      await page.getByLabel('Size of the text').fill('20');
      await page.getByLabel('Colours').selectOption('High contrast');
      await page.getByLabel('Cursor', { exact: true }).selectOption('Block');
      await page.keyboard.press('Escape');
      await waitFor(() => gateway.terminal.size.columns < columns);
      await page.reload();
      await isConnected(page);
      await waitFor(async () => (await size()) === 20);
      assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'contrast');
      assert.equal(await page.evaluate('window.term.options.theme.background'), '#000000');
      assert.equal(await page.evaluate('window.term.options.cursorStyle'), 'block');
    });
  });
});

describe('tools of a terminal, for everybody', function () {
  this.timeout(60_000);
  let browser: Browser;
  let folder: string;
  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), buildPage()]);
  });
  after(() => browser?.close());

  const looks = {
    light: { colorScheme: 'light' },
    contrast: { colorScheme: 'dark', contrast: 'more' },
    phone: { colorScheme: 'dark', viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true },
  } as const;
  for (const [name, options] of Object.entries(looks)) {
    it(`has no accessibility fault and nothing cut off, ${name}`, async () => {
      const gateway = new FakeGateway(folder);
      await gateway.listen();
      gateway.user = visitor;
      gateway.setSession('ready');
      const { context, page } = await openPage(browser, { ...options, reducedMotion: 'reduce', bypassCSP: true });
      await context.grantPermissions(['clipboard-read', 'clipboard-write']);
      const check = async (view: string) => {
        await screenshot(page, `tools-${view}-${name}`);
        assert.deepEqual(await accessibilityFaults(page), [], view);
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        assert.ok(overflow <= 0, `${view} is ${overflow} px wider than the window`);
      };
      await page.goto(`${gateway.url}/terminal`);
      await isConnected(page);
      await waitFor(async () =>
        page.evaluate<boolean>('document.activeElement?.classList.contains("xterm-helper-textarea")'),
      );
      gateway.terminal.print(command('ls', 'a b c\r\n', 0) + command('false', '', 1) + prompt);
      await page.locator('.gutter-sign').nth(1).waitFor();
      await page.keyboard.press('Control+Shift+F');
      await page.keyboard.type('a');
      await page.locator('.search-count', { hasText: 'of' }).waitFor();
      await check('search');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+Comma');
      await page.getByRole('dialog', { name: 'Settings' }).waitFor();
      await check('settings');
      await page.keyboard.press('Escape');
      await page.evaluate('navigator.clipboard.writeText("one\\ntwo")');
      await page.keyboard.press('Control+Shift+V');
      await page.getByRole('dialog', { name: 'Paste 2 lines?' }).waitFor();
      await check('paste');
      await context.close();
      await gateway.close();
    });
  }
});
