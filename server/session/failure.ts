// Why a session does not start, cannot go on or had to end: a sentence that says what happened and what to do, with Kubernetes' reason. Pure.
import { imageIn, pullCauseOf, runtimeDetailOf } from './failure-words.ts';
import { terminalContainer, type ContainerState, type ContainerStatus, type Pod } from './types.ts';

export interface Failure {
  /** Kubernetes' own, for log and metrics. */
  reason: string;
  sentence: string;
}

const startAgain = 'Start again.';
const tellAdministrator = 'Tell the administrator of this playground.';
const tryAgain = `Try again in a moment; if it stays so, tell the administrator of this playground.`;

// pkg/kubelet/types, pkg/kubelet/lifecycle/predicate.go, pkg/kubelet/nodeshutdown, pkg/kubelet/preemption
const podSentences: Record<string, string> = {
  DeadlineExceeded: 'The time of this session is over.',
  Preempting: `This session had to make room for something more important. ${startAgain}`,
  NodeLost: `The machine that this session ran on is gone. ${startAgain}`,
  NodeShutdown: `The machine that this session ran on was shut down. ${startAgain}`,
  Terminated: `The machine that this session ran on was shut down. ${startAgain}`,
  UnexpectedAdmissionError: `The machine that was chosen for this session refused it. ${tryAgain}`,
  NodeAffinity: `The machine that was chosen for this session is not of the kind that it asks for. ${tryAgain}`,
  OutOfcpu: `The machine that was chosen for this session has too little processor time left. ${tryAgain}`,
  OutOfmemory: `The machine that was chosen for this session has too little memory left. ${tryAgain}`,
  OutOfpods: `The machine that was chosen for this session has no place left. ${tryAgain}`,
  'OutOfephemeral-storage': `The machine that was chosen for this session has too little disk space left. ${tryAgain}`,
};

// k8s.io/api/core/v1: reasons of the condition DisruptionTarget.
const disruptionSentences: Record<string, string> = {
  PreemptionByScheduler: `This session had to make room for something more important. ${startAgain}`,
  EvictionByEvictionAPI: `The machine of this session is being emptied for maintenance, so the session had to end. ${startAgain}`,
  DeletionByTaintManager: `The machine of this session has a problem, so the session had to end. ${startAgain}`,
  DeletionByPodGC: `The machine that this session ran on is gone. ${startAgain}`,
  TerminationByKubelet: `The machine of this session had to end it. ${startAgain}`,
};

/** The statuses of all containers of the pod, in the order in which they start. */
export const allStatusesOf = ({ status }: Pod): ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

interface WithLimits {
  name: string;
  resources?: { limits?: Record<string, string> };
}

/** ` (512Mi)`, or nothing when the container has no limit. */
function memoryLimitOf({ spec }: Pod, name: string): string {
  const containers = [...spec.containers, ...((spec['initContainers'] as WithLimits[] | undefined) ?? [])];
  const limit = (containers as WithLimits[]).find((one) => one.name === name)?.resources?.limits?.['memory'];
  return limit === undefined ? '' : ` (${limit})`;
}

type Termination = NonNullable<ContainerState['terminated']>;

/** How a container ended, as what follows its name. */
export function endingWordsOf(pod: Pod, name: string, end: Termination | undefined): string {
  if (end?.reason === 'OOMKilled') return `needed more memory than it may have${memoryLimitOf(pod, name)}`;
  if (end?.reason === 'StartError' || end?.reason === 'ContainerCannotRun')
    return `could not be started: ${runtimeDetailOf(end.message ?? '')}`;
  const said = end?.message?.trim().split('\n').at(-1);
  return `ended with exit code ${end?.exitCode ?? '?'}${said ? ` (${said.slice(0, 200)})` : ''}`;
}

const adviceFor = (end: Termination | undefined) =>
  end?.reason === 'OOMKilled' ? 'Start again, and let fewer things run at once.' : tryAgain;

