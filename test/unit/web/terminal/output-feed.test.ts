// Whose output is parsed when: order within a terminal, turns between them, little for hidden ones, no wait for an echo.
import assert from 'node:assert/strict';
import { createOutputFeeder } from '../../../../web/terminal/output-feed.ts';

/** A page whose time passes by parsing alone, or when the test says so. */
function setUp({ msPerByte = 1 / 16_384 } = {}) {
  let nowMs = 1000;
  const turns: (() => void)[] = [];
  const timers: { dueMs: number; callback: () => void }[] = [];
  const log: { name: string; text: string; atMs: number }[] = [];
  const feeder = createOutputFeeder({
    now: () => nowMs,
    yieldTurn: (callback) => turns.push(callback),
    timers: {
      now: () => nowMs,
      after(delayMs, callback) {
        const timer = { dueMs: nowMs + delayMs, callback };
        timers.push(timer);
        return { dispose: () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1)) };
      },
      every: () => assert.fail('not asked for'),
    },
  });
  const speeds: number[] = [];
  const add = (name: string) =>
    feeder.add(
      (bytes, parsed) => {
        log.push({ name, text: Buffer.from(bytes).toString(), atMs: nowMs });
        // As xterm does: not before the next task, but pieces given by a callback follow at once.
        turns.push(() => {
          nowMs += bytes.length * msPerByte;
          parsed();
        });
      },
      (bytesPerMs) => speeds.push(bytesPerMs),
    );
  const step = () => {
    const turn = turns.shift();
    if (turn) return turn();
    const [first] = timers.sort((a, b) => a.dueMs - b.dueMs);
    assert.ok(first, 'nothing is left to do');
    timers.shift();
    nowMs = Math.max(nowMs, first.dueMs);
    first.callback();
  };
  const run = (isDone: () => boolean) => {
    while (!isDone()) step();
  };
  const bytesOf = (name: string) => log.reduce((sum, entry) => sum + (entry.name === name ? entry.text.length : 0), 0);
  return { add, run, log, speeds, bytesOf, now: () => nowMs };
}

const flood = (bytes: number) => Buffer.alloc(bytes, 'x');

describe('output feed', () => {
  it('hands an echo on at once when nothing waits before it', () => {
    const { add, log, run } = setUp();
    let isParsed = false;
    add('a').write(Buffer.from('x'), () => (isParsed = true));
    assert.equal(log.length, 1);
    run(() => isParsed);
  });

  it('keeps the order, whatever the sizes, and tells when each write is parsed', () => {
    const { add, log, run } = setUp();
    const feed = add('a');
    const done: string[] = [];
    const texts = ['1', '2'.repeat(100_000), '3', '4'.repeat(5000), ''];
    for (const text of texts) feed.write(Buffer.from(text), () => done.push(text.slice(0, 1)));
    feed.afterward(() => done.push('resize'));
    feed.write(Buffer.from('5'), () => done.push('5'));
    run(() => done.length === 7);
    assert.equal(log.map(({ text }) => text).join(''), texts.join('') + '5');
    assert.deepEqual(done, ['1', '2', '3', '4', '', 'resize', '5']);
  });

  it('runs what is to come afterward at once when nothing waits', () => {
    const { add } = setUp();
    let isDone = false;
    add('a').afterward(() => (isDone = true));
    assert.ok(isDone);
  });

  it('lets terminals that are seen take turns', () => {
    const { add, run, bytesOf } = setUp();
    for (const name of ['a', 'b']) add(name).write(flood(5_000_000), () => undefined);
    run(() => bytesOf('a') + bytesOf('b') >= 4_000_000);
    assert.ok(Math.abs(bytesOf('a') - bytesOf('b')) < 800_000, `${bytesOf('a')} ${bytesOf('b')}`);
  });

  it('gives hidden terminals a small share of the time, also when nobody else wants it', () => {
    const { add, run, bytesOf, now } = setUp();
    const startMs = now();
    for (const name of ['a', 'b']) {
      const feed = add(name);
      feed.setShown(false);
      feed.write(flood(5_000_000), () => undefined);
    }
    run(() => now() - startMs > 200);
    const busyMs = (bytesOf('a') + bytesOf('b')) / 16_384;
    assert.ok(busyMs > 20 && busyMs < 70, `${busyMs} of 200 ms`);
  });

  it('lets an echo wait for a short slice of hidden floods only', () => {
    const { add, run, now } = setUp();
    for (const name of ['a', 'b']) {
      const feed = add(name);
      feed.setShown(false);
      feed.write(flood(50_000_000), () => undefined);
    }
    const typed = add('typed');
    for (let key = 0; key < 50; key++) {
      const endMs = now() + 7;
      run(() => now() >= endMs);
      const startMs = now();
      let echoedMs = 0;
      typed.write(Buffer.from('x'), () => (echoedMs = now()));
      run(() => echoedMs > 0);
      assert.ok(echoedMs - startMs <= 6, `${echoedMs - startMs} ms`);
    }
  });

  it('gathers a flood, so that frames are few; parses at once when somebody typed', () => {
    const { add, run, log, now } = setUp();
    const feed = add('a');
    let parsed = 0;
    feed.write(flood(64 * 1024), () => (parsed += 1));
    run(() => parsed === 1);
    feed.write(flood(64 * 1024), () => (parsed += 1));
    const gatheredFromMs = now();
    run(() => parsed === 2);
    assert.ok(log.at(-1)!.atMs - gatheredFromMs > 20);
    feed.hurry();
    feed.write(flood(64 * 1024), () => (parsed += 1));
    const hurriedFromMs = now();
    run(() => parsed === 3);
    feed.write(flood(64 * 1024), () => (parsed += 1));
    run(() => parsed === 4);
    assert.ok(now() - hurriedFromMs < 20, `${now() - hurriedFromMs} ms`);
  });

  it('measures how fast a terminal parses', () => {
    const { add, run, speeds } = setUp({ msPerByte: 1 / 5000 });
    add('a').write(flood(1_000_000), () => undefined);
    run(() => speeds.length > 0);
    assert.ok(Math.abs(speeds[0]! - 5000) < 50, `${speeds[0]}`);
  });

  it('goes on with the others when one is disposed in the middle of its slice', () => {
    const { add, run, log, bytesOf } = setUp();
    const gone = add('gone');
    gone.write(flood(500_000), () => assert.fail('was disposed'));
    run(() => log.length > 1);
    gone.dispose();
    const before = bytesOf('gone');
    let isParsed = false;
    add('other').write(flood(100_000), () => (isParsed = true));
    run(() => isParsed);
    assert.equal(bytesOf('gone'), before);
  });
});
