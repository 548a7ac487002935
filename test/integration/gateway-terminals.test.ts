// Terminal sockets through the real server: guards, relay, refusals, draining.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { WebSocket } from 'ws';
import type { Ended } from '../../server/protocol/rest.ts';
import { openEvents } from '../support/event-reader.ts';
import { createHarness, type Browser, type Harness } from '../support/gateway-harness.ts';
import { until } from '../support/until.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';

/** How a socket ended: refused with a status, or closed with a code. */
async function endOf(socket: WebSocket): Promise<{ status?: number; code?: number; reason?: string; body?: string }> {
  return new Promise((resolve) => {
    socket.on('unexpected-response', (request, response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => {
        request.destroy();
        resolve({ status: response.statusCode, body });
      });
    });
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    socket.on('error', () => undefined);
  });
}

/** Sends bytes as they are, and returns the head of the answer. */
async function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString())).on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text);
  await until('an answer', () => answer.includes('\r\n\r\n') || socket.destroyed);
  socket.destroy();
  return answer;
}

describe('gateway: terminals', () => {
  let harness: Harness;
  let browser: Browser;
  beforeEach(async () => {
    harness = await createHarness();
    browser = harness.browser();
    await browser.signIn('vera-visitor');
  });
  afterEach(() => harness.dispose());

  async function start(): Promise<void> {
    await browser.post('/api/session', { environment: 'lite' });
    await until('the gateway knows the pod', () => harness.cluster.pods.length > 0);
    harness.makeReady('vera-visitor');
  }
  async function attach(terminal = 't1'): Promise<WebSocket> {
    const socket = browser.socket(terminal);
    await once(socket, 'open');
    return socket;
  }

  it('splices bytes both ways, and shows the agent a token for its pod and nothing of the browser', async () => {
    await start();
    const socket = await attach();
    assert.equal(socket.protocol, 'playground.terminal.v1');
    const sent = Buffer.alloc(300_000, 'leaf ');
    const received: Buffer[] = [];
    socket.on('message', (data: Buffer) => received.push(data));
    for (let at = 0; at < sent.length; at += 30_000) socket.send(sent.subarray(at, at + 30_000));
    await until('all is echoed', () => Buffer.concat(received).length === sent.length);
    assert.ok(Buffer.concat(received).equals(sent));
    const [seen] = harness.agent.seen;
    assert.equal(seen?.url, '/terminals/t1');
    assert.equal(seen?.token.aud, `agent:${harness.cluster.podOf('vera-visitor').metadata.uid}`);
    assert.equal(seen?.token.sub, '1002');
    assert.equal(seen?.headers.cookie, undefined);
    assert.equal(seen?.headers.origin, undefined);
    socket.close();
  });

  it('ends both ends together, whichever goes first', async () => {
    await start();
    const first = await attach();
    await until('attached', () => harness.agent.sockets.size === 1);
    first.terminate();
    await until('the agent sees the end', () => harness.agent.sockets.size === 0);
    const second = await attach();
    await until('attached', () => harness.agent.sockets.size === 1);
    const ended = endOf(second);
    for (const socket of harness.agent.sockets) socket.close(4000, 'The shell has ended.');
    assert.deepEqual(await ended, { code: 4000, reason: 'The shell has ended.' });
    const metrics = (await harness.browser().ask(harness.playground.metricsUrl)).text;
    assert.match(metrics, /^playground_terminal_attachments 0$/m);
    assert.match(metrics, /^playground_terminal_requests_total\{result="ok"\} 2$/m);
  });

  it('tells a page by close code why it gets no terminal', async () => {
    const stranger = harness.browser();
    assert.equal((await endOf(stranger.socket('t1'))).code, 4002);
    assert.equal((await endOf(browser.socket('t1'))).code, 4004);
    await browser.post('/api/session', { environment: 'lite' });
    assert.equal((await endOf(browser.socket('t1'))).code, 4008, 'not ready yet');
    harness.makeReady('vera-visitor');
    harness.agent.refusal = 401;
    assert.equal((await endOf(browser.socket('t1'))).code, 4003);
    harness.agent.refusal = 503;
    assert.equal((await endOf(browser.socket('t1'))).code, 4008);
    harness.agent.rawAnswer = 'SSH-2.0-OpenSSH_9.9\r\n\r\n';
    assert.equal((await endOf(browser.socket('t1'))).code, 4008);
    harness.agent.rawAnswer = '';
    assert.equal((await endOf(browser.socket('t1'))).code, 4008);
    harness.agent.rawAnswer = 'x'.repeat(20_000);
    const last = await endOf(browser.socket('t1'));
    assert.deepEqual(last, { code: 4008, reason: 'Your pod does not answer. Trying again.' });
  });

  it('tells an agent that is gone', async () => {
    await browser.post('/api/session', { environment: 'lite' });
    // Nothing listens on this loopback address.
    harness.cluster.makeReady(harness.cluster.podOf('vera-visitor'), '127.9.9.9');
    assert.equal((await endOf(browser.socket('t1'))).code, 4008);
  });

  it('answers who is no page with a status and a sentence', async () => {
    const noOrigin = { origin: '' };
    const refused = await endOf(browser.socket('t1', { ...noOrigin, cookie: '' }));
    assert.equal(refused.status, 401);
    assert.match(refused.body ?? '', /"code":"Unauthorized","message":"You are not signed in\. Sign in to go on\."/);
    assert.equal((await endOf(browser.socket('t1', noOrigin))).status, 404);
    await start();
    const socket = browser.socket('t1', noOrigin);
    await once(socket, 'open');
    socket.close();
  });

  it('refuses pages of other sites before anything else', async () => {
    await start();
    for (const origin of ['https://example.org', 'null', `${browser.url}.example.org`, 'http://localhost:1'])
      assert.equal((await endOf(browser.socket('t1', { origin }))).status, 403, origin);
    assert.equal(harness.agent.seen.length, 0);
  });

  it('refuses cookies that are forged or truncated', async () => {
    await start();
    const cookie = browser.cookieHeader;
    assert.equal((await endOf(browser.socket('t1', { cookie: cookie.slice(0, -5) }))).code, 4002);
    assert.equal((await endOf(browser.socket('t1', { cookie: 'playground-visitor=e30' }))).code, 4002);
  });

  it('never takes one user to the pod of another', async () => {
    await start();
    const other = harness.browser();
    await other.signIn('otto-outsider');
    assert.equal((await endOf(other.socket('t1'))).code, 4004);
    assert.equal(harness.agent.seen.length, 0);
  });

  it('answers upgrades that are malformed, and lives', async () => {
    await start();
    const head = (lines: string[], path = '/api/session/terminals/t1') =>
      [`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', ...lines, '', ''].join('\r\n');
    const proper = [
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${key}`,
      'Sec-WebSocket-Protocol: playground.terminal.v1',
      `Cookie: ${browser.cookieHeader}`,
    ];
    const without = (name: string, ...more: string[]) => [...proper.filter((line) => !line.startsWith(name)), ...more];
    const cases: [string, string, number][] = [
      ['no key', head(without('Sec-WebSocket-Key')), 400],
      ['a bad key', head(without('Sec-WebSocket-Key', 'Sec-WebSocket-Key: short')), 400],
      ['another version', head(without('Sec-WebSocket-Version', 'Sec-WebSocket-Version: 8')), 426],
      ['no subprotocol', head(without('Sec-WebSocket-Protocol')), 400],
      ['another subprotocol', head(without('Sec-WebSocket-Protocol', 'Sec-WebSocket-Protocol: chat')), 400],
      ['another upgrade', head(without('Upgrade', 'Upgrade: h2c')), 400],
      ['another path', head(proper, '/api/session'), 404],
      ['a bad terminal', head(proper, '/api/session/terminals/..%2f..'), 404],
      ['a long terminal', head(proper, `/api/session/terminals/${'a'.repeat(200)}`), 404],
      ['no HTTP', 'nonsense\r\n\r\n', 400],
    ];
    for (const [what, text, status] of cases)
      assert.match(await sendRaw(browser.url, text), new RegExp(`^HTTP/1\\.1 ${status} `), what);
    const socket = await attach();
    socket.close();
  });

  it('survives sockets that break off at any time', async () => {
    await start();
    const { hostname, port } = new URL(browser.url);
    for (const text of [
      '',
      'GET /api/session/terminals/t1 HTTP/1.1\r\n',
      `GET /api/session/terminals/t1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: playground.terminal.v1\r\nCookie: ${browser.cookieHeader}\r\n\r\n`,
    ]) {
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      if (text) socket.write(text);
      socket.resetAndDestroy();
    }
    const socket = await attach();
    socket.close();
    await until('nothing is left', () => harness.agent.sockets.size === 0);
  });

  it('drains: unready, streams and sockets end by name, and nothing is left', async () => {
    await start();
    const socket = await attach();
    const stream = await openEvents(browser.url, { cookie: browser.cookieHeader });
    await stream.wait('session');
    await until('attached', () => harness.agent.sockets.size === 1);
    const ended = endOf(socket);
    await harness.playground.dispose();
    assert.deepEqual(await ended, { code: 4009, reason: 'The server is restarting. Connecting again.' });
    await until('stream closed', () => stream.isClosed);
    assert.equal(stream.events.filter(({ event }) => event === 'ended').length, 0, 'the session goes on');
    await until('the agent sees the end', () => harness.agent.sockets.size === 0);
    assert.equal(harness.cluster.pods.length, 1);
    assert.equal((await endOf(browser.socket('t1'))).code, 1006);
  });

  it('lets the session go on when the page is closed, and ends terminals with the session', async () => {
    await start();
    const stream = await openEvents(browser.url, { cookie: browser.cookieHeader });
    (await attach()).terminate();
    await until('the agent sees the end', () => harness.agent.sockets.size === 0);
    assert.equal((await browser.ask('/api/session')).status, 200);
    harness.cluster.finishDeletion(harness.cluster.podOf('vera-visitor'));
    assert.equal((await stream.wait<Ended>('ended')).sentence, 'This session was ended by an administrator.');
    assert.equal((await endOf(browser.socket('t1'))).code, 4004);
  });
});
