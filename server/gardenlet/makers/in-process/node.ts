// A node of a shoot as an object. Pure.
import { createHash } from 'node:crypto';
import { toTime } from '../../../apiserver/objects.ts';
import type { Worker } from '../../types.ts';
import type { ClusterSpec } from '../maker.ts';
import type { Node, NodeCondition, Taint } from './objects.ts';
import type { Draft } from './world.ts';

export interface Machine {
  name: string;
  pool: string;
  hash: string;
  /** Distinguishes the addresses of the cluster's machines: 1 to 250. */
  index: number;
}

export const poolLabel = 'worker.gardener.cloud/pool';
export const machineLabel = 'node.gardener.cloud/machine-name';
export const hashAnnotation = 'playground.gardener.cloud/worker-hash';
const notReadyTaint: Taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

export const nodeNameOf = (machine: string): string => `machine-${machine}`;
export const versionOf = (worker: Worker, spec: ClusterSpec): string =>
  worker.kubernetes?.version ?? spec.kubernetesVersion;

/** Address number `index` of a network, `offset` networks of 256 further: 10.0.0.0/16 → 10.0.1.7. */
const addressIn = (cidr: string, third: number, last: number): string => {
  const [a, b, c] = cidr.split('/')[0]!.split('.').map(Number);
  return `${a}.${b}.${((c ?? 0) + third) & 0xff}.${last}`;
};

const healthy = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
] as const;

export function nodeConditions(old: readonly NodeCondition[], isReady: boolean, nowMs: number): NodeCondition[] {
  const now = toTime(nowMs);
  const ready = isReady
    ? (['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'] as const)
    : ([
        'Ready',
        'False',
        'KubeletNotReady',
        'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
      ] as const);
  return [...healthy, ready].map(([type, status, reason, message]) => {
    const before = old.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
    return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime };
  });
}

/** Labels, taints and versions that follow the worker without a new machine. */
export function desiredOf(worker: Worker, machine: Machine, spec: ClusterSpec) {
  const { image, architecture = 'amd64', type } = worker.machine;
  const name = nodeNameOf(machine.name);
  const labels: Record<string, string> = {
    ...worker.labels,
    'beta.kubernetes.io/arch': architecture,
    'beta.kubernetes.io/instance-type': type,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'networking.gardener.cloud/node-local-dns-enabled': 'false',
    [machineLabel]: machine.name,
    'node.kubernetes.io/instance-type': type,
    'topology.kubernetes.io/region': spec.region,
    'worker.garden.sapcloud.io/group': worker.name,
    'worker.gardener.cloud/cri-name': worker.cri?.name ?? 'containerd',
    'worker.gardener.cloud/image-name': image?.name ?? 'local',
    'worker.gardener.cloud/image-version': image?.version ?? '1.0.0',
    'worker.gardener.cloud/kubernetes-version': versionOf(worker, spec),
    [poolLabel]: worker.name,
    'worker.gardener.cloud/system-components': 'true',
  };
  const annotations: Record<string, string> = {
    ...worker.annotations,
    [hashAnnotation]: machine.hash,
    'worker.gardener.cloud/kubernetes-version': versionOf(worker, spec),
  };
  return { labels, annotations, taints: worker.taints ?? [], kubeletVersion: `v${versionOf(worker, spec)}` };
}

const id = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
const uuid = (text: string): string => id(text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** As a kubelet registers it: not ready yet. */
export function createNodeDraft(worker: Worker, machine: Machine, spec: ClusterSpec, nowMs: number): Draft<Node> {
  const name = nodeNameOf(machine.name);
  const { labels, annotations, taints, kubeletVersion } = desiredOf(worker, machine, spec);
  const podCidr = `${addressIn(spec.networks.pods ?? '10.3.0.0/16', machine.index - 1, 0)}/24`;
  const capacity = {
    cpu: '100',
    'ephemeral-storage': '203056560Ki',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: '100Gi',
    pods: '110',
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels, annotations },
    spec: {
      podCIDR: podCidr,
      podCIDRs: [podCidr],
      providerID: machine.name,
      taints: [...taints, notReadyTaint],
    },
    status: {
      capacity,
      allocatable: { ...capacity, cpu: '99920m', memory: '99Gi' },
      conditions: nodeConditions([], false, nowMs),
      addresses: [
        { type: 'InternalIP', address: addressIn(spec.networks.nodes ?? '10.0.0.0/16', 0, 10 + machine.index) },
        { type: 'Hostname', address: name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        architecture: worker.machine.architecture ?? 'amd64',
        bootID: uuid(`${name}/boot`),
        containerRuntimeVersion: 'containerd://2.2.0',
        kernelVersion: '6.8.0-85-generic',
        kubeProxyVersion: '',
        kubeletVersion,
        machineID: id(`${name}/machine`),
        operatingSystem: 'linux',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
        systemUUID: uuid(`${name}/system`),
      },
    },
  };
}

export const withoutNotReady = (taints: readonly Taint[] = []): Taint[] =>
  taints.filter(({ key }) => key !== notReadyTaint.key);
