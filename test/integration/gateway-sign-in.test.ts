// Sign-in through the real server and the real passport strategy, with the stand-in in GitHub's place.
import assert from 'node:assert/strict';
import type { Me } from '../../server/protocol/rest.ts';
import { Browser, createHarness, type Harness } from '../support/gateway-harness.ts';

describe('gateway: sign-in', () => {
  let harness: Harness;
  before(async () => (harness = await createHarness()));
  after(() => harness.dispose());

  const me = async (browser: Browser) => (await browser.ask('/api/me')).json<Me>();

  it('signs in with state and PKCE, and goes where the link asked', async () => {
    const browser = harness.browser();
    const begun = await browser.ask('/login?redirectPath=/terminal');
    assert.equal(begun.status, 302);
    const query = new URL(begun.headers.location ?? '').searchParams;
    assert.equal(query.get('code_challenge_method'), 'S256');
    assert.equal(query.get('redirect_uri'), `${harness.playground.url}/login/callback`);
    assert.ok((query.get('state') ?? '').length >= 32);
    const callback = await browser.ask(
      await browser.chooseIdentity(begun.headers.location ?? '', { login: 'vera-visitor' }),
    );
    assert.equal(callback.status, 302);
    assert.equal(callback.headers.location, '/terminal');
    const { user, signIn, isIsolated } = await me(browser);
    assert.equal(user?.login, 'vera-visitor');
    assert.equal(user?.name, 'Vera Visitor');
    assert.equal(signIn.provider, 'stand-in');
    assert.equal(isIsolated, false);
    assert.deepEqual([...browser.cookies.keys()], ['playground-visitor']);
  });

  it('sets cookies that scripts cannot read and other sites cannot send', async () => {
    const answer = await harness.browser().signIn('vera-visitor');
    const line = [answer.headers['set-cookie'] ?? []].flat().find((cookie) => cookie.startsWith('playground-visitor='));
    assert.match(line ?? '', /; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/);
  });

  it('leads /terminal through the sign-in, and straight there when one is signed in', async () => {
    const browser = harness.browser();
    const first = await browser.ask('/terminal');
    assert.equal(first.headers.location, '/login?redirectPath=%2Fterminal');
    await browser.signIn('vera-visitor');
    assert.equal((await browser.ask('/terminal')).status, 200);
    assert.equal((await browser.ask('/login?redirectPath=/terminal')).headers.location, '/terminal');
  });

  it('signs out', async () => {
    const browser = harness.browser();
    await browser.signIn('vera-visitor');
    const answer = await browser.ask('/logout', { method: 'POST', headers: { origin: browser.url } });
    assert.equal(answer.status, 204);
    assert.equal((await me(browser)).user, null);
  });

  it('lets two tabs sign in at once', async () => {
    const browser = harness.browser();
    const first = await browser.ask('/login');
    const second = await browser.ask('/login?redirectPath=/terminal');
    const answers = [];
    for (const begun of [first, second])
      answers.push(
        await browser.ask(await browser.chooseIdentity(String(begun.headers.location), { login: 'ada-admin' })),
      );
    assert.deepEqual(
      answers.map(({ status, headers }) => [status, headers.location]),
      [
        [302, '/'],
        [302, '/terminal'],
      ],
    );
  });

  it('does not pile up the cookies of sign-ins that were given up', async () => {
    const browser = harness.browser();
    for (let index = 0; index < 12; index++) await browser.ask('/login');
    assert.ok(browser.cookies.size <= 4, `${browser.cookies.size} cookies`);
    assert.equal((await browser.signIn('ada-admin')).status, 302);
  });

  it('refuses a callback without the cookie of its state, with another state, with a used or invented code', async () => {
    const browser = harness.browser();
    const begun = await browser.ask('/login');
    const callback = await browser.chooseIdentity(begun.headers.location ?? '', { login: 'ada-admin' });
    const expectExpired = async (who: Browser, target: string) => {
      const answer = await who.ask(target, { headers: { accept: 'application/json' } });
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json().error.code, 'SignInExpired');
    };
    await expectExpired(harness.browser(), callback);
    await expectExpired(browser, callback.replace(/state=[^&]+/, 'state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'));
    await expectExpired(browser, callback.replace(/&state=[^&]+/, ''));
    await expectExpired(browser, '/login/callback');
    await expectExpired(browser, '/login/callback?code=a&code=b&state=c');
    const stolen = new Browser(browser.url);
    for (const [name, value] of browser.cookies) stolen.cookies.set(name, value);
    assert.equal((await browser.ask(callback)).status, 302);
    await expectExpired(stolen, callback);
  });

  it('says so when the user declines', async () => {
    const browser = harness.browser();
    const begun = await browser.ask('/login');
    const callback = await browser.chooseIdentity(begun.headers.location ?? '', { denied: '1' });
    const answer = await browser.ask(callback, { headers: { accept: 'text/html' } });
    assert.equal(answer.status, 403);
    assert.match(answer.text, /You did not let GitHub say who you are/);
    assert.match(String(answer.headers['content-security-policy']), /default-src 'none'/);
  });

  it('takes no place but its own pages to go to', async () => {
    const bad = [
      '//example.org',
      '/\\example.org',
      'https://example.org/',
      'javascript:alert(1)',
      '/%2Fexample.org',
      '/%5Cexample.org',
      '/terminal\n/x',
      '/.//example.org',
      '/login',
      '/logout',
      '/api/me',
      'terminal',
    ];
    for (const path of bad) {
      const answer = await harness.browser().ask(`/login?redirectPath=${encodeURIComponent(path)}`, {
        headers: { accept: 'application/json' },
      });
      assert.equal(answer.status, 400, path);
      assert.equal(answer.json().error.code, 'BadRedirectPath', path);
      assert.equal(answer.headers.location, undefined, path);
    }
    const twice = await harness.browser().ask('/login?redirectPath=/terminal&redirectPath=//example.org');
    assert.equal(twice.status, 400);
  });

  it('takes no forged, foreign, truncated or old cookie', async () => {
    const browser = harness.browser();
    await browser.signIn('ada-admin');
    const sealed = browser.cookies.get('playground-visitor') ?? '';
    const [head = '', ...rest] = sealed.split('.');
    const other = await createHarness();
    const stranger = other.browser();
    await stranger.signIn('ada-admin');
    const forged: Record<string, string> = {
      truncated: sealed.slice(0, -6),
      changed: `${sealed.slice(0, -3)}AAA`,
      plain: Buffer.from('{"id":"1001"}').toString('base64url'),
      'without algorithm': [Buffer.from('{"alg":"none"}').toString('base64url'), ...rest].join('.'),
      'of another head': [Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url'), ...rest].join('.'),
      'half of it': head,
      'of another gateway': stranger.cookies.get('playground-visitor') ?? '',
      huge: 'A'.repeat(6000),
      empty: '',
    };
    await other.dispose();
    for (const [what, value] of Object.entries(forged)) {
      const thief = harness.browser();
      thief.cookies.set('playground-visitor', value);
      const answer = await thief.ask('/api/session');
      assert.equal(answer.status, 401, what);
      assert.equal(answer.json().error.code, 'Unauthorized', what);
      assert.ok(!thief.cookies.has('playground-visitor'), `${what}: the cookie is removed`);
    }
  });

  it('does not take the cookie of a sign-in that is under way for a visitor', async () => {
    const browser = harness.browser();
    await browser.ask('/login');
    const sealed = [...browser.cookies.values()][0] ?? '';
    assert.ok(sealed.length > 50);
    const thief = harness.browser();
    thief.cookies.set('playground-visitor', sealed);
    assert.equal((await thief.ask('/api/session')).status, 401);
  });

  it('never logs codes, states, tokens or cookies', () => {
    const text = JSON.stringify(harness.logs);
    assert.ok(harness.logs.some(({ event }) => event === 'sign-in'));
    assert.doesNotMatch(text, /code=|state=|gho_|playground-visitor=/);
  });
});

