// Conditions as values: a new list in which one of them is as wanted.
import { toTime, type Condition, type ConditionStatus } from '../types.ts';

export interface WantedCondition {
  type: string;
  status: ConditionStatus;
  reason: string;
  message: string;
}

/** The list with `wanted` in it; undefined when it says so already. A transition is a change of the status alone. */
export function withCondition(
  conditions: readonly Condition[] = [],
  wanted: WantedCondition,
  nowMs: number,
): Condition[] | undefined {
  const old = conditions.find(({ type }) => type === wanted.type);
  const isSame = old?.status === wanted.status && old.reason === wanted.reason && old.message === wanted.message;
  if (isSame) return undefined;
  const now = toTime(nowMs);
  const lastTransitionTime = old?.status === wanted.status ? old.lastTransitionTime : now;
  const condition = { ...wanted, lastTransitionTime, lastUpdateTime: now };
  return old ? conditions.map((one) => (one === old ? condition : one)) : [...conditions, condition];
}
