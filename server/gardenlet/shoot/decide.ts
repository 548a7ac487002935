// What gardenlet has to do with a shoot as it stands. Pure.
import type { Scenario } from '../flow/graph.ts';
import {
  hasFinalizer,
  isDeleting,
  isHibernationWanted,
  isWorkerless,
  type OperationType,
  type Shoot,
} from '../types.ts';

export const operationAnnotation = 'gardener.cloud/operation';
const ignoreAnnotation = 'shoot.gardener.cloud/ignore';

export type Decision =
  | { action: 'none' }
  /** Deleted before anything was made of it: only the finalizer is left to take away. */
  | { action: 'release' }
  | { action: 'run'; type: OperationType; scenario: Scenario; resumeAtProgress: number };

/** Models pkg/apis/core/v1beta1/helper ComputeOperationType. */
export function operationTypeOf(shoot: Shoot): OperationType {
  if (isDeleting(shoot)) return 'Delete';
  const last = shoot.status?.lastOperation;
  if (!last || (last.type === 'Create' && last.state !== 'Succeeded')) return 'Create';
  return 'Reconcile';
}

export function scenarioOf(shoot: Shoot, type: OperationType): Scenario {
  const workerless = isWorkerless(shoot);
  if (type === 'Delete') return workerless ? 'deleteWorkerless' : 'delete';
  if (isHibernationWanted(shoot)) return workerless ? 'hibernateWorkerless' : 'hibernate';
  if (type === 'Create') return workerless ? 'createWorkerless' : 'create';
  if (shoot.status?.hibernated) return workerless ? 'createWorkerless' : 'wakeUp';
  return workerless ? 'reconcileWorkerless' : 'reconcile';
}

export const isIgnored = (shoot: Shoot): boolean => shoot.metadata.annotations?.[ignoreAnnotation] === 'true';

export function decide(shoot: Shoot, seedName: string): Decision {
  const none: Decision = { action: 'none' };
  if ((shoot.status?.seedName ?? shoot.spec.seedName) !== seedName || isIgnored(shoot)) return none;
  const last = shoot.status?.lastOperation;
  const isSeen = shoot.status?.observedGeneration === shoot.metadata.generation;
  const type = operationTypeOf(shoot);
  if (type === 'Delete') {
    if (!hasFinalizer(shoot)) return none;
    if (!shoot.status?.uid || (last?.type === 'Delete' && last.state === 'Succeeded')) return { action: 'release' };
  } else if (last?.state === 'Succeeded' && isSeen) return none;
  if (last?.state === 'Failed' && isSeen) return none;
  // A run that was broken off goes on where it was; whatever is new begins at the beginning.
  const isBrokenOff = last?.state === 'Processing' && last.type === type && isSeen;
  return { action: 'run', type, scenario: scenarioOf(shoot, type), resumeAtProgress: isBrokenOff ? last.progress : 0 };
}