describe('gateway: who may come in', () => {
  const env = {
    ALLOWED_USERS: 'otto-outsider',
    ALLOWED_TEAMS: 'gardener/members',
    BLOCKED_USERS: 'ada-admin',
    MIN_ACCOUNT_AGE_DAYS: '30',
  };
  let harness: Harness;
  before(async () => (harness = await createHarness({ env })));
  after(() => harness.dispose());

  const expectRefusal = async (login: string, code: string) => {
    const browser = harness.browser();
    const begun = await browser.ask('/login');
    assert.equal(new URL(begun.headers.location ?? '').searchParams.get('scope'), 'read:org');
    const callback = await browser.chooseIdentity(begun.headers.location ?? '', { login });
    const answer = await browser.ask(callback, { headers: { accept: 'application/json' } });
    assert.equal(answer.status, 403);
    assert.equal(answer.json().error.code, code);
    assert.ok(answer.json().error.message.includes(login));
    assert.ok(!browser.cookies.has('playground-visitor'));
  };

  it('lets members of a team in, asked of GitHub', async () => {
    assert.equal((await harness.browser().signIn('vera-visitor')).status, 302);
  });
  it('lets a user in who is listed by name', async () => {
    assert.equal((await harness.browser().signIn('otto-outsider')).status, 302);
  });
  it('refuses who is blocked, whatever else holds', () => expectRefusal('ada-admin', 'Blocked'));
  it('refuses who belongs to nothing that is listed', () => expectRefusal('nina-newcomer', 'NotInvited'));
});

describe('gateway: sign-in over https', () => {
  it('uses cookies that only https may set and send', async () => {
    const harness = await createHarness({
      env: { PUBLIC_URL: 'https://playground.example.org', TRUSTED_PROXIES: '1' },
    });
    try {
      const answer = await harness.browser().ask('/login');
      const [line = ''] = [answer.headers['set-cookie'] ?? []].flat();
      assert.match(line, /^__Host-playground-sign-in-[^;]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/);
      const query = new URL(answer.headers.location ?? '').searchParams;
      assert.equal(query.get('redirect_uri'), 'https://playground.example.org/login/callback');
      assert.match(answer.headers['strict-transport-security'] ?? '', /max-age=31536000/);
    } finally {
      await harness.dispose();
    }
  });
});
