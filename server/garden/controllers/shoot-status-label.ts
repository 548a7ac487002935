// The label that says how a shoot is. Models pkg/utils/gardener/shoot_status.go
import { createController, resources, type Controller } from '../../kube/index.ts';
import type { ConditionStatus, Shoot } from '../types.ts';
import { findByKey, ownKeys, type ControllerContext } from './context.ts';

export const shootStatusLabel = 'shoot.gardener.cloud/status';
type ShootHealth = 'healthy' | 'progressing' | 'unknown' | 'unhealthy';

// From best to worst.
const healths: readonly ShootHealth[] = ['healthy', 'progressing', 'unknown', 'unhealthy'];
const worst = (all: ShootHealth[]): ShootHealth =>
  healths[Math.max(0, ...all.map((health) => healths.indexOf(health)))] ?? 'unhealthy';

const healthOfCondition: Record<ConditionStatus, ShootHealth> = {
  True: 'healthy',
  Progressing: 'progressing',
  Unknown: 'unknown',
  False: 'unhealthy',
};

/** healthy, progressing, unknown or unhealthy, from the last operation, its errors and the conditions. */
export function computeShootHealth(status: Shoot['status']): ShootHealth {
  const { lastOperation, lastErrors = [], conditions = [] } = status ?? {};
  const withoutErrors: ShootHealth = lastErrors.length ? 'unhealthy' : 'healthy';
  if (!lastOperation) return 'healthy';
  const { type, state } = lastOperation;
  if (type === 'Delete' || (type === 'Create' && state !== 'Succeeded')) return withoutErrors;
  const byConditions = conditions.map((condition) => healthOfCondition[condition.status] ?? 'unhealthy');
  if (state === 'Processing') return worst([...byConditions, withoutErrors]);
  return worst([...byConditions, state === 'Succeeded' ? 'healthy' : 'unhealthy']);
}

export function createShootStatusLabelController({ client, informers, clock, logger }: ControllerContext): Controller {
  const shoots = informers.of<Shoot>(resources.shoots);
  return createController({
    name: 'shoot-status-label',
    clock,
    logger,
    sources: [ownKeys(shoots)],
    async reconcile(key) {
      const shoot = findByKey(shoots, key);
      if (!shoot) return;
      const health = computeShootHealth(shoot.status);
      if (shoot.metadata.labels?.[shootStatusLabel] === health) return;
      const { name, namespace } = shoot.metadata;
      const metadata = { labels: { [shootStatusLabel]: health } };
      await client.patch(resources.shoots, name, namespace, 'merge', { metadata });
    },
  });
}
