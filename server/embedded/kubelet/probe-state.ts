// A probe's verdict from its single results: so many in a row turn it. Pure. Models pkg/kubelet/prober/worker.go.
import type { Probe } from '../types.ts';

export interface ProbeState {
  isPassing: boolean;
  /** The last result and how often in a row. */
  last: boolean | undefined;
  count: number;
}

export const initialProbeState = (isPassing: boolean): ProbeState => ({ isPassing, last: undefined, count: 0 });

export function nextProbeState(state: ProbeState, isSuccess: boolean, probe: Probe): ProbeState {
  const count = state.last === isSuccess ? state.count + 1 : 1;
  const threshold = isSuccess ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  return { isPassing: count >= threshold ? isSuccess : state.isPassing, last: isSuccess, count };
}

/** Whether failures have come so often in a row that the container is to be killed (startup, liveness). */
export const isFailed = (state: ProbeState, probe: Probe): boolean =>
  state.last === false && state.count >= (probe.failureThreshold ?? 3);
