// `make bench-cluster`: figures of a playground that Helm installed on the cluster of KUBECONFIG. See README.md here.
import { cpus } from 'node:os';
import { openStage, whyNoStage } from '../e2e/support/stage.ts';
import { measureKills } from './cluster/kill.ts';
import { measureMemory } from './cluster/memory.ts';
import { openRelease } from './cluster/release.ts';
import { measureStarts } from './cluster/start.ts';

const { NAMESPACE = 'playground', RELEASE = 'playground', STARTS = '20', TERMINALS = '100', KILLS = '5' } = process.env;

const missing = whyNoStage();
if (missing) {
  console.error(`bench-cluster: ${missing}. Give KUBECONFIG, and NAMESPACE and RELEASE of the installed chart.`);
  process.exit(2);
}
const stage = await openStage();
const release = await openRelease(stage, NAMESPACE, RELEASE);
const { gitVersion } = await stage.client.request<{ gitVersion: string }>('GET', '/version');
console.log(
  `Kubernetes ${gitVersion}, ${release.replicas} gateways, way in: ${release.wayIn}; client on ${cpus().length} cores, ${cpus()[0]?.model}, Node ${process.version}`,
);
try {
  if (Number(STARTS)) await measureStarts(release, Number(STARTS));
  if (Number(TERMINALS)) await measureMemory(release, Number(TERMINALS));
  if (Number(KILLS)) await measureKills(release, Number(KILLS));
} finally {
  release.dispose();
  stage.client.dispose();
}
