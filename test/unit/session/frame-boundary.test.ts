// Tests of finding the places between WebSocket frames.
import assert from 'node:assert/strict';
import { FrameBoundary, renderCloseFrame } from '../../../server/session/frame-boundary.ts';

/** RFC 6455, section 5.2. */
function frame(length: number, isMasked = false): Buffer {
  const short = length > 65_535 ? 127 : length > 125 ? 126 : length;
  const extended = Buffer.alloc(short === 127 ? 8 : short === 126 ? 2 : 0);
  if (short === 127) extended.writeBigUInt64BE(BigInt(length));
  if (short === 126) extended.writeUInt16BE(length);
  const mask = Buffer.alloc(isMasked ? 4 : 0, 0x7e);
  return Buffer.concat([
    Buffer.from([0x82, short | (isMasked ? 0x80 : 0)]),
    extended,
    mask,
    Buffer.alloc(length, 0xff),
  ]);
}

describe('frame boundary', () => {
  const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];

  it('knows the ends of frames of every size, masked or not, in one piece', () => {
    for (const isMasked of [false, true]) {
      const boundary = new FrameBoundary();
      for (const size of sizes) {
        const bytes = frame(size, isMasked);
        assert.equal(boundary.push(bytes), bytes.length, `${size}`);
        assert.ok(boundary.isBetweenFrames);
      }
    }
  });

  it('knows them however the stream is cut', () => {
    const frames = sizes.map((size) => frame(size));
    const stream = Buffer.concat(frames);
    const ends = new Set(frames.reduce<number[]>((all, bytes) => [...all, (all.at(-1) ?? 0) + bytes.length], []));
    for (const step of [1, 2, 3, 7, 1000, 65_537]) {
      const boundary = new FrameBoundary();
      for (let at = 0; at < stream.length; at += step) {
        const chunk = stream.subarray(at, at + step);
        const lastEnd = boundary.push(chunk);
        const expected = [...ends].filter((end) => end > at && end <= at + chunk.length).at(-1);
        assert.equal(lastEnd, expected === undefined ? 0 : expected - at, `step ${step} at ${at}`);
        assert.equal(boundary.isBetweenFrames, ends.has(at + chunk.length));
      }
    }
  });

  it('renders a close frame with code and sentence, cut to what fits without half a character', () => {
    const read = (bytes: Buffer) => [bytes[0], bytes[1], bytes.readUInt16BE(2), bytes.subarray(4).toString()];
    assert.deepEqual(read(renderCloseFrame(4009, 'Bye.')), [0x88, 6, 4009, 'Bye.']);
    assert.deepEqual(read(renderCloseFrame(4009, 'ä'.repeat(100))), [0x88, 124, 4009, 'ä'.repeat(61)]);
  });
});
