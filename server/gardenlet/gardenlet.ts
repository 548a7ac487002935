// Assembles gardenlet: informers on the garden, one controller for each of its duties.
import { createHash } from 'node:crypto';
import { createSystemClock, type Clock } from '../common/clock.ts';
import { AsyncDisposableStore, type AsyncDisposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import {
  createInformer,
  createKubeClient,
  resources,
  type Informer,
  type KubeClient,
  type KubeObject,
  type Resource,
} from '../kube/index.ts';
import { createCareController } from './care/controller.ts';
import type { GardenletContext } from './context.ts';
import { createEventRecorder } from './events.ts';
import type { FlowData } from './flow/document.ts';
import type { Maker } from './makers/maker.ts';
import { createExtensionControllers } from './seed/extensions.ts';
import { createLeaseRenewal, createSeedController } from './seed/seed.ts';
import { createShootController } from './shoot/controller.ts';
import type { CreateAuthority } from './shoot/credentials/manager.ts';
import type { Backup, ControllerInstallation, Gardener, Project, Seed, Shoot } from './types.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** With it a shoot is created in half a minute. */
export const defaultSpeed = 8;

export interface GardenletOptions {
  /** Path or YAML of a kubeconfig for the garden, or a client, which stays the caller's. */
  garden: { kubeconfig: string } | { client: KubeClient };
  logger: Logger;
  /** Makes the shoots' clusters; stays the caller's. */
  maker: Maker;
  flows: FlowData;
  createAuthority: CreateAuthority;
  /** Time of leases and retries. */
  clock?: Clock;
  /** How many times faster than life shoots are simulated. */
  speed?: number;
  seedName?: string;
  /** Instance name, as of a pod. */
  name?: string;
  gardenerVersion?: string;
  seedKubernetesVersion?: string;
  /** Identity of the garden. */
  clusterIdentity?: string;
  /** How long a failing operation is retried before it is Failed. */
  retryPeriodMs?: number;
}

export interface Gardenlet extends AsyncDisposable {
  /** Resolves when all that gardenlet watches has been listed. */
  readonly synced: Promise<void>;
}

function gardenerOf({ name = 'gardenlet-0', gardenerVersion = 'v1.150.0' }: GardenletOptions): Gardener {
  return { id: createHash('sha256').update(name).digest('hex'), name, version: gardenerVersion };
}

function createContext(
  options: GardenletOptions,
  client: KubeClient,
  lists: { shoots: Informer<Shoot>; projects: Informer<Project>; seeds: Informer<Seed> },
): GardenletContext {
  const { logger, maker, flows, createAuthority } = options;
  const { clock = createSystemClock(), speed = defaultSpeed, seedName = 'local' } = options;
  const gardener = gardenerOf(options);
  const nowMs = () => clock.now();
  return {
    client,
    clock,
    speed,
    logger,
    maker,
    flows,
    createAuthority,
    seedName,
    gardener,
    seedKubernetesVersion: options.seedKubernetesVersion ?? 'v1.36.1',
    clusterIdentity: options.clusterIdentity ?? 'gardener-local',
    retryPeriodMs: options.retryPeriodMs ?? dayMs,
    recorder: createEventRecorder({
      client,
      logger,
      nowMs,
      reportingController: 'shoot-controller',
      reportingInstance: gardener.name,
    }),
    findShoot(key) {
      const [name, namespace] = key.split('/').reverse();
      return lists.shoots.get(name!, namespace);
    },
    findProject: (namespace) => lists.projects.list().find(({ spec }) => spec.namespace === namespace),
    findSeed: () => lists.seeds.get(seedName),
  };
}

/** Starts at once; `dispose` ends all that runs, and a gardenlet that is started later goes on where this one was. */
export function createGardenlet(options: GardenletOptions): Gardenlet {
  const ends = new AsyncDisposableStore();
  const { logger, clock = createSystemClock() } = options;
  const client = 'client' in options.garden ? options.garden.client : ends.add(createKubeClient(options.garden));
  const informer = <T extends KubeObject>(resource: Resource): Informer<T> =>
    ends.add(createInformer<T>(client, resource, {}, { clock, logger }));
  const lists = {
    shoots: informer<Shoot>(resources.shoots),
    projects: informer<Project>(resources.projects),
    seeds: informer<Seed>(resources.seeds),
    backupBuckets: informer<Backup>(resources.backupBuckets),
    backupEntries: informer<Backup>(resources.backupEntries),
    controllerInstallations: informer<ControllerInstallation>(resources.controllerInstallations),
  };
  const context = createContext(options, client, lists);
  for (const controller of [
    createSeedController(context, lists.seeds, lists.shoots),
    ...createExtensionControllers(context, lists),
    createShootController({ context, ...lists }),
    createCareController(context, lists.shoots),
    createLeaseRenewal(context),
  ])
    ends.add(controller);
  return {
    synced: Promise.all(Object.values(lists).map(({ synced }) => synced)).then(() => undefined),
    dispose: () => ends.dispose(),
  };
}
