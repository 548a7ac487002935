// The garden of `lite`: the API with its landscape, the controllers and the gardenlet in this process, each a client of the API.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createApiServer, createAuthority, type ApiServer } from '../apiserver/index.ts';
import {
  admitNamespaceLifecycle,
  createKubernetesKinds,
  createNamespaceController,
  loadSchemas,
} from '../apiserver/kubernetes/index.ts';
import type { AdmissionRequest } from '../apiserver/types.ts';
import type { Clock } from '../common/clock.ts';
import { AsyncDisposableStore, type AsyncDisposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { createGardenlet, defaultSpeed, loadFlowData, type Gardenlet } from '../gardenlet/index.ts';
import { createInProcessMaker } from '../gardenlet/makers/in-process/index.ts';
import { admitInGarden, createGardenKinds, type ColumnsDocument } from './api/index.ts';
import { createControllers } from './controllers/index.ts';
import { loadLandscape, readEntries } from './landscape/landscape.ts';

const gitVersion = 'v1.34.4';
const contextName = 'virtual-garden';
const workloadIdentityIssuer = 'https://discovery.local.gardener.cloud/garden/workload-identity/issuer';
const administrator = { name: 'admin-user', groups: ['system:masters'] };
const components = {
  controllerManager: { name: 'system:serviceaccount:kube-system:gardener-controller-manager', groups: [] },
  scheduler: { name: 'system:serviceaccount:kube-system:gardener-scheduler', groups: [] },
  gardenlet: { name: 'gardener.cloud:system:seed:local', groups: ['gardener.cloud:system:seeds'] },
};

export interface LiteGardenOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Holds `garden/` and `cluster/`. */
  manifestsDir: string;
  /** The landscape as JSON, where a build has made it; else its YAML is read, which takes longer than all else. */
  landscapeFile?: string;
  clock: Clock;
  logger: Logger;
  /** How much faster than usual the gardenlet works. */
  speed?: number;
}

export interface LiteGarden extends AsyncDisposable {
  readonly url: string;
  /** Resolves when controllers and gardenlet are at work. */
  readonly ready: Promise<void>;
  /** YAML of a kubeconfig for the garden's administrator. */
  openKubeconfig(options?: { namespace?: string }): Promise<string>;
}

const serviceCidr = '100.64.0.0/13';

function admit(request: AdmissionRequest): void {
  admitNamespaceLifecycle(request);
  admitInGarden(request);
}

async function startApi(options: LiteGardenOptions, ends: AsyncDisposableStore): Promise<ApiServer> {
  const { host, port, manifestsDir, landscapeFile, clock, logger } = options;
  const gardenDir = path.join(manifestsDir, 'garden');
  const [schemas, columns, entries] = await Promise.all([
    loadSchemas(path.join(gardenDir, 'schemas.json')),
    readFile(path.join(gardenDir, 'columns.json'), 'utf8').then((text) => JSON.parse(text) as ColumnsDocument),
    readEntries(gardenDir, landscapeFile),
  ]);
  const kinds = [
    ...createKubernetesKinds({ schemas, serviceCidr }),
    ...createGardenKinds({ columns, workloadIdentityIssuer }),
  ];
  const api = ends.add(await createApiServer({ kinds, schemas, gitVersion, clock, logger, host, port, admit }));
  const { store, certificates } = api;
  loadLandscape(store, entries, clock.now());
  const caCertificate = certificates.ca.certificate;
  ends.add(createNamespaceController({ store, kinds, schemas, clock, caCertificate, admit }));
  return api;
}

/** The gardenlet with the clusters that it makes; they end together. */
function startGardenlet(kubeconfig: string, options: LiteGardenOptions, ends: AsyncDisposableStore): Gardenlet {
  const { host, manifestsDir, clock, logger, speed = defaultSpeed } = options;
  const maker = ends.add(createInProcessMaker({ host, manifestsDir, clock, logger, speed }));
  const flows = loadFlowData(path.join(manifestsDir, 'garden'));
  return ends.add(createGardenlet({ garden: { kubeconfig }, maker, flows, createAuthority, clock, logger, speed }));
}

/** Resolves when the API answers. Throws when it cannot listen or a manifest is wrong. */
export async function createLiteGarden(options: LiteGardenOptions): Promise<LiteGarden> {
  const { clock, logger } = options;
  const ends = new AsyncDisposableStore();
  try {
    const api = await startApi(options, ends);
    const open = (user: { name: string; groups: string[] }) => api.openKubeconfig(user, { context: contextName });
    const [controllerManager, scheduler, seed] = await Promise.all([
      open(components.controllerManager),
      open(components.scheduler),
      open(components.gardenlet),
    ]);
    const controllers = ends.add(createControllers({ controllerManager, scheduler, clock, logger }));
    const gardenlet = startGardenlet(seed, options, ends);
    return {
      url: api.url,
      ready: Promise.all([controllers.synced, gardenlet.synced]).then(() => undefined),
      openKubeconfig: ({ namespace } = {}) => api.openKubeconfig(administrator, { context: contextName, namespace }),
      dispose: () => ends.dispose(),
    };
  } catch (fault) {
    await ends.dispose();
    throw fault;
  }
}
