// The gateway as it stands on a cluster: behind a proxy that ends TLS, below a path of a shared host, with a GitHub of its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSystemClock } from '../../server/common/clock.ts';
import { createGitHubStandIn, type GitHubStandIn } from '../../server/embedded/github/index.ts';
import { closeReasons } from '../../server/protocol/close-codes.ts';
import type { Session } from '../../server/protocol/rest.ts';
import { Browser, createHarness, type Harness } from '../support/gateway-harness.ts';
import { openEvents } from '../support/event-reader.ts';
import { createTlsProxy, type TlsProxy } from '../support/tls-proxy.ts';

const base = '/shared/playground';

describe('gateway: behind an ingress, below a path', () => {
  let proxy: TlsProxy;
  let github: GitHubStandIn;
  let harness: Harness;
  const open = () => new Browser(proxy.url + base, proxy.ca);

  before(async () => {
    proxy = await createTlsProxy();
    const callbackUrl = `${proxy.url}${base}/login/callback`;
    github = await createGitHubStandIn({ clock: createSystemClock(), callbackUrl });
    harness = await createHarness({
      env: {
        PUBLIC_URL: proxy.url + base,
        TRUSTED_PROXIES: '1',
        GITHUB_CLIENT_ID: github.clientId,
        GITHUB_CLIENT_SECRET: github.clientSecret,
        GITHUB_URL: github.url,
        ALLOWED_TEAMS: 'gardener/members',
      },
    });
    proxy.target = harness.playground.ownUrl;
  });
  after(async () => {
    await harness?.dispose();
    await github?.dispose();
    await proxy?.dispose();
  });

  it('signs in with a GitHub Enterprise Server, whose API has a path, and comes back below its own', async () => {
    const browser = open();
    const begun = await browser.ask(`${base}/login?redirectPath=/terminal`);
    const toGitHub = new URL(begun.headers.location ?? '');
    assert.equal(toGitHub.origin, github.url);
    assert.equal(toGitHub.searchParams.get('redirect_uri'), `${proxy.url}${base}/login/callback`);
    const callback = await browser.chooseIdentity(toGitHub.href, { login: 'vera-visitor' });
    assert.ok(callback.startsWith(`${base}/login/callback?`), callback);
    const answer = await browser.ask(callback);
    assert.deepEqual([answer.status, answer.headers.location], [302, `${base}/terminal`]);
  });

  it('sets cookies that go to nobody else on the host, and over https alone', async () => {
    const browser = open();
    const begun = await browser.ask(`${base}/login`);
    const [state = ''] = [begun.headers['set-cookie'] ?? []].flat();
    assert.match(
      state,
      /^__Secure-playground-sign-in-[^;]+; Path=\/shared\/playground; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
    );
    const done = await browser.ask(
      await browser.chooseIdentity(String(begun.headers.location), { login: 'vera-visitor' }),
    );
    const visitor = [done.headers['set-cookie'] ?? []].flat().find((line) => line.includes('playground-visitor'));
    assert.match(visitor ?? '', /^__Secure-playground-visitor=[^;]+; Path=\/shared\/playground; .*; Secure$/);
    assert.equal((await browser.post(`${base}/logout`, {})).status, 204);
    assert.equal(browser.cookies.size, 0);
  });

  it('leads everywhere below its path, and takes addresses with it or without', async () => {
    const ask = async (target: string) => {
      const { status, headers } = await open().ask(target);
      return [status, headers.location];
    };
    assert.deepEqual(await ask(`${base}/terminal`), [302, `${base}/login?redirectPath=%2Fterminal`]);
    const browser = open();
    await browser.signIn('vera-visitor');
    for (const path of ['/terminal', `${base}/terminal`]) {
      const answer = await browser.ask(`${base}/login?redirectPath=${encodeURIComponent(path)}`);
      assert.equal(answer.headers.location, `${base}/terminal`, path);
    }
    for (const path of [`${base}//example.org`, `${base}/login`, `${base}/../../x/..//example.org`]) {
      const answer = await browser.ask(`${base}/login?redirectPath=${encodeURIComponent(path)}`, {
        headers: { accept: 'application/json' },
      });
      assert.deepEqual([answer.status, answer.headers.location], [400, undefined], path);
    }
  });

  it('serves nothing beside its path but the probes, and says where it is', async () => {
    for (const target of ['/', '/api/me', '/login', '/shared', `${base}x`, '/assets/main-abc123.js'])
      assert.equal((await open().ask(target)).status, 404, target);
    const lost = await open().ask('/', { headers: { accept: 'text/html' } });
    assert.ok(lost.text.includes(`href="${base}/"`), lost.text);
    for (const target of ['/healthz', '/readyz', `${base}/healthz`, `${base}/readyz`])
      assert.equal((await open().ask(target)).status, 200, target);
  });

  it('serves the page with links below its path, with and without the last slash, under the same policy', async () => {
    for (const target of [base, `${base}/`]) {
      const { status, text, headers } = await open().ask(target);
      assert.equal(status, 200);
      assert.ok(text.includes(`src="${base}/assets/main-abc123.js"`), text);
      assert.match(String(headers['content-security-policy']), /script-src 'self';/);
      assert.doesNotMatch(String(headers['content-security-policy']), /unsafe/);
      assert.match(String(headers['strict-transport-security']), /max-age=31536000/);
    }
    const asset = await open().ask(`${base}/assets/main-abc123.js`);
    assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
  });

  it('answers the API, streams events and splices terminals through the proxy', async () => {
    const browser = open();
    await browser.signIn('ada-admin');
    assert.equal((await browser.ask(`${base}/api/me`)).json<{ user: { login: string } }>().user.login, 'ada-admin');
    assert.equal((await browser.post(`${base}/api/session`, { environment: 'lite' })).status, 200);
    const events = await openEvents(browser.url, { cookie: browser.cookieHeader }, browser.ca);
    await events.wait('progress');
    harness.makeReady('ada-admin');
    await events.wait<Session>('session', ({ state }) => state === 'ready');
    const socket = browser.socket('main');
    await once(socket, 'open');
    socket.send('echo');
    const [data] = (await once(socket, 'message')) as [Buffer];
    assert.equal(data.toString(), 'echo');
    socket.terminate();
    events.close();
  });

  it('tells a socket of nobody why, and refuses one of another origin or beside the path', async () => {
    const [code] = (await once(open().socket('main'), 'close')) as [number];
    assert.equal(code, closeReasons.unauthorized.code);
    const foreign = open().socket('main', { origin: 'https://example.org' });
    foreign.on('error', () => undefined);
    const [, answer] = (await once(foreign, 'unexpected-response')) as [unknown, { statusCode: number }];
    assert.equal(answer.statusCode, 403);
    const beside = new Browser(proxy.url, proxy.ca).socket('main');
    beside.on('error', () => undefined);
    const [, notThere] = (await once(beside, 'unexpected-response')) as [unknown, { statusCode: number }];
    assert.equal(notThere.statusCode, 404);
  });
});
