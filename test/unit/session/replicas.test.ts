// Two gateways on one cluster in memory: one session a user, the cap held, ends and stays that race, whoever is asked.
import assert from 'node:assert/strict';
import { createManualClock, type ManualClock } from '../../../server/common/clock.ts';
import { isPlaygroundError } from '../../../server/common/errors.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import { createInformer, resources, type Informer, type KubeClient } from '../../../server/kube/index.ts';
import type { Ended, Session } from '../../../server/protocol/rest.ts';
import {
  createSessionManager,
  createTokenKey,
  createTokenSigner,
  type Environment,
  type Pod,
  type SessionManager,
} from '../../../server/session/index.ts';
import { FakeCluster } from '../../support/fake-cluster.ts';
import { loadLite } from '../../support/session-environment.ts';
import { until } from '../../support/until.ts';

const userOf = (name: string) => ({ id: `id-of-${name}`, login: name });

describe('replicas', () => {
  let lite: Environment;
  let clock: ManualClock;
  let cluster: FakeCluster;
  let managers: SessionManager[];
  let informers: Informer<never>[];
  let a: SessionManager;
  let b: SessionManager;

  before(async () => (lite = await loadLite()));
  beforeEach(async () => {
    clock = createManualClock();
    cluster = new FakeCluster(clock);
    [managers, informers] = [[], []];
    [a, b] = [await startManager(), await startManager()];
  });
  afterEach(() => {
    for (const one of [...managers, ...informers]) one.dispose();
    assert.equal(clock.pending, 0);
  });

  async function startManager(client: KubeClient = cluster.client, maxSessions = 4): Promise<SessionManager> {
    const watching = { clock, logger: createSilentLogger() };
    const ofNamespace = { namespace: 'sessions' };
    const pods = createInformer<Pod>(client, resources.pods, ofNamespace, watching);
    const events = createInformer<never>(client, resources.events, ofNamespace, watching);
    informers.push(pods as Informer<never>, events);
    const manager = createSessionManager({
      ...{ client, pods, events, ...ofNamespace, ...watching, maxSessions },
      environments: new Map([['lite', lite]]),
      defaultEnvironment: 'lite',
      signer: await createTokenSigner([createTokenKey()], clock),
    });
    managers.push(manager);
    await manager.synced;
    return manager;
  }
  const podsOf = (login: string) =>
    cluster.pods.filter(({ metadata }) => metadata.annotations?.['playground.gardener.cloud/user-login'] === login);
  const codeOf = (fault: unknown) => (isPlaygroundError(fault) ? fault.code : String(fault));

  it('make one session for a user who asks both at once', async () => {
    const asked = [a, b, a, b, a, b].map((manager) => manager.ensure(userOf('ada'), 'lite'));
    const sessions = await Promise.all(asked);
    assert.equal(new Set(sessions.map(({ id }) => id)).size, 1);
    assert.equal(podsOf('ada').length, 1);
  });

  it('serve any user: made by one, found, extended and ended by the other', async () => {
    const ada = userOf('ada');
    const made = await a.ensure(ada, 'lite');
    assert.equal((await b.get(ada.id))?.id, made.id);
    cluster.makeReady(cluster.podOf('ada'));
    assert.equal(b.findAgent(ada.id).sessionId, made.id);
    const told: Session[] = [];
    const ends: Ended[] = [];
    a.subscribe(ada.id, { onSession: (session) => told.push(session), onEnded: (ended) => ends.push(ended) });
    await clock.advance(10 * 60_000);
    const stayed = await b.stay(ada.id);
    assert.equal(stayed.end.at, '2026-01-01T01:10:00.000Z');
    assert.deepEqual(told.at(-1)?.end, stayed.end, 'tabs on the other one hear of it');
    await b.end(ada.id);
    assert.deepEqual(ends, [{ sentence: 'You ended this session.' }]);
    await assert.rejects(a.stay(ada.id), (fault) => codeOf(fault) === 'NoSession');
  });

  it('both end and both stay without a fault', async () => {
    const ada = userOf('ada');
    await a.ensure(ada, 'lite');
    await Promise.all([a.stay(ada.id), b.stay(ada.id), a.stay(ada.id), b.stay(ada.id)]);
    await Promise.all([a.end(ada.id), b.end(ada.id)]);
    assert.deepEqual(podsOf('ada'), []);
    await assert.rejects(a.end(ada.id), (fault) => codeOf(fault) === 'NoSession');
  });

  it('do not extend what is over', async () => {
    const ada = userOf('ada');
    await a.ensure(ada, 'lite');
    cluster.setStatus(cluster.podOf('ada'), { phase: 'Failed', reason: 'Evicted' });
    await assert.rejects(b.stay(ada.id), (fault) => codeOf(fault) === 'SessionOver');
  });

  it('stay by what the API server has: a change in between is not overwritten', async () => {
    const ada = userOf('ada');
    await a.ensure(ada, 'lite');
    let conflicts = 0;
    const busy = await startManager({
      ...cluster.client,
      async patch(...args) {
        // Somebody else is quicker, twice.
        if (conflicts++ < 2) cluster.makeReady(cluster.podOf('ada'));
        return (await cluster.client.patch(...args)) as never;
      },
    });
    await clock.advance(60_000);
    assert.equal((await busy.stay(ada.id)).state, 'ready');
    assert.equal(conflicts, 3);
  });

  it('retry a failed session once, though both are asked', async () => {
    const ada = userOf('ada');
    const first = await a.ensure(ada, 'lite');
    cluster.setStatus(cluster.podOf('ada'), { phase: 'Failed', reason: 'Evicted' });
    const again = await Promise.all([a.ensure(ada, 'lite'), b.ensure(ada, 'lite')]);
    assert.equal(again[0]?.id, again[1]?.id);
    assert.notEqual(again[0]?.id, first.id);
  });

  it('hold the cap together: who is too much is told so, and has no pod', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `user-${index}`);
    const asked = names.map((name, index) => (index % 2 ? a : b).ensure(userOf(name), 'lite'));
    const results = await Promise.allSettled(asked);
    assert.equal(cluster.pods.length, 4);
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 4);
    for (const result of results) if (result.status === 'rejected') assert.equal(codeOf(result.reason), 'Full');
    await assert.rejects(a.ensure(userOf('late'), 'lite'), (fault) => codeOf(fault) === 'Full');
    const holder = cluster.pods[0]?.metadata.annotations?.['playground.gardener.cloud/user-login'] ?? '';
    assert.ok(await b.ensure(userOf(holder), 'lite'), 'who has one keeps it');
    await b.end(userOf(holder).id);
    assert.ok(await a.ensure(userOf('late'), 'lite'), 'a place that is free is given');
  });

  it('hold the cap when they see each other late: what was too much goes, and its user hears why', async () => {
    const late: (() => void)[] = [];
    const slow = await startManager(
      {
        ...cluster.client,
        watch: (resource, options, onEvent, onEnd) =>
          cluster.client.watch(resource, options, (event) => late.push(() => onEvent(event as never)), onEnd),
      },
      2,
    );
    const quick = await startManager(cluster.client, 2);
    await quick.ensure(userOf('a'), 'lite');
    await quick.ensure(userOf('b'), 'lite');
    await clock.advance(1_000);
    const asking = slow.ensure(userOf('c'), 'lite');
    await until('the pod of c', () => podsOf('c').length === 1);
    await clock.advance(2_000);
    assert.equal((await asking).state, 'starting', 'it could not see the others in two seconds');
    const ends: Ended[] = [];
    slow.subscribe(userOf('c').id, { onEnded: (ended) => ends.push(ended) });
    quick.subscribe(userOf('c').id, { onEnded: (ended) => ends.push(ended) });
    for (const see of late.splice(0)) see();
    await until('withdrawal', () => podsOf('c').length === 0);
    assert.deepEqual(ends, [{ sentence: 'All places are taken at the moment. Please try again in a few minutes.' }]);
    assert.equal(cluster.pods.length, 2);
  });
});
