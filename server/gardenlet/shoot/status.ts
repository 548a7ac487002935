// The status of a shoot at the start, during and at the end of an operation, as merge patches. Pure.
import type { Condition, Gardener, LastError, LastOperation, OperationType, Shoot, WorkersRollout } from '../types.ts';
import { isHibernationWanted, toTime } from '../types.ts';
import {
  checkConstraints,
  initialConditions,
  mergeConditions,
  passed,
  conditionTypesOf,
  toProgressing,
} from './conditions.ts';

/** A merge patch of the status: null removes. */
export type StatusPatch = Record<string, unknown>;

export interface OperationContext {
  type: OperationType;
  nowMs: number;
  gardener: Gardener;
  seedName: string;
}

const initialized: Record<string, string> = {
  Create: 'Reconciliation of Shoot cluster initialized.',
  Reconcile: 'Reconciliation of Shoot cluster initialized.',
  Delete: 'Deletion of Shoot cluster in progress.',
};
const succeeded: Record<string, string> = {
  Create: 'Shoot cluster has been successfully reconciled.',
  Reconcile: 'Shoot cluster has been successfully reconciled.',
  Delete: 'Shoot cluster has been successfully deleted.',
};

export function operation(
  type: OperationType,
  state: LastOperation['state'],
  progress: number,
  description: string,
  nowMs: number,
): LastOperation {
  return { type, state, progress, description, lastUpdateTime: toTime(nowMs) };
}

export const technicalIdOf = (shoot: Shoot, projectName: string): string =>
  shoot.status?.technicalID || `shoot--${projectName}--${shoot.metadata.name}`;

/** What is written when gardenlet takes a shoot up. Models reconciler_reconcile.go and reconciler_delete.go: updateShootStatusOperationStart. */
export function startPatch(
  shoot: Shoot,
  projectName: string,
  { type, nowMs, gardener, seedName }: OperationContext,
  begin: { resumeAtProgress: number; rotation?: object; rollout?: WorkersRollout[] },
): StatusPatch {
  const { status, metadata } = shoot;
  const isNewCycle =
    !status?.retryCycleStartTime ||
    status.observedGeneration !== metadata.generation ||
    status.gardener?.version !== gardener.version;
  return {
    gardener,
    seedName,
    technicalID: technicalIdOf(shoot, projectName),
    uid: metadata.uid,
    observedGeneration: metadata.generation,
    ...(isNewCycle && { retryCycleStartTime: toTime(nowMs) }),
    ...(!status?.conditions?.length && { conditions: initialConditions(shoot, nowMs) }),
    ...(begin.rotation && { credentials: { rotation: begin.rotation } }),
    ...(begin.rollout && { manualWorkerPoolRollout: { pendingWorkersRollouts: begin.rollout } }),
    ...(!begin.resumeAtProgress && { lastOperation: operation(type, 'Processing', 0, initialized[type]!, nowMs) }),
  };
}

export function successPatch(
  shoot: Shoot,
  { type, nowMs }: OperationContext,
  result: { rotation?: object; isAwake: boolean },
): StatusPatch {
  const lastOperation = operation(type, 'Succeeded', 100, succeeded[type]!, nowMs);
  if (type === 'Delete') return { lastOperation, lastErrors: null, retryCycleStartTime: null };
  const current = shoot.status?.conditions ?? [];
  const options = { nowMs, thresholdMs: 0 };
  const encryption = shoot.spec.kubernetes.kubeAPIServer?.encryptionConfig;
  return {
    lastOperation,
    lastErrors: null,
    retryCycleStartTime: null,
    hibernated: isHibernationWanted(shoot),
    conditions: conditionsAfter(shoot, current, result.isAwake, nowMs),
    constraints: mergeConditions(
      shoot.status?.constraints ?? [],
      checkConstraints(
        { ...shoot, status: { ...shoot.status, hibernated: !result.isAwake } },
        result.isAwake ? { isApiServerAvailable: true, nodes: [], unhealthySystemPods: [] } : undefined,
      ),
      options,
    ),
    credentials: {
      // Without the resources that are always encrypted: validation compares with the spec as it is written.
      encryptionAtRest: {
        resources: encryption?.resources ?? [],
        provider: { type: encryption?.provider?.type ?? 'aescbc' },
      },
      ...(result.rotation && { rotation: result.rotation }),
    },
  };
}

// The flow has just seen it all run; the health check has the last word.
function conditionsAfter(shoot: Shoot, current: readonly Condition[], isAwake: boolean, nowMs: number): Condition[] {
  const types = new Set(conditionTypesOf(shoot));
  const known = current.filter(({ type }) => types.has(type));
  if (!isAwake) return toProgressing(known, nowMs);
  const checks = [...types].map(passed);
  return toProgressing(mergeConditions(known, checks, { nowMs, thresholdMs: 0 }), nowMs);
}

/** A run ended with an error: it is tried again until the retry period is over. */
export function errorPatch(
  shoot: Shoot,
  { type, nowMs }: OperationContext,
  error: { message: string; taskId?: string; progress: number; isFinal: boolean },
): StatusPatch {
  const description = error.isFinal ? error.message : `${error.message} Operation will be retried.`;
  const lastError: LastError = {
    description: error.message,
    ...(error.taskId && { taskID: error.taskId }),
    lastUpdateTime: toTime(nowMs),
  };
  return {
    lastOperation: operation(type, error.isFinal ? 'Failed' : 'Error', error.progress, description, nowMs),
    lastErrors: [lastError],
  };
}

/** Whether a shoot has been tried for longer than `retryPeriodMs`. */
export function isRetryPeriodOver(shoot: Shoot, nowMs: number, retryPeriodMs: number): boolean {
  const start = shoot.status?.retryCycleStartTime;
  return start !== undefined && nowMs - Date.parse(start) > retryPeriodMs;
}
