// Sessions through the real server: created once, told as they happen, retried, ended, kept apart.
import assert from 'node:assert/strict';
import type { Ended, EnvironmentSummary, Progress, Session, TerminalList } from '../../server/protocol/rest.ts';
import { KubeError } from '../../server/kube/index.ts';
import { openEvents } from '../support/event-reader.ts';
import { createHarness, type Browser, type Harness } from '../support/gateway-harness.ts';
import { until } from '../support/until.ts';

describe('gateway: sessions', () => {
  let harness: Harness;
  let count = 0;
  before(async () => (harness = await createHarness({ rateLimits: { sessionsPerMinute: 8 } })));
  after(() => harness.dispose());
  afterEach(() => {
    harness.cluster.fault = undefined;
    harness.cluster.isGraceful = false;
  });

  /** A user of its own for each test. */
  async function newUser(): Promise<{ browser: Browser; login: string }> {
    const login = `user-${++count}`;
    const browser = harness.browser();
    await browser.signIn(login);
    return { browser, login };
  }
  const create = async (browser: Browser) => {
    const answer = await browser.post('/api/session', { environment: 'lite' });
    assert.equal(answer.status, 200, answer.text);
    return answer.json<Session>();
  };
  const events = (browser: Browser, headers: Record<string, string> = {}) =>
    openEvents(browser.url, { cookie: browser.cookieHeader, ...headers });

  it('lists environments to everybody', async () => {
    const environments = (await harness.browser().ask('/api/environments')).json<EnvironmentSummary[]>();
    assert.deepEqual(
      environments.map(({ name, isDefault }) => [name, isDefault]),
      [['lite', true]],
    );
  });

  it('has none at first, then the same one however often it is asked for', async () => {
    const { browser, login } = await newUser();
    const missing = await browser.ask('/api/session');
    assert.equal(missing.status, 404);
    assert.equal(missing.json().error.code, 'NoSession');
    const first = await create(browser);
    assert.equal(first.state, 'starting');
    assert.deepEqual(await create(browser), first);
    assert.equal((await browser.ask('/api/session')).json<Session>().id, first.id);
    assert.equal(harness.cluster.podOf(login).metadata.uid, first.id);
  });

  it('gives tabs that race the same pod', async () => {
    const { browser, login } = await newUser();
    const sessions = await Promise.all(Array.from({ length: 6 }, () => create(browser)));
    assert.equal(new Set(sessions.map(({ id }) => id)).size, 1);
    const mine = harness.cluster.pods.filter(
      ({ metadata }) => metadata.annotations?.['playground.gardener.cloud/user-login'] === login,
    );
    assert.equal(mine.length, 1);
  });

  it('keeps users apart', async () => {
    const [ada, ben] = [await newUser(), await newUser()];
    assert.notEqual((await create(ada.browser)).id, (await create(ben.browser)).id);
    await ada.browser.ask('/api/session', { method: 'DELETE', headers: { origin: ada.browser.url } });
    assert.equal((await ada.browser.ask('/api/session')).status, 404);
    assert.equal((await ben.browser.ask('/api/session')).status, 200);
  });

  it('tells states and events of the pod as they happen, within 200 ms', async () => {
    const { browser, login } = await newUser();
    await create(browser);
    const stream = await events(browser);
    assert.equal((await stream.wait<Session>('session')).state, 'starting');
    await stream.wait<Progress>('progress', ({ sentence }) => sentence === 'Your pod has been created.');
    let startedMs = performance.now();
    harness.cluster.addEvent(harness.cluster.podOf(login), 'Started', 'Started container garden');
    await stream.wait<Progress>('progress', ({ sentence }) => sentence === 'The garden has started.');
    assert.ok(performance.now() - startedMs < 200);
    startedMs = performance.now();
    harness.makeReady(login);
    const ready = await stream.wait<Session>('session', ({ state }) => state === 'ready');
    assert.ok(performance.now() - startedMs < 200);
    assert.ok(ready.readyAt);
    const ids = stream.events.filter(({ event }) => event === 'progress').map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    stream.close();
  });

  it('tells a tab that comes later what happened before, and one that comes back only what is new', async () => {
    const { browser, login } = await newUser();
    await create(browser);
    harness.makeReady(login);
    const late = await events(browser);
    await late.wait<Session>('session', ({ state }) => state === 'ready');
    const seen = late.events.filter(({ event }) => event === 'progress');
    assert.equal(seen.length, 3);
    const lastId = seen.at(-1)?.id ?? '';
    const future = lastId.replace(/^\d{4}/, '2999');
    const back = await events(browser, { 'last-event-id': future });
    await back.wait<Session>('session');
    assert.deepEqual(
      back.events.map(({ event }) => event),
      ['session'],
    );
    const odd = await events(browser, { 'last-event-id': 'nonsense' });
    await odd.wait<Session>('session');
    assert.equal(odd.events.length, 4);
    for (const stream of [late, back, odd]) stream.close();
  });

  it('tells the end to every tab with its reason, and closes the streams', async () => {
    const { browser } = await newUser();
    await create(browser);
    const streams = await Promise.all([events(browser), events(browser)]);
    const ended = await browser.ask('/api/session', { method: 'DELETE', headers: { origin: browser.url } });
    assert.equal(ended.status, 204);
    for (const stream of streams) {
      assert.equal((await stream.wait<Ended>('ended')).sentence, 'You ended this session.');
      await until('stream closed', () => stream.isClosed);
    }
    assert.equal((await events(browser)).status, 404);
    const again = await browser.ask('/api/session', { method: 'DELETE', headers: { origin: browser.url } });
    assert.equal(again.status, 404);
  });

  it('says why a pod failed, and replaces it when it is asked for again', async () => {
    const { browser, login } = await newUser();
    const first = await create(browser);
    const stream = await events(browser);
    harness.cluster.setStatus(harness.cluster.podOf(login), {
      phase: 'Pending',
      containerStatuses: [
        { name: 'garden', ready: false, restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff' } } },
      ],
    });
    const failed = await stream.wait<Session>('session', ({ state }) => state === 'failed');
    assert.match(failed.failure ?? '', /^The image of the garden cannot be fetched: .* tell the administrator/);
    const second = await create(browser);
    assert.notEqual(second.id, first.id);
    assert.equal(second.state, 'starting');
    assert.match((await stream.wait<Ended>('ended')).sentence, /made anew/);
  });

  it('waits for a session that is ending before it makes the next', async () => {
    const { browser, login } = await newUser();
    const first = await create(browser);
    harness.cluster.isGraceful = true;
    await browser.ask('/api/session', { method: 'DELETE', headers: { origin: browser.url } });
    assert.equal((await browser.ask('/api/session')).json<Session>().state, 'ending');
    const pod = harness.cluster.podOf(login);
    const creating = create(browser);
    const gets = () => harness.cluster.calls.filter((call) => call === `get ${pod.metadata.name}`).length;
    const before = gets();
    await until('the request looks at the pod', () => gets() > before);
    harness.cluster.finishDeletion(pod);
    assert.notEqual((await creating).id, first.id);
  });

  it('removes a session whose time is over, and says so', async () => {
    const { browser, login } = await newUser();
    await create(browser);
    const stream = await events(browser);
    await stream.wait('session');
    harness.cluster.setStatus(harness.cluster.podOf(login), { phase: 'Failed', reason: 'DeadlineExceeded' });
    assert.match((await stream.wait<Ended>('ended')).sentence, /^The time of this session is over/);
    assert.equal((await browser.ask('/api/session')).status, 404);
  });

  it('answers faults of the cluster with a sentence, and lives', async () => {
    const { browser } = await newUser();
    const faults: [KubeError, number, string][] = [
      [new KubeError(0, 'Unreachable', 'connect ECONNREFUSED'), 503, 'ClusterUnreachable'],
      [new KubeError(403, 'Forbidden', 'pods "x" is forbidden: exceeded quota: q, requested: pods=1'), 503, 'NoRoom'],
      [
        new KubeError(403, 'Forbidden', 'pods is forbidden: User "x" cannot create resource "pods"'),
        500,
        'ClusterRefused',
      ],
      [new KubeError(422, 'Invalid', 'spec.containers: Required value'), 500, 'PodRefused'],
    ];
    for (const [fault, status, code] of faults) {
      harness.cluster.fault = fault;
      const answer = await browser.post('/api/session', { environment: 'lite' });
      assert.deepEqual([answer.status, answer.json().error.code], [status, code]);
      assert.ok(!answer.text.includes(fault.message), 'the message of the cluster goes to the log alone');
      if (status === 503) assert.ok(Number(answer.headers['retry-after']) > 0);
    }
    harness.cluster.fault = undefined;
    assert.equal((await create(browser)).state, 'starting');
  });

  it('refuses bodies that are not right', async () => {
    const { browser } = await newUser();
    const send = async (body: string, type = 'application/json') => {
      const headers = { 'content-type': type, origin: browser.url };
      const answer = await browser.ask('/api/session', { method: 'POST', headers, body });
      return [answer.status, answer.json().error.code];
    };
    assert.deepEqual(await send('{"environment":'), [400, 'BadJson']);
    assert.deepEqual(await send('{}'), [400, 'BadRequest']);
    assert.deepEqual(await send('{"environment":"lite","more":1}'), [400, 'BadRequest']);
    assert.deepEqual(await send('{"environment":"none"}'), [404, 'NoEnvironment']);
    assert.deepEqual(await send('environment=lite', 'application/x-www-form-urlencoded'), [415, 'NotJson']);
    assert.deepEqual(await send(`{"environment":"${'x'.repeat(20_000)}"}`), [413, 'TooLarge']);
  });

  it('limits how often one asks, by user', async () => {
    const [ada, ben] = [await newUser(), await newUser()];
    const statuses = [];
    for (let index = 0; index < 10; index++)
      statuses.push((await ada.browser.post('/api/session', { environment: 'lite' })).status);
    assert.deepEqual(statuses, [...Array<number>(8).fill(200), 429, 429]);
    assert.equal((await ben.browser.post('/api/session', { environment: 'lite' })).status, 200);
  });

  it('limits the streams of one user', async () => {
    const { browser } = await newUser();
    await create(browser);
    const streams = await Promise.all(Array.from({ length: 17 }, () => events(browser)));
    assert.equal(streams.filter(({ status }) => status === 200).length, 16);
    assert.equal(streams.filter(({ status }) => status === 429).length, 1);
    for (const stream of streams) stream.close();
  });

  it('asks the agent for terminals, with a token for this pod', async () => {
    const { browser, login } = await newUser();
    const ofNone = await browser.ask('/api/session/terminals');
    assert.equal(ofNone.json().error.code, 'NoSession');
    const session = await create(browser);
    const early = await browser.ask('/api/session/terminals');
    assert.deepEqual([early.status, early.json().error.code], [409, 'SessionNotReady']);
    harness.makeReady(login);
    const list = (await browser.ask('/api/session/terminals')).json<TerminalList>();
    assert.equal(list.terminals[0]?.id, 't1');
    const { token } = harness.agent.seen.at(-1) ?? {};
    assert.equal(token?.aud, `agent:${session.id}`);
    assert.equal((token?.exp ?? 0) - (token?.iat ?? 0), 30);
    const headers = { origin: browser.url };
    assert.equal((await browser.ask('/api/session/terminals/t1', { method: 'DELETE', headers })).status, 204);
    assert.deepEqual(harness.agent.ended.at(-1), '/terminals/t1');
    const odd = await browser.ask('/api/session/terminals/..%2Fhealthz', { method: 'DELETE', headers });
    assert.deepEqual([odd.status, odd.json().error.code], [404, 'NoTerminal']);
    harness.agent.refusal = 500;
    const failed = await browser.ask('/api/session/terminals');
    assert.deepEqual([failed.status, failed.json().error.code], [502, 'AgentUnreachable']);
    harness.agent.refusal = undefined;
  });
});
