// The controller: every key once, never twice at once, faults again with back-off.
import assert from 'node:assert/strict';
import { createManualClock } from '../../../server/common/clock.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import { createController, type Controller, type Source } from '../../../server/kube/index.ts';
import { createDeferred } from '../../support/scripted-api.ts';

const noSources: Source[] = [];

describe('controller', () => {
  const clock = createManualClock();
  const logger = createSilentLogger();
  let controller: Controller;
  afterEach(() => controller.dispose());

  it('works on a key that is named while it runs once more, and never twice at once', async () => {
    const gates = [createDeferred(), createDeferred()];
    let running = 0;
    let calls = 0;
    controller = createController({
      name: 't',
      clock,
      logger,
      sources: noSources,
      concurrency: 4,
      async reconcile() {
        assert.equal(++running, 1);
        await gates[calls++]?.promise;
        running--;
      },
    });
    controller.enqueue('a');
    await clock.advance(0);
    controller.enqueue('a');
    controller.enqueue('a');
    await clock.advance(0);
    assert.equal(calls, 1);
    gates[0]?.resolve();
    await clock.advance(0);
    assert.equal(calls, 2);
    gates[1]?.resolve();
    await clock.advance(0);
    assert.equal(calls, 2);
  });

  it('keeps to its concurrency', async () => {
    const gate = createDeferred();
    const seen: string[] = [];
    controller = createController({
      name: 't',
      clock,
      logger,
      sources: noSources,
      concurrency: 2,
      reconcile: async (key) => (seen.push(key), gate.promise),
    });
    for (const key of ['a', 'b', 'c']) controller.enqueue(key);
    await clock.advance(0);
    assert.deepEqual(seen, ['a', 'b']);
    gate.resolve();
    await clock.advance(0);
    assert.deepEqual(seen, ['a', 'b', 'c']);
  });

  it('comes again after a fault, later each time, and after requeueAfterMs', async () => {
    const atMs: number[] = [];
    const startMs = clock.now();
    controller = createController({
      name: 't',
      clock,
      logger,
      sources: noSources,
      async reconcile() {
        atMs.push(clock.now() - startMs);
        if (atMs.length < 3) throw new Error('not yet');
        if (atMs.length === 3) return { requeueAfterMs: 60_000 };
      },
    });
    controller.enqueue('a');
    await clock.advance(2000);
    assert.equal(atMs.length, 3);
    assert.ok(atMs[1]! >= 100 && atMs[1]! <= 200, String(atMs));
    assert.ok(atMs[2]! - atMs[1]! >= 200 && atMs[2]! - atMs[1]! <= 400, String(atMs));
    await clock.advance(60_000);
    assert.equal(atMs.length, 4);
  });

  it('does nothing after its end', async () => {
    let calls = 0;
    controller = createController({
      name: 't',
      clock,
      logger,
      sources: noSources,
      reconcile: async () => void calls++,
    });
    await clock.advance(0);
    controller.dispose();
    controller.enqueue('a');
    await clock.advance(1000);
    assert.equal(calls, 0);
    assert.equal(clock.pending, 0);
  });
});
