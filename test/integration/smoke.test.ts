// The smoke test of helm test, on a real gateway, agent and garden, below a path of an https address.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createSealer, createVisitorCookie, cookieOptionsOf, decodeKey } from '../../server/auth/index.ts';
import { createSystemClock } from '../../server/common/clock.ts';
import { resources } from '../../server/kube/index.ts';
import type { Playground } from '../../server/playground.ts';
import { runSmokeTest, SmokeClient, smokeIdentityOf, type SmokeParts } from '../../server/smoke/index.ts';
import { openEmbeddedCluster, startGateway, type OpenedCluster } from '../support/embedded-playground.ts';

const publicUrl = 'https://play.example.org/gardens';
const githubUrl = 'https://github.example.org';
const key = Buffer.alloc(32, 7).toString('base64url');
const policy = { users: [], organizations: ['gardener'], teams: [], blocked: [], minAccountAgeDays: 0 };
const environment = {
  PUBLIC_URL: publicUrl,
  TRUSTED_PROXIES: '1',
  COOKIE_KEYS: key,
  GITHUB_URL: githubUrl,
  GITHUB_CLIENT_ID: 'the-client',
  ALLOWED_ORGANIZATIONS: 'gardener',
};

describe('smoke test', function () {
  this.timeout(60_000);
  const clock = createSystemClock();
  let opened: OpenedCluster;
  let playground: Playground;
  before(async () => {
    opened = await openEmbeddedCluster();
    playground = await startGateway(opened.client, { ...environment, GITHUB_CLIENT_SECRET: 'secret' });
    await playground.ready;
  });
  after(async () => {
    await playground?.dispose();
    await opened?.dispose();
  });

  const listPods = async () =>
    (await opened.client.list(resources.pods, { namespace: 'playground-sessions' })).items.map(
      ({ metadata }) => metadata.name,
    );

  async function partsWith(changes: Partial<SmokeParts> & { keys?: string; signal: AbortSignal }): Promise<SmokeParts> {
    const identity = smokeIdentityOf(policy, clock.now());
    const cookies = createVisitorCookie(createSealer([decodeKey(changes.keys ?? key)], clock), {
      ...cookieOptionsOf(publicUrl),
      lifetimeSeconds: 60,
    });
    const client = new SmokeClient({ targetUrl: playground.ownUrl, publicUrl, signal: changes.signal });
    const [cookie = ''] = (await cookies.render(identity)).split(';');
    return { client, clock, publicUrl, githubUrl, githubClientId: 'the-client', identity, cookie, ...changes };
  }

  async function failureOf(changes: Partial<SmokeParts> & { keys?: string } = {}): Promise<string> {
    const signal = AbortSignal.timeout(50_000);
    const fault: unknown = await runSmokeTest(await partsWith({ signal, ...changes }), () => undefined).catch(
      (thrown: unknown) => thrown,
    );
    assert.ok(fault instanceof Error, 'the test should have failed');
    return fault.message;
  }

  it('signs in, gets a session, types and ends it, with a sentence for each; nothing is left', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'server/smoke-main.ts'], {
      env: { ...process.env, ...environment, TARGET_URL: playground.ownUrl },
    });
    const lines = stdout.trim().split('\n');
    assert.equal(lines.at(-1), 'All is well.');
    for (const line of lines.slice(0, -1)) assert.match(line, /^[A-Z].*\. \(\d+\.\d s\)$/);
    for (const words of ['healthy', 'callback URL', 'not signed in', 'without a session', 'is ready', 'is answered'])
      assert.ok(stdout.includes(words), words);
    assert.deepEqual(await listPods(), []);
  });

  it('ends its session when it fails on the way, and says where and why', async () => {
    const abort = new AbortController();
    const say = (line: string) => {
      if (line.startsWith('A session starts')) abort.abort(new Error('Its time is over.'));
    };
    const parts = await partsWith({ signal: abort.signal });
    await assert.rejects(runSmokeTest(parts, say), {
      message: /^This does not hold: What is typed in its terminal is answered\. The reason: Its time is over\./,
    });
    assert.deepEqual(await listPods(), []);
  });

  it('says what it waited for when its time is over', async () => {
    const abort = new AbortController();
    let isStarting = false;
    const say = (line: string) => (isStarting ||= line.startsWith('A terminal is refused to those without'));
    // Its time is over as soon as it waits for the session.
    const sleep: typeof clock.sleep = (delayMs, signal) => {
      if (isStarting) abort.abort(new Error('20 s are over.'));
      return clock.sleep(delayMs, signal);
    };
    const parts = await partsWith({ signal: abort.signal, clock: { ...clock, sleep } });
    await assert.rejects(runSmokeTest(parts, say), {
      message: /A session starts and is ready\. The reason: 20 s are over\. Last: the session is starting\./,
    });
    assert.deepEqual(await listPods(), []);
  });

  it('fails when the gateway has other keys', async () => {
    const message = await failureOf({ keys: Buffer.alloc(32, 8).toString('base64url') });
    assert.match(message, /The access policy lets the test user in\. .*seals with other keys/);
  });

  it('fails when the callback URL is another one', async () => {
    const message = await failureOf({ publicUrl: 'https://play.example.org' });
    assert.match(message, /callback URL is https:\/\/play\.example\.org\/gardens\/login\/callback, not/);
  });

  it('fails when sign-in leads to another GitHub, or with another client', async () => {
    assert.match(await failureOf({ githubUrl: 'https://github.com' }), /leads to https:\/\/github\.example\.org/);
    assert.match(await failureOf({ githubClientId: 'another' }), /client ID is not the one/);
  });

  it('fails when there is no such environment', async () => {
    assert.match(
      await failureOf({ environment: 'nowhere' }),
      /A session starts and is ready\. .*POST \/api\/session answered: 4/,
    );
  });

  it('says what it lacks', async () => {
    const run = promisify(execFile)(process.execPath, ['--import', 'tsx', 'server/smoke-main.ts'], {
      env: { PATH: process.env['PATH'], TARGET_URL: 'http://127.0.0.1:1' },
    });
    await assert.rejects(run, (fault: { code?: number; stderr?: string }) => {
      assert.equal(fault.code, 2);
      assert.match(fault.stderr ?? '', /COOKIE_KEYS is missing/);
      return true;
    });
  });
});
