// The states of a terminal's connection.
import assert from 'node:assert/strict';
import {
  type Connection,
  type ConnectionEvent,
  retryDelayMs,
  transition,
} from '../../../../web/terminal/connection.ts';

const run = (events: ConnectionEvent[], state: Connection = { name: 'idle' }): Connection =>
  events.reduce((current, event) => transition(current, event, 0.5), state);

describe('connection', () => {
  it('goes from idle to live', () => {
    assert.deepEqual(run([{ type: 'start' }, { type: 'opened' }, { type: 'attached' }]), { name: 'live' });
  });

  it('waits no longer than 100 ms for the first try after the line worked', () => {
    const lost = transition({ name: 'live' }, { type: 'closed', code: 1006 }, 0.999);
    assert.equal(lost.name, 'waiting');
    assert.ok(lost.name === 'waiting' && lost.attempt === 0 && lost.retryInMs <= 100);
  });

  it('backs off with jitter up to ten seconds', () => {
    for (let attempt = 1; attempt < 40; attempt++) {
      const [shortest, longest] = [retryDelayMs(attempt, 0), retryDelayMs(attempt, 0.999999)];
      assert.ok(shortest * 2 <= longest + 1 && longest <= 10_000, `attempt ${attempt}: ${shortest} to ${longest}`);
    }
    assert.equal(retryDelayMs(30, 0), 5_000);
    assert.ok(retryDelayMs(2, 0.5) > retryDelayMs(1, 0.5));
  });

  it('counts failures until the agent has answered, not until the socket is open', () => {
    const failing: ConnectionEvent[] = [{ type: 'opened' }, { type: 'closed', code: 1006 }, { type: 'due' }];
    const state = run([{ type: 'start' }, ...failing, ...failing, ...failing]);
    assert.deepEqual(state, { name: 'connecting', attempt: 3, isAgain: true });
  });

  it('tries at once when woken, and only when waiting', () => {
    const waiting = run([{ type: 'start' }, { type: 'closed', code: 1006 }]);
    assert.equal(transition(waiting, { type: 'wake' }, 0).name, 'connecting');
    const live: Connection = { name: 'live' };
    assert.equal(transition(live, { type: 'wake' }, 0), live);
  });

  it('does not try again when the reason says that it is of no use', () => {
    for (const code of [4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007, 4011]) {
      const state = transition({ name: 'live' }, { type: 'closed', code }, 0);
      assert.ok(state.name === 'closed' && state.reason?.code === code, `code ${code}`);
    }
    for (const code of [1000, 1001, 1006, 1011, 4008, 4009, 4010]) {
      assert.equal(transition({ name: 'live' }, { type: 'closed', code }, 0).name, 'waiting', `code ${code}`);
    }
  });

  it('can be started again after it was closed, and stopped from everywhere', () => {
    const closed = run([{ type: 'start' }, { type: 'closed', code: 4000 }]);
    assert.deepEqual(transition(closed, { type: 'start' }, 0), { name: 'connecting', attempt: 0 });
    const states: Connection[] = [{ name: 'idle' }, { name: 'connecting', attempt: 1 }, { name: 'live' }];
    for (const state of states) assert.deepEqual(transition(state, { type: 'stop' }, 0), { name: 'closed' });
  });

  it('ignores what does not belong to its state', () => {
    const live: Connection = { name: 'live' };
    for (const type of ['start', 'opened', 'attached', 'due', 'wake'] as const) {
      assert.equal(transition(live, { type }, 0), live);
    }
    const closed: Connection = { name: 'closed' };
    assert.equal(transition(closed, { type: 'closed', code: 1006 }, 0), closed);
  });
});
