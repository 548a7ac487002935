// From pod states and Kubernetes events to sentences for the user: pure.
import { createHash } from 'node:crypto';
import type { Progress } from '../protocol/rest.ts';
import { mountDetailOf, pullCauseOf, runtimeDetailOf, schedulingCauseOf } from './failure-words.ts';
import { allStatusesOf, endingWordsOf, findDisruption, findFailure } from './failure.ts';
import { isEnding, isReady } from './state.ts';
import type { ContainerStatus, KubeEvent, Pod, PodCondition } from './types.ts';

type Level = Progress['level'];

// Ids are `time/rank-what`: they grow with time, and within one second (all that Kubernetes tells) in the order of a start.
const ranks = {
  created: 10,
  scheduled: 20,
  network: 25,
  event: 30,
  waiting: 50,
  restarted: 60,
  ready: 90,
  failed: 95,
  ending: 99,
};

function happening(
  at: string,
  rank: keyof typeof ranks,
  what: string,
  sentence: string,
  level: Level = 'info',
  reason?: string,
): Progress {
  return { id: `${at}/${ranks[rank]}-${what}`, at, sentence, level, ...(reason ? { reason } : {}) };
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);
const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const joinNames = (names: readonly string[]) =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and the ${names.at(-1)}`;

function ofCondition(pod: Pod, condition: PodCondition, createdAt: string): Progress[] {
  const at = condition.lastTransitionTime ?? createdAt;
  if (condition.type === 'PodScheduled' && condition.reason === 'Unschedulable') {
    const { message = '' } = condition;
    const { cause, isLasting } = schedulingCauseOf(message);
    const advice = isLasting ? 'Tell the administrator of this playground.' : 'It waits until there is.';
    const sentence = `There is no place for your pod: ${cause}. ${advice}`;
    return [happening(at, 'scheduled', `unschedulable-${digestOf(cause)}`, sentence, 'warning', condition.reason)];
  }
  if (condition.status !== 'True') return [];
  switch (condition.type) {
    case 'PodScheduled':
      return [happening(at, 'scheduled', 'scheduled', `Your pod has a place on node ${pod.spec.nodeName ?? '?'}.`)];
    case 'PodReadyToStartContainers':
      return [happening(at, 'network', 'network', 'Your pod has its network and its volumes.')];
    case 'Ready':
      return [happening(at, 'ready', 'ready', 'Your session is ready.')];
    default:
      return [];
  }
}

function ofUnreadiness(pod: Pod, createdAt: string): Progress[] {
  const condition = pod.status?.conditions?.find(({ type }) => type === 'ContainersReady');
  const running = (pod.status?.containerStatuses ?? []).filter(({ state }) => state?.running);
  const waiting = running.filter(({ ready }) => !ready).map(({ name }) => name);
  if (condition?.status !== 'False' || !waiting.length) return [];
  const at =
    running
      .map(({ state }) => state?.running?.startedAt ?? createdAt)
      .sort()
      .at(-1) ?? createdAt;
  const verb = waiting.length === 1 ? 'answers' : 'answer';
  return [happening(at, 'waiting', `waiting-${waiting.join('-')}`, `Waiting until the ${joinNames(waiting)} ${verb}.`)];
}

function ofRestart(pod: Pod, { name, restartCount, lastState }: ContainerStatus, createdAt: string): Progress[] {
  if (restartCount === 0) return [];
  const end = lastState?.terminated;
  const why = endingWordsOf(pod, name, end);
  const at = end?.finishedAt ?? createdAt;
  const what = `restarted-${name}-${restartCount}`;
  return [happening(at, 'restarted', what, `The ${name} ${why} and is started again.`, 'warning', end?.reason)];
}

function failedAt(pod: Pod, createdAt: string): string {
  const statuses = pod.status?.containerStatuses ?? [];
  const times = [
    createdAt,
    ...(pod.status?.conditions ?? []).map(({ lastTransitionTime }) => lastTransitionTime ?? ''),
    ...statuses.map(({ state }) => state?.terminated?.finishedAt ?? ''),
  ];
  return times.sort().at(-1) ?? createdAt;
}

function ofEnding(pod: Pod, createdAt: string): Progress {
  const at = pod.metadata.deletionTimestamp ?? createdAt;
  const disruption = findDisruption(pod);
  if (!disruption) return happening(at, 'ending', 'ending', 'Your session is ending.');
  return happening(at, 'ending', 'ending', disruption.sentence, 'warning', disruption.reason);
}

/** What the pod itself tells, oldest first. */
export function progressOfPod(pod: Pod): Progress[] {
  const createdAt = pod.metadata.creationTimestamp ?? new Date(0).toISOString();
  const failure = findFailure(pod, isReady(pod));
  const all = [
    happening(createdAt, 'created', 'created', 'Your pod has been created.'),
    ...(pod.status?.conditions ?? []).flatMap((condition) => ofCondition(pod, condition, createdAt)),
    ...ofUnreadiness(pod, createdAt),
    ...allStatusesOf(pod).flatMap((status) => ofRestart(pod, status, createdAt)),
  ];
  if (failure)
    all.push(happening(failedAt(pod, createdAt), 'failed', 'failed', failure.sentence, 'error', failure.reason));
  if (isEnding(pod)) all.push(ofEnding(pod, createdAt));
  return all.sort(compareProgress);
}

const containerIn = (event: KubeEvent) =>
  /^spec\.(?:initC|c)ontainers\{(.+)\}$/.exec(event.involvedObject.fieldPath ?? '')?.[1];

const detailOf = (event: KubeEvent) => (event.message ?? '').split('\n')[0]?.trim() ?? '';

// The reasons of kubelet and scheduler, pkg/kubelet/events/event.go and pkg/scheduler/schedule_one.go.
const eventSentences: Record<string, (subject: string, detail: string) => string> = {
  Pulling: (subject) => `The image of the ${subject} is being fetched.`,
  Pulled: (subject) => `The image of the ${subject} is here.`,
  Created: (subject) => `The ${subject} has been prepared.`,
  Started: (subject) => `The ${subject} has started.`,
  Killing: (subject, detail) =>
    detail.includes('failed startup probe')
      ? `The ${subject} did not answer in time and is started again.`
      : `The ${subject} is being ended.`,
  Unhealthy: (subject) => `The ${subject} does not answer yet.`,
  BackOff: (subject) => `The ${subject} cannot be started at the moment; it is tried again.`,
  Failed: (subject, detail) =>
    /^Failed to pull image/.test(detail)
      ? `The image of the ${subject} cannot be fetched: ${pullCauseOf(detail)}. It is tried again.`
      : `The ${subject} cannot be started: ${runtimeDetailOf(detail)}`,
  FailedMount: (_subject, detail) =>
    `Your pod cannot be given what it needs: ${mountDetailOf(detail)}. It is tried again; if it stays so, tell the administrator.`,
  FailedAttachVolume: (_subject, detail) =>
    `Your pod cannot be given its volume: ${mountDetailOf(detail)}. It is tried again; if it stays so, tell the administrator.`,
  FailedCreatePodSandBox: (_subject, detail) =>
    `The place of your pod cannot be made ready: ${runtimeDetailOf(detail)}. It is tried again; if it stays so, tell the administrator.`,
};

// Conditions and states of containers say the same, and once.
const toldByPod = new Set([
  ...['Scheduled', 'FailedScheduling', 'Evicted', 'Preempted', 'TaintManagerEviction', 'NodeAffinity'],
  ...['OutOfcpu', 'OutOfmemory', 'OutOfpods', 'OutOfephemeral-storage', 'InspectFailed', 'ErrImageNeverPull'],
]);
const isToldByPod = ({ reason = '', message = '' }: KubeEvent) =>
  toldByPod.has(reason) ||
  (reason === 'Failed' && message.startsWith('Error: ')) ||
  (reason === 'BackOff' && message.startsWith('Back-off pulling image'));

/** What an event tells; undefined for what the pod tells better itself. Repeats of an event are one happening. */
export function progressOfEvent(event: KubeEvent): Progress | undefined {
  const { reason = '', metadata } = event;
  if (isToldByPod(event)) return undefined;
  const at = event.firstTimestamp ?? event.eventTime ?? event.lastTimestamp ?? metadata.creationTimestamp;
  if (!at) return undefined;
  const detail = detailOf(event);
  const sentence = eventSentences[reason]?.(containerIn(event) ?? 'pod', detail) ?? capitalize(detail.slice(0, 300));
  const level = event.type === 'Warning' && reason !== 'Unhealthy' ? 'warning' : 'info';
  return happening(at, 'event', metadata.uid ?? metadata.name, sentence, level, reason || undefined);
}

/** By time, then by rank; times of different precision compare as times. */
export function compareProgress(a: Progress, b: Progress): number {
  return Date.parse(a.at) - Date.parse(b.at) || rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

const rankOf = ({ id }: Progress) => Number.parseInt(id.slice(id.indexOf('/') + 1), 10);
