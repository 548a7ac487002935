// The one node of the embedded cluster, and its heartbeat.
import { arch, cpus, release, totalmem, type } from 'node:os';
import { toTime } from '../apiserver/objects.ts';
import type { Store } from '../apiserver/store.ts';
import type { ApiObject } from '../apiserver/types.ts';
import type { Clock, Disposable } from '../common/clock.ts';

export interface NodeOptions {
  name: string;
  address: string;
  maxPods: number;
  kubeletVersion: string;
}

const heartbeatMs = 10_000;
const leaseSeconds = 40;
const architecture = arch() === 'x64' ? 'amd64' : arch();

function createNode({ name, address, maxPods, kubeletVersion }: NodeOptions, now: string): ApiObject {
  const resources = { cpu: String(cpus().length), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: String(maxPods) };
  const labels = { 'kubernetes.io/arch': architecture, 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels, uid: '', resourceVersion: '', creationTimestamp: now },
    spec: {},
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'kubelet is posting ready status',
          lastHeartbeatTime: now,
          lastTransitionTime: now,
        },
      ],
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      nodeInfo: {
        architecture,
        operatingSystem: 'linux',
        osImage: `${type()} (local processes)`,
        kernelVersion: release(),
        containerRuntimeVersion: `process://${process.versions.node}`,
        kubeletVersion,
        kubeProxyVersion: '',
        machineID: '',
        systemUUID: '',
        bootID: '',
      },
    },
  };
}

/** Puts the node into the store and renews its lease until it is disposed. */
export function createNodeHeartbeat(store: Store, clock: Clock, options: NodeOptions): Disposable {
  store.load([createNode(options, toTime(clock.now()))]);
  const renew = () =>
    store.load([
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: {
          name: options.name,
          namespace: 'kube-node-lease',
          uid: '',
          resourceVersion: '',
          creationTimestamp: '',
        },
        spec: {
          holderIdentity: options.name,
          leaseDurationSeconds: leaseSeconds,
          renewTime: new Date(clock.now()).toISOString().replace('Z', '000Z'),
        },
      },
    ]);
  renew();
  return clock.every(heartbeatMs, renew);
}
