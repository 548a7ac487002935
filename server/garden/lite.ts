// The garden of `lite`: the API with its landscape, the controllers and the gardenlet in this process, each a client of the API.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createCertificates } from '../apiserver/certificates.ts';
import { createApiServer, type ApiServer } from '../apiserver/index.ts';
import { createKubernetesKinds, loadSchemas } from '../apiserver/kubernetes/index.ts';
import type { Clock } from '../common/clock.ts';
import { AsyncDisposableStore, type AsyncDisposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { createGardenlet, loadFlowData } from '../gardenlet/index.ts';
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

async function startApi(options: LiteGardenOptions): Promise<ApiServer> {
  const { host, port, manifestsDir, landscapeFile, clock, logger } = options;
  const gardenDir = path.join(manifestsDir, 'garden');
  const [schemas, columns, entries] = await Promise.all([
    loadSchemas(path.join(gardenDir, 'schemas.json')),
    readFile(path.join(gardenDir, 'columns.json'), 'utf8').then((text) => JSON.parse(text) as ColumnsDocument),
    readEntries(gardenDir, landscapeFile),
  ]);
  const kinds = [...createKubernetesKinds({ schemas }), ...createGardenKinds({ columns, workloadIdentityIssuer })];
  const api = await createApiServer({ kinds, schemas, gitVersion, clock, logger, host, port, admit: admitInGarden });
  loadLandscape(api.store, entries, clock.now());
  return api;
}

/** Resolves when the API answers. Throws when it cannot listen or a manifest is wrong. */
export async function createLiteGarden(options: LiteGardenOptions): Promise<LiteGarden> {
  const { clock, logger, manifestsDir, speed } = options;
  const ends = new AsyncDisposableStore();
  try {
    const api = ends.add(await startApi(options));
    const [controllerManager, scheduler, gardenletKubeconfig] = await Promise.all(
      Object.values(components).map((user) => api.openKubeconfig(user, { context: contextName })),
    );
    const controllers = ends.add(createControllers({ controllerManager, scheduler, clock, logger }));
    const gardenlet = ends.add(createGardenlet({ garden: { kubeconfig: gardenletKubeconfig }, clock, logger, speed }));
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
