// Clocks: the manual one stands still, runs what is due in order, and leaks nothing; the real one is scaled.
import assert from 'node:assert/strict';
import { createManualClock, createSystemClock } from '../../../server/common/clock.ts';

describe('clock', () => {
  it('runs timers in order of time, and of adding', async () => {
    const clock = createManualClock(0);
    const seen: string[] = [];
    clock.after(20, () => seen.push('c'));
    clock.after(10, () => {
      seen.push('a');
      clock.after(5, () => seen.push('b'));
    });
    const period = clock.every(10, () => seen.push('p'));
    await clock.advance(20);
    assert.deepEqual(seen, ['a', 'p', 'b', 'c', 'p']);
    period.dispose();
    assert.equal(clock.pending, 0);
    assert.equal(clock.now(), 20);
  });

  it('sleeps until it is time, or aborted', async () => {
    const clock = createManualClock(0);
    const abort = new AbortController();
    const sleep = clock.sleep(100, abort.signal);
    abort.abort(new Error('enough'));
    await assert.rejects(sleep, /enough/);
    assert.equal(clock.pending, 0);
    await assert.rejects(clock.sleep(1, abort.signal), /enough/);
  });

  it('makes delays shorter with speed, not the time of day', async () => {
    const clock = createSystemClock({ speed: 1000 });
    const startMs = Date.now();
    await clock.sleep(2000);
    assert.ok(Date.now() - startMs < 1000);
    assert.ok(Math.abs(clock.now() - Date.now()) < 50);
  });
});
