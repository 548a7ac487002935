// What every request passes: headers, origins, hosts, unknown routes and methods, limits, health, metrics, the page.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect } from 'node:net';
import { StartError } from '../../server/common/errors.ts';
import { createHarness, type Browser, type Harness } from '../support/gateway-harness.ts';
import { until } from '../support/until.ts';

describe('gateway: edges', () => {
  let harness: Harness;
  let browser: Browser;
  before(async () => {
    harness = await createHarness();
    browser = harness.browser();
    await browser.signIn('vera-visitor');
  });
  after(() => harness.dispose());

  it('answers unknown routes: JSON for programs, a page for people', async () => {
    const program = await browser.ask('/api/nothing', { headers: { accept: 'text/html' } });
    assert.deepEqual([program.status, program.json().error.code], [404, 'NotFound']);
    assert.equal(program.json().error.requestId, program.headers['x-request-id']);
    const person = await browser.ask('/nothing', { headers: { accept: 'text/html,*/*' } });
    assert.equal(person.status, 404);
    assert.match(person.text, /There is no such page/);
    for (const path of [
      '/../../etc/passwd',
      '/assets/../../secret',
      '/assets/%2e%2e/%2e%2e/secret',
      '/.git/config',
      '/%',
    ])
      assert.ok([400, 404].includes((await browser.ask(path)).status), path);
  });

  it('answers methods that nobody takes', async () => {
    for (const method of ['PUT', 'PATCH', 'TRACE']) {
      const answer = await browser.ask('/api/session', { method, headers: { origin: browser.url } });
      assert.deepEqual([answer.status, answer.json().error.code], [405, 'BadMethod'], method);
    }
    assert.equal((await browser.post('/api/me', {})).status, 404);
  });

  it('refuses what other sites send, by Origin or Sec-Fetch-Site', async () => {
    const send = async (headers: Record<string, string>) =>
      (await browser.ask('/api/session', { method: 'DELETE', headers })).status;
    assert.equal(await send({ origin: 'https://example.org' }), 403);
    assert.equal(await send({ origin: 'null' }), 403);
    assert.equal(await send({ origin: browser.url, 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await send({ 'sec-fetch-site': 'same-site' }), 403);
    assert.equal(await send({ origin: browser.url, 'sec-fetch-site': 'same-origin' }), 404);
    const login = await browser.ask('/logout', { method: 'POST', headers: { origin: 'https://example.org' } });
    assert.equal(login.status, 403);
    assert.ok(browser.cookies.has('playground-visitor'));
  });

  it('has one name on loopback, and none that a foreign site may point at it', async () => {
    const { port } = new URL(browser.url);
    const moved = await browser.ask('/terminal?x=1', { headers: { host: `localhost:${port}` } });
    assert.deepEqual([moved.status, moved.headers.location], [307, `${browser.url}/terminal?x=1`]);
    for (const host of ['example.org', `example.org:${port}`, 'localhost:1', 'a b'])
      assert.ok([400, 421].includes((await browser.ask('/api/me', { headers: { host } })).status), host);
  });

  it('sends strict headers', async () => {
    const { headers } = await browser.ask('/');
    const policy = headers['content-security-policy'] ?? '';
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ])
      assert.ok(String(policy).split(';').includes(part), part);
    assert.doesNotMatch(String(policy), /unsafe/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['x-powered-by'], undefined);
    assert.equal(headers['cache-control'], 'no-store');
  });

  it('serves the page at its views, and its files for ever', async () => {
    const page = await browser.ask('/');
    assert.match(page.text, /<title>page<\/title>/);
    assert.match(page.headers['content-type'] ?? '', /^text\/html/);
    const asset = await browser.ask('/assets/main-abc123.js');
    assert.equal(asset.status, 200);
    assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal((await browser.ask('/assets/none.js')).status, 404);
  });

  it('answers the API without caching', async () => {
    for (const path of ['/api/me', '/api/session', '/api/nothing'])
      assert.equal((await browser.ask(path)).headers['cache-control'], 'no-store', path);
  });

  it('is alive and ready, under whatever name a probe uses', async () => {
    const host = '10.0.0.7:8080';
    assert.equal((await browser.ask('/healthz', { headers: { host } })).text, 'ok\n');
    await harness.playground.ready;
    assert.equal((await browser.ask('/readyz', { headers: { host } })).status, 200);
  });

  it('tells metrics on a port of their own', async () => {
    assert.equal((await browser.ask('/metrics')).status, 404);
    const answer = await browser.ask(harness.playground.metricsUrl);
    assert.match(answer.headers['content-type'] ?? '', /^text\/plain/);
    assert.match(answer.text, /^playground_sign_ins_total\{result="ok"\} 1$/m);
    assert.match(
      answer.text,
      /playground_http_request_duration_seconds_count\{route="\/api\/session",method="DELETE",status="403"\}|route="other"/,
    );
    assert.doesNotMatch(answer.text, /vera-visitor/);
    assert.equal((await browser.ask(harness.playground.metricsUrl.replace('/metrics', '/'))).status, 404);
  });

  it('logs an error once, with the id that the user was told, and no stack reaches anybody', async () => {
    const answer = await browser.ask('/api/nothing');
    const { requestId } = answer.json().error;
    await until('logged', () =>
      harness.logs.some((line) => line['requestId'] === requestId && line['msg'] === 'request'),
    );
    const lines = harness.logs.filter((line) => line['requestId'] === requestId && line['errorCode'] === 'NotFound');
    assert.equal(lines.length, 1);
    assert.doesNotMatch(answer.text, / at .*\.ts/);
  });

  it('refuses heads and bodies that are too large, and slow or broken ones do no harm', async () => {
    const big = await browser.ask('/api/me', { headers: { 'x-big': 'x'.repeat(20_000) } });
    assert.equal(big.status, 431);
    const { hostname, port } = new URL(browser.url);
    for (const text of [
      '\u0000\u0001\r\n\r\n',
      'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{',
      'GET / HTTP/9.9\r\n\r\n',
    ]) {
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      socket.write(text);
      socket.end();
      socket.resume();
      await once(socket, 'close');
    }
    assert.equal((await browser.ask('/healthz')).status, 200);
  });

  it('limits requests by user or address', async () => {
    const limited = await createHarness({ rateLimits: { requestsPerMinute: 3, signInsPerMinute: 2 } });
    try {
      const visitor = limited.browser();
      const statuses = [];
      for (let index = 0; index < 5; index++) statuses.push((await visitor.ask('/api/me')).status);
      assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
      const signIns = [];
      for (let index = 0; index < 3; index++)
        signIns.push(await visitor.ask('/login', { headers: { accept: 'application/json' } }));
      assert.deepEqual(
        signIns.map(({ status }) => status),
        [302, 302, 429],
      );
      assert.ok(Number(signIns[2]?.headers['retry-after']) > 0);
      assert.equal(signIns[2]?.json().error.code, 'TooMany');
    } finally {
      await limited.dispose();
    }
  });

  it('says what to do when a port is in use, and leaves nothing behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    for (const variable of ['PORT', 'METRICS_PORT'])
      await assert.rejects(createHarness({ env: { [variable]: String(port) } }), (fault: Error) => {
        assert.ok(fault instanceof StartError);
        assert.match(fault.message, new RegExp(`^127\\.0\\.0\\.1:${port} is in use\\..* ${variable}=`));
        return true;
      });
    taken.close();
  });
});
