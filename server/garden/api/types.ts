// The parts of Gardener's objects that the garden API reads and writes: narrow on purpose, everything else passes through.
import type { ApiObject, ObjectMeta } from '../../apiserver/types.ts';

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown' | 'Progressing';
  reason: string;
  message: string;
}

export interface LastOperation {
  type: string;
  state: string;
  progress: number;
  description: string;
}

export interface LocalReference {
  name: string;
}

export interface NamespacedReference {
  name: string;
  namespace: string;
}

export interface TypedReference {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string;
}

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface MachineImageReference {
  name: string;
  version?: string;
  providerConfig?: unknown;
}

export interface KubeletConfig {
  maxPods?: number;
  failSwapOn?: boolean;
  featureGates?: Record<string, boolean>;
  memorySwap?: { swapBehavior?: string };
  imageMinimumGCAge?: string;
  imageMaximumGCAge?: string;
  imageGCHighThresholdPercent?: number;
  imageGCLowThresholdPercent?: number;
  serializeImagePulls?: boolean;
  maxParallelImagePulls?: number;
  kubeReserved?: { cpu?: string; memory?: string; pid?: string; ephemeralStorage?: string };
}

export interface Worker {
  name: string;
  machine: { type: string; architecture?: string; image?: MachineImageReference };
  minimum: number;
  maximum: number;
  maxSurge?: number | string;
  maxUnavailable?: number | string;
  updateStrategy?: string;
  zones?: string[];
  cri?: { name: string; containerRuntimes?: { type: string }[] };
  kubernetes?: { version?: string; kubelet?: KubeletConfig };
  systemComponents?: { allow: boolean };
  machineControllerManager?: { disableHealthTimeout?: boolean };
  volume?: { type?: string; size: string };
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  controlPlane?: unknown;
}

export interface AdmissionPlugin {
  name: string;
  kubeconfigSecretName?: string;
}

export interface KubeApiServerConfig {
  defaultNotReadyTolerationSeconds?: number;
  defaultUnreachableTolerationSeconds?: number;
  requests?: { maxNonMutatingInflight?: number; maxMutatingInflight?: number };
  eventTTL?: string;
  logging?: { verbosity?: number };
  encryptionConfig?: { provider?: { type?: string }; resources?: string[] };
  auditConfig?: { auditPolicy?: { configMapRef?: LocalReference } };
  structuredAuthentication?: { configMapName: string };
  structuredAuthorization?: { configMapName: string };
  admissionPlugins?: AdmissionPlugin[];
  serviceAccountConfig?: { issuer?: string };
  enableAnonymousAuthentication?: boolean;
}

export interface KubernetesConfig {
  version?: string;
  kubeAPIServer?: KubeApiServerConfig;
  kubeControllerManager?: {
    nodeCIDRMaskSize?: number;
    nodeCIDRMaskSizeIPv6?: number;
    nodeMonitorGracePeriod?: string;
  };
  kubeScheduler?: { profile?: string };
  kubeProxy?: { mode?: string; enabled?: boolean };
  kubelet?: KubeletConfig;
  verticalPodAutoscaler?: { enabled: boolean } & Record<string, unknown>;
  clusterAutoscaler?: Record<string, unknown>;
}

export interface HibernationSchedule {
  start?: string;
  end?: string;
  location?: string;
}

export interface Maintenance {
  timeWindow?: { begin: string; end: string };
  autoUpdate?: { kubernetesVersion: boolean; machineImageVersion?: boolean };
  autoRotation?: { credentials?: Record<string, { rotationPeriod?: string } | undefined> };
  confineSpecUpdateRollout?: boolean;
}

export interface Networking {
  type?: string;
  nodes?: string;
  pods?: string;
  services?: string;
  ipFamilies?: string[];
}

export interface Toleration {
  key: string;
  value?: string;
}

export interface DnsProvider {
  type?: string;
  primary?: boolean;
  secretName?: string;
  credentialsRef?: TypedReference;
}

export interface ShootSpec {
  addons?: { kubernetesDashboard?: { enabled?: boolean }; nginxIngress?: { enabled?: boolean } };
  accessRestrictions?: { name: string }[];
  cloudProfile?: { kind?: string; name: string };
  cloudProfileName?: string;
  controlPlane?: { highAvailability?: { failureTolerance: { type: string } }; zones?: string[] };
  credentialsBindingName?: string;
  secretBindingName?: string;
  dns?: { domain?: string; providers?: DnsProvider[] };
  exposureClassName?: string;
  extensions?: { type: string; disabled?: boolean; providerConfig?: unknown }[];
  hibernation?: { enabled?: boolean; schedules?: HibernationSchedule[] };
  kubernetes: KubernetesConfig;
  maintenance?: Maintenance;
  networking?: Networking;
  provider: {
    type: string;
    workers?: Worker[];
    workersSettings?: { sshAccess?: { enabled: boolean } };
    infrastructureConfig?: unknown;
    controlPlaneConfig?: unknown;
  };
  purpose?: string;
  region: string;
  resources?: { name: string; resourceRef: TypedReference }[];
  schedulerName?: string;
  seedName?: string;
  seedSelector?: LabelSelector & { providerTypes?: string[] };
  systemComponents?: { coreDNS?: { autoscaling?: { mode?: string } }; nodeLocalDNS?: unknown };
  tolerations?: Toleration[];
}

export interface Rotation {
  phase?: string;
  lastInitiationTime?: string;
  lastCompletionTime?: string;
}

