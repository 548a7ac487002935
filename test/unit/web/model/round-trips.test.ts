// What the page tells about its lines: once a minute, little, and nothing when there is nothing.
import assert from 'node:assert/strict';
import { createManualClock } from '../../../../server/common/clock.ts';
import { maxRoundTrips } from '../../../../server/protocol/rest.ts';
import { createRoundTripReport } from '../../../../web/model/round-trips.ts';

function setUp(send?: () => Promise<void>) {
  const clock = createManualClock();
  const sent: number[][] = [];
  const page = { isVisible: true };
  const report = createRoundTripReport({
    timers: clock,
    isVisible: () => page.isVisible,
    send: async ({ milliseconds }) => {
      sent.push(milliseconds);
      await send?.();
    },
  });
  return { clock, sent, page, report };
}

describe('report of round trips', () => {
  it('tells once a minute what was measured since, and nothing otherwise', async () => {
    const { clock, sent, report } = setUp();
    report.add(3.4);
    report.add(12);
    assert.deepEqual(sent, []);
    await clock.advance(60_000);
    await clock.advance(60_000);
    report.add(7);
    await clock.advance(60_000);
    assert.deepEqual(sent, [[3, 12], [7]]);
  });

  it('leaves out what a hidden page measured, what is no time, and what is too much', async () => {
    const { clock, sent, page, report } = setUp();
    report.add(-1);
    report.add(60_001);
    page.isVisible = false;
    report.add(5);
    page.isVisible = true;
    for (let i = 0; i < maxRoundTrips + 5; i++) report.add(i);
    await clock.advance(60_000);
    assert.equal(sent.length, 1);
    assert.equal(sent[0]?.length, maxRoundTrips);
    assert.equal(sent[0]?.[0], 0);
  });

  it('goes on when the gateway does not take it', async () => {
    const { clock, sent, report } = setUp(() => Promise.reject(new Error('away')));
    for (const ms of [1, 2]) {
      report.add(ms);
      await clock.advance(60_000);
    }
    assert.deepEqual(sent, [[1], [2]]);
  });

  it('leaves no timer behind', () => {
    const { clock, report } = setUp();
    report.dispose();
    assert.equal(clock.pending, 0);
  });
});
