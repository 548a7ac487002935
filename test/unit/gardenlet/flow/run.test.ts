// Running a flow: time, actions, faults, aborting and going on.
import assert from 'node:assert/strict';
import { createManualClock } from '../../../../server/common/clock.ts';
import type { Flow } from '../../../../server/gardenlet/flow/graph.ts';
import { runFlow, TaskError, type FlowRunOptions } from '../../../../server/gardenlet/flow/run.ts';

const flow: Flow = {
  name: 'Test flow',
  tasks: [
    { id: 'a', name: 'a', deps: [] },
    { id: 'b', name: 'b', deps: ['a'] },
    { id: 'c', name: 'c', deps: ['a'] },
    { id: 'd', name: 'd', deps: ['b', 'c'] },
  ],
};

function start(options: Partial<FlowRunOptions> = {}) {
  const clock = createManualClock();
  const seen: string[] = [];
  const abort = new AbortController();
  let outcome: unknown = 'running';
  void runFlow(flow, {
    clock,
    durationMs: () => 1000,
    actions: {},
    onProgress: (progress, description) => seen.push(`${progress} ${description}`),
    signal: abort.signal,
    ...options,
  }).then(
    () => (outcome = 'done'),
    (fault: unknown) => (outcome = fault),
  );
  return { clock, seen, abort, outcome: () => outcome };
}

describe('gardenlet/flow/run', () => {
  it('takes the time of the longest way and reports every change', async () => {
    const { clock, seen, outcome } = start();
    await clock.advance(2999);
    assert.equal(outcome(), 'running');
    await clock.advance(1);
    assert.equal(outcome(), 'done');
    assert.deepEqual(seen.slice(0, 2), ['0 Starting Test flow', '25 b, c']);
    assert.equal(seen.at(-2), '75 d');
    assert.equal(seen.at(-1), '100 Test flow finished');
    assert.equal(clock.pending, 0);
  });

  it('waits for an action that takes longer than its task', async () => {
    let finish = () => {};
    const { clock, outcome } = start({ actions: { b: () => new Promise((resolve) => (finish = resolve)) } });
    await clock.advance(60_000);
    assert.equal(outcome(), 'running');
    finish();
    await clock.advance(1000);
    assert.equal(outcome(), 'done');
  });

  it('names the task whose action failed, after those beside it have ended', async () => {
    const ended: string[] = [];
    const { clock, outcome } = start({
      actions: {
        b: () => Promise.reject(new Error('no quota')),
        c: async () => void ended.push('c'),
        d: async () => void ended.push('d'),
      },
    });
    await clock.advance(10_000);
    const fault = outcome();
    assert.ok(fault instanceof TaskError);
    assert.deepEqual([fault.taskId, fault.message, fault.progress], ['b', 'no quota', 50]);
    assert.deepEqual(ended, ['c']);
    assert.equal(clock.pending, 0);
  });

  it('ends at once when it is aborted and leaves no timer', async () => {
    const { clock, abort, outcome } = start();
    await clock.advance(1500);
    abort.abort(new Error('going down'));
    await clock.advance(0);
    assert.equal((outcome() as Error).message, 'going down');
    assert.equal(clock.pending, 0);
  });

  it('goes on where another run ended: what is past takes no time but is done again', async () => {
    const done: string[] = [];
    const { clock, seen, outcome } = start({
      resumeAtProgress: 75,
      actions: { a: async () => void done.push('a'), b: async () => void done.push('b') },
    });
    await clock.advance(0);
    assert.deepEqual(done, ['a', 'b']);
    assert.deepEqual(seen, ['75 d']);
    await clock.advance(1000);
    assert.equal(outcome(), 'done');
  });
});
