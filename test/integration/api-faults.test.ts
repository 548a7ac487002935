// The cluster's API is away: those who type go on, those who come back get through, new ones are told to wait, and nothing ends by mistake.
import assert from 'node:assert/strict';
import { createSystemClock } from '../../server/common/clock.ts';
import { createKubeClient, interactivePatience, resources } from '../../server/kube/index.ts';
import type { Ended, Session } from '../../server/protocol/rest.ts';
import type { Playground } from '../../server/playground.ts';
import { createCuttableProxy, type CuttableProxy } from '../support/cuttable-proxy.ts';
import { startGateway } from '../support/embedded-playground.ts';
import { openEvents } from '../support/event-reader.ts';
import { Browser } from '../support/gateway-harness.ts';
import { openPageLine } from '../support/page-line.ts';
import { createReplicas, type Replicas } from '../support/replicas.ts';
import { until } from '../support/until.ts';

const clock = createSystemClock();
const marker = 'READY\r\n';
const textAfter = (output: string) => output.slice(output.indexOf(marker) + marker.length);
const turn = () => clock.sleep(20);

describe('API server that is away', function () {
  this.timeout(90_000);
  let replicas: Replicas;
  let proxy: CuttableProxy;
  let gateway: Playground;
  let vera: Browser;
  let otto: Browser;

  before(async () => {
    replicas = await createReplicas();
    proxy = await createCuttableProxy(replicas.cluster.cluster.kubeconfig);
    gateway = await replicas.start({}, { kubeconfig: proxy.kubeconfig });
    vera = await replicas.openSession('vera-visitor');
    otto = new Browser(replicas.balancer.url);
    await otto.signIn('otto-outsider');
  });
  after(async () => {
    proxy?.set('open');
    await replicas?.dispose();
    await proxy?.dispose();
  });

  async function createWhileAway(): Promise<number> {
    const startedMs = performance.now();
    const answer = await otto.post('/api/session', { environment: 'lite' });
    assert.deepEqual([answer.status, answer.json().error.code], [503, 'ClusterUnreachable'], answer.text);
    assert.match(answer.json().error.message, /does not answer at the moment/);
    assert.ok(Number(answer.headers['retry-after']) > 0);
    return performance.now() - startedMs;
  }

  for (const mode of ['refusing', 'hanging'] as const)
    it(`${mode}: typing goes on, coming back works, starting is refused soon, and is possible again after it`, async function () {
      const line = openPageLine(vera, `echo-${mode}`);
      const events = await openEvents(vera.url, { cookie: vera.cookieHeader });
      await until('a line', () => line.isLive);
      line.type("stty raw -echo; printf 'READ''Y\\r\\n'; exec cat\n");
      await line.shows(marker);

      let typed = '';
      const type = () => {
        const key = `${typed.length} `;
        typed += key;
        line.type(key);
      };
      proxy.set(mode);
      for (let count = 0; count < 20; count++) type();
      const refusedMs = await createWhileAway();
      assert.ok(refusedMs < interactivePatience.readTimeoutMs + 2_000, `refused after ${refusedMs} ms`);
      for (let count = 0; count < 20; count++) type();
      await until('all echoes', () => textAfter(line.output) === typed);

      const again = openPageLine(vera, `echo-${mode}`);
      await until('a line of one who comes back', () => again.isLive);
      again.dispose();
      assert.equal((await vera.ask('/api/session')).json<Session>().state, 'ready');
      const lateEvents = await openEvents(vera.url, { cookie: vera.cookieHeader });
      assert.equal((await lateEvents.wait<Session>('session')).state, 'ready');
      lateEvents.close();
      assert.equal((await fetch(`${gateway.ownUrl}/readyz`)).status, 200, 'those who type are served');

      proxy.set('open');
      const isMade = async () => (await otto.post('/api/session', { environment: 'lite' })).status === 200;
      await until('a session when it is back', isMade, turn);
      assert.equal(
        (await otto.ask('/api/session', { method: 'DELETE', headers: { origin: otto.origin } })).status,
        204,
      );
      assert.ok(!events.events.some(({ event }) => event === 'ended'), 'nothing ended');
      assert.deepEqual(
        line.states.map(({ name }) => name),
        ['connecting', 'attaching', 'live'],
      );
      assert.equal(line.snapshots, 1);
      line.dispose();
      events.close();
      if (this.test) this.test.title += ` (refused after ${Math.round(refusedMs)} ms)`;
    });

  it('notices afterwards what ended meanwhile, and tells it once', async () => {
    const events = await openEvents(vera.url, { cookie: vera.cookieHeader });
    await events.wait('session');
    proxy.set('refusing');
    const { client } = replicas.cluster;
    const { items } = await client.list(resources.pods, { namespace: 'playground-sessions' });
    const pod = items.find(({ metadata }) => Object.values(metadata.annotations ?? {}).includes('vera-visitor'));
    await client.delete(resources.pods, pod?.metadata.name ?? '', 'playground-sessions');
    assert.equal((await vera.ask('/api/session')).status, 200, 'what is known counts until more is known');
    proxy.set('open');
    const ended = await events.wait<Ended>('ended');
    assert.match(ended.sentence, /ended by an administrator/);
    assert.equal(events.events.filter(({ event }) => event === 'ended').length, 1);
    assert.equal((await vera.ask('/api/session')).status, 404);
  });

  it('is not ready when it starts meanwhile, says why, and becomes so by itself', async () => {
    proxy.set('refusing');
    const client = createKubeClient({ kubeconfig: proxy.kubeconfig, patience: interactivePatience });
    const second = await startGateway(client);
    const readyz = () => fetch(`${second.ownUrl}/readyz`);
    const says = async () => /^The API server at \S+ does not answer: /.test(await (await readyz()).text());
    await until('a reason', says, turn);
    assert.equal((await readyz()).status, 503);
    proxy.set('open');
    await second.ready;
    assert.equal((await readyz()).status, 200);
    await second.dispose();
    client.dispose();
  });
});
