// What the gateway does to session pods and to its lease, on every runtime cluster: nothing is written over, nobody leads beside another.
import assert from 'node:assert/strict';
import { createSystemClock } from '../../../server/common/clock.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import { createInformer, createLeaderElector, resources, type LeaderElector } from '../../../server/kube/index.ts';
import type { Lease } from '../../../server/kube/lease.ts';
import type { Pod } from '../../../server/session/index.ts';
import { stayNotes } from '../../../server/session/lifetime.ts';
import { buildSessionPod } from '../../../server/session/pod.ts';
import { SessionPods } from '../../../server/session/session-pods.ts';
import { annotations } from '../../../server/session/types.ts';
import { eventually } from '../../support/eventually.ts';
import { loadLite } from '../../support/session-environment.ts';
import { until } from '../../support/until.ts';
import { onEveryCluster } from './bench.ts';

onEveryCluster('sessions', (bench) => {
  const clock = createSystemClock();
  const watching = { clock, logger: createSilentLogger() };

  it('are noted on and ended as they were read, or not at all', async () => {
    const { client, namespace } = bench();
    const lite = await loadLite();
    // Not scheduled, so nobody but the test writes to it.
    lite.pod.spec = { ...lite.pod.spec, schedulingGates: [{ name: 'playground.gardener.cloud/held' }] };
    const pods = createInformer<Pod>(client, resources.pods, { namespace }, watching);
    await pods.synced;
    const store = new SessionPods({ client, pods, namespace, ...watching });
    const create = async () => {
      const keys = { keyId: 'k', publicKeys: '{"keys":[]}' };
      const pod = await store.create(buildSessionPod(lite, { id: '7', login: 'ada' }, namespace, keys, clock.now()));
      assert.ok(pod);
      return until('the gate is seen', () => {
        const seen = pods.get(pod.metadata.name, namespace);
        return seen && seen.metadata.uid === pod.metadata.uid && seen.status?.conditions?.length ? seen : undefined;
      });
    };

    const read = await create();
    const stayed = await store.annotate(read, stayNotes(read, clock.now() + 60_000));
    assert.ok(stayed);
    assert.equal(await store.annotate(read, { [annotations.idleAt]: 'x' }), undefined, 'it has changed since');
    assert.equal(await store.end(read, 'life'), false, 'it has changed since');
    const now = await store.read('7');
    assert.deepEqual(now?.metadata.annotations, stayed.metadata.annotations, 'nothing was written');
    const noted = now && (await store.annotate(now, { [annotations.idleAt]: 'soon' }));
    const cleared = noted && (await store.annotate(noted, { [annotations.idleAt]: null }));
    assert.ok(cleared && !(annotations.idleAt in (cleared.metadata.annotations ?? {})));
    assert.equal(await store.end(cleared, 'visitor'), true);
    await until('gone', async () => (await store.read('7')) === undefined);

    const newer = await create();
    assert.equal(await store.end(cleared, 'life'), false, 'a newer pod of the same name');
    const forged = { ...cleared, metadata: { ...cleared.metadata, resourceVersion: newer.metadata.resourceVersion } };
    assert.equal(await store.end(forged, 'life'), false, 'whatever its version');
    assert.equal((await store.read('7'))?.metadata.uid, newer.metadata.uid);
    assert.equal(await store.end(newer, 'visitor'), true);
    pods.dispose();
  });

  it('have one leader, and the next one at once when it goes', async () => {
    const { client, namespace } = bench();
    const start = (identity: string): LeaderElector =>
      createLeaderElector({
        ...{ client, namespace, ...watching, identity },
        name: 'playground-leader',
        lead: () => ({ dispose: () => undefined }),
      });
    const read = async () => (await client.get<Lease>(resources.leases, 'playground-leader', namespace)).spec;
    const first = start('first');
    await eventually('the first leads', () => first.isLeading, 5_000);
    const second = start('second');
    const acquiredAt = (await read())?.renewTime ?? '';
    assert.match(acquiredAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    await eventually('it renews', async () => ((await read())?.renewTime ?? '') > acquiredAt, 10_000);
    assert.deepEqual([first.isLeading, second.isLeading], [true, false]);
    await first.dispose();
    await eventually('the second leads', () => second.isLeading, 5_000);
    const { holderIdentity, leaseTransitions } = (await read()) ?? {};
    assert.deepEqual([holderIdentity, leaseTransitions], ['second', 1]);
    await second.dispose();
    assert.equal((await read())?.holderIdentity, '');
  });
});
