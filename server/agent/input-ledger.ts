// Which input each client has sent already, so that what is sent again after a broken line is not typed twice.

export type Accepted =
  /** The part that is new; empty for a repetition. */
  | { kind: 'fresh'; bytes: Uint8Array }
  /** Bytes before it are missing. */
  | { kind: 'gap' };

export interface InputLedger {
  /** Number of the next byte that is expected of a client. */
  expected(clientId: string): number;
  accept(clientId: string, sequence: number, bytes: Uint8Array): Accepted;
}

/** Clients that were heard of long ago are forgotten: a page that comes back after `maxClients` others starts anew. */
export function createInputLedger(maxClients = 64): InputLedger {
  const next = new Map<string, number>();
  const expected = (clientId: string) => next.get(clientId) ?? 0;
  return {
    expected,
    accept(clientId, sequence, bytes) {
      const from = expected(clientId);
      if (sequence > from) return { kind: 'gap' };
      const end = Math.max(from, sequence + bytes.length);
      next.delete(clientId);
      next.set(clientId, end);
      const [oldest] = next.keys();
      if (next.size > maxClients && oldest !== undefined) next.delete(oldest);
      return { kind: 'fresh', bytes: bytes.subarray(bytes.length - (end - from)) };
    },
  };
}
