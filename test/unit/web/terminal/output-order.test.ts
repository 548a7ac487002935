// Output frames in order, whatever arrives twice.
import assert from 'node:assert/strict';
import { FrameKind } from '../../../../server/protocol/frames.ts';
import { acceptFrame } from '../../../../web/terminal/output-order.ts';

const output = (sequence: number, text: string) => ({
  kind: FrameKind.output,
  sequence,
  bytes: new TextEncoder().encode(text),
});
const textOf = (accepted: ReturnType<typeof acceptFrame>) =>
  'bytes' in accepted ? new TextDecoder().decode(accepted.bytes) : undefined;

describe('output order', () => {
  it('writes what comes next', () => {
    const accepted = acceptFrame(3, output(3, 'abc'));
    assert.equal(textOf(accepted), 'abc');
    assert.ok(accepted.kind === 'write' && accepted.next === 6);
  });

  it('writes only the unseen part of an overlap, and nothing of a repeat', () => {
    assert.equal(textOf(acceptFrame(5, output(3, 'abc'))), 'c');
    assert.deepEqual(acceptFrame(6, output(3, 'abc')), { kind: 'nothing' });
  });

  it('tells a gap', () => {
    assert.deepEqual(acceptFrame(2, output(3, 'abc')), { kind: 'gap' });
  });

  it('takes any beginning when nothing was seen', () => {
    const accepted = acceptFrame(null, output(100, 'abc'));
    assert.ok(accepted.kind === 'write' && accepted.next === 103);
  });

  it('lets a snapshot replace all, also one of the past', () => {
    const accepted = acceptFrame(500, { ...output(7, 'screen'), kind: FrameKind.snapshot });
    assert.ok(accepted.kind === 'replace' && accepted.next === 7);
  });

  it('has no use for input', () => {
    assert.deepEqual(acceptFrame(0, { ...output(0, 'x'), kind: FrameKind.input }), { kind: 'nothing' });
  });
});
