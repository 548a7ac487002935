// From a session pod to what the user is told about the session: pure.
import type { SessionState } from '../protocol/rest.ts';
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

export const conditionOf = (pod: Pod, type: string) =>
  pod.status?.conditions?.find((condition) => condition.type === type);
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

export const environmentNameOf = (pod: Pod): string => pod.metadata.labels?.[labels.environment] ?? '';
export const ownerIdOf = (pod: Pod): string | undefined => pod.metadata.annotations?.[annotations.userId];
