// The ring keeps the last bytes under their numbers.
import assert from 'node:assert/strict';
import { createRing } from '../../../server/agent/ring.ts';

const bytesFrom = (first: number, length: number) => Uint8Array.from({ length }, (_, index) => (first + index) % 251);

describe('ring', () => {
  it('reads what was pushed, by number, across its own end and while it grows', () => {
    const capacity = 40_000;
    const ring = createRing(capacity, 1_000_000_007);
    let end = 1_000_000_007;
    for (const length of [1, 10_000, 7_000, 13_000, 9_999, 20_000, 3]) {
      ring.push(bytesFrom(end, length));
      end += length;
      assert.equal(ring.end, end);
      assert.equal(ring.start, Math.max(1_000_000_007, end - capacity));
      assert.deepEqual(ring.read(ring.start, end), bytesFrom(ring.start, end - ring.start));
      assert.deepEqual(ring.read(end - 1, end), bytesFrom(end - 1, 1));
    }
  });

  it('keeps the tail of a push that is larger than itself', () => {
    const ring = createRing(100, 5);
    ring.push(bytesFrom(5, 1_234));
    assert.equal(ring.start, 5 + 1_234 - 100);
    assert.deepEqual(ring.read(ring.start, ring.end), bytesFrom(ring.start, 100));
  });

  it('throws for bytes that are gone or not there yet', () => {
    const ring = createRing(10, 0);
    ring.push(bytesFrom(0, 15));
    assert.throws(() => ring.read(4, 10), RangeError);
    assert.throws(() => ring.read(10, 16), RangeError);
    assert.equal(ring.read(15, 15).length, 0);
  });
});
