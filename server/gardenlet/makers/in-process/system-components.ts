// What Gardener deploys into a shoot: kube-system's workloads, storage class, shoot-info, rights of the shoot's users.
import type { KubeObject } from '../../../kube/index.ts';
import type { ClusterSpec } from '../maker.ts';
import { versionOf } from './node.ts';

const gardenerImages = 'europe-docker.pkg.dev/gardener-project/releases/gardener';

interface Component {
  name: string;
  kind: 'Deployment' | 'DaemonSet';
  image: string;
  replicas?: number;
  hostNetwork?: boolean;
  port?: number;
  container?: string;
}

const networks: Record<string, Component[]> = {
  calico: [
    { name: 'calico-node', kind: 'DaemonSet', image: 'quay.io/calico/node:v3.31.3', hostNetwork: true },
    { name: 'calico-kube-controllers', kind: 'Deployment', image: 'quay.io/calico/kube-controllers:v3.31.3' },
    { name: 'calico-typha-deploy', kind: 'Deployment', image: 'quay.io/calico/typha:v3.31.3', hostNetwork: true },
  ],
  cilium: [
    { name: 'cilium', kind: 'DaemonSet', image: 'quay.io/cilium/cilium:v1.18.5', hostNetwork: true },
    {
      name: 'cilium-operator',
      kind: 'Deployment',
      image: 'quay.io/cilium/operator-generic:v1.18.5',
      hostNetwork: true,
    },
    { name: 'hubble-relay', kind: 'Deployment', image: 'quay.io/cilium/hubble-relay:v1.18.5' },
  ],
};

const common: Component[] = [
  {
    name: 'apiserver-proxy',
    kind: 'DaemonSet',
    image: 'docker.io/envoyproxy/envoy:distroless-v1.36.4',
    hostNetwork: true,
  },
  { name: 'blackbox-exporter', kind: 'Deployment', replicas: 2, image: 'quay.io/prometheus/blackbox-exporter:v0.28.0' },
  { name: 'coredns', kind: 'Deployment', replicas: 2, image: 'registry.k8s.io/coredns/coredns:v1.14.7', port: 8053 },
  { name: 'local-path-provisioner', kind: 'Deployment', image: 'docker.io/rancher/local-path-provisioner:v0.0.33' },
  {
    name: 'metrics-server',
    kind: 'Deployment',
    replicas: 2,
    image: 'registry.k8s.io/metrics-server/metrics-server:v0.9.0',
    port: 8443,
  },
  { name: 'node-exporter', kind: 'DaemonSet', image: 'quay.io/prometheus/node-exporter:v1.10.2', hostNetwork: true },
  {
    name: 'node-problem-detector',
    kind: 'DaemonSet',
    image: 'registry.k8s.io/node-problem-detector/node-problem-detector:v1.34.0',
  },
  { name: 'vpn-shoot', kind: 'Deployment', image: `${gardenerImages}/vpn-client:0.51.0` },
];

/** A kube-proxy for each pool, as each may have a version of its own. */
const kubeProxies = (spec: ClusterSpec): (Component & { pool: string })[] =>
  spec.workers.map((worker) => ({
    name: `kube-proxy-${worker.name}-v${versionOf(worker, spec)}`,
    kind: 'DaemonSet',
    image: `registry.k8s.io/kube-proxy:v${versionOf(worker, spec)}`,
    hostNetwork: true,
    container: 'kube-proxy',
    pool: worker.name,
  }));

function toObject(component: Component & { pool?: string }): KubeObject & Record<string, unknown> {
  const { name, kind, image, replicas = 1, hostNetwork, port, container = name, pool } = component;
  const matchLabels = { 'k8s-app': name };
  const isDaemonSet = kind === 'DaemonSet';
  const labels = { ...matchLabels, 'gardener.cloud/role': 'system-component', origin: 'gardener' };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'kube-system', labels },
    spec: {
      ...(!isDaemonSet && { replicas }),
      selector: { matchLabels },
      template: {
        metadata: { labels },
        spec: {
          ...(hostNetwork && { hostNetwork }),
          ...(pool && { nodeSelector: { 'worker.gardener.cloud/pool': pool } }),
          priorityClassName: isDaemonSet ? 'system-node-critical' : 'system-cluster-critical',
          tolerations: isDaemonSet
            ? [
                { effect: 'NoSchedule', operator: 'Exists' },
                { effect: 'NoExecute', operator: 'Exists' },
              ]
            : [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
          containers: [
            {
              name: container,
              image,
              ...(port && { ports: [{ containerPort: port, protocol: 'TCP' }] }),
              resources: { requests: { cpu: '10m', memory: '32Mi' } },
            },
          ],
        },
      },
    },
  };
}

function service(name: string, app: string, ports: object[], clusterIP?: string): KubeObject & Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'kube-system', labels: { 'k8s-app': app } },
    spec: { ...(clusterIP && { clusterIP }), selector: { 'k8s-app': app }, ports },
  };
}

/** Address number `last` of the network of services: 10.4.0.0/16, 10 → 10.4.0.10. */
export const serviceIp = (spec: ClusterSpec, last: number): string =>
  `${(spec.networks.services ?? '10.4.0.0/16').split('/')[0]!.split('.').slice(0, 3).join('.')}.${last}`;

/** The objects of kube-system that depend on machines; a workerless shoot has none of them. */
export function workloadObjects(spec: ClusterSpec): KubeObject[] {
  const plugins = networks[spec.networks.type ?? ''] ?? [];
  return [
    ...[...plugins, ...common, ...kubeProxies(spec)].map(toObject),
    service(
      'kube-dns',
      'coredns',
      [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 8053 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 8053 },
      ],
      serviceIp(spec, 10),
    ),
    service('metrics-server', 'metrics-server', [{ port: 443, protocol: 'TCP', targetPort: 8443 }]),
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'default', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'rancher.io/local-path',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    } as KubeObject,
  ];
}

export const shootInfo = (spec: ClusterSpec): KubeObject & { data: Record<string, string> } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'shoot-info', namespace: 'kube-system' },
  data: { ...spec.shootInfo },
});

export const staleKubeProxies = (spec: ClusterSpec, present: readonly string[]): string[] => {
  const wanted = new Set(kubeProxies(spec).map(({ name }) => name));
  return present.filter((name) => name.startsWith('kube-proxy-') && !wanted.has(name));
};
