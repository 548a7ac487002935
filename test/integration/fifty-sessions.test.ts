// Fifty users at once on the embedded cluster: everybody gets a pod and sees no other; afterwards nothing is left.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { resources, type KubeObject } from '../../server/kube/index.ts';
import type { Session } from '../../server/protocol/rest.ts';
import { startEmbeddedPlayground, type EmbeddedPlayground } from '../support/embedded-playground.ts';
import { openEvents } from '../support/event-reader.ts';
import { Browser } from '../support/gateway-harness.ts';
import { attachShell } from '../support/shell.ts';
import { eventually } from '../support/eventually.ts';

const users = 50;
const startTimeoutMs = 240_000;

const isRefused = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port });
    socket.on('connect', () => resolve(false)).on('error', () => resolve(true));
    socket.on('close', () => socket.destroy()).once('connect', () => socket.destroy());
  });

interface Visit {
  login: string;
  browser: Browser;
  session: Session;
}

describe('fifty users at once', function () {
  this.timeout(startTimeoutMs * 2);
  let embedded: EmbeddedPlayground;
  let visits: Visit[];
  let podIps: string[];
  before(async () => (embedded = await startEmbeddedPlayground()));
  after(() => embedded.dispose());

  const listPods = async () =>
    (
      await embedded.client.list<KubeObject & { status: { podIP?: string } }>(resources.pods, {
        namespace: embedded.sessionNamespace,
      })
    ).items;

  async function visit(login: string): Promise<Visit> {
    const browser = new Browser(embedded.playground.ownUrl);
    await browser.signIn(login);
    const created = await browser.post('/api/session', { environment: 'lite' });
    assert.equal(created.status, 200, created.text);
    return { login, browser, session: created.json<Session>() };
  }

  async function waitUntilReady({ login, browser }: Visit): Promise<void> {
    const events = await openEvents(browser.url, { cookie: browser.cookieHeader });
    const isReady = () =>
      events.events.some(({ event, data }) => {
        const { state, failure } = data as Session;
        assert.notEqual(state, 'failed', `${login}: ${failure}`);
        return event === 'session' && state === 'ready';
      });
    await eventually(`${login} is ready`, isReady, startTimeoutMs);
    events.close();
  }

  it('get a session each, of their own', async () => {
    visits = await Promise.all(Array.from({ length: users }, (_one, index) => visit(`visitor-${index}`)));
    assert.equal(new Set(visits.map(({ session }) => session.id)).size, users);
    await Promise.all(visits.map(waitUntilReady));
    const pods = await listPods();
    assert.equal(pods.length, users);
    podIps = pods.map(({ status }) => status.podIP ?? '');
    assert.equal(new Set(podIps).size, users);
  });

  it('see their own shell, home and garden, and no other', async () => {
    const seen: string[] = [];
    for (const { login, browser } of visits) {
      const shell = await attachShell(browser.socket('main'));
      // The marks are put together by the shell, so that what is typed does not count as its answer.
      shell.type(`echo ${login} >> mine; echo "<$(cat mine)>"; kubectl get seeds -o name; echo end-$((40+2))\r`);
      await shell.waitFor('end-42');
      assert.ok(shell.text().includes(`<${login}>`), shell.text());
      assert.ok(shell.text().includes('seed.core.gardener.cloud/local'), shell.text());
      seen.push(shell.text());
      shell.close();
    }
    for (const [index, text] of seen.entries())
      for (const { login } of visits) assert.equal(new RegExp(`<${login}>`).test(text), login === visits[index]?.login);
  });

  it('leave no pod, process, file or listener when they end', async () => {
    assert.ok(embedded.listProcesses().length >= 2 * users, 'an agent and a garden each');
    const answers = await Promise.all(
      visits.map(({ browser }) => browser.ask('/api/session', { method: 'DELETE', headers: { origin: browser.url } })),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([204]));
    await eventually('no pod is left', async () => (await listPods()).length === 0, 60_000);
    await eventually('no process is left', () => embedded.listProcesses().length === 0, 10_000);
    for (const podIp of podIps)
      for (const port of [8022, 6443]) assert.ok(await isRefused(podIp, port), `${podIp}:${port}`);
    const files = await readdir(embedded.cluster.stateDir, { recursive: true });
    assert.ok(!files.some((file) => file.includes('mine')), files.join(' '));
    for (const { browser } of visits) assert.equal((await browser.ask('/api/session')).status, 404);
  });
});
