// What the controllers of a shoot's cluster read and write of Kubernetes' objects; fields that they do not look at are carried along.
import type { ApiObject, GroupResource, OwnerReference } from '../../../apiserver/types.ts';

export interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'; values?: string[] }[];
}

export interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
}

export interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  ports?: { name?: string; containerPort: number; protocol?: string }[];
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  readinessProbe?: { initialDelaySeconds?: number };
}

export interface PodSpec {
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  tolerations?: Toleration[];
  restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  terminationGracePeriodSeconds?: number;
  schedulingGates?: { name: string }[];
  schedulerName?: string;
  hostNetwork?: boolean;
  priorityClassName?: string;
  containers: Container[];
  initContainers?: Container[];
}

export interface PodCondition {
  type: string;
  status: 'True' | 'False';
  reason?: string;
  message?: string;
  lastProbeTime?: null;
  lastTransitionTime: string;
}

export interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: { exitCode: number; reason: string; startedAt: string; finishedAt: string };
}

export interface ContainerStatus {
  name: string;
  image: string;
  imageID: string;
  containerID?: string;
  ready: boolean;
  started?: boolean;
  restartCount: number;
  state: ContainerState;
  lastState: ContainerState;
}

export interface PodStatus {
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  conditions?: PodCondition[];
  containerStatuses?: ContainerStatus[];
  initContainerStatuses?: ContainerStatus[];
  podIP?: string;
  podIPs?: { ip: string }[];
  hostIP?: string;
  hostIPs?: { ip: string }[];
  startTime?: string;
  qosClass?: string;
  reason?: string;
  message?: string;
}

export interface Pod extends ApiObject {
  spec: PodSpec;
  status?: PodStatus;
}

export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: PodSpec;
}

export interface Taint {
  key: string;
  value?: string;
  effect: string;
}

export interface NodeCondition extends PodCondition {
  lastHeartbeatTime: string;
}

export interface Node extends ApiObject {
  spec: { unschedulable?: boolean; taints?: Taint[]; podCIDR?: string; podCIDRs?: string[]; providerID?: string };
  status: {
    capacity: Record<string, string>;
    allocatable: Record<string, string>;
    conditions: NodeCondition[];
    addresses: { type: string; address: string }[];
    nodeInfo: Record<string, string>;
    daemonEndpoints?: unknown;
    images?: unknown[];
  };
}

interface Workload<S, T> extends ApiObject {
  spec: S;
  status?: T;
}

export interface ReplicaSetStatus {
  replicas: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  observedGeneration?: number;
}

export type ReplicaSet = Workload<
  { replicas?: number; selector: Selector; template: PodTemplate; minReadySeconds?: number },
  ReplicaSetStatus
>;

export type IntOrString = number | string;

export interface WorkloadCondition {
  type: string;
  status: 'True' | 'False';
  reason: string;
  message: string;
  lastTransitionTime: string;
  lastUpdateTime: string;
}

export type Deployment = Workload<
  {
    replicas?: number;
    selector: Selector;
    template: PodTemplate;
    paused?: boolean;
    revisionHistoryLimit?: number;
    strategy?: { type?: string; rollingUpdate?: { maxSurge?: IntOrString; maxUnavailable?: IntOrString } };
  },
  {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    unavailableReplicas?: number;
    conditions?: WorkloadCondition[];
  }
>;

export type DaemonSet = Workload<
  { selector: Selector; template: PodTemplate; updateStrategy?: { type?: string } },
  Record<string, unknown>
>;

export type StatefulSet = Workload<
  {
    replicas?: number;
    selector: Selector;
    template: PodTemplate;
    serviceName?: string;
    podManagementPolicy?: string;
    updateStrategy?: { type?: string };
  },
  Record<string, unknown>
>;

export type Job = Workload<
  {
    parallelism?: number;
    completions?: number;
    backoffLimit?: number;
    suspend?: boolean;
    ttlSecondsAfterFinished?: number;
    selector?: Selector;
    template: PodTemplate;
  },
  {
    active?: number;
    ready?: number;
    succeeded?: number;
    failed?: number;
    startTime?: string;
    completionTime?: string;
    conditions?: WorkloadCondition[];
    uncountedTerminatedPods?: object;
  }
>;

export type Service = Workload<
  {
    type?: string;
    clusterIP?: string;
    selector?: Record<string, string>;
    ports?: { name?: string; port: number; targetPort?: IntOrString; protocol?: string; nodePort?: number }[];
  },
  { loadBalancer?: { ingress?: { ip: string }[] } }
>;

const of = (group: string, plural: string): GroupResource => ({ group, plural });
export const kinds = {
  pods: of('', 'pods'),
  nodes: of('', 'nodes'),
  namespaces: of('', 'namespaces'),
  services: of('', 'services'),
  endpoints: of('', 'endpoints'),
  events: of('', 'events'),
  configMaps: of('', 'configmaps'),
  serviceAccounts: of('', 'serviceaccounts'),
  deployments: of('apps', 'deployments'),
  replicaSets: of('apps', 'replicasets'),
  daemonSets: of('apps', 'daemonsets'),
  statefulSets: of('apps', 'statefulsets'),
  jobs: of('batch', 'jobs'),
  endpointSlices: of('discovery.k8s.io', 'endpointslices'),
  leases: of('coordination.k8s.io', 'leases'),
} as const;

export const isDeleting = ({ metadata }: ApiObject): boolean => metadata.deletionTimestamp !== undefined;

export const controllerOf = ({ metadata }: ApiObject): OwnerReference | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller);

export const controllerReference = ({ apiVersion, kind, metadata }: ApiObject): OwnerReference => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
});

export const isPodFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
export const isPodActive = (pod: Pod): boolean => !isDeleting(pod) && !isPodFinished(pod);
export const isPodReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
export const isNodeReady = ({ status }: Node): boolean =>
  status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');

export function matchesSelector(selector: Selector, labels: Readonly<Record<string, string>> = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  if (!Object.entries(matchLabels).every(([key, value]) => labels[key] === value)) return false;
  return matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const isIn = value !== undefined && values.includes(value);
    return operator === 'In' ? isIn : !isIn;
  });
}

export const hasLabels = (wanted: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>> = {}) =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);
