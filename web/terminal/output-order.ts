// Puts output frames in order: skips what was seen, and notices a gap.
import type { Frame } from '../../server/protocol/frames.ts';
import { FrameKind } from '../../server/protocol/frames.ts';

export type Accepted =
  /** Bytes to write; `next` is the number of the byte that follows them. */
  | { kind: 'write'; bytes: Uint8Array; next: number }
  /** Bytes that replace all that is shown. */
  | { kind: 'replace'; bytes: Uint8Array; next: number }
  | { kind: 'nothing' }
  /** Bytes are missing: only a snapshot helps. */
  | { kind: 'gap' };

/** What to do with `frame` when `next` is the number of the next output byte expected (null: nothing seen yet). */
export function acceptFrame(next: number | null, frame: Frame): Accepted {
  if (frame.kind === FrameKind.snapshot) return { kind: 'replace', bytes: frame.bytes, next: frame.sequence };
  if (frame.kind !== FrameKind.output) return { kind: 'nothing' };
  const end = frame.sequence + frame.bytes.byteLength;
  if (next === null) return { kind: 'write', bytes: frame.bytes, next: end };
  if (frame.sequence > next) return { kind: 'gap' };
  if (end <= next) return { kind: 'nothing' };
  return { kind: 'write', bytes: frame.bytes.subarray(next - frame.sequence), next: end };
}
