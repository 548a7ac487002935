// The informer: list, events in order, 410, broken watches, handlers that throw.
import assert from 'node:assert/strict';
import type http from 'node:http';
import { createManualClock, type ManualClock } from '../../../server/common/clock.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import {
  createInformer,
  createKubeClient,
  interactivePatience,
  resources,
  type Informer,
  type KubeClient,
  type KubeObject,
} from '../../../server/kube/index.ts';
import { backOffMs } from '../../../server/kube/informer.ts';
import { createScriptedApi, json, type ScriptedApi } from '../../support/scripted-api.ts';
import { until } from '../../support/until.ts';

const pod = (name: string, resourceVersion: string) => ({ metadata: { name, namespace: 'n', resourceVersion } });

describe('informer', () => {
  let api: ScriptedApi;
  let client: KubeClient;
  let informer: Informer<KubeObject>;
  let clock: ManualClock;
  let lists: object[][];
  /** Answered to the next lists instead of what is there. */
  let refusals: { code: number; retryAfter?: string }[];
  let listTimes: number[];
  let told: string[];
  let restarts: string[];
  let watches: { response: http.ServerResponse; url: string }[];

  const watchNumber = (count: number) => until(`watch ${count}`, () => watches[count - 1]);
  const toldNumber = async (count: number) => {
    await until(`${count} events`, () => told.length >= count);
    return told;
  };
  const write = (watch: { response: http.ServerResponse }, type: string, object: object) =>
    watch.response.write(`${JSON.stringify({ type, object })}\n`);

  beforeEach(async () => {
    clock = createManualClock();
    told = [];
    watches = [];
    refusals = [];
    listTimes = [];
    lists = [[pod('a', '1')]];
    api = await createScriptedApi((request, response) => {
      if (!request.url.includes('watch=true')) {
        listTimes.push(clock.now());
        const refusal = refusals.shift();
        if (refusal) {
          const status = { kind: 'Status', code: refusal.code, reason: 'Refused', message: `no ${refusal.code}` };
          return json(response, refusal.code, status, refusal.retryAfter ? { 'retry-after': refusal.retryAfter } : {});
        }
        const items = lists.length > 1 ? lists.shift() : lists[0];
        return json(response, 200, { apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion: '10' }, items });
      }
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      watches.push({ response, url: request.url });
    });
    client = createKubeClient({ kubeconfig: api.kubeconfig, clock, patience: interactivePatience });
    restarts = [];
    informer = createInformer(
      client,
      resources.pods,
      { namespace: 'n' },
      {
        clock,
        logger: createSilentLogger(),
        onWatchRestart: (resource, reason) => void restarts.push(`${resource} ${reason}`),
      },
    );
    informer.subscribe({
      onAdd: (o) => told.push(`+${o.metadata.name}`),
      onUpdate: (o, old) =>
        told.push(`~${o.metadata.name} ${old.metadata.resourceVersion}>${o.metadata.resourceVersion}`),
      onDelete: (o) => told.push(`-${o.metadata.name}`),
    });
  });
  afterEach(async () => {
    informer.dispose();
    client.dispose();
    await api.dispose();
  });

  it('tells of the list and of every change, once and in order', async () => {
    await informer.synced;
    const watch = await watchNumber(1);
    assert.match(watch.url, /resourceVersion=10/);
    write(watch, 'ADDED', pod('b', '11'));
    write(watch, 'MODIFIED', pod('a', '12'));
    write(watch, 'BOOKMARK', { metadata: { resourceVersion: '20' } });
    write(watch, 'DELETED', pod('b', '21'));
    assert.deepEqual(await toldNumber(4), ['+a', '+b', '~a 1>12', '-b']);
    assert.equal(informer.get('a', 'n')?.metadata.resourceVersion, '12');
    assert.equal(informer.get('b', 'n'), undefined);
  });

  it('lists again after 410 and tells what it missed', async () => {
    await informer.synced;
    lists = [[pod('c', '30')]];
    write(await watchNumber(1), 'ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' });
    assert.deepEqual(await toldNumber(3), ['+a', '-a', '+c']);
    assert.deepEqual(restarts, ['pods expired']);
  });

  it('goes on from the last resourceVersion when a watch ends in good order', async () => {
    await informer.synced;
    const watch = await watchNumber(1);
    write(watch, 'MODIFIED', pod('a', '15'));
    await toldNumber(2);
    await clock.advance(5000);
    watch.response.end();
    assert.match((await watchNumber(2)).url, /resourceVersion=15/);
    assert.deepEqual(restarts, ['pods closed']);
  });

  it('tries again with back-off when the line breaks', async () => {
    await informer.synced;
    (await watchNumber(1)).response.destroy();
    await until(
      'a second watch',
      () => watches.length >= 2,
      () => clock.advance(100),
    );
    assert.deepEqual(told, ['+a']);
    assert.deepEqual(restarts, ['pods fault']);
  });

  it('keeps what it knows while the server refuses, waits as long as that asks, and says meanwhile what is the matter', async () => {
    await informer.synced;
    assert.equal(informer.fault, undefined);
    refusals = [{ code: 500 }, { code: 429, retryAfter: '40' }];
    lists = [[pod('a', '1'), pod('b', '12')]];
    (await watchNumber(1)).response.destroy();
    const step = () => clock.advance(100);
    await until('a fault', () => informer.fault?.message === 'no 429', step);
    assert.ok(informer.get('a', 'n'), 'nothing is forgotten');
    await until('a second watch', () => watches[1], step);
    assert.deepEqual(told, ['+a', '+b']);
    assert.equal(informer.fault, undefined);
    const [, , busyMs = 0, lastMs = 0] = listTimes;
    assert.ok(lastMs - busyMs >= 40_000, `came back after ${lastMs - busyMs} ms`);
  });

  it('asks less and less often when every watch ends at once, whatever it says', async () => {
    await informer.synced;
    const ends = [
      (watch: { response: http.ServerResponse }) =>
        write(watch, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired' }),
      (watch: { response: http.ServerResponse }) => void watch.response.end(),
    ];
    const startedMs = clock.now();
    for (let count = 1; count <= 10; count++) {
      await until(
        `watch ${count}`,
        () => watches[count - 1],
        () => clock.advance(50),
      );
      ends[count % 2]?.(watches[count - 1] as { response: http.ServerResponse });
    }
    await until(
      'the last watch',
      () => watches[10],
      () => clock.advance(50),
    );
    assert.ok(clock.now() - startedMs > 10_000, `11 watches within ${clock.now() - startedMs} ms`);
    assert.equal(clock.pending, 0);
  });

  it('survives a handler that throws', async () => {
    informer.subscribe({
      onAdd: () => {
        throw new Error('mine');
      },
    });
    await informer.synced;
    write(await watchNumber(1), 'ADDED', pod('b', '11'));
    assert.deepEqual(await toldNumber(2), ['+a', '+b']);
  });

  it('leaves no timer behind', async () => {
    await informer.synced;
    await watchNumber(1);
    informer.dispose();
    assert.equal(clock.pending, 0);
  });

  it('backs off within bounds', () => {
    assert.equal(backOffMs(0, 0), 100);
    assert.equal(backOffMs(3, 0), 800);
    assert.ok(backOffMs(50, 0.999) <= 10_000);
  });
});
