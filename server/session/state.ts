// From a session pod to what the user is told about the session: pure.
import type { Session, SessionState } from '../protocol/rest.ts';
import { annotations, labels, terminalContainer, type ContainerStatus, type Pod } from './types.ts';

// Reasons of waiting that time does not mend: the pod must be made anew.
const hopelessReasons: Record<string, string> = {
  InvalidImageName: 'The name of an image is not valid.',
  ErrImageNeverPull: 'An image is not on the node, and may not be pulled.',
  ImagePullBackOff: 'An image cannot be pulled.',
  CreateContainerConfigError: 'A container cannot be configured.',
  CreateContainerError: 'A container cannot be created.',
  RunContainerError: 'A container cannot be started.',
  CrashLoopBackOff: 'A program of the session ends again and again.',
};

const podReasons: Record<string, string> = {
  DeadlineExceeded: 'The time of this session is over.',
  Evicted: 'The cluster took the place of this session back.',
  Preempting: 'The cluster took the place of this session back.',
  NodeLost: 'The machine that this session ran on is gone.',
  NodeShutdown: 'The machine that this session ran on was shut down.',
  Terminated: 'The machine that this session ran on was shut down.',
  UnexpectedAdmissionError: 'The machine that was chosen for this session refused it.',
  OutOfcpu: 'The machine that was chosen for this session had no processor time left.',
  OutOfmemory: 'The machine that was chosen for this session had no memory left.',
  OutOfpods: 'The machine that was chosen for this session had no place left.',
};

const conditionOf = (pod: Pod, type: string) => pod.status?.conditions?.find((condition) => condition.type === type);
const statusesOf = (pod: Pod) => pod.status?.containerStatuses ?? [];
const withDetail = (sentence: string, detail: string | undefined) =>
  detail ? `${sentence} (${detail.trim()})` : sentence;

export const isEnding = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined;
export const isOver = (pod: Pod): boolean => pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
export const isExpired = (pod: Pod): boolean =>
  pod.status?.phase === 'Failed' && pod.status.reason === 'DeadlineExceeded';

function terminationOf(statuses: readonly ContainerStatus[]): string | undefined {
  for (const { name, state } of statuses) {
    const end = state?.terminated;
    if (!end || end.exitCode === 0) continue;
    if (end.reason === 'OOMKilled') return `The ${name} of this session needed more memory than it may have.`;
    return withDetail(`The ${name} of this session ended with exit code ${end.exitCode}.`, end.message);
  }
  return undefined;
}

/** Why the session cannot go on, as a sentence; undefined while it can. */
export function failureOf(pod: Pod): string | undefined {
  const { phase, reason, message } = pod.status ?? {};
  if (phase === 'Failed') {
    const known = reason ? podReasons[reason] : undefined;
    return known ?? terminationOf(statusesOf(pod)) ?? withDetail('The pod of this session failed.', message ?? reason);
  }
  if (phase === 'Succeeded') return 'The programs of this session have ended.';
  for (const { name, state } of statusesOf(pod)) {
    const { reason: waiting, message: detail } = state?.waiting ?? {};
    const sentence = waiting ? hopelessReasons[waiting] : undefined;
    if (sentence) return withDetail(`${sentence} Container: ${name}.`, detail);
  }
  return undefined;
}

/**
 * Ready for the user once the terminal has started: its startup probe asks the agent, which answers when the garden does. It stays so,
 * for a garden that restarts must not take the terminal away. Without such a probe the pod's own condition counts.
 */
const isReady = (pod: Pod) =>
  conditionOf(pod, 'Ready')?.status === 'True' ||
  (pod.status?.phase === 'Running' &&
    pod.spec.containers.some(({ name, startupProbe }) => name === terminalContainer && startupProbe !== undefined) &&
    statusesOf(pod).some(({ name, started }) => name === terminalContainer && started === true));

export function stateOf(pod: Pod): SessionState {
  if (isEnding(pod)) return 'ending';
  if (failureOf(pod)) return 'failed';
  return isReady(pod) ? 'ready' : 'starting';
}

/** `createdAt` plus the deadline: from its start on, or from its creation while it has not started. */
function expiryOf(pod: Pod, createdAt: string): string {
  const startMs = Date.parse(pod.status?.startTime ?? createdAt);
  return new Date(startMs + (pod.spec.activeDeadlineSeconds ?? 0) * 1000).toISOString();
}

export const environmentNameOf = (pod: Pod): string => pod.metadata.labels?.[labels.environment] ?? '';
export const ownerIdOf = (pod: Pod): string | undefined => pod.metadata.annotations?.[annotations.userId];

/** `titleOf` names an environment, which may be gone since the pod was made. */
export function toSession(pod: Pod, titleOf: (environment: string) => string): Session {
  const createdAt = pod.metadata.creationTimestamp ?? new Date(0).toISOString();
  const state = stateOf(pod);
  const ready = conditionOf(pod, 'Ready');
  const failure = failureOf(pod);
  return {
    id: pod.metadata.uid ?? '',
    environment: environmentNameOf(pod),
    environmentTitle: titleOf(environmentNameOf(pod)),
    state,
    createdAt,
    ...(state === 'ready' && ready?.status === 'True' && ready.lastTransitionTime
      ? { readyAt: ready.lastTransitionTime }
      : {}),
    expiresAt: expiryOf(pod, createdAt),
    ...(state === 'failed' && failure ? { failure } : {}),
  };
}

/** Why a session that is gone has ended, as a sentence; `pod` as it was last seen. */
export function endingOf(pod: Pod): string {
  if (isExpired(pod) || pod.metadata.annotations?.[annotations.endReason] === 'expired')
    return podReasons['DeadlineExceeded'] as string;
  if (pod.metadata.annotations?.[annotations.endReason] === 'visitor') return 'You ended this session.';
  if (pod.metadata.annotations?.[annotations.endReason] === 'retry') return 'This session failed and is made anew.';
  return failureOf(pod) ?? 'This session was ended by an administrator.';
}