export interface ShootStatus {
  conditions?: Condition[];
  constraints?: Condition[];
  gardener: { id: string; name: string; version: string };
  hibernated: boolean;
  technicalID: string;
  uid: string;
  lastOperation?: LastOperation;
  lastErrors?: { description: string; codes?: string[] }[];
  seedName?: string;
  observedGeneration?: number;
  advertisedAddresses?: { name: string; url: string }[];
  networking?: { pods?: string[]; nodes?: string[]; services?: string[] };
  credentials?: {
    rotation?: Record<string, Rotation | undefined>;
    encryptionAtRest?: { resources?: string[]; provider?: { type?: string } };
  };
}

export interface Shoot extends ApiObject {
  spec: ShootSpec;
  status: ShootStatus;
}

/** A version in a CloudProfile: of Kubernetes or of a machine image. Times are RFC 3339. */
export interface ExpirableVersion {
  version: string;
  classification?: string;
  expirationDate?: string;
  lifecycle?: { classification: string; startTime?: string }[];
}

export interface MachineImageVersion extends ExpirableVersion {
  architectures?: string[];
  cri?: { name: string; containerRuntimes?: { type: string }[] }[];
  inPlaceUpdates?: { supported: boolean; minVersionForUpdate?: string };
}

export interface MachineImage {
  name: string;
  updateStrategy?: string;
  versions: MachineImageVersion[];
}

export interface MachineType {
  name: string;
  architecture?: string;
  cpu: string;
  gpu: string;
  memory: string;
  usable?: boolean;
}

export interface VolumeType {
  name: string;
  class: string;
  usable?: boolean;
}

export interface Region {
  name: string;
  zones?: { name: string; unavailableMachineTypes?: string[]; unavailableVolumeTypes?: string[] }[];
  accessRestrictions?: { name: string }[];
}

export interface CloudProfileSpec {
  type: string;
  kubernetes: { versions?: ExpirableVersion[] };
  machineImages?: MachineImage[];
  machineTypes?: MachineType[];
  machineCapabilities?: unknown[];
  volumeTypes?: VolumeType[];
  regions?: Region[];
  seedSelector?: LabelSelector & { providerTypes?: string[] };
  limits?: { maxNodesTotal?: number };
  providerConfig?: unknown;
}

export interface CloudProfile extends ApiObject {
  spec: CloudProfileSpec;
  status?: Record<string, unknown>;
}

export interface NamespacedCloudProfile extends ApiObject {
  spec: Partial<Omit<CloudProfileSpec, 'type'>> & { parent: { kind: string; name: string } };
  status: { cloudProfileSpec?: CloudProfileSpec; observedGeneration?: number };
}

export interface Seed extends ApiObject {
  spec: {
    provider: { type: string; region: string; zones?: string[] };
    networks: {
      nodes?: string;
      pods: string;
      services: string;
      ipFamilies?: string[];
      shootDefaults?: { pods?: string; services?: string };
    };
    dns: {
      defaults?: { domain: string; type: string }[];
      internal?: { domain: string; type: string };
      provider?: { type: string };
    };
    backup?: { provider: string; credentialsRef?: TypedReference };
    extensions?: { type: string }[];
    ingress?: { domain: string; controller?: { kind: string } };
    settings?: Record<string, Record<string, unknown> | undefined>;
    taints?: Toleration[];
    accessRestrictions?: { name: string }[];
  };
  status: {
    conditions?: Condition[];
    lastOperation?: LastOperation;
    gardener?: { version: string };
    kubernetesVersion?: string;
    allocatable?: Record<string, string | number>;
  };
}

export interface Subject {
  apiGroup?: string;
  kind: string;
  name: string;
  namespace?: string;
}

export interface ProjectMember extends Subject {
  role: string;
  roles?: string[];
}

export interface Project extends ApiObject {
  spec: {
    createdBy?: Subject;
    owner?: Subject;
    members?: ProjectMember[];
    namespace?: string;
    description?: string;
    purpose?: string;
    tolerations?: { defaults?: Toleration[]; whitelist?: Toleration[] };
    dualApprovalForDeletion?: {
      resource: string;
      selector: LabelSelector;
      includeServiceAccounts?: boolean;
    }[];
  };
  status: { phase?: string };
}

export interface SecretBinding extends ApiObject {
  secretRef: NamespacedReference;
  quotas?: (NamespacedReference & { kind?: string })[];
  provider?: { type: string };
}

export interface CredentialsBinding extends ApiObject {
  credentialsRef: Required<TypedReference>;
  quotas?: NamespacedReference[];
  provider: { type: string };
}

export interface WorkloadIdentity extends ApiObject {
  spec: { audiences: string[]; targetSystem: { type: string; providerConfig?: unknown } };
  status: { sub: string };
}

export interface Quota extends ApiObject {
  spec: { scope: TypedReference; clusterLifetimeDays?: number; metrics: Record<string, string | number> };
}

export interface ControllerRegistration extends ApiObject {
  spec: {
    resources?: {
      kind: string;
      type: string;
      primary?: boolean;
      autoEnable?: string[];
      clusterCompatibility?: string[];
      globallyEnabled?: boolean;
      workerlessSupported?: boolean;
      [field: string]: unknown;
    }[];
    deployment?: { policy?: string; deploymentRefs?: LocalReference[]; [field: string]: unknown };
  };
}

export interface Secret extends ApiObject {
  data?: Record<string, string>;
  type?: string;
}

export interface ConfigMap extends ApiObject {
  data?: Record<string, string>;
}

/** What a cell or a strategy asks of any object that reports conditions. */
export interface WithStatus extends ApiObject {
  metadata: ObjectMeta;
  status?: { conditions?: Condition[]; lastOperation?: LastOperation };
}
