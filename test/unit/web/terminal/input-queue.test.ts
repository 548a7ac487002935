// Input that survives a cut: numbered, bounded, sent once.
import assert from 'node:assert/strict';
import { createInputQueue } from '../../../../web/terminal/input-queue.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const create = (limits = {}) => createInputQueue({ chunkBytes: 4, inFlightBytes: 8, pendingBytes: 20, ...limits });
const takeAll = (queue: ReturnType<typeof create>): [number, string][] => {
  const taken: [number, string][] = [];
  for (let chunk = queue.take(); chunk; chunk = queue.take()) {
    taken.push([chunk.sequence, new TextDecoder().decode(chunk.bytes)]);
  }
  return taken;
};

describe('input queue', () => {
  it('cuts input into chunks and numbers them', () => {
    const queue = create();
    queue.offer(bytes('abcdef'));
    queue.offer(bytes('g'));
    assert.deepEqual(takeAll(queue), [
      [0, 'abcd'],
      [4, 'ef'],
      [6, 'g'],
    ]);
  });

  it('keeps no more in flight than allowed, and goes on when some is acknowledged', () => {
    const queue = create();
    queue.offer(bytes('abcdefghijkl'));
    assert.deepEqual(takeAll(queue), [
      [0, 'abcd'],
      [4, 'efgh'],
    ]);
    queue.acknowledge(4);
    assert.deepEqual(takeAll(queue), [[8, 'ijkl']]);
  });

  it('refuses as a whole what it has no room for', () => {
    const queue = create();
    assert.equal(queue.offer(bytes('x'.repeat(21))), false);
    assert.equal(queue.pendingBytes, 0);
    assert.equal(queue.offer(bytes('x'.repeat(20))), true);
    assert.equal(queue.offer(bytes('y')), false);
    takeAll(queue);
    queue.acknowledge(8);
    assert.equal(queue.offer(bytes('y')), true);
  });

  it('sends again from where the agent stands, also in the middle of a chunk', () => {
    const queue = create();
    queue.offer(bytes('abcdef'));
    takeAll(queue);
    assert.equal(queue.rewind(2), 0);
    assert.deepEqual(takeAll(queue), [
      [2, 'cd'],
      [4, 'ef'],
    ]);
    assert.equal(queue.pendingBytes, 4);
  });

  it('drops what was typed for a shell that is gone, and numbers on from the new one', () => {
    const queue = create();
    queue.offer(bytes('abcd'));
    takeAll(queue);
    queue.acknowledge(4);
    queue.offer(bytes('rm'));
    assert.equal(queue.rewind(0), 2);
    assert.deepEqual(takeAll(queue), []);
    queue.offer(bytes('ls'));
    assert.deepEqual(takeAll(queue), [[0, 'ls']]);
  });

  it('is not misled by acknowledgements of the past or of what was never sent', () => {
    const queue = create();
    queue.offer(bytes('abcdef'));
    queue.acknowledge(2);
    assert.equal(queue.pendingBytes, 6);
    queue.take();
    for (const sequence of [2, 1, 5, 99]) queue.acknowledge(sequence);
    assert.equal(queue.pendingBytes, 4);
    assert.deepEqual(takeAll(queue), [[4, 'ef']]);
  });

  it('delivers every byte once and in order, whatever is cut when', () => {
    let seed = 7;
    const random = (limit: number) => (seed = (seed * 16807) % 2147483647) % limit;
    for (let round = 0; round < 200; round++) {
      const queue = create({ pendingBytes: 1000 });
      let typed = '';
      let arrived = '';
      for (let step = 0; step < 60; step++) {
        const action = random(4);
        if (action === 0) {
          const text = String.fromCharCode(97 + random(26)).repeat(1 + random(9));
          if (queue.offer(bytes(text))) typed += text;
        } else if (action === 1) {
          const chunk = queue.take();
          if (chunk) arrived += new TextDecoder().decode(chunk.bytes).slice(arrived.length - chunk.sequence);
        } else if (action === 2) queue.acknowledge(random(arrived.length + 1));
        else assert.equal(queue.rewind(arrived.length), 0);
      }
      queue.rewind(arrived.length);
      while (queue.pendingBytes > 0) {
        for (const [, text] of takeAll(queue)) arrived += text;
        queue.acknowledge(arrived.length);
      }
      assert.equal(arrived, typed);
    }
  });
});