function ofEviction(message: string): string {
  const volume = /EmptyDir volume "([^"]+)" exceeds the limit "([^"]+)"/.exec(message);
  if (volume)
    return `This session had to end because its volume ${volume[1]} held more than ${volume[2]}. ${startAgain}`;
  const disk =
    /ephemeral (?:local )?storage (?:usage exceeds the total limit of containers|limit) "?([\w.]+?)"?\.? *$/.exec(
      message,
    );
  if (disk)
    return `This session had to end because it used more disk space than it may have (${disk[1]}). ${startAgain}`;
  const scarce = /low on resource: ([\w-]+)/.exec(message)?.[1];
  if (scarce === 'memory')
    return `The machine of this session had no memory left, so the session had to end. ${startAgain}`;
  if (scarce) return `The machine of this session had no ${scarce} left, so the session had to end. ${startAgain}`;
  return `The cluster took the place of this session back. ${startAgain}`;
}

function ofFailedPod(pod: Pod): Failure {
  const { reason = '', message = '' } = pod.status ?? {};
  if (reason === 'Evicted') return { reason, sentence: ofEviction(message) };
  const known = podSentences[reason] ?? findDisruption(pod)?.sentence;
  if (known) return { reason: reason || 'DisruptionTarget', sentence: known };
  for (const { name, state } of allStatusesOf(pod)) {
    const end = state?.terminated;
    if (end && end.exitCode !== 0)
      return {
        reason: end.reason ?? 'Error',
        sentence: `The ${name} of this session ${endingWordsOf(pod, name, end)}. ${adviceFor(end)}`,
      };
  }
  const detail = message || reason;
  return {
    reason: reason || 'Failed',
    sentence: `The pod of this session failed${detail ? `: ${detail.trim()}` : ''}. ${tryAgain}`,
  };
}

function imageSentence({ name, image }: Pick<ContainerStatus, 'name'> & { image?: string }, cause: string): string {
  return `The image of the ${name}${image ? `, ${image},` : ''} cannot be fetched: ${cause}. ${tryAgain}`;
}

// Reasons of waiting that time does not mend: the pod must be made anew. pkg/kubelet/images/types.go, pkg/kubelet/kuberuntime
const waitingSentences: Record<string, (name: string, message: string) => string> = {
  InvalidImageName: (name, message) =>
    `The name of the image of the ${name} is not valid: ${imageIn(message) ?? message}. ${tellAdministrator}`,
  ErrImageNeverPull: (name, message) =>
    `The image of the ${name}, ${imageIn(message) ?? 'without a name'}, is not on the machine, and may not be fetched. ${tellAdministrator}`,
  ImagePullBackOff: (name, message) => imageSentence({ name, image: imageIn(message) }, pullCauseOf(message)),
  CreateContainerConfigError: (name, message) =>
    `The ${name} cannot be set up: ${runtimeDetailOf(message)}. ${tellAdministrator}`,
  CreateContainerError: (name, message) => `The ${name} cannot be created: ${runtimeDetailOf(message)}. ${tryAgain}`,
  RunContainerError: (name, message) => `The ${name} cannot be started: ${runtimeDetailOf(message)}. ${tryAgain}`,
};

function ofWaiting(pod: Pod, { name, state, lastState }: ContainerStatus): Failure | undefined {
  const { reason = '', message = '' } = state?.waiting ?? {};
  if (reason === 'CrashLoopBackOff') {
    const end = lastState?.terminated;
    const sentence = `The ${name} does not stay up: it ${endingWordsOf(pod, name, end)}, again and again. ${adviceFor(end)}`;
    return { reason: end?.reason === 'OOMKilled' ? 'OOMKilled' : reason, sentence };
  }
  const render = waitingSentences[reason];
  return render && { reason, sentence: render(name, message) };
}

/**
 * Why the session cannot go on; undefined while it can. Once it is ready (`isReady`), only its terminal counts: a garden that ends again and
 * again must not take the terminal away.
 */
export function findFailure(pod: Pod, isReady: boolean): Failure | undefined {
  if (pod.status?.phase === 'Failed') return ofFailedPod(pod);
  if (pod.status?.phase === 'Succeeded')
    return { reason: 'Completed', sentence: `The programs of this session have ended. ${startAgain}` };
  for (const status of allStatusesOf(pod)) {
    const failure = isReady && status.name !== terminalContainer ? undefined : ofWaiting(pod, status);
    if (failure) return failure;
  }
  return undefined;
}

/** Why the cluster itself ends the pod, if it does and says so. */
export function findDisruption({ status }: Pod): Failure | undefined {
  const target = status?.conditions?.find(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True');
  if (!target) return undefined;
  const { reason = 'DisruptionTarget' } = target;
  return {
    reason,
    sentence: disruptionSentences[reason] ?? `The cluster took the place of this session back. ${startAgain}`,
  };
}
