// The small deciders: input ledger, PTY writer, size, rate limit, /proc, paths.
import assert from 'node:assert/strict';
import { createInputLedger } from '../../../server/agent/input-ledger.ts';
import { parseStat } from '../../../server/agent/processes.ts';
import { createPtyWriter } from '../../../server/agent/pty-writer.ts';
import { createRateLimit } from '../../../server/agent/rate-limit.ts';
import { chooseSize } from '../../../server/agent/size.ts';
import { terminalIdOf } from '../../../server/agent/upgrade.ts';
import { createManualClock } from '../../../server/common/clock.ts';

describe('input ledger', () => {
  const bytes = Buffer.from('abcdef');
  const fresh = (text: string) => ({ kind: 'fresh', bytes: Buffer.from(text) });

  it('takes each byte once, whole or in part sent again', () => {
    const ledger = createInputLedger();
    assert.deepEqual(ledger.accept('a', 0, bytes.subarray(0, 4)), fresh('abcd'));
    assert.deepEqual(ledger.accept('a', 0, bytes.subarray(0, 4)), fresh(''));
    assert.deepEqual(ledger.accept('a', 2, bytes.subarray(2)), fresh('ef'));
    assert.deepEqual(ledger.accept('a', 0, bytes.subarray(0, 2)), fresh(''));
    assert.equal(ledger.expected('a'), 6);
  });

  it('counts for each client, sees gaps, forgets those heard of long ago', () => {
    const ledger = createInputLedger(2);
    ledger.accept('a', 0, bytes);
    ledger.accept('b', 0, bytes);
    assert.deepEqual(ledger.accept('a', 7, bytes), { kind: 'gap' });
    ledger.accept('a', 6, bytes);
    ledger.accept('c', 0, bytes);
    assert.deepEqual(['a', 'b', 'c'].map(ledger.expected), [12, 0, 6]);
  });
});

describe('PTY writer', () => {
  const full = () => Object.assign(new Error('full'), { code: 'EAGAIN' });

  it('writes in order, waits where nothing fits, and tells when all is taken', async () => {
    const clock = createManualClock();
    let room = 3;
    let written = '';
    const taken: string[] = [];
    const writer = createPtyWriter({
      clock,
      writeSync(bytes) {
        if (room === 0) throw full();
        const part = bytes.subarray(0, room);
        room -= part.length;
        written += Buffer.from(part).toString();
        return part.length;
      },
    });
    writer.write(Buffer.from('hello'), () => taken.push('hello'));
    writer.write(Buffer.from(' you'), () => taken.push('you'));
    assert.equal(written, 'hel');
    assert.equal(clock.pending, 1);
    room = 2;
    await clock.advance(5);
    assert.deepEqual([written, taken, clock.pending], ['hello', ['hello'], 1]);
    room = 100;
    await clock.advance(1000);
    assert.deepEqual([written, taken, clock.pending], ['hello you', ['hello', 'you'], 0]);
  });

  it('drops what is left when the program is gone, or when it is disposed', async () => {
    const clock = createManualClock();
    let fault = Object.assign(new Error('gone'), { code: 'EIO' });
    let calls = 0;
    const create = () =>
      createPtyWriter({
        clock,
        writeSync() {
          calls++;
          throw fault;
        },
      });
    const dead = create();
    dead.write(Buffer.from('a'));
    dead.write(Buffer.from('b'));
    assert.deepEqual([calls, clock.pending], [1, 0]);
    fault = full();
    const waiting = create();
    waiting.write(Buffer.from('a'));
    waiting.dispose();
    assert.equal(clock.pending, 0);
  });
});

describe('size, rate limit, process table, paths', () => {
  it('takes the size of the attachment that was used last', () => {
    const phone = { columns: 40, rows: 20, lastUse: 3 };
    const laptop = { columns: 120, rows: 40, lastUse: 2 };
    assert.deepEqual(chooseSize([phone, laptop]), { columns: 40, rows: 20 });
    assert.deepEqual(chooseSize([phone, { ...laptop, lastUse: 4 }]), { columns: 120, rows: 40 });
    assert.equal(chooseSize([]), undefined);
  });

  it('allows a burst, then so much a second', async () => {
    const clock = createManualClock();
    const rate = createRateLimit(3, 2, clock);
    assert.deepEqual([rate.take(), rate.take(), rate.take(), rate.take()], [true, true, true, false]);
    await clock.advance(500);
    assert.deepEqual([rate.take(), rate.take()], [true, false]);
    await clock.advance(60_000);
    assert.deepEqual([rate.take(), rate.take(), rate.take(), rate.take()], [true, true, true, false]);
  });

  it('reads state and session id behind a name with spaces and brackets', () => {
    assert.deepEqual(parseStat('42 (a) b) c) S 1 41 40 34816 99 4194560'), { state: 'S', sessionId: 40 });
  });

  it('finds the terminal id in a path, and nothing in any other', () => {
    assert.equal(terminalIdOf('/terminals/main'), 'main');
    assert.equal(terminalIdOf('/terminals/a-1'), 'a-1');
    for (const path of [
      '/terminals/',
      '/terminals/A',
      '/terminals/-a',
      '/terminals/a/b',
      '/terminals/a?x=1',
      '/x/a',
      undefined,
    ])
      assert.equal(terminalIdOf(path), undefined, path);
  });
});
