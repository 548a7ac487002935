// When the agent is told how far the browser is.
import assert from 'node:assert/strict';
import { createFlowControl } from '../../../../web/terminal/flow-control.ts';

describe('flow control', () => {
  it('acknowledges a quarter of the window at a time', () => {
    const flow = createFlowControl();
    flow.attach(1000, 400);
    assert.equal(flow.parsed(1099), undefined);
    assert.equal(flow.parsed(1100), 1100);
    assert.equal(flow.parsed(1150), undefined);
    assert.equal(flow.parsed(1300), 1300);
  });

  it('never leaves a whole window unacknowledged, whatever the chunks', () => {
    for (const windowBytes of [1, 2, 3, 5, 64, 1000]) {
      const flow = createFlowControl();
      flow.attach(0, windowBytes);
      let acknowledged = 0;
      for (let sequence = 1; sequence < 3000; sequence += 1 + (sequence % 3)) {
        acknowledged = flow.parsed(sequence) ?? acknowledged;
        assert.ok(sequence - acknowledged < windowBytes, `window ${windowBytes}`);
      }
    }
  });

  it('says nothing before the line is attached', () => {
    assert.equal(createFlowControl().parsed(1_000_000), undefined);
  });

  it('starts anew with each attach', () => {
    const flow = createFlowControl();
    flow.attach(0, 400);
    flow.parsed(5000);
    flow.attach(0, 400);
    assert.equal(flow.parsed(100), 100);
  });
});
