// Whether and when a container that ended is started again. Pure. Models pkg/kubelet/container/helpers.go and its back-off.
import type { PodSpec } from '../types.ts';

const firstDelayMs = 10_000;
const maxDelayMs = 300_000;
/** A container that ran this long begins anew with its back-off. */
const resetAfterMs = 600_000;

export function isRestarted(policy: PodSpec['restartPolicy'], exitCode: number): boolean {
  if (policy === 'Never') return false;
  return policy === 'OnFailure' ? exitCode !== 0 : true;
}

export interface BackOff {
  /** The delay before the last restart; 0: there was none. */
  delayMs: number;
}

/** The first restart is at once, the next ones after 10 s, 20 s … 5 min. */
export function nextBackOff(backOff: BackOff | undefined, ranMs: number): BackOff {
  if (!backOff || ranMs >= resetAfterMs) return { delayMs: 0 };
  return { delayMs: backOff.delayMs === 0 ? firstDelayMs : Math.min(maxDelayMs, backOff.delayMs * 2) };
}
