// The leader's work on a cluster in memory: who is ended when, with which questions and writes, and who is left alone.
import assert from 'node:assert/strict';
import { createManualClock, type ManualClock } from '../../../server/common/clock.ts';
import type { AsyncDisposable } from '../../../server/common/lifecycle.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import { createInformer, KubeError, resources, type Informer, type KubeClient } from '../../../server/kube/index.ts';
import type { AgentAddress, Environment, Pod } from '../../../server/session/index.ts';
import { createReaper } from '../../../server/session/reaper.ts';
import { buildSessionPod } from '../../../server/session/pod.ts';
import { stayNotes } from '../../../server/session/lifetime.ts';
import { SessionPods } from '../../../server/session/session-pods.ts';
import { annotations } from '../../../server/session/types.ts';
import { FakeCluster } from '../../support/fake-cluster.ts';
import { loadLite } from '../../support/session-environment.ts';

const minute = 60_000;

describe('reaper', () => {
  let lite: Environment;
  let clock: ManualClock;
  let cluster: FakeCluster;
  let pods: Informer<Pod>;
  let reapers: AsyncDisposable[];
  /** When something was last typed, by user; absent: never. */
  let typedMs: Map<string, number>;
  let silent: Set<string>;
  let asked: string[];
  let ended: string[];

  before(async () => (lite = await loadLite()));
  beforeEach(() => {
    clock = createManualClock();
    cluster = new FakeCluster(clock);
    pods = watch(cluster.client);
    [reapers, asked, ended] = [[], [], []];
    [typedMs, silent] = [new Map(), new Set()];
  });
  afterEach(async () => {
    for (const reaper of reapers) await reaper.dispose();
    pods.dispose();
    assert.equal(clock.pending, 0);
  });

  const watch = (client: KubeClient) =>
    createInformer<Pod>(client, resources.pods, { namespace: 'sessions' }, { clock, logger: createSilentLogger() });

  function lead({ client = cluster.client, informer = pods, term = { isCurrent: true } } = {}): AsyncDisposable {
    const reaper = createReaper({
      client,
      pods: informer,
      namespace: 'sessions',
      agents: { readIdleMs: (agent) => readIdleMs(agent) },
      signer: { podKeys: { keyId: 'k', publicKeys: '' }, sign: async ({ userId }) => userId },
      clock,
      logger: createSilentLogger(),
      term,
      onEnd: (pod, why) => ended.push(`${pod.metadata.annotations?.[annotations.userLogin]} ${why}`),
    });
    reapers.push(reaper);
    return reaper;
  }
  let readIdleMs = async (agent: AgentAddress): Promise<number | undefined> => {
    const user = await agent.createToken();
    asked.push(user);
    if (silent.has(user)) throw new Error('no answer');
    const at = typedMs.get(user);
    return at === undefined ? undefined : clock.now() - at;
  };
  async function start(user: string): Promise<Pod> {
    const keys = { keyId: 'k', publicKeys: '' };
    const pod = buildSessionPod(lite, { id: user, login: user }, 'sessions', keys, clock.now());
    return cluster.makeReady(await cluster.client.create<Pod>(resources.pods, pod));
  }
  const noteOf = (user: string, name: keyof typeof annotations) =>
    cluster.podOf(user).metadata.annotations?.[annotations[name]];
  const users = () => cluster.pods.map(({ metadata }) => metadata.annotations?.[annotations.userLogin] ?? '').sort();
  async function stay(user: string): Promise<void> {
    const store = new SessionPods({
      client: cluster.client,
      pods,
      namespace: 'sessions',
      clock,
      logger: createSilentLogger(),
    });
    const pod = await store.read(user);
    assert.ok(pod && (await store.annotate(pod, stayNotes(pod, clock.now()))), 'stayed');
  }
  /** Types once in each of the next `minutes`. */
  async function type(user: string, minutes: number): Promise<void> {
    for (let index = 0; index < minutes; index++) {
      typedMs.set(user, clock.now());
      await clock.advance(minute);
    }
  }

  it('ends a session in which nobody types, announced before, and says why', async () => {
    await start('ada');
    lead();
    await clock.advance(24 * minute);
    assert.deepEqual(asked, [], 'nobody is asked while it cannot matter');
    await clock.advance(minute);
    assert.equal(noteOf('ada', 'idleAt'), '2026-01-01T00:30:00.000Z');
    await clock.advance(4.9 * minute);
    assert.deepEqual(ended, []);
    let why: string | undefined;
    pods.subscribe({ onDelete: ({ metadata }) => (why = metadata.annotations?.[annotations.endReason]) });
    await clock.advance(0.2 * minute);
    assert.deepEqual(ended, ['ada idle']);
    assert.equal(why, 'idle', 'every replica hears why');
    assert.ok(asked.length < 30, `${asked.length} questions`);
  });

  it('lets those who type alone, with few questions, until their life is over', async () => {
    await start('ada');
    lead();
    await type('ada', 59);
    assert.deepEqual([users(), ended], [['ada'], []]);
    assert.equal(noteOf('ada', 'idleAt'), undefined);
    assert.ok(asked.length <= 4, `${asked.length} questions`);
    await type('ada', 2);
    assert.deepEqual(ended, ['ada life']);
  });

  it('takes its announcement back within 15 s of a key', async () => {
    await start('ada');
    lead();
    await clock.advance(26 * minute);
    assert.ok(noteOf('ada', 'idleAt'));
    typedMs.set('ada', clock.now());
    await clock.advance(15_000);
    assert.equal(noteOf('ada', 'idleAt'), undefined);
  });

  it('lets stay put the end off, to the cap and not beyond', async () => {
    await start('ada');
    lead();
    await clock.advance(29 * minute);
    assert.ok(noteOf('ada', 'idleAt'));
    await stay('ada');
    assert.equal(noteOf('ada', 'idleAt'), undefined);
    await type('ada', 50);
    assert.deepEqual(ended, [], 'past its first hour');
    await stay('ada');
    await type('ada', 40);
    assert.deepEqual(ended, []);
    await type('ada', 2);
    assert.deepEqual(ended, ['ada cap'], 'after two hours');
  });

  it('never ends for want of input what it cannot ask', async () => {
    await start('ada');
    lead();
    silent.add('ada');
    await clock.advance(59 * minute);
    assert.deepEqual(ended, []);
    assert.equal(noteOf('ada', 'idleAt'), undefined, 'nothing is announced that is not known');
    silent.clear();
    typedMs.set('ada', clock.now());
    await clock.advance(30_000);
    assert.deepEqual(ended, []);
  });

  it('asks once more at the end: a key in the last second counts', async () => {
    await start('ada');
    lead();
    await clock.advance(30 * minute - 1000);
    typedMs.set('ada', clock.now());
    await clock.advance(5 * minute);
    assert.deepEqual(ended, []);
  });

  it('does not end by a list that is stale: what the API server has counts', async () => {
    await start('ada');
    const frozen = watch({ ...cluster.client, watch: () => ({ dispose: () => undefined }) });
    await frozen.synced;
    lead({ informer: frozen });
    await type('ada', 55);
    await stay('ada');
    await type('ada', 30);
    assert.deepEqual([users(), ended], [['ada'], []]);
    assert.equal(noteOf('ada', 'endReason'), undefined);
    frozen.dispose();
  });

  it('leaves a new session alone whose pod took the name of the one that was judged', async () => {
    const old = await start('ada');
    const frozen = watch({ ...cluster.client, watch: () => ({ dispose: () => undefined }) });
    await frozen.synced;
    lead({ informer: frozen });
    await clock.advance(20 * minute);
    cluster.finishDeletion(old);
    await start('ada');
    await clock.advance(9 * minute);
    silent.add('ada');
    await clock.advance(70 * minute);
    assert.deepEqual(ended, []);
    frozen.dispose();
  });

  it('does nothing when its term is over, also between the reason and the end', async () => {
    await start('ada');
    const term = { isCurrent: true };
    const client: KubeClient = {
      ...cluster.client,
      async patch(...args) {
        const patched = await cluster.client.patch(...args);
        if (JSON.stringify(args[4]).includes('end-reason":"idle')) term.isCurrent = false;
        return patched as never;
      },
    };
    lead({ client, term });
    await clock.advance(31 * minute);
    assert.deepEqual([users(), ended], [['ada'], []]);
    assert.equal(noteOf('ada', 'endReason'), 'idle', 'it came so far');
    typedMs.set('ada', clock.now());
    lead();
    await clock.advance(1000);
    assert.equal(noteOf('ada', 'endReason'), undefined, 'the next leader tidies up');
    assert.deepEqual(ended, []);
  });

  it('gives a minute after a gap to those who could not stay, and asks anew', async () => {
    for (const user of ['ada', 'ben', 'cleo']) await start(user);
    const first = lead();
    await clock.advance(20 * minute);
    await first.dispose();
    await clock.advance(45 * minute);
    typedMs.set('ben', clock.now());
    asked = [];
    lead();
    await clock.advance(50_000);
    assert.deepEqual(ended, [], 'all are beyond their hour');
    assert.deepEqual([...new Set(asked)].sort(), ['ada', 'ben', 'cleo']);
    await stay('cleo');
    await clock.advance(20_000);
    assert.deepEqual([ended.sort(), users()], [['ada life', 'ben life'], ['cleo']]);
  });

  it('ends expired, failed and foreign pods, and each with its reason', async () => {
    for (const user of ['ada', 'ben', 'cleo']) await start(user);
    lead();
    await clock.advance(0);
    cluster.setStatus(cluster.podOf('ada'), { phase: 'Failed', reason: 'DeadlineExceeded' });
    cluster.setStatus(cluster.podOf('ben'), { phase: 'Failed', reason: 'Evicted' });
    await cluster.client.patch(resources.pods, cluster.podOf('cleo').metadata.name, 'sessions', 'merge', {
      metadata: { annotations: { [annotations.userId]: null } },
    });
    await clock.advance(1000);
    assert.deepEqual(ended.sort(), ['ada cap', 'cleo orphan']);
    await clock.advance(10 * minute);
    assert.deepEqual(ended.slice(2), ['ben failed']);
  });

  it('goes on when the API server refuses for a while', async () => {
    await start('ada');
    lead();
    await clock.advance(29 * minute);
    cluster.fault = new KubeError(503, 'ServiceUnavailable', 'away');
    await clock.advance(3 * minute);
    assert.deepEqual([users(), ended], [['ada'], []]);
    cluster.fault = undefined;
    await clock.advance(16_000);
    assert.deepEqual(ended, ['ada idle']);
  });

  it('asks no more than eight agents at once, and forgets none', async () => {
    let atOnce = 0;
    let most = 0;
    for (let index = 0; index < 40; index++) await start(`user-${index}`);
    const ask = readIdleMs;
    readIdleMs = async (agent) => {
      most = Math.max(most, ++atOnce);
      await clock.sleep(100);
      atOnce--;
      return ask(agent);
    };
    lead();
    await clock.advance(26 * minute);
    readIdleMs = ask;
    assert.equal(most, 8);
    assert.equal(new Set(asked).size, 40);
  });

  it('never lets two leaders, which may not be, end what a user keeps', async () => {
    for (const user of ['ada', 'ben']) await start(user);
    lead();
    lead();
    await type('ada', 20);
    await type('ada', 20);
    assert.deepEqual([users(), ended], [['ada'], ['ben idle']]);
  });

  it('keeps everybody who types or stays in time, and nobody else, whatever happens to the agents', async function () {
    this.timeout(60_000);
    for (let seed = 1; seed <= 6; seed++) {
      let state = seed * 104_729;
      const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
      const everybody = Array.from({ length: 6 }, (_, index) => `u${seed}-${index}`);
      const usedMs = new Map<string, number>();
      const heardSinceMs = new Map<string, number>();
      for (const user of everybody) await start(user).then(() => usedMs.set(user, clock.now()));
      const reaper = lead();
      const startMs = clock.now();
      for (let second = 0; second < 55 * 60; second += 20) {
        for (const user of users()) {
          const use = random();
          if (use < 0.004) await stay(user);
          else if (use < 0.015) typedMs.set(user, clock.now());
          if (use < 0.015) usedMs.set(user, clock.now());
          if (random() >= 0.01) continue;
          if (silent.delete(user)) heardSinceMs.set(user, clock.now());
          else silent.add(user);
        }
        ended = [];
        await clock.advance(20_000);
        for (const line of ended) {
          const [user = '', why] = line.split(' ');
          const unusedMinutes = (clock.now() - (usedMs.get(user) ?? 0)) / minute;
          assert.equal(why, 'idle');
          assert.ok(unusedMinutes >= 30, `${user} used it ${unusedMinutes} minutes before`);
        }
        for (const user of users()) {
          const unusedMinutes = (clock.now() - (usedMs.get(user) ?? 0)) / minute;
          const heardMinutes = silent.has(user) ? 0 : (clock.now() - (heardSinceMs.get(user) ?? startMs)) / minute;
          assert.ok(Math.min(unusedMinutes - 30, heardMinutes) < 1.5, `${user} is kept for ${unusedMinutes} minutes`);
        }
      }
      assert.ok(clock.now() - startMs >= 55 * minute);
      await reaper.dispose();
      for (const pod of cluster.pods) cluster.finishDeletion(pod);
      silent.clear();
    }
  });
});
