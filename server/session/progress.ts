// From pod states and Kubernetes events to sentences for the user: pure.
import { createHash } from 'node:crypto';
import type { Progress } from '../protocol/rest.ts';
import { failureOf, isEnding } from './state.ts';
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
    const sentence = `There is no place for your pod at the moment: ${message}.`;
    return [happening(at, 'scheduled', `unschedulable-${digestOf(message)}`, sentence, 'warning', condition.reason)];
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

function ofRestart({ name, restartCount, lastState }: ContainerStatus, createdAt: string): Progress[] {
  if (restartCount === 0) return [];
  const end = lastState?.terminated;
  const why =
    end?.reason === 'OOMKilled'
      ? 'needed more memory than it may have'
      : `ended with exit code ${end?.exitCode ?? '?'}`;
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

/** What the pod itself tells, oldest first. */
export function progressOfPod(pod: Pod): Progress[] {
  const createdAt = pod.metadata.creationTimestamp ?? new Date(0).toISOString();
  const failure = failureOf(pod);
  const all = [
    happening(createdAt, 'created', 'created', 'Your pod has been created.'),
    ...(pod.status?.conditions ?? []).flatMap((condition) => ofCondition(pod, condition, createdAt)),
    ...ofUnreadiness(pod, createdAt),
    ...(pod.status?.containerStatuses ?? []).flatMap((status) => ofRestart(status, createdAt)),
  ];
  if (failure) all.push(happening(failedAt(pod, createdAt), 'failed', 'failed', failure, 'error', pod.status?.reason));
  if (isEnding(pod))
    all.push(happening(pod.metadata.deletionTimestamp ?? createdAt, 'ending', 'ending', 'Your session is ending.'));
  return all.sort(compareProgress);
}

const containerIn = (event: KubeEvent) =>
  /^spec\.(?:initC|c)ontainers\{(.+)\}$/.exec(event.involvedObject.fieldPath ?? '')?.[1];

const detailOf = (event: KubeEvent) => (event.message ?? '').split('\n')[0]?.trim().slice(0, 300) ?? '';

// The reasons of kubelet and scheduler, pkg/kubelet/events/event.go and pkg/scheduler/schedule_one.go.
const eventSentences: Record<string, (subject: string, detail: string) => string> = {
  Pulling: (subject) => `The image of the ${subject} is being fetched.`,
  Pulled: (subject) => `The image of the ${subject} is here.`,
  Created: (subject) => `The ${subject} has been prepared.`,
  Started: (subject) => `The ${subject} has started.`,
  Killing: (subject) => `The ${subject} is being ended.`,
  Unhealthy: (subject) => `The ${subject} does not answer yet.`,
  BackOff: (subject) => `The ${subject} cannot be started at the moment; it is tried again.`,
  Failed: (subject, detail) => `The ${subject} cannot be started: ${detail}`,
  FailedMount: (_subject, detail) => `A volume of your pod cannot be mounted: ${detail}`,
  FailedCreatePodSandBox: (_subject, detail) => `The network of your pod cannot be made: ${detail}`,
  TaintManagerEviction: () => 'The machine of your pod has a problem; your pod must leave it.',
  Evicted: (_subject, detail) => `The cluster takes the place of your pod back: ${detail}`,
  Preempted: () => 'Your pod had to make room for more important ones.',
};

// Conditions say the same, and once.
const toldByPod = new Set(['Scheduled', 'FailedScheduling']);

/** What an event tells; undefined for what the pod tells better itself. Repeats of an event are one happening. */
export function progressOfEvent(event: KubeEvent): Progress | undefined {
  const { reason = '', metadata } = event;
  if (toldByPod.has(reason)) return undefined;
  const at = event.firstTimestamp ?? event.eventTime ?? event.lastTimestamp ?? metadata.creationTimestamp;
  if (!at) return undefined;
  const detail = detailOf(event);
  const sentence = eventSentences[reason]?.(containerIn(event) ?? 'pod', detail) ?? capitalize(detail);
  const level = event.type === 'Warning' && reason !== 'Unhealthy' ? 'warning' : 'info';
  return happening(at, 'event', metadata.uid ?? metadata.name, sentence, level, reason || undefined);
}

/** By time, then by rank; times of different precision compare as times. */
export function compareProgress(a: Progress, b: Progress): number {
  return Date.parse(a.at) - Date.parse(b.at) || rankOf(a) - rankOf(b) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

const rankOf = ({ id }: Progress) => Number.parseInt(id.slice(id.indexOf('/') + 1), 10);
