// What is recorded, logged and counted of a visit through the real gateway: who, where from, what for, and no secret.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { auditEvents, auditFields, type AuditEvent } from '../../server/common/audit.ts';
import { KubeError } from '../../server/kube/index.ts';
import { openEvents } from '../support/event-reader.ts';
import { createHarness, type Browser, type Harness } from '../support/gateway-harness.ts';
import { until } from '../support/until.ts';

type Line = Record<string, unknown>;

const pinoFields = new Set(['level', 'time', 'name', 'msg', 'audit', 'event']);
const uuid = /^[0-9a-f-]{36}$/;

describe('gateway: records of a visit', () => {
  let harness: Harness;
  let browser: Browser;
  const client = { 'x-forwarded-for': '203.0.113.9, 192.0.2.7' };
  const records = (event: AuditEvent): Line[] => harness.logs.filter((line) => line['event'] === event);
  const record = (event: AuditEvent) => until(`a record of ${event}`, () => records(event)[0]);
  const metric = async (line: string): Promise<number | undefined> => {
    const { text } = await browser.ask(harness.playground.metricsUrl);
    const found = text.split('\n').find((one) => one.startsWith(`${line} `));
    return found === undefined ? undefined : Number(found.slice(line.length + 1));
  };

  before(async () => {
    harness = await createHarness({ env: { TRUSTED_PROXIES: '1', BLOCKED_USERS: 'otto-outsider' } });
    browser = harness.browser();
    await until('a leader', async () => (await metric('playground_leader')) === 1);
  });
  after(() => harness.dispose());

  it('records a sign-in, and one that is refused, with login, id and address of the client', async () => {
    const toGitHub = await browser.ask('/login', { headers: client });
    const callback = await browser.chooseIdentity(toGitHub.headers.location ?? '', { login: 'vera-visitor' });
    const answer = await browser.ask(callback, { headers: client });
    const { user, login, address, requestId } = await record('sign-in');
    assert.deepEqual([login, address, requestId], ['vera-visitor', '192.0.2.7', answer.headers['x-request-id']]);
    assert.match(String(user), /^\d+$/);
    await harness.browser().signIn('otto-outsider');
    const refused = await record('sign-in-refused');
    assert.deepEqual([refused['login'], refused['reason']], ['otto-outsider', 'Blocked']);
    assert.equal(await metric('playground_sign_ins_total{result="ok"}'), 1);
    assert.equal(await metric('playground_sign_ins_total{result="Blocked"}'), 1);
    assert.equal(await metric('playground_refusals_total{reason="Blocked"}'), 1);
  });

  it('records a session that is refused, and counts why a cluster refused its pod', async () => {
    const { client: cluster } = harness.cluster;
    const { create } = cluster;
    cluster.create = () =>
      Promise.reject(new KubeError(403, 'Forbidden', 'pods "session-1" is forbidden: exceeded quota'));
    assert.equal((await browser.post('/api/session', { environment: 'lite' })).status, 503);
    cluster.create = create;
    assert.equal((await browser.post('/api/session', { environment: 'none' })).status, 404);
    await until('both', () => records('session-refused').length === 2);
    assert.deepEqual(
      records('session-refused').map(({ environment, reason, login }) => [environment, reason, login]),
      [
        ['lite', 'NoRoom', 'vera-visitor'],
        ['other', 'NoEnvironment', 'vera-visitor'],
      ],
    );
    const line = harness.logs.find(({ msg }) => msg === 'the cluster refused a session');
    assert.match(String(line?.['message']), /exceeded quota/);
    const reason = 'playground_session_start_failures_total{environment="lite",reason="QuotaExceeded"}';
    assert.equal(await metric(reason), 1);
    assert.equal(await metric('playground_session_requests_total{environment="other",result="NoEnvironment"}'), 1);
  });

  it('records start and readiness of a session, measures its phases, and counts it by state', async () => {
    const answer = await browser.post('/api/session', { environment: 'lite' }, client);
    const { id } = answer.json<{ id: string }>();
    const start = await record('session-start');
    assert.deepEqual(
      [start['session'], start['environment'], start['login'], start['address'], start['requestId']],
      [id, 'lite', 'vera-visitor', '192.0.2.7', answer.headers['x-request-id']],
    );
    await until(
      'one is starting',
      async () => (await metric('playground_sessions{environment="lite",state="starting"}')) === 1,
    );
    const pod = harness.cluster.podOf('vera-visitor');
    const waiting = { reason: 'ErrImagePull', message: 'no such image' };
    harness.cluster.setStatus(pod, {
      phase: 'Pending',
      containerStatuses: [{ name: 'terminal', ready: false, restartCount: 0, state: { waiting } }],
    });
    harness.cluster.setStatus(pod, { containerStatuses: [] });
    harness.makeReady('vera-visitor');
    const ready = await record('session-ready');
    assert.equal(ready['session'], id);
    assert.equal(typeof ready['seconds'], 'number');
    const slow = harness.logs.find(({ msg }) => msg === 'session does not start');
    assert.deepEqual([slow?.['session'], slow?.['reason'], slow?.['message']], [id, 'ErrImagePull', 'no such image']);
    const failures = 'playground_session_start_failures_total{environment="lite",reason="ErrImagePull"}';
    assert.equal(await metric(failures), 1);
    assert.equal(await metric('playground_session_start_duration_seconds_count{environment="lite"}'), 1);
    const phase = 'playground_session_start_phase_duration_seconds_count{environment="lite",phase="scheduling"}';
    assert.equal(await metric(phase), 1);
    assert.equal(await metric('playground_sessions{environment="lite",state="ready"}'), 1);
    assert.equal(await metric('playground_sessions{environment="lite",state="starting"}'), 0);
    assert.ok(((await metric('playground_sessions_limit')) ?? 0) > 0);
  });

  it('records when a browser is connected to a terminal and for how long; each line says whose it is', async () => {
    const socket = browser.socket('t1', client);
    await once(socket, 'open');
    const attach = await record('terminal-attach');
    const { requestId, session, user, login, address, terminal } = attach;
    assert.match(String(requestId), uuid);
    assert.deepEqual(
      [session, login, address, terminal],
      [records('session-start')[0]?.['session'], 'vera-visitor', '192.0.2.7', 't1'],
    );
    assert.equal(await metric('playground_terminal_attachments'), 1);
    socket.close();
    const detach = await record('terminal-detach');
    assert.deepEqual(
      [detach['requestId'], detach['session'], typeof detach['seconds']],
      [requestId, session, 'number'],
    );
    const lines = harness.logs.filter((line) => line['requestId'] === requestId && !line['audit']);
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['terminal attached', 'terminal detached'],
    );
    for (const line of lines)
      assert.deepEqual([line['session'], line['user'], line['terminal']], [session, user, 't1']);
  });

  it('takes what pages measured on their lines, and nothing else', async () => {
    const tell = async (body: unknown) => (await browser.post('/api/session/round-trips', body)).status;
    assert.equal(await tell({ milliseconds: [4, 30] }), 204);
    for (const bad of [
      {},
      { milliseconds: [] },
      { milliseconds: [-1] },
      { milliseconds: [60_001] },
      { milliseconds: ['1'] },
    ])
      assert.equal(await tell(bad), 400, JSON.stringify(bad));
    assert.equal(await tell({ milliseconds: new Array(21).fill(1) }), 400);
    const stranger = await harness.browser().post('/api/session/round-trips', { milliseconds: [1] });
    assert.equal(stranger.status, 401);
    assert.equal(await metric('playground_terminal_round_trip_seconds_count'), 2);
    assert.equal(await metric('playground_terminal_round_trip_seconds_sum'), 0.034);
  });

  it('gives the lines of a request its id, its user and the session', async () => {
    const answer = await browser.ask('/api/session', { headers: client });
    const requestId = answer.headers['x-request-id'];
    const line = await until('the line', () => harness.logs.find((one) => one['requestId'] === requestId));
    assert.deepEqual(
      [line['user'], line['session'], line['address'], line['path']],
      [records('sign-in')[0]?.['user'], answer.json<{ id: string }>().id, '192.0.2.7', '/api/session'],
    );
  });

  it('records the end of a session with who and why, and of one that somebody else removed', async () => {
    const ended = await browser.ask('/api/session', { method: 'DELETE', headers: { origin: browser.url, ...client } });
    assert.equal(ended.status, 204);
    const end = await record('session-end');
    assert.deepEqual(
      [end['reason'], end['login'], end['address'], end['requestId']],
      ['visitor', 'vera-visitor', '192.0.2.7', ended.headers['x-request-id']],
    );
    await browser.post('/api/session', { environment: 'lite' });
    const events = await openEvents(browser.url, { cookie: browser.cookieHeader });
    harness.cluster.finishDeletion(harness.cluster.podOf('vera-visitor'));
    await events.wait('ended');
    const [, removed] = records('session-end');
    assert.deepEqual([removed?.['reason'], removed?.['address']], ['removed', undefined]);
    assert.equal(await metric('playground_sessions_ended_total{environment="lite",reason="visitor"}'), 1);
    assert.equal(await metric('playground_sessions_ended_total{environment="lite",reason="removed"}'), 1);
  });

  it('records a sign-out', async () => {
    await browser.ask('/logout', { method: 'POST', headers: { origin: browser.url } });
    assert.equal((await record('sign-out'))['login'], 'vera-visitor');
  });

  it('has no fields but those that are documented, and every documented event but one was seen', () => {
    const lines = harness.logs.filter(({ audit }) => audit === true);
    for (const line of lines) {
      const event = line['event'] as AuditEvent;
      const fields = Object.keys(line).filter((name) => !pinoFields.has(name));
      const allowed: readonly string[] = auditEvents[event].fields;
      assert.deepEqual(
        fields.filter((name) => !allowed.includes(name)),
        [],
        event,
      );
      assert.ok(fields.every((name) => name in auditFields));
      assert.equal(line['level'], 'info');
    }
    const seen = new Set(lines.map(({ event }) => event));
    assert.deepEqual(
      Object.keys(auditEvents).filter((event) => !seen.has(event)),
      ['access-refused'],
    );
  });

  it('logged no cookie, token, code, state or query', () => {
    const text = JSON.stringify(harness.logs);
    const secrets = [
      ...browser.cookies.values(),
      ...harness.agent.seen.map(({ headers }) => String(headers.authorization).slice(7)),
    ];
    assert.ok(harness.agent.seen.length > 0);
    for (const secret of secrets) assert.ok(!text.includes(secret));
    assert.doesNotMatch(text, /code=|state=|gho_|eyJ|playground-visitor=|redirectPath/);
  });
});
