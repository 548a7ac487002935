// Conditions and constraints of a shoot: which there are, what a check says, and how one follows from the last. Pure.
import type { ClusterHealth } from '../makers/maker.ts';
import {
  isDeleting,
  isHibernationWanted,
  isWorkerless,
  toTime,
  type Condition,
  type ConditionStatus,
  type Shoot,
} from '../types.ts';

export interface Check {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
}

export const constraintTypes = ['HibernationPossible', 'MaintenancePreconditionsSatisfied'] as const;

const healthy: Record<string, { reason: string; message: string }> = {
  APIServerAvailable: {
    reason: 'HealthzRequestSucceeded',
    message: 'API server /healthz endpoint responded with success status code.',
  },
  ControlPlaneHealthy: { reason: 'ControlPlaneRunning', message: 'All control plane components are healthy.' },
  ObservabilityComponentsHealthy: {
    reason: 'ObservabilityComponentsRunning',
    message: 'All observability components are healthy.',
  },
  EveryNodeReady: { reason: 'EveryNodeReady', message: 'All nodes are ready.' },
  SystemComponentsHealthy: { reason: 'SystemComponentsRunning', message: 'All system components are healthy.' },
};

/** In the order in which they are shown. */
export const conditionTypesOf = (shoot: Shoot): string[] =>
  Object.keys(healthy).filter((type) => type !== 'EveryNodeReady' || !isWorkerless(shoot));

export const passed = (type: string): Check => ({ type, status: 'True', ...healthy[type]! });

/** Models pkg/gardenlet/controller/shoot/care: the sentence for a control plane that cannot be asked. */
function controlPlaneSentence(shoot: Shoot): string {
  const last = shoot.status?.lastOperation;
  if (isDeleting(shoot)) return 'Shoot control plane has already been or is about to be deleted.';
  if (last?.type === 'Create' && last.state === 'Processing')
    return 'Shoot control plane has not been fully created yet.';
  return 'Shoot control plane is not running at the moment.';
}

const isAsleep = (shoot: Shoot): boolean => shoot.status?.hibernated === true || isHibernationWanted(shoot);

/** What there is to say about a shoot whose cluster has this health. `undefined` health: it cannot be asked. */
export function checkConditions(shoot: Shoot, health: ClusterHealth | undefined): Check[] {
  const types = conditionTypesOf(shoot);
  if (isAsleep(shoot) && !health) {
    const message = 'Shoot cluster has been hibernated.';
    return types.map((type) => ({ type, status: 'True', reason: 'ConditionNotChecked', message }));
  }
  if (!health?.isApiServerAvailable) {
    const message = controlPlaneSentence(shoot);
    return types.map((type) => ({ type, status: 'Unknown', reason: 'ConditionCheckError', message }));
  }
  const notReady = health.nodes.find(({ isReady }) => !isReady);
  const wanted = isHibernationWanted(shoot)
    ? 0
    : (shoot.spec.provider.workers ?? []).reduce((sum, { minimum }) => sum + minimum, 0);
  return types.map((type): Check => {
    if (type === 'EveryNodeReady' && notReady)
      return { type, status: 'False', reason: 'NodeUnhealthy', message: `Node "${notReady.name}" is not ready.` };
    if (type === 'EveryNodeReady' && health.nodes.length < wanted) {
      const message = `Not enough worker nodes: ${health.nodes.length} of ${wanted} have joined the cluster.`;
      return { type, status: 'False', reason: 'MissingNodes', message };
    }
    const pod = health.unhealthySystemPods[0];
    if (type === 'SystemComponentsHealthy' && pod)
      return { type, status: 'False', reason: 'PodUnhealthy', message: `Pod "kube-system/${pod}" is not healthy.` };
    return passed(type);
  });
}

export function checkConstraints(shoot: Shoot, health: ClusterHealth | undefined): Check[] {
  return constraintTypes.map((type): Check => {
    if (isAsleep(shoot) && !health)
      return {
        type,
        status: 'True',
        reason: 'ConstraintNotChecked',
        message: 'Shoot cluster has been hibernated.',
      };
    if (!health)
      return { type, status: 'Unknown', reason: 'ConstraintCheckError', message: controlPlaneSentence(shoot) };
    return {
      type,
      status: 'True',
      reason: 'NoProblematicWebhooks',
      message: 'All webhooks are properly configured.',
    };
  });
}

export interface TransitionOptions {
  nowMs: number;
  /** How long a condition that was True is Progressing before it is False. */
  thresholdMs: number;
}

function nextStatus(
  old: Condition | undefined,
  check: Check,
  { nowMs, thresholdMs }: TransitionOptions,
): ConditionStatus {
  if (check.status !== 'False' || !old) return check.status;
  if (old.status === 'True') return 'Progressing';
  const sinceMs = nowMs - Date.parse(old.lastTransitionTime);
  return old.status === 'Progressing' && sinceMs < thresholdMs ? 'Progressing' : 'False';
}

/** The condition that follows from the last one and a check. Models pkg/gardenlet/controller/shoot/care: FailedCondition. */
export function transition(old: Condition | undefined, check: Check, options: TransitionOptions): Condition {
  const status = nextStatus(old, check, options);
  const now = toTime(options.nowMs);
  const { type, reason, message } = check;
  const isSame = old?.status === status && old.reason === reason && old.message === message;
  return {
    type,
    status,
    reason,
    message,
    lastTransitionTime: old?.status === status ? old.lastTransitionTime : now,
    lastUpdateTime: isSame ? old.lastUpdateTime : now,
  };
}

/** `current` with the checked conditions replaced and in their order; those of others keep their place behind. */
export function mergeConditions(
  current: readonly Condition[],
  checks: readonly Check[],
  options: TransitionOptions,
): Condition[] {
  const types = new Set(checks.map(({ type }) => type));
  return [
    ...checks.map((check) =>
      transition(
        current.find(({ type }) => type === check.type),
        check,
        options,
      ),
    ),
    ...current.filter(({ type }) => !types.has(type)),
  ];
}

export const initialConditions = (shoot: Shoot, nowMs: number): Condition[] =>
  conditionTypesOf(shoot).map((type) => ({
    type,
    status: 'Unknown',
    reason: 'ConditionInitialized',
    message: 'The condition has been initialized but its semantic check has not been performed yet.',
    lastTransitionTime: toTime(nowMs),
    lastUpdateTime: toTime(nowMs),
  }));

/** After an operation what was True has to prove itself again, at the next health check. */
export const toProgressing = (conditions: readonly Condition[], nowMs: number): Condition[] =>
  conditions.map((condition) =>
    condition.status === 'True'
      ? { ...condition, status: 'Progressing', lastTransitionTime: toTime(nowMs), lastUpdateTime: toTime(nowMs) }
      : condition,
  );
