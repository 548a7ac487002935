// What is told of sessions to those who count and keep records; nothing here decides anything.
import { annotations, labels, type Pod } from './types.ts';

/** Which request something was done for. */
export interface Origin {
  requestId: string;
  /** The client's address, by the proxies that are believed. */
  address: string;
}

/** Whose session it is, in the words of logs and records. */
export interface SessionFacts {
  session: string;
  environment: string;
  user: string;
  login: string;
}

/** Why a session does not start: a reason out of few, as a label value, and Kubernetes' own words. */
export interface StartFailure {
  reason: string;
  message: string;
}

/** A time between two steps of a start. */
export interface StartPhase {
  phase: 'scheduling' | 'containers' | 'garden';
  durationMs: number;
}

export interface SessionObserver {
  /** This process made the pod. */
  onCreated(facts: SessionFacts, origin?: Origin): void;
  /** The cluster refused to make the pod. */
  onRefused(facts: Omit<SessionFacts, 'session'>, failure: StartFailure): void;
  /** Something keeps a session from starting: once for each of Kubernetes' reasons, from the leader. */
  onStartFailure(facts: SessionFacts, failure: StartFailure): void;
  /** Once for each session, from the leader. `startMs` and `phases` since its creation. */
  onReady(facts: SessionFacts, startMs: number, phases: readonly StartPhase[]): void;
  /** This process ended it for `reason`; `removed` (from the leader): somebody else deleted the pod. */
  onEnded(facts: SessionFacts, reason: string, origin?: Origin): void;
}

export const factsOf = ({ metadata }: Pod): SessionFacts => ({
  session: metadata.uid ?? '',
  environment: metadata.labels?.[labels.environment] ?? '',
  user: metadata.annotations?.[annotations.userId] ?? '',
  login: metadata.annotations?.[annotations.userLogin] ?? '',
});
