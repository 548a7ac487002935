// From a session pod to what the user is told about the session: pure.
import type { SessionState } from '../protocol/rest.ts';
import { findFailure } from './failure.ts';
import { annotations, labels, terminalContainer, type Pod } from './types.ts';

export const conditionOf = (pod: Pod, type: string) =>
  pod.status?.conditions?.find((condition) => condition.type === type);
export const isEnding = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
export const isOver = (pod: Pod): boolean => pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
export const isExpired = (pod: Pod): boolean =>
  pod.status?.phase === 'Failed' && pod.status.reason === 'DeadlineExceeded';

/** Why the session cannot go on, as a sentence; undefined while it can. */
export const failureOf = (pod: Pod): string | undefined => findFailure(pod, isReady(pod))?.sentence;

/**
 * Ready for the user once the terminal has started: its startup probe asks the agent, which answers when the garden does. It stays so,
 * for a garden that restarts must not take the terminal away. Without such a probe the pod's own condition counts.
 */
export const isReady = (pod: Pod): boolean =>
  conditionOf(pod, 'Ready')?.status === 'True' ||
  (pod.status?.phase === 'Running' &&
    pod.spec.containers.some(({ name, startupProbe }) => name === terminalContainer && startupProbe !== undefined) &&
    (pod.status.containerStatuses ?? []).some(({ name, started }) => name === terminalContainer && started === true));

export function stateOf(pod: Pod): SessionState {
  if (isEnding(pod)) return 'ending';
  if (failureOf(pod)) return 'failed';
  return isReady(pod) ? 'ready' : 'starting';
}

export const environmentNameOf = (pod: Pod): string => pod.metadata.labels?.[labels.environment] ?? '';
export const ownerIdOf = (pod: Pod): string | undefined => pod.metadata.annotations?.[annotations.userId];
