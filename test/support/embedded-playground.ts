// The whole playground on free ports, as `make run` starts it: embedded cluster, real agents, shells and gardens.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '../../server/common/clock.ts';
import { createLogger } from '../../server/common/log.ts';
import { readOptions } from '../../server/common/options.ts';
import { checkGatewayOptions, gatewayOptions } from '../../server/config.ts';
import { createEmbeddedCluster, type EmbeddedCluster } from '../../server/embedded/index.ts';
import { defaultRateLimits } from '../../server/gateway/index.ts';
import { createKubeClient, resources, type KubeClient, type RequestObserver } from '../../server/kube/index.ts';
import { startPlayground, type Playground } from '../../server/playground.ts';
import { ensureTool, toolsDir } from '../../scripts/kubectl.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sessionNamespace = 'playground-sessions';

export interface EmbeddedPlayground {
  playground: Playground;
  cluster: EmbeddedCluster;
  client: KubeClient;
  sessionNamespace: string;
  /** Process ids of all that runs in pods of this playground. */
  listProcesses(): number[];
  dispose(): Promise<void>;
}

function ensureBuilt(): void {
  if (['agent', 'garden'].every((name) => existsSync(path.join(root, `dist/${name}.js`)))) return;
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build-server.mjs'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** Processes whose environment names `directory`: what pods have lies there. */
function listProcessesIn(directory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return pid !== process.pid && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(directory);
      } catch {
        return false;
      }
    });
}

export interface OpenedCluster {
  cluster: EmbeddedCluster;
  client: KubeClient;
  /** Of the test; what is in it goes with it. */
  directory: string;
  dispose(): Promise<void>;
}

/** The embedded cluster with real agents and gardens, and the namespace of the sessions in it. */
export async function openEmbeddedCluster(): Promise<OpenedCluster> {
  ensureBuilt();
  await ensureTool('kubectl');
  const directory = await mkdtemp(path.join(tmpdir(), 'playground-test-'));
  const bundle = (name: string) => [process.execPath, path.join(root, `dist/${name}.js`)];
  const cluster = await createEmbeddedCluster({
    manifestsDir: path.join(root, 'manifests'),
    images: { 'playground/terminal': bundle('agent'), 'playground/garden-lite': bundle('garden') },
    baseEnv: { PATH: `${process.env['PATH']}:${toolsDir}`, LANG: 'C.UTF-8' },
    parentDir: directory,
    clock: createSystemClock(),
    logger: createLogger('test', 'silent'),
  });
  const client = createKubeClient({ kubeconfig: cluster.kubeconfig });
  await client.create(resources.namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: sessionNamespace },
  });
  return {
    cluster,
    client,
    directory,
    async dispose() {
      client.dispose();
      await cluster.dispose();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** One gateway on `client`, or on one that it opens and ends, in this process, with the environments and the page of the checkout. */
export const startGateway = (
  client: KubeClient | ((onRequest: RequestObserver) => KubeClient),
  env: Record<string, string> = {},
  clock = createSystemClock(),
): Promise<Playground> =>
  startPlayground({
    options: readOptions(
      gatewayOptions,
      { PORT: '0', METRICS_PORT: '0', CLUSTER: 'embedded', ...env },
      [],
      checkGatewayOptions,
    ),
    openCluster: async (onRequest) => {
      if (typeof client !== 'function') return { client, dispose: () => undefined };
      const own = client(onRequest);
      return { client: own, dispose: () => own.dispose() };
    },
    environmentsDir: path.join(root, 'manifests/environments'),
    webDir: path.join(root, 'dist/web'),
    rateLimits: defaultRateLimits,
    clock,
    logger: createLogger('test', 'silent'),
  });

export async function startEmbeddedPlayground(): Promise<EmbeddedPlayground> {
  const { cluster, client, dispose } = await openEmbeddedCluster();
  const playground = await startGateway((onRequest) => createKubeClient({ kubeconfig: cluster.kubeconfig, onRequest }));
  return {
    playground,
    cluster,
    client,
    sessionNamespace,
    listProcesses: () => listProcessesIn(cluster.stateDir),
    async dispose() {
      await playground.dispose();
      await dispose();
    },
  };
}
