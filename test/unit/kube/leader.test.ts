// The leader election: one leads, another follows, two never act, whatever the API server does to their requests.
import assert from 'node:assert/strict';
import { createManualClock, type ManualClock } from '../../../server/common/clock.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import {
  createLeaderElector,
  KubeError,
  resources,
  type KubeClient,
  type LeaderElector,
  type Term,
} from '../../../server/kube/index.ts';
import type { Lease } from '../../../server/kube/lease.ts';
import { createMemoryKube, type MemoryKube } from '../../support/memory-kube.ts';

const never = () => new Promise<never>(() => undefined);

/** A replica whose line to the API server the test holds. */
interface Replica {
  elector: LeaderElector;
  terms: Term[];
  /** Terms whose work has begun and not ended. */
  working: number;
  /** Before and after each request reaches the API server. */
  line: { before(): Promise<void>; after(): Promise<void> };
}

function throughLine(client: KubeClient, line: Replica['line']): KubeClient {
  const pass = <Args extends unknown[], T>(send: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      await line.before();
      const answer = await send(...args);
      await line.after();
      return answer;
    };
  };
  return {
    ...client,
    get: pass(client.get) as never,
    create: pass(client.create) as never,
    update: pass(client.update) as never,
  };
}

describe('leader election', () => {
  let clock: ManualClock;
  let kube: MemoryKube;
  let replicas: Replica[];
  beforeEach(() => {
    clock = createManualClock();
    kube = createMemoryKube();
    replicas = [];
  });
  afterEach(async () => {
    for (const { line } of replicas)
      Object.assign(line, { before: async () => undefined, after: async () => undefined });
    const ends = replicas.map(({ elector }) => elector.dispose());
    await clock.advance(20_000);
    await Promise.all(ends);
    assert.equal(clock.pending, 0, 'no timer is left');
  });

  function start(identity: string): Replica {
    const line = { before: async () => undefined, after: async () => undefined };
    const replica: Replica = { elector: undefined as never, terms: [], working: 0, line };
    replica.elector = createLeaderElector({
      client: throughLine(kube.client, line),
      clock,
      logger: createSilentLogger(),
      namespace: 'n',
      name: 'leader',
      identity,
      lead(term) {
        replica.terms.push(term);
        replica.working++;
        return { dispose: () => void replica.working-- };
      },
    });
    replicas.push(replica);
    return replica;
  }
  const lease = () => kube.get<Lease>(resources.leases, 'leader', 'n');
  const holder = () => lease()?.spec?.holderIdentity;
  const leaders = () => replicas.filter(({ elector }) => elector.isLeading).length;

  it('the first one leads, and goes on leading', async () => {
    const [a, b] = [start('a'), start('b')];
    await clock.advance(60_000);
    assert.equal(holder(), 'a');
    assert.deepEqual([a.elector.isLeading, b.elector.isLeading], [true, false]);
    assert.deepEqual([a.terms.length, a.working, b.terms.length], [1, 1, 0]);
    assert.equal(lease()?.spec?.leaseTransitions, 0);
  });

  it('another leads within 15 s of a kill, whenever that is', async () => {
    for (const killedAtMs of [1, 999, 1_999, 2_001]) {
      const [a, b] = [start(`a${killedAtMs}`), start(`b${killedAtMs}`)];
      await clock.advance(4_000 + killedAtMs);
      const [leader, other] = a.elector.isLeading ? [a, b] : [b, a];
      assert.ok(leader.elector.isLeading);
      leader.line.before = never;
      await clock.advance(15_000);
      assert.deepEqual([leader.elector.isLeading, other.elector.isLeading], [false, true], `${killedAtMs}`);
      leader.line.before = async () => undefined;
      const ends = [a.elector.dispose(), b.elector.dispose()];
      await clock.advance(10_000);
      await Promise.all(ends);
      replicas = [];
    }
  });

  it('gives the lease back, so that another leads at its next look', async () => {
    const [a, b] = [start('a'), start('b')];
    await clock.advance(1_000);
    const [term] = a.terms;
    await a.elector.dispose();
    assert.deepEqual([term?.isCurrent, a.working, holder()], [false, 0, '']);
    await clock.advance(2_000);
    assert.deepEqual([b.elector.isLeading, b.terms[0]?.isCurrent], [true, true]);
  });

  it('stops acting before another may start, when it cannot renew', async () => {
    const [a, b] = [start('a'), start('b')];
    await clock.advance(500);
    const [term] = a.terms;
    a.line.before = () => Promise.reject(new KubeError(0, 'Unreachable', 'gone'));
    await clock.advance(4_499);
    assert.deepEqual([term?.isCurrent, a.working], [true, 1]);
    await clock.advance(1);
    assert.deepEqual([term?.isCurrent, a.working], [false, 0]);
    assert.equal(b.elector.isLeading, false);
    await clock.advance(8_000);
    assert.equal(b.elector.isLeading, true);
  });

  it('begins a new term when the API server is back, and nothing of the old one', async () => {
    const a = start('a');
    await clock.advance(500);
    a.line.before = () => Promise.reject(new KubeError(503, 'ServiceUnavailable', 'away'));
    await clock.advance(60_000);
    assert.equal(a.elector.isLeading, false);
    a.line.before = async () => undefined;
    await clock.advance(2_000);
    assert.deepEqual(
      a.terms.map(({ isCurrent }) => isCurrent),
      [false, true],
    );
    assert.equal(a.working, 1);
  });

  it('does not believe in a renewal whose answer came too late', async () => {
    const a = start('a');
    await clock.advance(500);
    a.line.after = () => clock.sleep(7_000);
    await clock.advance(8_000);
    assert.equal(a.elector.isLeading, false);
  });

  it('stops at once when somebody else is written into the lease', async () => {
    const a = start('a');
    await clock.advance(500);
    const now = lease() as Lease;
    kube.put(resources.leases, { ...now, spec: { ...now.spec, holderIdentity: 'administrator' } } as Lease);
    await clock.advance(2_000);
    assert.deepEqual([a.elector.isLeading, a.working], [false, 0]);
  });

  it('leads again after the lease was deleted', async () => {
    const a = start('a');
    await clock.advance(500);
    await kube.client.delete(resources.leases, 'leader', 'n');
    await clock.advance(2_000);
    assert.deepEqual([a.elector.isLeading, holder(), a.terms.length], [true, 'a', 1]);
  });

  it('lets the work of one term end before that of the next begins', async () => {
    const a = start('a');
    await clock.advance(500);
    let finish = () => undefined as void;
    a.working = 0;
    const slow = createLeaderElector({
      client: throughLine(kube.client, a.line),
      clock,
      logger: createSilentLogger(),
      namespace: 'n',
      name: 'slow',
      identity: 's',
      lead: () => {
        a.working++;
        return { dispose: () => new Promise<void>((resolve) => (finish = resolve)) };
      },
    });
    await clock.advance(500);
    a.line.before = never;
    await clock.advance(8_000);
    a.line.before = async () => undefined;
    await clock.advance(6_000);
    assert.deepEqual([slow.isLeading, a.working], [true, 1], 'leads, but the old work has not ended');
    finish();
    await clock.advance(0);
    assert.equal(a.working, 2);
    const ending = slow.dispose();
    await clock.advance(0);
    finish();
    await ending;
  });

  it('never lets two act, with requests that hang, fail, come late or are answered late', async function () {
    this.timeout(60_000);
    for (let seed = 1; seed <= 12; seed++) {
      let state = seed * 2_654_435_761;
      const random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
      /** Now and then a line is gone for a while: requests fail, hang, or arrive and are answered when it is back. */
      const createTrouble = () => {
        let goneUntilMs = 0;
        return async () => {
          if (random() < 0.05) goneUntilMs = clock.now() + random() * 25_000;
          const leftMs = goneUntilMs - clock.now();
          if (leftMs <= 0) return clock.sleep(random() * 500);
          const dice = random();
          if (dice < 0.2) return never();
          if (dice < 0.6) throw new KubeError(500, 'InternalError', 'trouble');
          return clock.sleep(leftMs);
        };
      };
      kube = createMemoryKube();
      replicas = [];
      for (const name of ['a', 'b', 'c']) {
        const trouble = createTrouble();
        Object.assign(start(`${name}${seed}`).line, { before: trouble, after: trouble });
      }
      let leadingSteps = 0;
      for (let step = 0; step < 600; step++) {
        await clock.advance(250);
        assert.ok(leaders() <= 1, `seed ${seed}, step ${step}: ${leaders()} leaders`);
        const current = replicas.flatMap(({ terms }) => terms).filter(({ isCurrent }) => isCurrent).length;
        assert.ok(current <= 1, `seed ${seed}, step ${step}: ${current} terms`);
        leadingSteps += leaders();
      }
      assert.ok(leadingSteps > 20, `seed ${seed}: somebody leads now and then (${leadingSteps})`);
      for (const { line } of replicas)
        Object.assign(line, { before: async () => undefined, after: async () => undefined });
      const ends = replicas.map(({ elector }) => elector.dispose());
      await clock.advance(30_000);
      await Promise.all(ends);
      replicas = [];
    }
  });
});
