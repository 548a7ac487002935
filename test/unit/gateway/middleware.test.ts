// Tests of the gateway's middleware, each in an app of its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import express, { type RequestHandler } from 'express';
import {
  createKey,
  createSealer,
  createVisitorCookie,
  type AccessPolicy,
  type Identity,
} from '../../../server/auth/index.ts';
import type { Audit } from '../../../server/common/audit.ts';
import { createManualClock } from '../../../server/common/clock.ts';
import { PlaygroundError } from '../../../server/common/errors.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import { createMetrics, type Metrics } from '../../../server/common/metrics.ts';
import { contextOf, ensureVisitor } from '../../../server/gateway/context.ts';
import { canonicalHost } from '../../../server/gateway/middleware/canonical-host.ts';
import { answerErrors, notFound, toHttpError } from '../../../server/gateway/middleware/errors.ts';
import { rateLimit } from '../../../server/gateway/middleware/rate-limit.ts';
import { requestLog } from '../../../server/gateway/middleware/request-log.ts';
import { sameOrigin } from '../../../server/gateway/middleware/same-origin.ts';
import { securityHeaders } from '../../../server/gateway/middleware/security-headers.ts';
import { visitor } from '../../../server/gateway/middleware/visitor.ts';
import { Browser } from '../../support/gateway-harness.ts';

const clock = createManualClock();
const publicUrl = 'https://playground.example.org';

