// The runtime clusters that the tests of this folder run against: the embedded one always, a real one where PLAYGROUND_CLUSTER names its kubeconfig.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '../../../server/common/clock.ts';
import type { AsyncDisposable } from '../../../server/common/lifecycle.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import { createEmbeddedCluster } from '../../../server/embedded/index.ts';

export interface OpenCluster extends AsyncDisposable {
  /** An administrator's kubeconfig: its path, or YAML. */
  kubeconfig: string;
  isReal: boolean;
  /** An image that the cluster has, with bash in it. */
  image: string;
}

export interface ClusterTarget {
  name: string;
  /** Why the target cannot be used; absent when it can. */
  skipReason?: string;
  open(): Promise<OpenCluster>;
}

const manifestsDir = fileURLToPath(new URL('../../../manifests', import.meta.url));
const realKubeconfig = process.env.PLAYGROUND_CLUSTER;
const realImage = process.env.PLAYGROUND_CLUSTER_IMAGE ?? 'playground/terminal:dev';

async function openEmbedded(): Promise<OpenCluster> {
  const parentDir = await mkdtemp(path.join(tmpdir(), 'playground-conformance-'));
  const cluster = await createEmbeddedCluster({
    manifestsDir,
    parentDir,
    clock: createSystemClock(),
    logger: createSilentLogger(),
    baseEnv: { PATH: process.env.PATH ?? '' },
    images: { 'conformance/bash': ['/bin/bash'] },
  });
  return {
    kubeconfig: cluster.kubeconfig,
    isReal: false,
    image: 'conformance/bash:1',
    async dispose() {
      await cluster.dispose();
      await rm(parentDir, { recursive: true, force: true });
    },
  };
}

function whyNotReal(): string | undefined {
  if (!realKubeconfig) return 'PLAYGROUND_CLUSTER names no kubeconfig of a real cluster';
  return existsSync(realKubeconfig) ? undefined : `there is no kubeconfig at ${realKubeconfig}`;
}

export const clusterTargets: readonly ClusterTarget[] = [
  { name: 'the embedded cluster', open: openEmbedded },
  {
    name: 'a real cluster',
    skipReason: whyNotReal(),
    open: async () => ({ kubeconfig: realKubeconfig ?? '', isReal: true, image: realImage, dispose: async () => {} }),
  },
];
