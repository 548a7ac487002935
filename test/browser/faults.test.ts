// What the page does when lines are cut, sockets refused and gateways fail: nothing typed or shown is lost.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import {
  accessibilityFaults,
  buildPage,
  isConnected,
  launchBrowser,
  openPage,
  screenText,
  waitFor,
  waitForText,
  type Watched,
} from '../support/browser.ts';
import { FakeGateway, visitor } from '../support/fake-gateway.ts';

describe('the page, when something goes wrong', function () {
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
    watched = await openPage(browser);
    page = watched.page;
  });
  afterEach(async () => {
    await watched.context.close();
    await gateway.close();
    assert.deepEqual(watched.complaints, []);
  });

  const openTerminal = async () => {
    gateway.user = visitor;
    gateway.setSession('ready');
    await page.goto(`${gateway.url}/terminal`);
    await isConnected(page);
    await waitFor(() => page.evaluate('document.activeElement?.classList.contains("xterm-helper-textarea")'));
  };

  describe('terminal line', () => {
    beforeEach(openTerminal);

    it('keeps what is typed while the network is gone and sends it once', async () => {
      await page.keyboard.type('one ');
      await waitFor(() => gateway.terminal.input === 'one ');
      await watched.context.setOffline(true);
      gateway.terminal.cut();
      await page.waitForSelector('.ribbon[data-kind="connection"]');
      await page.keyboard.type('two ');
      gateway.terminal.print('[while you were away]');
      await page.keyboard.type('three');
      await watched.context.setOffline(false);
      await isConnected(page);
      await waitForText(page, 'two three');
      assert.equal(gateway.terminal.input, 'one two three');
      assert.equal(gateway.terminal.gaps, 0);
      assert.equal(await screenText(page), 'one [while you were away]two three');
      assert.equal(await page.locator('.ribbon').count(), 0);
    });

    it('does not send twice what arrived but was not acknowledged', async () => {
      gateway.terminal.isAcknowledging = false;
      await page.keyboard.type('abc');
      await waitForText(page, 'abc');
      gateway.terminal.cut();
      await waitFor(() => gateway.terminal.attaches.length === 2);
      await page.keyboard.type('d');
      await waitForText(page, 'abcd');
      assert.equal(gateway.terminal.input, 'abcd');
    });

    it('goes on behind the last byte that it has', async () => {
      gateway.terminal.print('first line\r\n');
      await waitForText(page, 'first line');
      const { sequence } = gateway.terminal;
      gateway.terminal.cut();
      await waitFor(() => gateway.terminal.attaches.length === 2);
      assert.deepEqual(gateway.terminal.attaches, [null, sequence]);
      gateway.terminal.print('second line');
      assert.equal(await waitForText(page, 'second line'), 'first line\nsecond line');
    });

    it('takes a snapshot for what it has missed, whatever state the parser was in', async () => {
      gateway.terminal.print('old \x1b[31;44m\x1b]0;half a title');
      await waitForText(page, 'old');
      gateway.terminal.ringStart = gateway.terminal.sequence + 1;
      gateway.terminal.snapshot = 'the whole screen';
      gateway.terminal.cut();
      await waitForText(page, 'the whole screen');
      assert.equal(await screenText(page), 'the whole screen');
      const isPlain = 'window.term.buffer.active.getLine(0).getCell(0).isFgDefault()';
      assert.equal(await page.evaluate(isPlain), true);
    });

    it('shows characters whose bytes come in two frames', async () => {
      const bytes = Buffer.from('ä漢🌱');
      for (let index = 0; index < bytes.length; index++) gateway.terminal.printBytes(bytes.subarray(index, index + 1));
      await waitForText(page, 'ä漢🌱');
    });

    it('shows the same screen after a reload and in a second tab', async () => {
      gateway.terminal.print('still here');
      await waitForText(page, 'still here');
      await page.reload();
      await isConnected(page);
      await waitForText(page, 'still here');
      const second = await watched.context.newPage();
      await second.goto(`${gateway.url}/terminal`);
      await waitForText(second, 'still here');
      await second.keyboard.type('both');
      await Promise.all([waitForText(page, 'both'), waitForText(second, 'both')]);
    });

    it('pastes a megabyte byte by byte, in frames that the protocol allows', async () => {
      gateway.terminal.isEchoing = false;
      const text = Array.from(
        { length: 16 * 1024 },
        (_, index) => `${String(index).padStart(8, '0')} äöü🌱 ${'x'.repeat(40)}`,
      ).join('\r');
      await page.evaluate(`window.term.paste(${JSON.stringify(text)})`);
      await waitFor(() => gateway.terminal.input.length >= text.length);
      assert.ok(gateway.terminal.input === text);
      assert.equal(gateway.terminal.gaps, 0);
    });

    it('acknowledges output while it is parsed', async () => {
      gateway.terminal.print('0123456789abcdef\r\n'.repeat(40_000));
      await waitFor(() => gateway.terminal.acknowledged > 0.5 * gateway.terminal.sequence);
    });

    it('copies a selection with Ctrl-C and interrupts without', async () => {
      await watched.context.grantPermissions(['clipboard-read', 'clipboard-write']);
      gateway.terminal.print('copy me');
      await waitForText(page, 'copy me');
      await page.evaluate('window.term.selectAll()');
      await page.keyboard.press('Control+c');
      assert.equal((await page.evaluate<string>('navigator.clipboard.readText()')).trim(), 'copy me');
      assert.equal(gateway.terminal.input, '');
      await page.keyboard.press('Control+c');
      await waitFor(() => gateway.terminal.input === '\x03');
    });

    it('lets programs set the clipboard when the user allows it, and never read it', async () => {
      await watched.context.grantPermissions(['clipboard-read', 'clipboard-write']);
      const clipboard = () => page.evaluate<string>('navigator.clipboard.readText()');
      const wish = (text: string) => `\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`;
      await page.evaluate('navigator.clipboard.writeText("secret")');
      gateway.terminal.isEchoing = false;
      gateway.terminal.print(`\x1b]52;c;?\x07${wish('from the shell')}`);
      await page.getByText('A program wants to put this on your clipboard: from the shell').waitFor();
      await page.getByRole('button', { name: 'Refuse' }).click();
      assert.equal(await clipboard(), 'secret');
      gateway.terminal.print(wish('again'));
      await page.getByRole('button', { name: 'Allow', exact: true }).click();
      await waitFor(async () => (await clipboard()) === 'again');
      gateway.terminal.print(wish('trusted'));
      await page.getByRole('button', { name: 'Always allow' }).click();
      await waitFor(async () => (await clipboard()) === 'trusted');
      gateway.terminal.print(wish('at once'));
      await waitFor(async () => (await clipboard()) === 'at once');
      assert.equal(await page.locator('.ribbon').count(), 0);
      assert.ok(!gateway.terminal.input.includes(Buffer.from('secret').toString('base64')));
    });

    it('leaves the questions of programs to the agent', async () => {
      gateway.terminal.isEchoing = false;
      gateway.terminal.print('\x1b[c\x1b[>c\x1b[6n\x1b[?6n\x1b[?25$p\x1bP$qm\x1b\\\x1b]10;?\x07\x1b]4;1;?\x07asked');
      await waitForText(page, 'asked');
      await page.keyboard.type('x');
      await waitFor(() => gateway.terminal.input !== '');
      assert.equal(gateway.terminal.input, 'x');
    });

    it('shows 24-bit colours under a policy without inline styles', async () => {
      gateway.terminal.print('\x1b[38;2;255;120;60mwarm\x1b[0m');
      await waitForText(page, 'warm');
      // The screen is painted a frame after its text is known.
      await page.locator('.xterm-rows span', { hasText: 'warm' }).waitFor();
      const colour = await page.evaluate<string>(
        'getComputedStyle([...document.querySelectorAll(".xterm-rows span")].find((span) => span.textContent.includes("warm"))).color',
      );
      const ground = await page.evaluate<string>('getComputedStyle(document.querySelector(".xterm-rows")).color');
      assert.notEqual(colour, ground);
    });

    it('opens a new shell when the old one has ended', async () => {
      gateway.terminal.print('bye');
      gateway.terminal.tell({ type: 'exit', code: 2 });
      gateway.terminal.close(4000);
      await page.getByText('The shell has ended with exit code 2.').waitFor();
      await page.keyboard.type('lost');
      await page.getByRole('button', { name: 'Open a new shell' }).click();
      await isConnected(page);
      await page.keyboard.type('x');
      await waitFor(() => gateway.terminal.input === 'x');
    });

    it('says why a socket is refused and connects again when asked', async () => {
      gateway.socketRefusal = 4007;
      gateway.terminal.cut();
      await page.getByText('This session has no room for another terminal.').waitFor();
      gateway.socketRefusal = undefined;
      await page.getByRole('button', { name: 'Connect again' }).click();
      await isConnected(page);
    });

    it('goes on trying where the pod does not answer, and says so', async () => {
      gateway.socketRefusal = 4008;
      gateway.terminal.cut();
      await page.getByText('Your pod does not answer.').waitFor();
      gateway.socketRefusal = undefined;
      await isConnected(page);
    });

    it('finds out that the session is gone', async () => {
      gateway.session = null;
      gateway.socketRefusal = 4004;
      gateway.terminal.cut();
      await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    });
  });

  describe('session', () => {
    it('a link to the terminal signs in and starts', async () => {
      gateway.requireSignIn = true;
      await page.goto(`${gateway.url}/terminal`);
      await page.getByRole('heading', { name: 'Starting Gardener lite' }).waitFor();
      assert.equal(gateway.created, 1);
      gateway.progress('The garden is starting.');
      await page.getByText('The garden is starting.').waitFor();
      gateway.setSession('ready');
      await isConnected(page);
    });

    it('a start that fails says why and can be tried again', async () => {
      gateway.user = visitor;
      await page.goto(gateway.url);
      await page.getByRole('button', { name: 'Start' }).click();
      gateway.setSession('failed', { failure: 'An image cannot be pulled.' });
      await page.getByText('An image cannot be pulled.').waitFor();
      gateway.newState = 'ready';
      gateway.session = null;
      await page.getByRole('button', { name: 'Try again' }).click();
      await isConnected(page);
    });

    it('a start can be cancelled', async () => {
      gateway.user = visitor;
      await page.goto(gateway.url);
      await page.getByRole('button', { name: 'Start' }).click();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('You cancelled the start.').waitFor();
      assert.equal(gateway.session, null);
    });

    it('says why a session has ended, and starts again', async () => {
      await openTerminal();
      gateway.newState = 'ready';
      gateway.endSession('The time of this session is over.');
      await page.getByText('The time of this session is over.').waitFor();
      assert.match(await page.title(), /^Session ended/);
      await page.getByRole('button', { name: 'Start again' }).click();
      await isConnected(page);
    });

    it('says that the gateway does not answer, and tries again', async () => {
      gateway.fault = { status: 503, code: 'NotReady', message: 'The playground is starting. Try again in a moment.' };
      await page.goto(gateway.url);
      await page.getByText('The playground is starting.').waitFor();
      gateway.fault = undefined;
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('button', { name: 'Sign in with GitHub' }).waitFor();
    });

    it('goes back to the welcome when the sign-in is over', async () => {
      await openTerminal();
      gateway.fault = { status: 401, code: 'Unauthorized', message: 'You are not signed in.' };
      gateway.terminal.close(4002);
      await page.getByRole('button', { name: 'Sign in with GitHub' }).waitFor();
    });
  });

  describe('keyboard', () => {
    it('ends a session without a mouse', async () => {
      await openTerminal();
      await page.keyboard.press('Control+Shift+Space');
      await page.getByRole('menuitem', { name: 'End session…' }).waitFor();
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'End this session?' }).waitFor();
      assert.equal(await page.evaluate('document.activeElement.textContent'), 'Keep it');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByText('You ended this session.').waitFor();
    });

    it('gives the focus back to the terminal when a dialog or the menu closes', async () => {
      await openTerminal();
      await page.keyboard.press('Control+Shift+Space');
      await page.getByRole('menuitem', { name: 'Keyboard' }).press('Enter');
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.type('typed');
      await waitForText(page, 'typed');
      await page.keyboard.press('Control+Shift+Space');
      await page.keyboard.press('Escape');
      assert.equal(await page.evaluate('document.activeElement.id'), 'menu-button');
      await page.keyboard.press('Tab');
      await page.keyboard.type('!');
      await waitFor(() => gateway.terminal.input === 'typed!');
    });

    it('screen reader mode is a switch that is kept', async () => {
      await openTerminal();
      await page.keyboard.press('Control+Shift+Space');
      await page.getByRole('menuitemcheckbox', { name: 'Screen reader mode' }).click();
      gateway.terminal.print('read me');
      await page.locator('.xterm-accessibility-tree', { hasText: 'read me' }).waitFor();
      await page.reload();
      await isConnected(page);
      await page.locator('.xterm-accessibility-tree', { hasText: 'read me' }).waitFor();
    });
  });
});

