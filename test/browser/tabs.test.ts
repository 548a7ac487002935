// Several terminals in the page: tabs, panes, names, keys, the palette; and the same in a second browser.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { panesOf } from '../../server/protocol/layout.ts';
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

const labels = (page: Page): Promise<string[]> => page.locator('[role=tab] .tab-label').allTextContents();
const activeId = (page: Page): Promise<string | null> =>
  page.evaluate<string | null>('document.activeElement.closest("[data-terminal]")?.dataset.terminal ?? null');

describe('tabs and panes', function () {
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

  const open = async (where: Page) => {
    await where.goto(`${gateway.url}/terminal`);
    await isConnected(where);
    await waitFor(async () =>
      where.evaluate<boolean>('document.activeElement?.classList.contains("xterm-helper-textarea")'),
    );
  };
  const isIn = (id: string) => waitFor(async () => (await activeId(page)) === id);
  /** The id of the terminal that came last, once the keys go to it. */
  const newest = async (count: number): Promise<string> => {
    await waitFor(() => gateway.terminals.size === count);
    const id = [...gateway.terminals.keys()].at(-1) ?? '';
    await waitFor(async () => (await activeId(page)) === id);
    return id;
  };
  const arranged = () => gateway.layout.current?.layout.tabs.map((tab) => panesOf(tab).map((pane) => pane.terminal));

  beforeEach(async () => {
    gateway = new FakeGateway(folder);
    await gateway.listen();
    gateway.user = visitor;
    gateway.setSession('ready');
    watched = await openPage(browser, { reducedMotion: 'reduce' });
    page = watched.page;
    await open(page);
  });
  afterEach(async () => {
    await watched.context.close();
    await gateway.close();
    assert.deepEqual(watched.complaints, []);
  });

  it('shows no tabs as long as there is one terminal', async () => {
    assert.equal(await page.locator('[role=tablist]').count(), 0);
  });

  it('opens, switches and closes terminals by keys, each with its own input', async () => {
    await page.keyboard.press('Control+Shift+Enter');
    const second = await newest(2);
    await page.keyboard.type('two');
    await page.keyboard.press('Control+Shift+ArrowLeft');
    await isIn('main');
    await page.keyboard.type('one');
    await page.keyboard.press('Control+Shift+Digit2');
    await isIn(second);
    await page.keyboard.type('!');
    await waitFor(() => gateway.terminalOf(second).input === 'two!' && gateway.terminal.input === 'one');
    assert.equal(await waitForText(page, 'two!'), 'two!', 'window.term is the terminal in front');
    await page.keyboard.press('Control+Shift+X');
    await isIn('main');
    await waitFor(() => !gateway.terminals.has(second));
    assert.equal(await page.locator('[role=tab]').count(), 0);
  });

  it('splits to the right and below, and goes to the pane on that side', async () => {
    await page.keyboard.press('Control+Shift+E');
    const right = await newest(2);
    await page.keyboard.press('Control+Shift+O');
    const below = await newest(3);
    const boxes = await Promise.all(['main', right, below].map((id) => page.locator(`#pane-${id}`).boundingBox()));
    const [left, top, bottom] = boxes.map((box) => box ?? assert.fail('a pane is not there'));
    assert.ok(left && top && bottom);
    assert.ok(Math.abs(left.x + left.width - top.x) < 2 && Math.abs(top.x - bottom.x) < 1);
    assert.ok(Math.abs(top.y + top.height - bottom.y) < 2 && bottom.y + bottom.height <= 801);
    for (const [key, id] of [
      ['ArrowUp', right],
      ['ArrowLeft', 'main'],
      ['ArrowRight', right],
      ['ArrowDown', below],
    ] as const) {
      await page.keyboard.press(`Control+Shift+${key}`);
      await isIn(id);
    }
    await page.locator(`#pane-main`).click();
    await isIn('main');
    // The agent is told the size of each pane, not of the window.
    const columns = ['main', right].map((id) => gateway.terminalOf(id).size.columns);
    assert.ok(
      columns.every((count) => count > 60 && count < 80),
      String(columns),
    );
  });

  it('moves the line between panes by mouse and by keys', async () => {
    await page.keyboard.press('Control+Shift+E');
    const right = await newest(2);
    const width = async () => (await page.locator('#pane-main').boundingBox())?.width ?? 0;
    const before = gateway.terminalOf(right).size.columns;
    const box = await page.locator('.divider').boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(320, box.y + 200, { steps: 4 });
    await page.mouse.up();
    await waitFor(async () => Math.abs((await width()) - 320) < 2);
    await waitFor(() => gateway.terminalOf(right).size.columns > before);
    await page.keyboard.press('Control+Shift+G');
    await page.keyboard.press('ArrowRight');
    await waitFor(async () => Math.abs((await width()) - 384) < 2);
    await page.keyboard.press('Home');
    await waitFor(async () => Math.abs((await width()) - 128) < 2);
    await page.keyboard.press('Escape');
    await isIn(right);
    const [tab] = gateway.layout.current?.layout.tabs ?? [];
    assert.ok(tab && 'share' in tab && tab.share === 0.1);
  });

  it('names a terminal, or calls it what its program says', async () => {
    await page.keyboard.press('Control+Shift+Enter');
    const second = await newest(2);
    gateway.terminalOf(second).print('\x1b]0;less README\x07');
    await waitFor(async () => (await labels(page)).join() === 'Terminal 1,less README');
    await page.keyboard.press('Control+Shift+L');
    await page.getByRole('dialog', { name: 'Name this terminal' }).waitFor();
    await page.keyboard.type('logs');
    await page.keyboard.press('Enter');
    await waitFor(async () => (await labels(page)).join() === 'Terminal 1,logs');
    await isIn(second);
    await page.locator('[role=tab]').first().dblclick();
    await page.getByLabel('Name', { exact: true }).fill('first');
    await page.getByRole('button', { name: 'Name it' }).click();
    await waitFor(async () => (await labels(page)).join() === 'first,logs');
  });

  it('moves tabs by dragging and by keys', async () => {
    for (let count = 2; count <= 3; count++) {
      await page.keyboard.press('Control+Shift+Enter');
      await newest(count);
    }
    const [, second = '', third = ''] = [...gateway.terminals.keys()];
    await page
      .locator('[role=tab]')
      .nth(2)
      .dragTo(page.locator('[role=tab]').first(), { targetPosition: { x: 5, y: 20 } });
    await waitFor(() => arranged()?.join() === [third, 'main', second].join());
    await page.locator('[role=tab]').nth(1).click();
    await page.keyboard.press('Alt+Shift+ArrowRight');
    await waitFor(() => arranged()?.join() === [third, second, 'main'].join());
    await page.locator('[role=tab]').nth(2).focus();
    await page.keyboard.press('Alt+Shift+ArrowLeft');
    await waitFor(() => arranged()?.join() === [third, 'main', second].join());
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await isIn(third);
  });

  it('is there again after a reload, with the same terminal in front', async () => {
    await page.keyboard.press('Control+Shift+E');
    const right = await newest(2);
    await page.keyboard.press('Control+Shift+Enter');
    await newest(3);
    await page.keyboard.press('Control+Shift+ArrowLeft');
    await isIn(right);
    const before = gateway.layout.current?.revision;
    gateway.terminalOf(right).print('kept');
    await open(page);
    await isIn(right);
    assert.equal(await waitForText(page, 'kept'), 'kept');
    assert.equal(await page.locator('[role=tab]').count(), 2);
    assert.equal(await page.locator('.pane:visible').count(), 2);
    assert.equal(gateway.layout.current?.revision, before, 'looking changes nothing');
  });

  it('is the same in a second browser, also what is arranged later', async () => {
    await page.keyboard.press('Control+Shift+Enter');
    const second = await newest(2);
    gateway.terminalOf(second).title = 'top';
    const other = await openPage(browser);
    await open(other.page);
    assert.deepEqual(await labels(other.page), ['Terminal 1', 'top']);
    await page.keyboard.press('Control+Shift+E');
    await newest(3);
    await page.keyboard.press('Control+Shift+L');
    await page.keyboard.type('mine');
    await page.keyboard.press('Enter');
    await waitFor(async () => (await other.page.locator('.tab-count').count()) === 1);
    await other.page.locator('[role=tab]').nth(1).click();
    await other.page.locator('.pane:visible').nth(1).waitFor();
    await other.page.locator('.pane:visible').nth(1).click();
    await waitFor(async () => (await labels(other.page))[1] === 'mine');
    await other.page.keyboard.press('Control+Shift+X');
    await waitFor(async () => (await page.locator('.pane:visible').count()) === 1);
    assert.deepEqual(other.complaints, []);
    await other.context.close();
  });

  it('takes the pane of a shell that was left away, and keeps the last one', async () => {
    await page.keyboard.press('Control+Shift+E');
    const right = await newest(2);
    gateway.terminalOf(right).tell({ type: 'exit', code: 1 });
    gateway.terminalOf(right).close(4000);
    await isIn('main');
    assert.deepEqual(arranged(), [['main']]);
    gateway.terminal.tell({ type: 'exit', code: 0 });
    gateway.terminal.close(4000);
    await page.getByRole('button', { name: 'Open a new shell' }).waitFor();
  });

  it('has room for eight terminals and offers no ninth', async () => {
    for (let count = 2; count <= 8; count++) {
      await page.keyboard.press('Control+Shift+Enter');
      await newest(count);
    }
    await page.keyboard.press('Control+Shift+Enter');
    assert.equal(await page.getByRole('button', { name: 'New terminal' }).isDisabled(), true);
    await page.keyboard.press('Control+Shift+K');
    await page.keyboard.type('new terminal');
    await page.getByText('There is no command with these words.').waitFor();
    assert.equal(arranged()?.length, 8);
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    assert.ok(overflow <= 0);
  });

  it('runs commands from the palette, and Escape leads back to the terminal', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find a command' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.type('x');
    await waitFor(() => gateway.terminal.input === 'x');
    await page.keyboard.press('Control+Shift+K');
    await page.keyboard.type('right spl');
    await page.keyboard.press('Enter');
    await newest(2);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('go to term');
    await page.keyboard.press('Enter');
    await isIn('main');
  });

  it('hands Ctrl-K to the shell when it is pressed twice, and at once to a program that has the screen', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.press('Control+k');
    await waitFor(() => gateway.terminal.input === '\x0b');
    gateway.terminal.print('\x1b[?1049hnano');
    await waitForText(page, 'nano');
    await page.keyboard.press('Control+k');
    await waitFor(() => gateway.terminal.input === '\x0b\x0b');
    assert.equal(await page.getByRole('dialog').count(), 0);
  });
});

