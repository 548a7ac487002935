// What the tests of the garden's controllers share: a context over objects in memory, and the objects of a small garden.
import { createManualClock, type ManualClock } from '../../../server/common/clock.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import { createInformers, type ControllerContext } from '../../../server/garden/controllers/context.ts';
import type { Project, Seed, Shoot } from '../../../server/garden/types.ts';
import { resources, type Controller, type KubeObject } from '../../../server/kube/index.ts';
import { createMemoryKube, type MemoryKube } from '../../support/memory-kube.ts';

export interface RecordedNote {
  reason: string;
  type: string;
  note: string;
  on: string;
}

export interface Bench extends MemoryKube {
  context: ControllerContext;
  clock: ManualClock;
  notes: RecordedNote[];
  /** Starts controllers; they end with the bench. */
  run(...controllers: Controller[]): Promise<void>;
  /** Lets everything happen that needs no more than `ms` of time. */
  settle(ms?: number): Promise<void>;
  dispose(): void;
}

export function createBench(): Bench {
  const kube = createMemoryKube();
  const clock = createManualClock();
  const logger = createSilentLogger();
  const informers = createInformers(kube.client, { clock, logger });
  const notes: RecordedNote[] = [];
  const running: Controller[] = [];
  const settle = async (ms = 0) => {
    for (let round = 0; round < 20; round++) await clock.advance(round ? 0 : ms);
  };
  return {
    ...kube,
    clock,
    notes,
    context: {
      client: kube.client,
      informers,
      clock,
      logger,
      recordEvent: (object, _controller, { reason, type, note }) =>
        notes.push({ reason, type, note, on: object.metadata.name }),
    },
    settle,
    async run(...controllers) {
      running.push(...controllers);
      await settle();
    },
    dispose() {
      for (const controller of running) controller.dispose();
      informers.dispose();
    },
  };
}

const core = 'core.gardener.cloud/v1beta1';

export const projectObject = (name: string, spec: Project['spec'] = {}): Project => ({
  apiVersion: core,
  kind: 'Project',
  metadata: { name },
  spec: {
    owner: { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'olga' },
    members: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'olga', role: 'admin', roles: ['owner'] }],
    ...spec,
  },
});

const condition = (type: string) => ({
  type,
  status: 'True' as const,
  reason: type,
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  lastUpdateTime: '2026-01-01T00:00:00Z',
});

export const seedObject = (
  name: string,
  spec: Partial<Seed['spec']> = {},
  status: Partial<NonNullable<Seed['status']>> = {},
): Seed => ({
  apiVersion: core,
  kind: 'Seed',
  metadata: { name, labels: { 'seed.gardener.cloud/region': 'local' } },
  spec: {
    provider: { type: 'local', region: 'local', zones: ['0'] },
    dns: { internal: { type: 'local' }, defaults: [{ type: 'local', domain: 'external.example.org' }] },
    backup: { provider: 'local' },
    ...spec,
  },
  status: {
    conditions: [condition('GardenletReady'), condition('BackupBucketsReady')],
    lastOperation: { type: 'Reconcile', state: 'Succeeded', progress: 100, description: '', lastUpdateTime: '' },
    allocatable: { shoots: '250' },
    ...status,
  },
});

export const shootObject = (key: string, spec: Partial<Shoot['spec']> = {}, status?: Shoot['status']): Shoot => {
  const [namespace = '', name = ''] = key.split('/');
  return {
    apiVersion: core,
    kind: 'Shoot',
    metadata: { name, namespace },
    spec: {
      region: 'local',
      cloudProfile: { kind: 'CloudProfile', name: 'local' },
      kubernetes: { version: '1.35.4' },
      networking: { type: 'calico' },
      provider: {
        type: 'local',
        workers: [{ name: 'w', machine: { type: 'local', image: { name: 'local', version: '1.0.0' } } }],
      },
      ...spec,
    },
    ...(status ? { status } : {}),
  };
};

export const namespaceObject = (name: string, metadata: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, ...metadata },
});

export { resources };
