// Where output may be cut without cutting a character or an escape sequence.
import assert from 'node:assert/strict';
import { createSequenceBoundary } from '../../../server/agent/sequence-boundary.ts';

const pendingAfter = (text: string | Uint8Array): number => {
  const boundary = createSequenceBoundary();
  boundary.push(typeof text === 'string' ? Buffer.from(text) : text);
  return boundary.pendingBytes;
};

describe('sequence boundary', () => {
  it('stands at none inside plain text and behind whole sequences', () => {
    for (const text of [
      'plain\r\n',
      'grün €',
      '😀',
      '\x1b[1;31mred\x1b[0m',
      '\x1b]0;title\x07',
      '\x1b]0;title\x1b\\',
      '\x1bP$qm\x1b\\',
      '\x1b(0',
      '\x1b7',
      '\x1b[?25l',
    ])
      assert.equal(pendingAfter(text), 0, JSON.stringify(text));
  });

  it('counts the bytes of what is not complete', () => {
    const cases: [string | Uint8Array, number][] = [
      ['text\x1b', 1],
      ['text\x1b[', 2],
      ['text\x1b[38;5;1', 8],
      ['\x1b]0;half a tit', 14],
      ['\x1b]0;t\x1b', 6],
      ['\x1b(', 2],
      [Buffer.from('x😀').subarray(0, 4), 3],
      [Buffer.from('€').subarray(0, 1), 1],
    ];
    for (const [text, expected] of cases) assert.equal(pendingAfter(text), expected, JSON.stringify(text));
  });

  it('gives the same whatever the chunks', () => {
    const bytes = Buffer.from('a\x1b[31mä\x1b]2;é\x07€\x1bPdata\x1b\\😀\x1b[');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const boundary = createSequenceBoundary();
      boundary.push(bytes.subarray(0, cut));
      assert.equal(boundary.pendingBytes, pendingAfter(bytes.subarray(0, cut)));
      boundary.push(bytes.subarray(cut));
      assert.equal(boundary.pendingBytes, 2);
    }
  });

  it('finds back after sequences and characters that are broken off', () => {
    assert.equal(pendingAfter('\x1b[12\x18text'), 0);
    assert.equal(pendingAfter('\x1b[12\x1b[m'), 0);
    assert.equal(pendingAfter('\x1b]0;x\x1b[3'), 3);
    assert.equal(pendingAfter(Uint8Array.of(0xe2, 0x82, 0x41)), 0);
    assert.equal(pendingAfter(Uint8Array.of(0x80, 0xff)), 0);
  });
});