describe('tabs and panes, for everybody', function () {
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
    phone: { colorScheme: 'dark', viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true },
  } as const;
  for (const [name, options] of Object.entries(looks)) {
    it(`has no accessibility fault and nothing cut off, ${name}`, async () => {
      const gateway = new FakeGateway(folder);
      await gateway.listen();
      gateway.user = visitor;
      gateway.setSession('ready');
      const { context, page } = await openPage(browser, { ...options, reducedMotion: 'reduce', bypassCSP: true });
      const check = async (view: string) => {
        await screenshot(page, `tabs-${view}-${name}`);
        assert.deepEqual(await accessibilityFaults(page), [], view);
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        assert.ok(overflow <= 0, `${view} is ${overflow} px wider than the window`);
      };
      await page.goto(`${gateway.url}/terminal`);
      await isConnected(page);
      for (const [count, keys] of [
        [2, 'Control+Shift+Enter'],
        [3, 'Control+Shift+E'],
        [4, 'Control+Shift+O'],
      ] as const) {
        await waitFor(async () =>
          page.evaluate<boolean>('document.activeElement?.classList.contains("xterm-helper-textarea")'),
        );
        await page.keyboard.press(keys);
        await waitFor(() => gateway.terminals.size === count);
      }
      await page.locator('[data-connection="live"]').nth(2).waitFor();
      await check('panes');
      await page.keyboard.press('Control+Shift+K');
      await page.getByRole('combobox').waitFor();
      await check('palette');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+Shift+L');
      await page.getByRole('dialog').waitFor();
      await check('name');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+Shift+H');
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
      await check('keyboard');
      await context.close();
      await gateway.close();
    });
  }
});
