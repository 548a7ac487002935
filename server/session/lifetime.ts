// When a session ends, and what its leader does until then: pure.
import type { SessionEnd } from '../protocol/rest.ts';
import type { EndReason } from './endings.ts';
import type { Environment } from './environments.ts';
import { podNameOf, sessionHashOf } from './pod-names.ts';
import { conditionOf, environmentNameOf, isEnding, isExpired, ownerIdOf, stateOf } from './state.ts';
import { annotations, labels, type Pod } from './types.ts';

const minuteMs = 60_000;
/** How long before an idle end it is announced: the page warns five minutes before, and must have heard of it. */
const announceMs = 5.5 * minuteMs;
/** An agent that does not answer is asked again after this. */
const askAgainMs = minuteMs;
/** In that time the agent is asked so often: who types again should not be warned for long. */
const watchPeriodMs = 15_000;
/** An answer of the agent that is older says nothing about now. */
const freshMs = 5_000;
const failedKeptMs = 10 * minuteMs;
/** Agents tell whole seconds. */
const toleranceMs = 2_000;

const noteOf = (pod: Pod, name: string): string | undefined => pod.metadata.annotations?.[name];

function timeOf(pod: Pod, name: string): number | undefined {
  const ms = Date.parse(noteOf(pod, name) ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}

function durationOf(pod: Pod, name: string): number | undefined {
  const minutes = Number(noteOf(pod, name));
  return minutes > 0 ? minutes * minuteMs : undefined;
}

const createdMsOf = (pod: Pod): number => Date.parse(pod.metadata.creationTimestamp ?? '') || 0;
const toTime = (ms: number): string => new Date(ms).toISOString();

/** What nothing extends: the kubelet's own deadline, from the pod's start on, or from its creation while it has not started. */
export function capMsOf(pod: Pod): number {
  const startMs = Date.parse(pod.status?.startTime ?? '') || createdMsOf(pod);
  return startMs + (pod.spec.activeDeadlineSeconds ?? 0) * 1000;
}

/** The end that is next as things stand. */
export function endOf(pod: Pod): SessionEnd {
  const capMs = capMsOf(pod);
  const lifeMs = timeOf(pod, annotations.expiresAt) ?? capMs;
  const idleMs = timeOf(pod, annotations.idleAt) ?? Infinity;
  if (idleMs < Math.min(lifeMs, capMs)) return { at: toTime(idleMs), cause: 'idle', canStay: true };
  // The kubelet counts in seconds from a start that is later than the creation: a stay could win nothing worth a button.
  if (lifeMs < capMs - minuteMs) return { at: toTime(lifeMs), cause: 'life', canStay: true };
  return { at: toTime(Math.min(lifeMs, capMs)), cause: 'cap', canStay: false };
}

/** What a new session's pod says about its life. `nowMs`: wall-clock time of the gateway. */
export function firstNotes({ lifeMinutes, idleMinutes, pod }: Environment, nowMs: number): Record<string, string> {
  const lifeMs = Math.min(lifeMinutes * minuteMs, pod.spec.activeDeadlineSeconds * 1000);
  return {
    [annotations.lifeMinutes]: String(lifeMinutes),
    [annotations.idleMinutes]: String(idleMinutes),
    [annotations.expiresAt]: toTime(nowMs + lifeMs),
    [annotations.activeAt]: toTime(nowMs),
  };
}

/** What *stay* writes: its end is a whole life from now, never beyond the cap and never earlier than it was. */
export function stayNotes(pod: Pod, nowMs: number): Record<string, string | null> {
  const lifeMs = durationOf(pod, annotations.lifeMinutes) ?? 0;
  const expiresMs = Math.min(nowMs + lifeMs, capMsOf(pod));
  return {
    [annotations.expiresAt]: toTime(Math.max(expiresMs, timeOf(pod, annotations.expiresAt) ?? 0)),
    [annotations.activeAt]: toTime(nowMs),
    [annotations.idleAt]: null,
    // Of a leader that was about to end it.
    [annotations.endReason]: null,
  };
}

/** A pod with our label that no user can reach, or that would never end: not one that we made. */
export function isOrphan(pod: Pod): boolean {
  const ownerId = ownerIdOf(pod);
  return (
    !ownerId ||
    pod.metadata.name !== podNameOf(ownerId) ||
    pod.metadata.labels?.[labels.session] !== sessionHashOf(ownerId) ||
    !environmentNameOf(pod) ||
    pod.spec.activeDeadlineSeconds === undefined
  );
}

/** What the leader has found out about a session; times by its own clock. */
export interface Facts {
  /** The agent's last answer: when it came, and when something had last been typed. */
  answer?: { atMs: number; lastInputMs?: number };
  /** When it was asked last and did not answer: nothing is known, so nothing is announced or ended for want of input. */
  unansweredMs?: number;
  /** Since when it has failed without having been ready again. */
  failedSinceMs?: number;
}

export type Verdict =
  /** Nothing to do before `untilMs`; without one, before it changes. */
  | { kind: 'keep'; untilMs?: number }
  /** Ask the agent about its last input, then judge again. */
  | { kind: 'ask' }
  /** Write down when it will end for want of input (undefined: it will not), then keep it. */
  | { kind: 'announce'; idleAtMs: number | undefined; untilMs: number }
  | { kind: 'end'; why: EndReason };

/** `facts` with what the pod itself tells at `nowMs`. */
export function learn(facts: Facts, pod: Pod, nowMs: number): Facts {
  const state = stateOf(pod);
  if (state === 'failed') return { ...facts, failedSinceMs: facts.failedSinceMs ?? nowMs };
  return state === 'ready' ? { ...facts, failedSinceMs: undefined } : facts;
}

function lastActiveMsOf(pod: Pod, { answer }: Facts, nowMs: number): number {
  const ready = conditionOf(pod, 'Ready');
  const readyMs = ready?.status === 'True' ? Date.parse(ready.lastTransitionTime ?? '') || 0 : 0;
  return Math.max(
    timeOf(pod, annotations.activeAt) ?? createdMsOf(pod),
    // A node's clock may be ahead of ours.
    readyMs <= nowMs ? readyMs : 0,
    answer?.lastInputMs ?? 0,
  );
}

const isAnnounced = (pod: Pod, idleAtMs: number | undefined) => {
  const announcedMs = timeOf(pod, annotations.idleAt);
  if (announcedMs === undefined || idleAtMs === undefined) return announcedMs === idleAtMs;
  return Math.abs(announcedMs - idleAtMs) <= toleranceMs;
};

/** An end that a leader began and did not finish: the session was used meanwhile. */
const hasStaleReason = (pod: Pod) => ['idle', 'life'].includes(noteOf(pod, annotations.endReason) ?? '');

/** What the leader writes for a verdict `announce`. */
export const announcementOf = (pod: Pod, idleAtMs: number | undefined): Record<string, string | null> => ({
  [annotations.idleAt]: idleAtMs === undefined ? null : toTime(idleAtMs),
  ...(hasStaleReason(pod) ? { [annotations.endReason]: null } : {}),
});

function keepWith(pod: Pod, idleAtMs: number | undefined, untilMs: number): Verdict {
  if (isAnnounced(pod, idleAtMs) && !hasStaleReason(pod)) return { kind: 'keep', untilMs };
  return { kind: 'announce', idleAtMs, untilMs };
}

function judgeIdle(pod: Pod, facts: Facts, nowMs: number, notBeforeMs: number, nextMs: number): Verdict {
  const idleMs = durationOf(pod, annotations.idleMinutes);
  if (idleMs === undefined || stateOf(pod) !== 'ready') return keepWith(pod, undefined, nextMs);
  const idleAtMs = lastActiveMsOf(pod, facts, nowMs) + idleMs;
  const announceAtMs = idleAtMs - Math.min(announceMs, idleMs / 2);
  if (nowMs < announceAtMs) return keepWith(pod, undefined, Math.min(nextMs, announceAtMs));
  if (!facts.answer || nowMs - facts.answer.atMs > freshMs) {
    const againMs = (facts.unansweredMs ?? -Infinity) + askAgainMs;
    return nowMs < againMs ? keepWith(pod, undefined, Math.min(nextMs, againMs)) : { kind: 'ask' };
  }
  const endMs = Math.max(idleAtMs, notBeforeMs);
  if (endMs <= nowMs) return { kind: 'end', why: 'idle' };
  return keepWith(pod, endMs, Math.min(nextMs, endMs, nowMs + watchPeriodMs));
}

/**
 * What the leader does with a session now. Ends that its user could have put off wait until `notBeforeMs`: whoever could not *stay* while
 * the cluster was away shall have time for it.
 */
export function judge(pod: Pod, facts: Facts, nowMs: number, notBeforeMs: number): Verdict {
  if (isEnding(pod)) return { kind: 'keep' };
  if (isOrphan(pod)) return { kind: 'end', why: 'orphan' };
  if (isExpired(pod)) return { kind: 'end', why: 'cap' };
  const capMs = capMsOf(pod);
  const lifeMs = Math.min(timeOf(pod, annotations.expiresAt) ?? capMs, capMs);
  const finalMs = Math.max(lifeMs, notBeforeMs);
  if (finalMs <= nowMs) return { kind: 'end', why: lifeMs < capMs ? 'life' : 'cap' };
  if (stateOf(pod) !== 'failed') return judgeIdle(pod, facts, nowMs, notBeforeMs, finalMs);
  const forgottenMs = (facts.failedSinceMs ?? nowMs) + failedKeptMs;
  if (forgottenMs <= nowMs) return { kind: 'end', why: 'failed' };
  return keepWith(pod, undefined, Math.min(finalMs, forgottenMs));
}
