// The care controller: looks after the health of every shoot once a minute and writes its conditions and constraints.
import {
  createController,
  createSource,
  isConflict,
  isNotFound,
  keyOf,
  resources,
  type Controller,
  type Informer,
} from '../../kube/index.ts';
import type { GardenletContext } from '../context.ts';
import { checkConditions, checkConstraints, mergeConditions } from '../shoot/conditions.ts';
import { isIgnored } from '../shoot/decide.ts';
import type { Condition, Shoot } from '../types.ts';

const periodMs = 60_000;
const thresholdMs = 60_000;
const concurrentChecks = 5;
const maxAttempts = 5;

const isSame = (a: readonly Condition[], b: readonly Condition[]): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Only what gardenlet has taken up has anything to check. */
const isCaredFor = (shoot: Shoot, seedName: string): boolean =>
  shoot.status?.seedName === seedName && Boolean(shoot.status.uid) && !isIgnored(shoot);

/** Checks and writes; again when a running operation has written at the same moment. */
async function care(context: GardenletContext, listed: Shoot): Promise<void> {
  const { name, namespace } = listed.metadata;
  for (let attempt = 1; ; attempt++) {
    const shoot = attempt === 1 ? listed : await context.client.get<Shoot>(resources.shoots, name, namespace);
    try {
      return await check(context, shoot);
    } catch (fault) {
      if (isNotFound(fault)) return;
      if (!isConflict(fault) || attempt >= maxAttempts) throw fault;
    }
  }
}

async function check(context: GardenletContext, shoot: Shoot): Promise<void> {
  const health = await context.maker.health(shoot.status?.technicalID ?? '');
  const options = { nowMs: context.clock.now(), thresholdMs: thresholdMs / context.speed };
  const { conditions = [], constraints = [] } = shoot.status ?? {};
  const next = {
    conditions: mergeConditions(conditions, checkConditions(shoot, health), options),
    constraints: mergeConditions(constraints, checkConstraints(shoot, health), options),
  };
  if (isSame(conditions, next.conditions) && isSame(constraints, next.constraints)) return;
  const { name, namespace, resourceVersion } = shoot.metadata;
  // With the resourceVersion: the lists are written whole, and others write to them too.
  const patch = { metadata: { resourceVersion }, status: next };
  await context.client.patch(resources.shoots, name, namespace, 'merge', patch, { subresource: 'status' });
}

export function createCareController(context: GardenletContext, shoots: Informer<Shoot>): Controller {
  const requeueAfterMs = periodMs / context.speed;
  return createController({
    name: 'shoot-care',
    clock: context.clock,
    logger: context.logger,
    concurrency: concurrentChecks,
    // Changes of a shoot are no reason to look earlier.
    sources: [createSource(shoots, (shoot, old) => (old ? [] : [keyOf(shoot)]))],
    async reconcile(key) {
      const listed = context.findShoot(key);
      if (!listed) return;
      if (!isCaredFor(listed, context.seedName)) return { requeueAfterMs };
      await care(context, listed);
      return { requeueAfterMs };
    },
  });
}
