// Binary frames: one byte of kind, eight bytes of sequence number (big-endian), then terminal bytes.

export const FrameKind = { output: 1, input: 2, snapshot: 3 } as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

export interface Frame {
  kind: FrameKind;
  /** output, input: number of the first byte. snapshot: number of the output byte that follows it. */
  sequence: number;
  bytes: Uint8Array;
}

export const frameHeaderBytes = 9;
/** The largest frame that either end sends or takes. Snapshots are split by nobody: they have a bound of their own. */
export const maxFrameBytes = 64 * 1024 + frameHeaderBytes;
export const maxSnapshotBytes = 16 * 1024 * 1024;
/** What a browser may leave unacknowledged of the output, until it says what it can work through. */
export const initialWindowBytes = 128 * 1024;
export const minWindowBytes = 16 * 1024;
export const maxWindowBytes = 512 * 1024;
/** Input that the browser leaves unacknowledged at most: a program that reads nothing must not fill the agent's memory. */
export const maxInputInFlightBytes = 256 * 1024;

export function encodeFrame(kind: FrameKind, sequence: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(frameHeaderBytes + bytes.byteLength);
  const view = new DataView(frame.buffer);
  view.setUint8(0, kind);
  view.setBigUint64(1, BigInt(sequence));
  frame.set(bytes, frameHeaderBytes);
  return frame;
}

/** The frame in `data` (a view, not a copy), or undefined if it is none: too short, unknown kind, number beyond 2^53. */
export function decodeFrame(data: Uint8Array): Frame | undefined {
  if (data.byteLength < frameHeaderBytes) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const kind = view.getUint8(0);
  const sequence = Number(view.getBigUint64(1));
  if (kind < 1 || kind > 3 || !Number.isSafeInteger(sequence)) return undefined;
  return { kind: kind as FrameKind, sequence, bytes: data.subarray(frameHeaderBytes) };
}
