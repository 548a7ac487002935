// What every part of gardenlet is given.
import type { Clock } from '../common/clock.ts';
import type { Logger } from '../common/log.ts';
import type { KubeClient } from '../kube/index.ts';
import type { EventRecorder } from './events.ts';
import type { FlowData } from './flow/document.ts';
import type { Maker } from './makers/maker.ts';
import type { CreateAuthority } from './shoot/credentials/manager.ts';
import type { Gardener, Project, Seed, Shoot } from './types.ts';

export interface GardenletContext {
  client: KubeClient;
  /** Runs as time does: leases, retries. */
  clock: Clock;
  /** Virtual ms pass `speed` times as fast as those of `clock`: what is simulated. */
  speed: number;
  logger: Logger;
  maker: Maker;
  flows: FlowData;
  createAuthority: CreateAuthority;
  recorder: EventRecorder;
  seedName: string;
  gardener: Gardener;
  seedKubernetesVersion: string;
  clusterIdentity: string;
  retryPeriodMs: number;
  /** From the informers' lists. */
  findShoot(key: string): Shoot | undefined;
  findProject(namespace: string): Project | undefined;
  findSeed(): Seed | undefined;
}
