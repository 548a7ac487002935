// From a shoot to what its maker has to make. Pure.
import { createHash } from 'node:crypto';
import type { ClusterSpec } from '../makers/maker.ts';
import { isHibernationWanted, type Rotation, type Shoot, type Worker } from '../types.ts';
import { externalHost, internalHost, type Landscape } from './addresses.ts';
import type { Authority } from './credentials/manager.ts';
import { technicalIdOf } from './status.ts';

/** Minor version: machines are not rolled for a patch of Kubernetes. */
const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.');

function initiationOf(rotation: Rotation | undefined, worker: Worker): (string | undefined)[] {
  return [rotation?.certificateAuthorities, rotation?.serviceAccountKey].map((one) => {
    const isPending = one?.pendingWorkersRollouts?.some(({ name }) => name === worker.name);
    return isPending ? undefined : one?.lastInitiationTime;
  });
}

/** Five hex digits that change when the machines of a worker must be replaced. Models extensions/pkg/controller/worker WorkerPoolHash. */
export function workerHash(shoot: Shoot, worker: Worker): string {
  const { version } = shoot.spec.kubernetes;
  const { machine, cri } = worker;
  const parts = [
    minorOf(worker.kubernetes?.version ?? version),
    machine.type,
    machine.image?.name,
    machine.image?.version,
    cri?.name,
    ...initiationOf(shoot.status?.credentials?.rotation, worker),
    shoot.status?.manualWorkerPoolRollout?.pendingWorkersRollouts?.find(({ name }) => name === worker.name)
      ?.lastInitiationTime,
  ];
  return createHash('sha256').update(parts.filter(Boolean).join('|')).digest('hex').slice(0, 5);
}

function shootInfoOf(shoot: Shoot, projectName: string): Record<string, string> {
  const { spec, metadata, status } = shoot;
  const { networking, maintenance, extensions = [] } = spec;
  return {
    projectName,
    shootName: metadata.name,
    shootNamespace: metadata.namespace ?? '',
    provider: spec.provider.type,
    region: spec.region,
    kubernetesVersion: spec.kubernetes.version,
    extensions: extensions
      .filter(({ disabled }) => !disabled)
      .map(({ type }) => type)
      .join(','),
    maintenanceBegin: maintenance?.timeWindow?.begin ?? '',
    maintenanceEnd: maintenance?.timeWindow?.end ?? '',
    ...(networking?.pods && { podNetwork: networking.pods }),
    ...(networking?.services && { serviceNetwork: networking.services }),
    ...(networking?.nodes && { nodeNetwork: networking.nodes }),
    ...(spec.dns?.domain && { domain: spec.dns.domain }),
    uid: metadata.uid ?? '',
    statusUID: status?.uid || (metadata.uid ?? ''),
  };
}

export function clusterSpecOf(
  shoot: Shoot,
  projectName: string,
  landscape: Landscape,
  ca: Authority & { bundle: string },
): ClusterSpec {
  const workers = isHibernationWanted(shoot) ? [] : (shoot.spec.provider.workers ?? []);
  const { type, pods, nodes, services } = shoot.spec.networking ?? {};
  return {
    technicalId: technicalIdOf(shoot, projectName),
    uid: shoot.metadata.uid ?? '',
    shootName: shoot.metadata.name,
    namespace: shoot.metadata.namespace ?? '',
    projectName,
    region: shoot.spec.region,
    providerType: shoot.spec.provider.type,
    kubernetesVersion: shoot.spec.kubernetes.version,
    networks: { type, pods, nodes, services },
    workers,
    workerHashes: Object.fromEntries(workers.map((worker) => [worker.name, workerHash(shoot, worker)])),
    ca,
    serverNames: [internalHost(shoot, projectName, landscape), ...[externalHost(shoot)].flatMap((host) => host ?? [])],
    shootInfo: shootInfoOf(shoot, projectName),
  };
}
