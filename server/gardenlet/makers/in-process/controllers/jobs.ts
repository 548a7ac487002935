// Jobs: pods until enough have succeeded or too many failed. Models pkg/controller/job.
import { toTime } from '../../../../apiserver/objects.ts';
import type { ClusterController } from '../engine.ts';
import { randomSuffix } from '../names.ts';
import { isDeleting, isPodActive, isPodReady, kinds, type Job, type Pod, type WorkloadCondition } from '../objects.ts';
import type { World } from '../world.ts';
import { createPod, deletePod, podsOf } from './replicas.ts';

const backoffMessage = 'Job has reached the specified backoff limit';

const isFinished = ({ status }: Job): boolean =>
  status?.conditions?.some(({ type, status: is }) => is === 'True' && ['Complete', 'Failed'].includes(type)) ?? false;

const inPhase = (pods: readonly Pod[], phase: string): number =>
  pods.filter(({ status }) => status?.phase === phase).length;

function conditionsOf(outcome: 'Complete' | 'Failed', nowMs: number): WorkloadCondition[] {
  const now = toTime(nowMs);
  const reason = outcome === 'Complete' ? 'CompletionsReached' : 'BackoffLimitExceeded';
  const message = outcome === 'Complete' ? 'Reached expected number of succeeded pods' : backoffMessage;
  const first = outcome === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  return [first, outcome].map((type) => ({
    type,
    status: 'True',
    reason,
    message,
    lastTransitionTime: now,
    lastUpdateTime: now,
  }));
}

/** How many pods may still be started. */
function missing(job: Job, active: number, succeeded: number): number {
  const { parallelism = 1, completions } = job.spec;
  const left = completions === undefined ? (succeeded ? 0 : parallelism) : completions - succeeded;
  return Math.min(parallelism, left) - active;
}

function create(world: World, job: Job): void {
  const { name } = job.metadata;
  createPod(world, job, job.spec.template, {
    name: `${name}-${randomSuffix()}`,
    generateName: `${name}-`,
    labels: { 'batch.kubernetes.io/job-name': name, 'job-name': name },
    manager: 'job-controller',
  });
}

function finish(world: World, job: Job, outcome: 'Complete' | 'Failed', active: readonly Pod[]): void {
  for (const pod of active) deletePod(world, pod);
  if (outcome === 'Complete') world.event(job, 'Normal', 'Completed', 'Job completed', 'job-controller');
  else world.event(job, 'Warning', 'BackoffLimitExceeded', backoffMessage, 'job-controller');
}

function syncOne(world: World, job: Job): void {
  const pods = podsOf(world, job);
  const active = pods.filter(isPodActive);
  const succeeded = inPhase(pods, 'Succeeded');
  const failed = inPhase(pods, 'Failed');
  const wanted = job.spec.completions ?? 1;
  const outcome =
    failed > (job.spec.backoffLimit ?? 6)
      ? 'Failed'
      : succeeded >= wanted && (job.spec.completions !== undefined || !active.length)
        ? 'Complete'
        : undefined;
  if (outcome) finish(world, job, outcome, active);
  else if (!job.spec.suspend) for (let i = missing(job, active.length, succeeded); i > 0; i--) create(world, job);
  const now = toTime(world.nowMs);
  const running = outcome ? [] : podsOf(world, job).filter(isPodActive);
  world.update(kinds.jobs, job, (copy) => {
    copy.status = {
      ...(running.length && { active: running.length }),
      ready: running.filter(isPodReady).length,
      ...(succeeded && { succeeded }),
      ...(failed && { failed }),
      startTime: copy.status?.startTime ?? now,
      uncountedTerminatedPods: {},
      terminating: 0,
      ...(outcome && { conditions: conditionsOf(outcome, world.nowMs) }),
      ...(outcome === 'Complete' && { completionTime: now }),
    } as Job['status'];
  });
}

/** In how many ms a finished job goes by itself; removes it when that is past. */
function expire(world: World, job: Job): number | undefined {
  const { ttlSecondsAfterFinished: ttl } = job.spec;
  if (ttl === undefined) return undefined;
  const finished = job.status?.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed');
  const leftMs = Date.parse(finished?.lastTransitionTime ?? '') + ttl * 1000 - world.nowMs;
  if (leftMs > 0) return leftMs;
  world.delete(kinds.jobs, job);
  return undefined;
}

export const jobs: ClusterController = {
  name: 'job',
  watches: [kinds.jobs, kinds.pods],
  sync(world) {
    let nextMs: number | undefined;
    for (const job of world.list<Job>(kinds.jobs)) {
      if (isDeleting(job)) continue;
      if (!isFinished(job)) syncOne(world, job);
      else nextMs = Math.min(nextMs ?? Infinity, expire(world, job) ?? Infinity);
    }
    return nextMs === Infinity ? undefined : nextMs;
  },
};
