// Decides when the agent is told how far this browser has parsed its output.

/** Acknowledged in quarters of the window: often enough that the agent never waits for a browser that keeps up, seldom enough that a keystroke costs no extra frame. */
const acksPerWindow = 4;

export interface FlowControl {
  /** The line is (again) attached; `windowBytes` is what the agent leaves unacknowledged at most. */
  attach(sequence: number, windowBytes: number): void;
  /** xterm has parsed all output before `sequence`. Returns the number to acknowledge now, or undefined to wait. */
  parsed(sequence: number): number | undefined;
}

export function createFlowControl(): FlowControl {
  let acknowledged = 0;
  let thresholdBytes = Number.POSITIVE_INFINITY;
  return {
    attach(sequence, windowBytes) {
      acknowledged = sequence;
      thresholdBytes = Math.max(1, Math.floor(windowBytes / acksPerWindow));
    },
    parsed(sequence) {
      if (sequence - acknowledged < thresholdBytes) return undefined;
      acknowledged = sequence;
      return sequence;
    },
  };
}
