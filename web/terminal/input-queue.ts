// What was typed and is not yet acknowledged: numbered, kept while the line is down, sent once more after it.

export interface InputChunk {
  sequence: number;
  bytes: Uint8Array;
}

export interface InputQueueLimits {
  /** Bytes of one frame at most. */
  chunkBytes: number;
  /** Bytes sent and not acknowledged at most: what the agent must be able to hold. */
  inFlightBytes: number;
  /** Bytes kept at most; more is refused. */
  pendingBytes: number;
}

export interface InputQueue {
  readonly pendingBytes: number;
  /** Takes all of `bytes`, or nothing (false) when there is no room. */
  offer(bytes: Uint8Array): boolean;
  /** The next chunk to send, or undefined: nothing to send, or enough in flight. */
  take(): InputChunk | undefined;
  /** The agent has taken all input before `sequence`. */
  acknowledge(sequence: number): void;
  /**
   * The line is attached again and the agent expects `sequence` next: everything from there on is to be sent once more.
   * When the agent knows less than it once acknowledged, its shell is a new one, and what was typed for the old one is dropped.
   * Returns how many bytes were dropped.
   */
  rewind(sequence: number): number;
}

export function createInputQueue(limits: InputQueueLimits): InputQueue {
  let chunks: InputChunk[] = [];
  let first = 0;
  let sent = 0;
  let end = 0;
  /** The end of what was ever sent: a line that was given up may still deliver some of it. */
  let reached = 0;

  const acknowledge = (sequence: number) => {
    if (sequence <= first || sequence > reached) return;
    first = sequence;
    sent = Math.max(sent, first);
    chunks = chunks.filter((chunk) => chunk.sequence + chunk.bytes.byteLength > first);
  };

  return {
    get pendingBytes() {
      return end - first;
    },
    offer(bytes) {
      if (end - first + bytes.byteLength > limits.pendingBytes) return false;
      for (let start = 0; start < bytes.byteLength; start += limits.chunkBytes) {
        const part = bytes.subarray(start, start + limits.chunkBytes);
        chunks.push({ sequence: end, bytes: part });
        end += part.byteLength;
      }
      return true;
    },
    take() {
      const chunk = chunks.find((candidate) => candidate.sequence + candidate.bytes.byteLength > sent);
      if (!chunk) return undefined;
      const rest = chunk.bytes.subarray(sent - chunk.sequence);
      if (sent > first && sent - first + rest.byteLength > limits.inFlightBytes) return undefined;
      const taken = { sequence: sent, bytes: rest };
      sent += rest.byteLength;
      reached = Math.max(reached, sent);
      return taken;
    },
    acknowledge,
    rewind(sequence) {
      if (sequence < first || sequence > reached) {
        const lostBytes = end - first;
        chunks = [];
        first = sent = reached = end = sequence;
        return lostBytes;
      }
      acknowledge(sequence);
      sent = sequence;
      return 0;
    },
  };
}
