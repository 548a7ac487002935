// The embedded runtime cluster: a Kubernetes API in this process whose pods are local processes.
import { rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { createApiServer } from '../apiserver/index.ts';
import {
  admitNamespaceLifecycle,
  createKubernetesKinds,
  createNamespaceController,
  loadSchemas,
} from '../apiserver/kubernetes/index.ts';
import type { ApiObject, ConnectRequest } from '../apiserver/types.ts';
import type { Clock } from '../common/clock.ts';
import { AsyncDisposableStore, type AsyncDisposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { Kubelet } from './kubelet/kubelet.ts';
import { createStateDir, ensureOwnDir, removeOrphans } from './kubelet/state-dir.ts';
import { createNodeHeartbeat } from './node.ts';
import { createWriter } from './writer.ts';

export interface EmbeddedClusterOptions {
  /** Holds `cluster/`. */
  manifestsDir: string;
  /** Command that stands for an image, by its name without a tag. */
  images: Readonly<Record<string, readonly string[]>>;
  /** What every process has in its environment before the pod's own. */
  baseEnv: Readonly<Record<string, string>>;
  clock: Clock;
  logger: Logger;
  /** Where all that pods have on this machine lies; a directory of this user's in the temporary one if absent. */
  parentDir?: string;
  maxPods?: number;
}

export interface EmbeddedCluster extends AsyncDisposable {
  url: string;
  /** YAML of an administrator's kubeconfig, and the file that holds it. */
  kubeconfig: string;
  kubeconfigPath: string;
  /** Holds all that pods have on this machine; gone after the end. */
  stateDir: string;
}

const gitVersion = 'v1.34.4';
const host = '127.0.0.1';
const administrator = { name: 'playground-admin', groups: ['system:masters'] };

/** What is served: without controllers behind them, workloads would only pretend. */
const served = [
  'namespaces',
  'pods',
  'nodes',
  'events',
  'configmaps',
  'secrets',
  'serviceaccounts',
  'resourcequotas',
  'limitranges',
  'leases',
  'roles',
  'rolebindings',
  'clusterroles',
  'clusterrolebindings',
];

const createNamespace = (name: string): ApiObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name,
    labels: { 'kubernetes.io/metadata.name': name },
    uid: '',
    resourceVersion: '',
    creationTimestamp: '',
  },
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
});

/** Host names may hold what names of objects may not. */
export const nodeNameOf = (host: string): string =>
  host
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '') || 'localhost';

const ownDir = (): string => path.join(tmpdir(), `gardener-playground-${userInfo().uid}`);

/** Listens on loopback when it resolves. Throws when it cannot. */
export async function createEmbeddedCluster(options: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
  const { manifestsDir, images, baseEnv, clock, logger, parentDir = ownDir(), maxPods = 110 } = options;
  const ends = new AsyncDisposableStore();
  try {
    await ensureOwnDir(parentDir);
    const removed = await removeOrphans(parentDir);
    if (removed) logger.warn({ removed }, 'ended what an earlier run left behind');
    const stateDir = await createStateDir(parentDir);
    ends.add({ dispose: () => rm(stateDir, { recursive: true, force: true, maxRetries: 3 }) });

    const schemas = await loadSchemas(path.join(manifestsDir, 'cluster/schemas.json'));
    const logs: { kubelet?: Kubelet } = {};
    const connect = { 'pods/log': (request: ConnectRequest) => logs.kubelet?.log(request) };
    const kinds = createKubernetesKinds({ schemas, only: served, connect });
    const admit = admitNamespaceLifecycle;
    const server = ends.add(await createApiServer({ kinds, schemas, gitVersion, clock, logger, host, port: 0, admit }));
    const { store } = server;
    store.load(['default', 'kube-system', 'kube-public', 'kube-node-lease'].map(createNamespace));
    const caCertificate = server.certificates.ca.certificate;
    ends.add(createNamespaceController({ store, kinds, schemas, clock, caCertificate, admit }));

    const nodeName = nodeNameOf(hostname());
    ends.add(createNodeHeartbeat(store, clock, { name: nodeName, address: host, maxPods, kubeletVersion: gitVersion }));
    const writer = createWriter(store, clock, nodeName);
    const kubelet = new Kubelet({
      store,
      writer,
      nodeName,
      hostIp: host,
      maxPods,
      stateDir,
      images,
      baseEnv,
      clock,
      logger,
    });
    logs.kubelet = ends.add(kubelet);

    const kubeconfig = await server.openKubeconfig(administrator, { context: 'playground', namespace: 'default' });
    const kubeconfigPath = path.join(stateDir, 'kubeconfig');
    await writeFile(kubeconfigPath, kubeconfig, { mode: 0o600 });
    return { url: server.url, kubeconfig, kubeconfigPath, stateDir, dispose: () => ends.dispose() };
  } catch (fault) {
    await ends.dispose();
    throw fault;
  }
}
