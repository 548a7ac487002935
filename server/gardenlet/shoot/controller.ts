// The shoot controller: runs one operation at a time for each shoot, again after errors, and adopts clusters after a restart.
import type { Informer } from '../../kube/index.ts';
import { createController, createSource, keyOf, resources, type Controller } from '../../kube/index.ts';
import type { GardenletContext } from '../context.ts';
import type { Project, Seed, Shoot } from '../types.ts';
import { isDeleting } from '../types.ts';
import { adoptCluster } from './actions.ts';
import { decide, isIgnored, type Decision } from './decide.ts';
import { createShootWriter, operate, OperationError, release } from './operation.ts';
import { technicalIdOf } from './status.ts';

const concurrentShoots = 20;
const firstRetryMs = 5_000;
const maxRetryMs = 60_000;

interface Found {
  shoot: Shoot;
  project: Project;
  seed: Seed;
}
type Run = Extract<Decision, { action: 'run' }>;

export interface ShootControllerOptions {
  context: GardenletContext;
  shoots: Informer<Shoot>;
  projects: Informer<Project>;
  seeds: Informer<Seed>;
}

/** A shoot that succeeded and is awake has a cluster: unless this process has brought it up or seen it, it does so now. */
const needsAdoption = (shoot: Shoot, context: GardenletContext): boolean =>
  shoot.status?.seedName === context.seedName &&
  shoot.status.lastOperation?.state === 'Succeeded' &&
  !shoot.status.hibernated &&
  !isDeleting(shoot) &&
  !isIgnored(shoot);

export function createShootController({ context, shoots, projects, seeds }: ShootControllerOptions): Controller {
  const technicalIds = new Map<string, string>();
  const adopted = new Set<string>();
  const attempts = new Map<string, { count: number; againAtMs: number }>();

  const retryAfterMs = (key: string): number => {
    const count = attempts.get(key)?.count ?? 0;
    const delayMs = Math.min(maxRetryMs, firstRetryMs * 2 ** count) / context.speed;
    attempts.set(key, { count: count + 1, againAtMs: context.clock.now() + delayMs });
    return delayMs;
  };

  async function forget(key: string): Promise<void> {
    adopted.delete(key);
    attempts.delete(key);
    const technicalId = technicalIds.get(key);
    // Somebody took the finalizer away: what was made for the shoot must not outlive it.
    if (technicalId) await context.maker.destroy(technicalId);
    technicalIds.delete(key);
  }

  async function run(found: Found, decision: Run, signal: AbortSignal): Promise<{ requeueAfterMs: number } | void> {
    const key = keyOf(found.shoot);
    technicalIds.set(key, technicalIdOf(found.shoot, found.project.metadata.name));
    try {
      await operate(context, found, decision, signal);
      attempts.delete(key);
      adopted.add(key);
    } catch (fault) {
      if (!(fault instanceof OperationError)) throw fault;
      context.logger.warn({ shoot: key, fault: fault.message }, 'operation failed');
      return { requeueAfterMs: retryAfterMs(key) };
    }
  }

  async function adopt(found: Found, signal: AbortSignal): Promise<void> {
    const key = keyOf(found.shoot);
    technicalIds.set(key, technicalIdOf(found.shoot, found.project.metadata.name));
    await adoptCluster({ context, ...found, writer: createShootWriter(context, found.shoot) }, signal);
    adopted.add(key);
  }

  async function reconcile(key: string, signal: AbortSignal): Promise<{ requeueAfterMs: number } | void> {
    const listed = context.findShoot(key);
    if (!listed) return forget(key);
    if (decide(listed, context.seedName).action === 'none' && (adopted.has(key) || !needsAdoption(listed, context)))
      return;
    // The list may be older than what this process has just written itself.
    const { name, namespace } = listed.metadata;
    const shoot = await context.client.get<Shoot>(resources.shoots, name, namespace);
    const decision = decide(shoot, context.seedName);
    if (decision.action === 'release') return release(context, shoot);
    const waitMs = (attempts.get(key)?.againAtMs ?? 0) - context.clock.now();
    const isWaiting = shoot.status?.lastOperation?.state === 'Error' && waitMs > 0;
    if (isWaiting && shoot.status?.observedGeneration === shoot.metadata.generation) return { requeueAfterMs: waitMs };
    const project = context.findProject(namespace ?? '');
    const seed = context.findSeed();
    // Both are watched: their coming names the shoots again.
    if (!project || !seed) return;
    const found = { shoot, project, seed };
    if (decision.action === 'run') return run(found, decision, signal);
    if (!adopted.has(key) && needsAdoption(shoot, context)) await adopt(found, signal);
  }

  const keysOfAll = () => shoots.list().map(keyOf);
  return createController({
    name: 'shoot',
    clock: context.clock,
    logger: context.logger,
    concurrency: concurrentShoots,
    sources: [
      createSource(shoots, (shoot) => [keyOf(shoot)]),
      createSource(projects, (project) =>
        shoots
          .list()
          .filter(({ metadata }) => metadata.namespace === project.spec.namespace)
          .map(keyOf),
      ),
      createSource(seeds, (seed, old) => (old ? [] : seed.metadata.name === context.seedName ? keysOfAll() : [])),
    ],
    reconcile,
  });
}