describe('gateway middleware', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  let metrics: Metrics;
  beforeEach(() => (metrics = createMetrics()));

  async function serve(handlers: RequestHandler[], trustedProxies = 0): Promise<Browser> {
    const app = express();
    app.use(requestLog({ logger: createSilentLogger(), metrics, clock, trustedProxies }));
    if (handlers.length) app.use(handlers);
    app.all('/ok', (_request, response) => void response.json({ user: contextOf(response).visitor?.login ?? null }));
    app.use(notFound, answerErrors({ publicUrl, metrics }));
    const server = createServer(app).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return new Browser(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
  }

  it('request log: takes the id of a proxy, and of nobody else', async () => {
    const headers = { 'x-request-id': 'from-outside-1' };
    assert.equal((await (await serve([], 1)).ask('/ok', { headers })).headers['x-request-id'], 'from-outside-1');
    assert.notEqual((await (await serve([])).ask('/ok', { headers })).headers['x-request-id'], 'from-outside-1');
    const odd = await (await serve([], 1)).ask('/ok', { headers: { 'x-request-id': 'a b"c' } });
    assert.match(odd.headers['x-request-id'] as string, /^[0-9a-f-]{36}$/);
  });

  it('request log: measures by route and method, and knows no label that a visitor makes up', async () => {
    const browser = await serve([]);
    await browser.ask('/ok');
    await browser.ask('/made-up-4711', { method: 'PROPFIND' });
    const { values } = await metrics.requestSeconds.get();
    const labels = values.filter(({ metricName }) => metricName?.endsWith('_count')).map((one) => one.labels);
    assert.deepEqual(labels, [
      { route: '/ok', method: 'GET', status: 200 },
      { route: 'other', method: 'other', status: 405 },
    ]);
  });

  it('errors: counts those that are refused, by code', async () => {
    const browser = await serve([(_request, _response, next) => next(new PlaygroundError(429, 'TooMany', 'Wait.'))]);
    await browser.ask('/ok');
    await browser.ask('/ok');
    await (await serve([])).ask('/nothing');
    const { values } = await metrics.refusals.get();
    assert.deepEqual(values, [{ value: 2, labels: { reason: 'TooMany' } }]);
  });

  it('same origin: unsafe methods come from our page or from no browser', async () => {
    const browser = await serve([sameOrigin({ publicUrl })]);
    const status = async (method: string, headers: Record<string, string>) =>
      (await browser.ask('/ok', { method, headers })).status;
    assert.equal(await status('POST', { origin: publicUrl }), 200);
    assert.equal(await status('POST', {}), 200);
    assert.equal(await status('GET', { origin: 'https://example.org' }), 200);
    assert.equal(await status('POST', { origin: 'http://playground.example.org' }), 403);
    assert.equal(await status('DELETE', { origin: publicUrl, 'sec-fetch-site': 'same-site' }), 403);
  });

  it('canonical host: leaves names alone where the public address is not on loopback', async () => {
    const browser = await serve([canonicalHost({ publicUrl })]);
    assert.equal((await browser.ask('/ok', { headers: { host: '10.0.0.3:8080' } })).status, 200);
  });

  it('security headers: https is kept, and pictures come from where they are', async () => {
    const secure = await serve([securityHeaders({ publicUrl, avatarOrigins: ['https://avatars.example.org'] })]);
    const { headers } = await secure.ask('/ok');
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /img-src 'self' https:\/\/avatars\.example\.org;/);
    assert.match(policy, /connect-src 'self' wss:\/\/playground\.example\.org;/);
    assert.match(policy, /upgrade-insecure-requests/);
    const plain = await (
      await serve([securityHeaders({ publicUrl: 'http://127.0.0.1:1', avatarOrigins: [] })])
    ).ask('/ok');
    assert.equal(plain.headers['strict-transport-security'], undefined);
    assert.doesNotMatch(String(plain.headers['content-security-policy']), /upgrade-insecure-requests/);
  });

  describe('visitor', () => {
    const identity: Identity = {
      id: '7',
      login: 'ada',
      name: 'Ada',
      createdAt: '2020-01-01T00:00:00Z',
      organizations: [],
      teams: [],
    };
    const visitorCookie = createVisitorCookie(createSealer([createKey()], clock), {
      isSecure: false,
      path: '/',
      lifetimeSeconds: 3600,
    });
    const policy = (blocked: string[]): AccessPolicy => ({
      users: [],
      organizations: [],
      teams: [],
      blocked,
      minAccountAgeDays: 0,
    });
    let records: object[] = [];
    beforeEach(() => (records = []));
    const signedIn = async (blocked: string[] = []) => {
      const sessions = { findId: () => undefined };
      const audit: Audit = { record: (event, values) => void records.push({ event, ...values }) };
      const browser = await serve([visitor({ visitorCookie, policy: policy(blocked), sessions, clock, audit })]);
      const [name = '', value = ''] = ((await visitorCookie.render(identity)).split(';')[0] ?? '').split('=');
      browser.cookies.set(name, value);
      return browser;
    };

    it('is who the cookie says', async () => {
      assert.equal((await (await signedIn()).ask('/ok')).text, '{"user":"ada"}');
    });

    it('is nobody once the policy refuses, though the cookie is good', async () => {
      const browser = await signedIn(['ada']);
      assert.equal((await browser.ask('/ok')).text, '{"user":null}');
      assert.equal(browser.cookies.size, 0, 'the cookie is removed');
      const [{ requestId, address, ...record } = {}] = records as Record<string, string>[];
      assert.deepEqual(record, { event: 'access-refused', user: '7', login: 'ada', reason: 'Blocked' });
      assert.match(requestId ?? '', /^[0-9a-f-]{36}$/);
      assert.match(address ?? '', /127\.0\.0\.1$/);
    });

    it('is nobody when the sign-in is too old', async () => {
      const browser = await signedIn();
      await clock.advance(3_601_000);
      assert.equal((await browser.ask('/ok')).text, '{"user":null}');
    });

    it('is needed where it is asked for', async () => {
      const needy: RequestHandler = (_request, response, next) => {
        ensureVisitor(response);
        next();
      };
      const answer = await (await serve([needy])).ask('/ok', { headers: { accept: 'application/json' } });
      assert.deepEqual([answer.status, answer.json().error.code], [401, 'Unauthorized']);
    });
  });

  it('rate limit: counts for itself by name, says when to come back', async () => {
    const browser = await serve([rateLimit({ name: 'a', perMinute: 2 }), rateLimit({ name: 'b', perMinute: 3 })]);
    const answers = [];
    for (let index = 0; index < 4; index++)
      answers.push(await browser.ask('/ok', { headers: { accept: 'application/json' } }));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 429, 429],
    );
    const seconds = Number(answers[3]?.headers['retry-after']);
    assert.ok(seconds > 0 && seconds <= 60);
  });

  it('errors: say what the user may know, and never a stack', async () => {
    const failing = (fault: unknown) =>
      serve([
        () => {
          throw fault;
        },
      ]);
    const ask = async (fault: unknown) =>
      (await failing(fault)).ask('/ok', { headers: { accept: 'application/json' } });
    const unknown = await ask(new Error('secret detail'));
    assert.deepEqual([unknown.status, unknown.json().error.code], [500, 'Internal']);
    assert.doesNotMatch(unknown.text, /secret|at /);
    const known = await ask(
      new PlaygroundError(503, 'NoRoom', 'Full.', { retryAfterSeconds: 9, cause: new Error('secret') }),
    );
    assert.deepEqual([known.status, known.headers['retry-after'], known.json().error.message], [503, '9', 'Full.']);
    const page = await (await failing(new Error('x'))).ask('/ok', { headers: { accept: 'text/html' } });
    assert.match(page.text, /^<!doctype html>/);
    assert.doesNotMatch(page.text, /<script/);
  });

  it('errors: escape what comes from outside', async () => {
    const browser = await serve([
      () => {
        throw new PlaygroundError(404, 'NoEnvironment', 'There is no <img src=x onerror=alert(1)>.');
      },
    ]);
    const answer = await browser.ask('/ok', { headers: { accept: 'text/html' } });
    assert.match(answer.text, /&lt;img src=x/);
  });

  it('errors: faults with a status of 5xx are ours, whatever they say', () => {
    assert.equal(toHttpError(Object.assign(new Error('x'), { status: 502 })).status, 500);
    assert.equal(toHttpError(Object.assign(new Error('x'), { status: 400 })).code, 'BadRequest');
    assert.equal(toHttpError(undefined).status, 500);
    assert.equal(toHttpError('text').status, 500);
  });
});