describe('the page, for everybody', function () {
  it('is small: what a terminal needs, with its font, comes in less than 250 KB', async () => {
    const assets = join(await buildPage(), 'assets');
    const first = (await readdir(assets)).filter((name) => /^index-.*\.(js|css)$|-latin-wght-normal-/.test(name));
    assert.equal(first.length, 3);
    const sizes = await Promise.all(first.map(async (name) => gzipSync(await readFile(join(assets, name))).byteLength));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(total < 250_000, `${total} bytes`);
  });

  this.timeout(60_000);
  let browser: Browser;
  let folder: string;
  before(async () => {
    [browser, folder] = await Promise.all([launchBrowser(), buildPage()]);
  });
  after(() => browser?.close());

  const looks = {
    light: { colorScheme: 'light' },
    dark: { colorScheme: 'dark' },
    'on a phone': { colorScheme: 'dark', viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true },
  } as const;

  for (const [name, options] of Object.entries(looks)) {
    it(`has no accessibility fault and nothing cut off in any view, ${name}`, async () => {
      const gateway = new FakeGateway(folder);
      await gateway.listen();
      gateway.isIsolated = false;
      const { context, page } = await openPage(browser, { ...options, reducedMotion: 'reduce', bypassCSP: true });
      const check = async (view: string) => {
        assert.deepEqual(await accessibilityFaults(page), [], view);
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        assert.ok(overflow <= 0, `${view} is ${overflow} px wider than the window`);
      };
      await page.goto(gateway.url);
      await page.getByRole('button', { name: 'Sign in with GitHub' }).waitFor();
      await check('welcome');
      gateway.user = visitor;
      await page.reload();
      await page.getByRole('button', { name: 'Start' }).click();
      gateway.progress('The garden does not answer yet.', 'warning', 'Unhealthy');
      await page.getByText('The garden does not answer yet.').waitFor();
      await check('starting');
      gateway.setSession('failed', { failure: 'An image cannot be pulled.' });
      await page.getByText('An image cannot be pulled.').waitFor();
      await check('failed');
      gateway.setSession('ready');
      await isConnected(page);
      gateway.terminal.print('\x1b[32mgreen\x1b[0m on the ground');
      await waitForText(page, 'green');
      await check('workspace');
      await page.locator('#menu-button').click();
      await check('menu');
      await page.getByRole('menuitem', { name: 'Keyboard' }).click();
      await check('keyboard');
      await page.keyboard.press('Escape');
      gateway.socketRefusal = 4008;
      gateway.terminal.cut();
      await page.getByText('Your pod does not answer.').waitFor();
      await check('reconnecting');
      gateway.endSession('The time of this session is over.');
      await page.getByText('The time of this session is over.').waitFor();
      await check('ended');
      gateway.fault = { status: 503, code: 'NotReady', message: 'Try again in a moment.' };
      await page.getByRole('button', { name: 'Start again' }).click();
      await page.getByRole('heading', { name: 'That did not work' }).waitFor();
      await check('fault');
      await context.close();
      await gateway.close();
    });
  }
});
