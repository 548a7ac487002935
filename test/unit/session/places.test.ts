// The cap on sessions: replicas that create at once agree on who goes, whatever they see first.
import assert from 'node:assert/strict';
import { createManualClock } from '../../../server/common/clock.ts';
import { isPlaygroundError } from '../../../server/common/errors.ts';
import type { Informer, InformerHandlers } from '../../../server/kube/index.ts';
import { createPlaces, podsOverCap, type Places } from '../../../server/session/places.ts';
import type { Pod } from '../../../server/session/types.ts';

const podOf = (name: string, second = 0, phase: 'Pending' | 'Running' | 'Failed' = 'Pending'): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'n',
    uid: `uid-${name}`,
    creationTimestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
  },
  spec: { containers: [] },
  status: { phase },
});
const namesOf = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name).sort();

/** An informer that sees what the test lets it see. */
class Eyes implements Informer<Pod> {
  readonly synced = Promise.resolve();
  readonly #pods = new Map<string, Pod>();
  readonly #handlers = new Set<InformerHandlers<Pod>>();
  get = (name: string) => this.#pods.get(name);
  list = () => [...this.#pods.values()];
  subscribe(handlers: InformerHandlers<Pod>) {
    this.#handlers.add(handlers);
    return { dispose: () => void this.#handlers.delete(handlers) };
  }
  dispose = () => undefined;
  see(pod: Pod): void {
    const old = this.#pods.get(pod.metadata.name);
    this.#pods.set(pod.metadata.name, pod);
    for (const handlers of this.#handlers)
      if (old) handlers.onUpdate?.(pod, old);
      else handlers.onAdd?.(pod);
  }
  lose(pod: Pod): void {
    if (this.#pods.delete(pod.metadata.name)) for (const handlers of this.#handlers) handlers.onDelete?.(pod);
  }
}

describe('places', () => {
  const clock = createManualClock();
  let eyes: Eyes;
  let withdrawn: Pod[];
  let places: Places;
  const create = (maxSessions: number) =>
    createPlaces({ pods: eyes, maxSessions, clock, withdraw: (pod) => withdrawn.push(pod) });
  beforeEach(() => {
    eyes = new Eyes();
    withdrawn = [];
    places = create(2);
  });
  afterEach(() => {
    places.dispose();
    assert.equal(clock.pending, 0);
  });

  it('names the newest beyond the cap, by creation and then by name; what has ended holds no place', () => {
    const pods = [podOf('d', 5), podOf('c', 1), podOf('b', 5), podOf('a', 5, 'Failed'), podOf('e', 0, 'Running')];
    assert.deepEqual(namesOf(podsOverCap(pods, 4)), []);
    assert.deepEqual(namesOf(podsOverCap(pods, 3)), ['d']);
    assert.deepEqual(namesOf(podsOverCap(pods, 2)), ['b', 'd']);
  });

  it('refuses when all are taken, with a sentence and a time to come back', () => {
    eyes.see(podOf('a'));
    places.ensureFree();
    eyes.see(podOf('b', 1, 'Running'));
    assert.throws(
      () => places.ensureFree(),
      (fault) =>
        isPlaygroundError(fault) &&
        fault.status === 503 &&
        fault.code === 'Full' &&
        fault.retryAfterSeconds === 30 &&
        /^All places are taken/.test(fault.message),
    );
    eyes.see(podOf('b', 1, 'Failed'));
    places.ensureFree();
  });

  it('confirms a pod when it is seen, and not one that came too late', async () => {
    eyes.see(podOf('a'));
    const [second, third] = [podOf('b', 1), podOf('c', 2)];
    const confirmations = [places.confirm(second), places.confirm(third)];
    eyes.see(second);
    assert.equal(await confirmations[0], true);
    eyes.see(third);
    assert.equal(await confirmations[1], false);
    assert.deepEqual(withdrawn, [], 'who asked takes it back');
  });

  it('takes a confirmed pod back when an older one of another replica is seen later', async () => {
    eyes.see(podOf('a'));
    const mine = podOf('m', 1);
    eyes.see(mine);
    assert.equal(await places.confirm(mine), true);
    eyes.see(podOf('b', 1));
    assert.deepEqual(namesOf(withdrawn), ['m']);
    eyes.see(podOf('c', 1));
    assert.equal(withdrawn.length, 1, 'once');
  });

  it('leaves alone what others made, and what has become ready', async () => {
    const mine = podOf('m', 1);
    eyes.see(mine);
    await places.confirm(mine);
    const ready = { type: 'Ready', status: 'True' } as const;
    eyes.see({ ...mine, status: { phase: 'Running', conditions: [ready] } });
    for (const name of ['a', 'b', 'c']) eyes.see(podOf(name));
    assert.deepEqual(withdrawn, []);
  });

  it('does not wait for a watch that is broken', async () => {
    const confirmation = places.confirm(podOf('m', 1));
    await clock.advance(2_000);
    assert.equal(await confirmation, true);
    for (const name of ['a', 'b', 'm']) eyes.see(podOf(name, name === 'm' ? 1 : 0));
    assert.deepEqual(namesOf(withdrawn), ['m'], 'and looks when it is back');
  });

  it('is never exceeded for longer than replicas need to see each other, and nobody goes without need', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      let state = seed * 7_919;
      const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
      const cap = 1 + Math.floor(random() * 4);
      const replicas = [new Eyes(), new Eyes(), new Eyes()].map((view) => {
        const gone: Pod[] = [];
        return {
          view,
          gone,
          inbox: [] as (() => void)[],
          places: createPlaces({ pods: view, maxSessions: cap, clock, withdraw: (pod) => gone.push(pod) }),
        };
      });
      const alive = new Set<string>();
      const tell = (act: (view: Eyes) => void) => replicas.forEach(({ inbox, view }) => inbox.push(() => act(view)));
      const remove = (pod: Pod) => alive.delete(pod.metadata.name) && tell((view) => view.lose(pod));
      const asked = 1 + Math.floor(random() * 8);
      let refused = 0;
      for (let index = 0; index < asked; index++) {
        const replica = replicas[Math.floor(random() * 3)] as (typeof replicas)[number];
        try {
          replica.places.ensureFree();
        } catch {
          refused++;
          continue;
        }
        const pod = podOf(`${Math.floor(random() * 1e6)}`, Math.floor(index / 3));
        alive.add(pod.metadata.name);
        tell((view) => view.see(pod));
        void replica.places.confirm(pod).then((mayStay) => mayStay || remove(pod));
        if (random() < 0.5) replicas[Math.floor(random() * 3)]?.inbox.shift()?.();
      }
      // Each sees all in the order of the API server, but when it likes.
      for (let turn = 0; replicas.some(({ inbox }) => inbox.length) || turn < 3; turn++) {
        for (const { inbox, gone } of replicas) {
          if (random() < 0.7) inbox.shift()?.();
          for (const pod of gone.splice(0)) remove(pod);
        }
        await clock.advance(0);
      }
      assert.ok(alive.size <= cap, `seed ${seed}: ${alive.size} of ${cap}`);
      if (!refused) assert.equal(alive.size, Math.min(cap, asked), `seed ${seed}: nobody too many was taken back`);
      for (const replica of replicas) replica.places.dispose();
    }
  });
});
