// The last bytes of a numbered stream, for readers that come back soon.

export interface Ring {
  /** Number of the oldest byte that is kept. */
  readonly start: number;
  /** Number of the next byte to come. */
  readonly end: number;
  push(bytes: Uint8Array): void;
  /** A copy of the bytes [from, to). Throws RangeError when one of them is not kept. */
  read(from: number, to: number): Uint8Array;
}

/** `first` is the number of the first byte. */
export function createRing(capacityBytes: number, first: number): Ring {
  // Grows to its capacity with the output: most terminals never fill it.
  let buffer = new Uint8Array(Math.min(capacityBytes, 16 * 1024));
  let end = first;
  let start = first;

  // A byte lies at its number modulo the size of the buffer, whatever was pushed before.
  const copyIn = (target: Uint8Array, number: number, bytes: Uint8Array) => {
    const at = number % target.length;
    const head = Math.min(bytes.length, target.length - at);
    target.set(bytes.subarray(0, head), at);
    target.set(bytes.subarray(head), 0);
  };
  const copyOut = (from: number, to: number): Uint8Array => {
    const bytes = new Uint8Array(to - from);
    const at = from % buffer.length;
    const head = Math.min(bytes.length, buffer.length - at);
    bytes.set(buffer.subarray(at, at + head));
    bytes.set(buffer.subarray(0, bytes.length - head), head);
    return bytes;
  };
  const grow = (neededBytes: number) => {
    let size = buffer.length;
    while (size < neededBytes && size < capacityBytes) size = Math.min(size * 2, capacityBytes);
    if (size === buffer.length) return;
    const larger = new Uint8Array(size);
    copyIn(larger, start, copyOut(start, end));
    buffer = larger;
  };

  return {
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    push(bytes) {
      grow(end - start + bytes.length);
      const kept = bytes.length > buffer.length ? bytes.subarray(bytes.length - buffer.length) : bytes;
      copyIn(buffer, end + bytes.length - kept.length, kept);
      end += bytes.length;
      start = Math.max(start, end - buffer.length);
    },
    read(from, to) {
      if (from < start || to > end || from > to)
        throw new RangeError(`bytes ${from} to ${to} are not within ${start} to ${end}`);
      return copyOut(from, to);
    },
  };
}
