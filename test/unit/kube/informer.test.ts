// The informer: list, events in order, 410, broken watches, handlers that throw.
import assert from 'node:assert/strict';
import type http from 'node:http';
import { createManualClock, type ManualClock } from '../../../server/common/clock.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import {
  createInformer,
  createKubeClient,
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
  let told: string[];
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
    lists = [[pod('a', '1')]];
    api = await createScriptedApi((request, response) => {
      if (!request.url.includes('watch=true')) {
        const items = lists.length > 1 ? lists.shift() : lists[0];
        return json(response, 200, { apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion: '10' }, items });
      }
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      watches.push({ response, url: request.url });
    });
    client = createKubeClient({ kubeconfig: api.kubeconfig, clock });
    informer = createInformer(client, resources.pods, { namespace: 'n' }, { clock, logger: createSilentLogger() });
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
  });

  it('goes on from the last resourceVersion when a watch ends in good order', async () => {
    await informer.synced;
    const watch = await watchNumber(1);
    write(watch, 'MODIFIED', pod('a', '15'));
    await toldNumber(2);
    await clock.advance(5000);
    watch.response.end();
    assert.match((await watchNumber(2)).url, /resourceVersion=15/);
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
    assert.ok(backOffMs(50, 0.999) <= 15_000);
  });
});
