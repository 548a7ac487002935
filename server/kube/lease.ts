// What to do with the Lease of a leader election: pure. Models k8s.io/client-go/tools/leaderelection.
import type { KubeObject } from './types.ts';

export interface Lease extends KubeObject {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

/** The lease as it was read, and when this process first saw it like that, by its own clock that never jumps. */
export interface LeaseObservation {
  lease: Lease;
  sinceMs: number;
}

export type LeaseStep = { kind: 'acquire' } | { kind: 'renew' } | { kind: 'wait'; forMs: number };

/** Longer than `renewWithinMs`, so that a leader that cannot renew has stopped before another may start. */
export const leaseSeconds = 8;
/** A leader that has not renewed for so long leads no more. */
export const renewWithinMs = 5_000;
/** How often the leader renews and the others look. */
export const retryMs = 1_000;

/** Two looks at a lease between which it did not change are one observation; `lease` undefined: there is none. */
export function observeLease(
  before: LeaseObservation | undefined,
  lease: Lease | undefined,
  nowMs: number,
): LeaseObservation | undefined {
  const isSame = before?.lease.metadata.resourceVersion === lease?.metadata.resourceVersion;
  return isSame ? before : lease && { lease, sinceMs: nowMs };
}

/**
 * The times in the lease are other machines' and count for nothing: a holder is gone when the lease has not changed for its duration
 * while we looked.
 */
export function decideLease(observed: LeaseObservation | undefined, identity: string, nowMs: number): LeaseStep {
  const { holderIdentity, leaseDurationSeconds = leaseSeconds } = observed?.lease.spec ?? {};
  if (!observed || !holderIdentity) return { kind: 'acquire' };
  if (holderIdentity === identity) return { kind: 'renew' };
  const leftMs = observed.sinceMs + leaseDurationSeconds * 1000 - nowMs;
  return leftMs > 0 ? { kind: 'wait', forMs: Math.min(leftMs, retryMs) } : { kind: 'acquire' };
}

/** Kubernetes' MicroTime. */
const microTimeOf = (ms: number) => new Date(ms).toISOString().replace('Z', '000Z');

/** The spec to write: `nowMs` is wall-clock time, for people who look at it. */
export function nextLeaseSpec(
  lease: Lease | undefined,
  kind: 'acquire' | 'renew' | 'release',
  identity: string,
  nowMs: number,
): NonNullable<Lease['spec']> {
  const { acquireTime, leaseTransitions = 0 } = lease?.spec ?? {};
  const renewTime = microTimeOf(nowMs);
  // As client-go leaves it: an empty holder, and a second in which nobody is sure of it.
  if (kind === 'release')
    return { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: renewTime, renewTime, leaseTransitions };
  if (kind === 'renew')
    return { holderIdentity: identity, leaseDurationSeconds: leaseSeconds, acquireTime, renewTime, leaseTransitions };
  return {
    holderIdentity: identity,
    leaseDurationSeconds: leaseSeconds,
    acquireTime: renewTime,
    renewTime,
    leaseTransitions: lease ? leaseTransitions + 1 : 0,
  };
}
