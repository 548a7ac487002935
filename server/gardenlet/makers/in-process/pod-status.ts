// The life of a pod on its node: which stage it is in at what age, and the status that belongs to it. Pure.
import { createHash } from 'node:crypto';
import { toTime } from '../../../apiserver/objects.ts';
import type { Container, ContainerState, ContainerStatus, Pod, PodCondition, PodStatus } from './objects.ts';

export type Stage =
  | { name: 'creating' }
  | { name: 'initializing'; done: number }
  | { name: 'running' }
  | { name: 'ready' }
  | { name: 'ended'; exitCode: number };

const initMs = 2_000;
const taskMs = 5_000;

/** A number in [0, 1) that is always the same for a pod. */
const chance = (pod: Pod): number => createHash('sha256').update(pod.metadata.uid).digest().readUInt32BE() / 2 ** 32;

const words = ({ command = [], args = [] }: Container): string => [...command, ...args].join(' ');

/** How long a container that is to end runs, and with what: `sleep N`, `exit N` and `false` are understood, all else takes five seconds. */
function taskOf(pod: Pod): { runMs: number; exitCode: number } {
  const text = pod.spec.containers.map(words).join(' ');
  const sleep = /\bsleep (\d+(?:\.\d+)?)/.exec(text);
  const exit = /\bexit (\d+)/.exec(text);
  return {
    runMs: sleep ? Number(sleep[1]) * 1000 : taskMs,
    exitCode: exit ? Number(exit[1]) % 256 : /(^|\s)(\/bin\/)?false$/.test(text) ? 1 : 0,
  };
}

/** The stage of a pod `ageMs` (virtual) after it got its node, and when the next one begins. */
export function stageOf(pod: Pod, ageMs: number): { stage: Stage; nextInMs?: number } {
  const createdMs = 4_000 + 6_000 * chance(pod);
  const inits = pod.spec.initContainers?.length ?? 0;
  const startedMs = createdMs + inits * initMs;
  if (ageMs < createdMs) return { stage: { name: 'creating' }, nextInMs: createdMs - ageMs };
  if (ageMs < startedMs) {
    const done = Math.floor((ageMs - createdMs) / initMs);
    return { stage: { name: 'initializing', done }, nextInMs: createdMs + (done + 1) * initMs - ageMs };
  }
  if (pod.spec.restartPolicy !== 'Always' && pod.spec.restartPolicy !== undefined) {
    const { runMs, exitCode } = taskOf(pod);
    if (ageMs >= startedMs + runMs) return { stage: { name: 'ended', exitCode } };
    return { stage: { name: 'ready' }, nextInMs: startedMs + runMs - ageMs };
  }
  const delaySeconds = Math.max(0, ...pod.spec.containers.map((one) => one.readinessProbe?.initialDelaySeconds ?? 0));
  const readyMs = startedMs + delaySeconds * 1000;
  if (ageMs < readyMs) return { stage: { name: 'running' }, nextInMs: readyMs - ageMs };
  return { stage: { name: 'ready' } };
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const imageName = (image: string): string => {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const path = isHost ? image : `docker.io/${rest.length ? '' : 'library/'}${image}`;
  return /[:@][^/]*$/.test(path) ? path : `${path}:latest`;
};

function containerStatus(pod: Pod, container: Container, state: ContainerState, isReady: boolean): ContainerStatus {
  const image = imageName(container.image);
  const isStarted = !state.waiting;
  return {
    name: container.name,
    image,
    imageID: isStarted ? `${image.replace(/[:@][^/]*$/, '')}@sha256:${digestOf(image)}` : '',
    ...(isStarted && { containerID: `containerd://${digestOf(`${pod.metadata.uid}/${container.name}`)}` }),
    ready: isReady,
    started: state.running !== undefined,
    restartCount: 0,
    state,
    lastState: {},
  };
}

function stateAt(stage: Stage, startedAt: string, now: string): ContainerState {
  if (stage.name === 'creating') return { waiting: { reason: 'ContainerCreating' } };
  if (stage.name === 'initializing') return { waiting: { reason: 'PodInitializing' } };
  if (stage.name !== 'ended') return { running: { startedAt } };
  const { exitCode } = stage;
  return { terminated: { exitCode, reason: exitCode ? 'Error' : 'Completed', startedAt, finishedAt: now } };
}

function initState(stage: Stage, index: number, now: string): ContainerState {
  const done = stage.name === 'creating' ? -1 : stage.name === 'initializing' ? stage.done : Infinity;
  if (index < done) return { terminated: { exitCode: 0, reason: 'Completed', startedAt: now, finishedAt: now } };
  return index === done ? { running: { startedAt: now } } : { waiting: { reason: 'PodInitializing' } };
}

function conditionsAt(pod: Pod, stage: Stage, now: string): PodCondition[] {
  const old = new Map((pod.status?.conditions ?? []).map((condition) => [condition.type, condition]));
  const isReady = stage.name === 'ready';
  const names = pod.spec.containers.map(({ name }) => name).join(' ');
  const condition = (type: string, isTrue: boolean, reason?: string, message?: string): PodCondition => {
    const status = isTrue ? 'True' : 'False';
    const before = old.get(type);
    return {
      type,
      status,
      lastProbeTime: null,
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : now,
      ...(reason && { reason, message }),
    };
  };
  const unready: [string?, string?] = isReady
    ? []
    : stage.name === 'ended'
      ? ['PodCompleted', '']
      : ['ContainersNotReady', `containers with unready status: [${names}]`];
  return [
    condition('PodReadyToStartContainers', stage.name !== 'creating' && stage.name !== 'ended'),
    condition('Initialized', !pod.spec.initContainers?.length || !['creating', 'initializing'].includes(stage.name)),
    condition('Ready', isReady, ...unready),
    condition('ContainersReady', isReady, ...unready),
    condition('PodScheduled', true),
  ];
}

function qosOf({ containers }: Pod['spec']): string {
  const requests = containers.map(({ resources }) => resources ?? {});
  if (requests.every(({ requests: r, limits: l }) => !r && !l)) return 'BestEffort';
  const isGuaranteed = requests.every(
    ({ requests: r, limits: l }) => l?.cpu && l.memory && (!r || (r.cpu === l.cpu && r.memory === l.memory)),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

export function podStatus(
  pod: Pod,
  stage: Stage,
  address: { podIp: string; hostIp: string },
  nowMs: number,
): PodStatus {
  const now = toTime(nowMs);
  const startTime = pod.status?.startTime ?? now;
  const before = pod.status?.containerStatuses?.[0]?.state;
  const startedAt = before?.running?.startedAt ?? now;
  const isStarted = stage.name !== 'creating';
  const inits = pod.spec.initContainers ?? [];
  const phase =
    stage.name === 'ended'
      ? stage.exitCode
        ? 'Failed'
        : 'Succeeded'
      : stage.name === 'creating' || stage.name === 'initializing'
        ? 'Pending'
        : 'Running';
  return {
    phase,
    conditions: conditionsAt(pod, stage, now),
    hostIP: address.hostIp,
    hostIPs: [{ ip: address.hostIp }],
    ...(isStarted && { podIP: address.podIp, podIPs: [{ ip: address.podIp }] }),
    startTime,
    ...(inits.length && {
      initContainerStatuses: inits.map((container, index) => {
        const state = initState(stage, index, now);
        return containerStatus(pod, container, state, state.terminated !== undefined);
      }),
    }),
    containerStatuses: pod.spec.containers.map((container) =>
      containerStatus(pod, container, stateAt(stage, startedAt, now), stage.name === 'ready'),
    ),
    qosClass: qosOf(pod.spec),
  };
}
