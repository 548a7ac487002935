// When the agent is told how far the browser is, and how much it may have outstanding.
import assert from 'node:assert/strict';
import { initialWindowBytes, maxWindowBytes, minWindowBytes } from '../../../../server/protocol/frames.ts';
import { createFlowControl } from '../../../../web/terminal/flow-control.ts';

const windowBytes = initialWindowBytes;

describe('flow control', () => {
  it('acknowledges a quarter of the window at a time', () => {
    const flow = createFlowControl();
    flow.attach(1000, 400);
    assert.equal(flow.parsed(1099), undefined);
    assert.deepEqual(flow.parsed(1100), { sequence: 1100, windowBytes });
    assert.equal(flow.parsed(1100 + windowBytes / 4 - 1), undefined);
    assert.equal(flow.parsed(1100 + windowBytes / 4)?.sequence, 1100 + windowBytes / 4);
  });

  it('never leaves a whole window unacknowledged, whatever the chunks', () => {
    for (const step of [1000, 7001, 30_000, 64_000]) {
      const flow = createFlowControl();
      flow.attach(0, windowBytes);
      let acknowledged = 0;
      for (let sequence = step; sequence < 3_000_000; sequence += step) {
        acknowledged = flow.parsed(sequence)?.sequence ?? acknowledged;
        assert.ok(sequence - acknowledged < windowBytes, `step ${step}`);
      }
    }
  });

  it('says nothing before the line is attached, and starts anew with each attach', () => {
    const flow = createFlowControl();
    assert.equal(flow.parsed(1_000_000), undefined);
    assert.equal(flow.setVisibility('hidden'), undefined);
    flow.setVisibility('shown');
    flow.attach(0, 400);
    flow.parsed(5000);
    flow.attach(0, 400);
    assert.equal(flow.parsed(100)?.sequence, 100);
  });

  it('follows the speed of the parser, within bounds', () => {
    const windowAt = (bytesPerMs: number) => {
      const flow = createFlowControl();
      flow.attach(0, 4);
      flow.measured(bytesPerMs);
      return flow.parsed(1)?.windowBytes ?? 0;
    };
    assert.ok(windowAt(10) >= minWindowBytes && windowAt(10) < initialWindowBytes);
    assert.equal(windowAt(5_000), 200_000);
    assert.equal(windowAt(1_000_000), maxWindowBytes);
  });

  it('takes a single measurement that is off for what it is', () => {
    const flow = createFlowControl();
    flow.attach(0, 4);
    for (let count = 0; count < 20; count++) flow.measured(5_000);
    flow.measured(100);
    assert.ok((flow.parsed(1)?.windowBytes ?? 0) > 140_000);
  });

  it('asks for little while hidden, and that nobody waits while the page is away; both are told at once', () => {
    const flow = createFlowControl();
    flow.attach(0, windowBytes);
    flow.parsed(10);
    const hidden = flow.setVisibility('hidden');
    assert.ok(hidden && hidden.sequence === 10 && hidden.windowBytes < windowBytes / 2);
    assert.equal(flow.setVisibility('hidden'), undefined);
    assert.deepEqual(flow.setVisibility('away'), { sequence: 10, windowBytes: 0 });
    assert.equal(flow.parsed(10 + windowBytes)?.windowBytes, 0);
    assert.deepEqual(flow.setVisibility('shown'), { sequence: 10 + windowBytes, windowBytes });
  });
});
