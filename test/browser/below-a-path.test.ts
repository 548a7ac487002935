// The playground below a path of a host that it shares, behind a proxy that ends TLS: sign in, start, type, reload, end.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { isConnected, launchBrowser, openPage, waitForText } from '../support/browser.ts';
import { openEmbeddedCluster, startGateway, type OpenedCluster } from '../support/embedded-playground.ts';
import type { Playground } from '../../server/playground.ts';
import { createTlsProxy, type TlsProxy } from '../support/tls-proxy.ts';

const base = '/shared/playground';

describe('below a path', function () {
  this.timeout(90_000);
  let browser: Browser;
  let cluster: OpenedCluster;
  let proxy: TlsProxy;
  let playground: Playground;

  before(async () => {
    [browser, cluster, proxy] = await Promise.all([launchBrowser(), openEmbeddedCluster(), createTlsProxy()]);
    playground = await startGateway(cluster.client, { PUBLIC_URL: proxy.url + base, TRUSTED_PROXIES: '1' });
    proxy.target = playground.ownUrl;
    await playground.ready;
  });
  after(async () => {
    await browser?.close();
    await playground?.dispose();
    await cluster?.dispose();
    await proxy?.dispose();
  });

  it('signs in, starts, types, and is the same after a reload', async () => {
    const { context, page, complaints } = await openPage(browser, { ignoreHTTPSErrors: true });
    const beside: string[] = [];
    page.on('request', (request) => {
      if (request.url().startsWith(proxy.url) && !request.url().startsWith(proxy.url + base))
        beside.push(request.url());
    });
    const path = () => new URL(page.url()).pathname;

    await page.goto(proxy.url + base);
    await page.locator('.button.primary.large').click();
    await page.getByRole('button', { name: 'vera-visitor' }).click();
    await page.getByRole('button', { name: 'Start' }).click();
    await isConnected(page);
    assert.equal(path(), `${base}/terminal`);
    await waitForText(page, /[$#]\s*$/);
    await page.keyboard.type('echo "below $((6*7))"\n');
    await waitForText(page, 'below 42');

    await page.reload();
    await isConnected(page);
    await waitForText(page, 'below 42');
    await page.goto(`${proxy.url}${base}/`);
    await page.getByRole('button', { name: 'Back to your session' }).click();
    await isConnected(page);
    assert.equal(path(), `${base}/terminal`);
    await page.goBack();
    await page.getByRole('button', { name: 'Back to your session' }).waitFor();

    const cookies = await context.cookies(proxy.url + base);
    assert.deepEqual(
      cookies.map(({ name, path: of, secure, httpOnly }) => [name, of, secure, httpOnly]),
      [['__Secure-playground-visitor', base, true, true]],
    );
    assert.deepEqual(await context.cookies(`${proxy.url}/other`), [], 'nobody else on the host is sent them');
    assert.deepEqual(beside, [], 'nothing is asked beside the path');
    assert.deepEqual(complaints, []);
    await context.close();
  });

  it('the link to the terminal leads through the sign-in and back to it', async () => {
    const { context, page } = await openPage(browser, { ignoreHTTPSErrors: true });
    await page.goto(`${proxy.url}${base}/terminal`);
    await page.getByRole('button', { name: 'otto-outsider' }).click();
    await isConnected(page);
    assert.equal(new URL(page.url()).pathname, `${base}/terminal`);
    await context.close();
  });
});
