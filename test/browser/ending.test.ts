// The end of a session in the page: the warning, staying, other tabs, the keyboard, and why it ended.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import type { SessionEnd } from '../../server/protocol/rest.ts';
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

const minute = 60_000;
const isTerminalFocused = 'document.activeElement?.classList.contains("xterm-helper-textarea")';

describe('the end of a session in the page', function () {
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

  const endIn = (ms: number, cause: SessionEnd['cause'] = 'life') =>
    gateway.setSession('ready', {
      end: { at: new Date(Date.now() + gateway.aheadMs + ms).toISOString(), cause, canStay: cause !== 'cap' },
    });
  const open = async (ms: number, cause: SessionEnd['cause'] = 'life', on: Page = page) => {
    gateway.user = visitor;
    endIn(ms, cause);
    await on.goto(`${gateway.url}/terminal`);
    await isConnected(on);
    await waitFor(() => on.evaluate(isTerminalFocused));
  };
  const warning = (on: Page = page) => on.locator('.ending .ribbon');
  const stayButton = (on: Page = page) => on.getByRole('button', { name: 'Stay', exact: true });

  it('is told five minutes before, without taking the focus, and stay makes it go in every tab', async () => {
    await open(4.5 * minute);
    await warning().waitFor();
    assert.match(await warning().innerText(), /over in less than five minutes\. You can stay\.\s*4:\d\d/);
    await page.keyboard.type('goes on');
    await waitForText(page, 'goes on');
    assert.equal(await page.getByTitle(/^Ends at .*, unless you stay$/).innerText(), '4 min left');
    await screenshot(page, 'ending-soon');
    const second = await watched.context.newPage();
    await open(4.5 * minute, 'life', second);
    await warning(second).waitFor();
    await stayButton().click();
    await Promise.all([page, second].map((one) => warning(one).waitFor({ state: 'detached' })));
    assert.equal(await page.evaluate(isTerminalFocused), true);
    assert.equal(gateway.terminal.input, 'goes on');
    await page.getByText('59 min').waitFor();
  });

  it('is told again one minute before, to whoever sent the first warning away', async () => {
    await page.clock.install();
    await open(4.5 * minute);
    await page.getByRole('button', { name: 'Not now' }).click();
    await warning().waitFor({ state: 'detached' });
    gateway.setSession('ready', { end: gateway.session?.end });
    await page.clock.runFor(10_000);
    assert.equal(await warning().count(), 0, 'the same warning does not come back');
    await page.clock.fastForward(3.5 * minute);
    await warning().waitFor();
    assert.match(await page.getByRole('alert').innerText(), /less than a minute/);
    await screenshot(page, 'ending-now');
    assert.equal(await page.evaluate(isTerminalFocused), true);
  });

  it('that nothing puts off is told plainly, with no button that does nothing', async () => {
    await open(4 * minute, 'cap');
    await warning().waitFor();
    assert.match(await warning().innerText(), /It has lived as long as a session may, and cannot be extended/);
    assert.equal(await stayButton().count(), 0);
    await page.keyboard.press('Control+Shift+Space');
    await page.getByRole('menuitem', { name: 'Keyboard' }).waitFor();
    assert.equal(await page.getByRole('menuitem', { name: 'Stay longer' }).count(), 0);
    await page.keyboard.press('Escape');
    await screenshot(page, 'ending-cap');
    await page.getByRole('button', { name: 'Understood' }).click();
    await warning().waitFor({ state: 'detached' });
  });

  it('for want of input is off with the first key', async () => {
    await open(4 * minute, 'idle');
    await warning().waitFor();
    assert.match(await warning().innerText(), /Nobody has typed here for a while/);
    await screenshot(page, 'ending-idle');
    await page.keyboard.type('x');
    await warning().waitFor({ state: 'detached' });
    await waitFor(() => gateway.terminal.input === 'x');
  });

  it('can be put off by keys alone, also before any warning', async () => {
    await open(30 * minute);
    await page.keyboard.press('Control+Shift+Space');
    await page.keyboard.press('Enter');
    await page.getByText('59 min').waitFor();
    await page.getByText('You stay. This session ends at').waitFor({ state: 'attached' });
    assert.equal(await page.evaluate(isTerminalFocused), true);
    assert.equal(gateway.terminal.input, '');
  });

  it('says why it could not be put off, and that it was when it is tried again', async () => {
    await open(50_000);
    gateway.stayFault = {
      status: 503,
      code: 'ClusterUnreachable',
      message: 'The cluster does not answer at the moment.',
    };
    await stayButton().click();
    await page.getByText('The cluster does not answer at the moment.').waitFor();
    await screenshot(page, 'ending-fault');
    assert.equal(await warning().count(), 1);
    gateway.stayFault = undefined;
    await stayButton().click();
    await warning().waitFor({ state: 'detached' });
  });

  it('gives the focus back to the terminal when another tab stays meanwhile', async () => {
    await open(4 * minute);
    await stayButton().focus();
    endIn(60 * minute);
    await warning().waitFor({ state: 'detached' });
    await waitFor(() => page.evaluate(isTerminalFocused));
  });

  it('goes by the clock of the gateway', async () => {
    gateway.aheadMs = 120 * minute;
    await open(4.5 * minute);
    await warning().waitFor();
    assert.match(await warning().innerText(), /4:\d\d/);
  });

  const watchNotifications = (permission: NotificationPermission) =>
    page.addInitScript(`{
      window.shown = [];
      window.asked = 0;
      Object.defineProperty(document, 'hidden', { get: () => true });
      window.Notification = class {
        static permission = ${JSON.stringify(permission)};
        static requestPermission() { window.asked++; }
        constructor(title, options) { window.shown.push({ title, ...options }); }
      };
    }`);

  it('is told on the desktop where that is allowed already, without a sound', async () => {
    await watchNotifications('granted');
    await open(4 * minute);
    await warning().waitFor();
    const shown = await page.evaluate<{ body: string; silent: boolean }[]>('window.shown');
    assert.deepEqual(
      shown.map(({ body, silent }) => [body, silent]),
      [['The time of this session is over in less than five minutes. You can stay.', true]],
    );
  });

  it('asks nobody whether it may do that', async () => {
    await watchNotifications('default');
    await open(4 * minute);
    await warning().waitFor();
    assert.deepEqual(await page.evaluate('[window.shown.length, window.asked]'), [0, 0]);
  });

  it('says why when it has come', async () => {
    await open(50_000, 'idle');
    gateway.endSession('This session ended because nobody typed anything for 30 minutes.');
    await page.getByText('nobody typed anything for 30 minutes').waitFor();
    await screenshot(page, 'ended-idle');
    await page.getByRole('button', { name: 'Start again' }).waitFor();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no accessibility fault and fits a phone, ${colorScheme}`, async () => {
      const phone = await openPage(browser, {
        colorScheme,
        bypassCSP: true,
        viewport: { width: 360, height: 640 },
      });
      for (const [ms, cause] of [
        [4 * minute, 'idle'],
        [50_000, 'life'],
        [50_000, 'cap'],
      ] as const) {
        await open(ms, cause, phone.page);
        await warning(phone.page).waitFor();
        assert.deepEqual(await accessibilityFaults(phone.page), [], cause);
        const box = await warning(phone.page).boundingBox();
        assert.ok(box && box.x >= 0 && box.x + box.width <= 360 && box.y >= 46, JSON.stringify(box));
        await screenshot(phone.page, `ending-phone-${cause}-${colorScheme}`);
      }
      await phone.context.close();
    });
  }
});
