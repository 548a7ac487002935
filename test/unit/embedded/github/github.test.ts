// Tests of the GitHub stand-in, spoken to as GitHub would be.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createManualClock } from '../../../../server/common/clock.ts';
import { createGitHubStandIn, type GitHubStandIn } from '../../../../server/embedded/github/index.ts';

const callbackUrl = 'http://127.0.0.1:8080/login/callback';
const verifier = 'a-verifier-that-is-long-enough-for-the-standard-0123456789';
const challenge = createHash('sha256').update(verifier).digest('base64url');

describe('github stand-in', () => {
  const clock = createManualClock();
  let github: GitHubStandIn;
  before(async () => (github = await createGitHubStandIn({ clock, callbackUrl })));
  after(() => github.dispose());

  const query = (extra: Record<string, string> = {}) =>
    new URLSearchParams({ client_id: github.clientId, redirect_uri: callbackUrl, state: 's&t', ...extra });
  const choose = (extra: Record<string, string>) =>
    fetch(`${github.url}/login/oauth/authorize`, { method: 'POST', body: query(extra), redirect: 'manual' });
  async function codeFor(login: string, extra: Record<string, string> = {}): Promise<string> {
    const location = (await choose({ login, ...extra })).headers.get('location') ?? '';
    return new URL(location).searchParams.get('code') ?? '';
  }
  async function exchange(code: string, extra: Record<string, string> = {}, accept = 'application/json') {
    const body = new URLSearchParams({
      client_id: github.clientId,
      client_secret: github.clientSecret,
      code,
      ...extra,
    });
    const answer = await fetch(`${github.url}/login/oauth/access_token`, { method: 'POST', headers: { accept }, body });
    return answer.text();
  }
  async function tokenFor(login: string, scope: string): Promise<string> {
    return (JSON.parse(await exchange(await codeFor(login, { scope }))) as { access_token: string }).access_token;
  }
  const api = (path: string, token: string) =>
    fetch(github.url + path, { headers: { authorization: `Bearer ${token}` } });

  it('shows people to choose from, under a policy that lets nothing else in', async () => {
    const answer = await fetch(`${github.url}/login/oauth/authorize?${query()}`);
    const page = await answer.text();
    for (const { login } of github.identities) assert.ok(page.includes(login), login);
    assert.equal(page.match(/autofocus/g)?.length, 1);
    const policy = answer.headers.get('content-security-policy') ?? '';
    assert.match(
      policy,
      /^default-src 'none'; style-src 'sha256-[^']+'; img-src 'self'; form-action 'self' http:\/\/127\.0\.0\.1:8080;/,
    );
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    assert.ok(policy.includes(createHash('sha256').update(style).digest('base64')));
  });

  it('escapes what the request brings', async () => {
    const answer = await fetch(`${github.url}/login/oauth/authorize?${query({ state: '"><script>x</script>' })}`);
    assert.doesNotMatch(await answer.text(), /<script/);
  });

  it('goes back with code and state, or with a refusal', async () => {
    const chosen = await choose({ login: 'ada-admin' });
    assert.equal(chosen.status, 302);
    const back = new URL(chosen.headers.get('location') ?? '');
    assert.equal(back.origin + back.pathname, callbackUrl);
    assert.equal(back.searchParams.get('state'), 's&t');
    const denied = new URL((await choose({ denied: '1' })).headers.get('location') ?? '');
    assert.equal(denied.searchParams.get('error'), 'access_denied');
    assert.equal(denied.searchParams.get('state'), 's&t');
  });

  it('never goes to an address that is not registered, nor serves another client', async () => {
    for (const extra of [
      { redirect_uri: 'http://example.org/' },
      { client_id: 'other' },
      { code_challenge_method: 'plain' },
    ] as Record<string, string>[]) {
      const answer = await choose({ login: 'ada-admin', ...extra });
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get('location'), null);
    }
    assert.equal((await choose({ login: 'no--login-' })).status, 400);
  });

  it('gives a token for a code, once, as JSON or as a form', async () => {
    const code = await codeFor('ada-admin');
    assert.match(await exchange(code), /^\{"access_token":"gho_\w+","scope":"","token_type":"bearer"\}$/);
    assert.equal((JSON.parse(await exchange(code)) as { error: string }).error, 'bad_verification_code');
    const form = await exchange(await codeFor('ada-admin'), {}, 'application/x-www-form-urlencoded');
    assert.match(form, /^access_token=gho_\w+&scope=&token_type=bearer$/);
  });

  it('refuses wrong secrets, addresses and codes that are too old', async () => {
    const errorOf = async (code: string, extra: Record<string, string> = {}) =>
      (JSON.parse(await exchange(code, extra)) as { error?: string }).error;
    assert.equal(await errorOf(await codeFor('ada-admin'), { client_secret: 'guess' }), 'incorrect_client_credentials');
    assert.equal(
      await errorOf(await codeFor('ada-admin'), { redirect_uri: 'http://example.org/' }),
      'bad_verification_code',
    );
    const old = await codeFor('ada-admin');
    await clock.advance(10 * 60_000 + 1);
    assert.equal(await errorOf(old), 'bad_verification_code');
    assert.equal(await errorOf(''), 'bad_verification_code');
  });

  it('checks the PKCE verifier when a challenge was sent', async () => {
    const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };
    const isToken = async (extra: Record<string, string>) =>
      /access_token/.test(await exchange(await codeFor('ada-admin', pkce), extra));
    assert.equal(await isToken({ code_verifier: verifier }), true);
    assert.equal(await isToken({ code_verifier: `${verifier}x` }), false);
    assert.equal(await isToken({}), false);
  });

  it('says who it is, and memberships to those who may ask', async () => {
    const token = await tokenFor('vera-visitor', 'read:org,user:email');
    const user = (await (await api('/user', token)).json()) as Record<string, unknown>;
    assert.deepEqual([user['id'], user['login'], user['created_at']], [1002, 'vera-visitor', '2016-09-14T10:30:00Z']);
    assert.deepEqual(await (await api('/user/orgs', token)).json(), [{ login: 'gardener' }]);
    assert.deepEqual(await (await api('/user/teams', token)).json(), [
      { slug: 'members', name: 'members', organization: { login: 'gardener' } },
    ]);
    const [email] = (await (await api('/user/emails', token)).json()) as { primary: boolean }[];
    assert.equal(email?.primary, true);
    const plain = await tokenFor('vera-visitor', '');
    assert.equal((await api('/user', plain)).status, 200);
    for (const path of ['/user/orgs', '/user/teams', '/user/emails'])
      assert.equal((await api(path, plain)).status, 403, path);
    assert.equal((await api('/user', 'gho_guess')).status, 401);
  });

  it('knows anybody by name, the same person every time', async () => {
    const idOf = async (login: string) =>
      ((await (await api('/user', await tokenFor(login, ''))).json()) as { id: number }).id;
    assert.equal(await idOf('someone-else'), await idOf('Someone-Else'));
    assert.notEqual(await idOf('someone-else'), await idOf('someone-other'));
  });

  it('paints avatars, and answers nonsense without a stack', async () => {
    const avatar = await fetch(`${github.url}/avatars/1001.svg`);
    assert.match(avatar.headers.get('content-type') ?? '', /^image\/svg\+xml/);
    assert.equal((await fetch(`${github.url}/avatars/..%2f..%2fx.svg`)).status, 404);
    const bad = await fetch(`${github.url}/login/oauth/access_token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{',
    });
    assert.equal(bad.status, 400);
    assert.doesNotMatch(await bad.text(), /at /);
  });
});
