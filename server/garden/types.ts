// What the controllers read and write of Gardener's objects; fields that they do not look at are left out.
import type { KubeObject } from '../kube/index.ts';

export type ConditionStatus = 'True' | 'False' | 'Unknown' | 'Progressing';

export interface Condition {
  type: string;
  status: ConditionStatus;
  reason: string;
  message: string;
  lastTransitionTime: string;
  lastUpdateTime: string;
}

export interface LastOperation {
  type: string;
  state: string;
  progress: number;
  description: string;
  lastUpdateTime: string;
}

export interface ObjectReference {
  apiVersion?: string;
  kind?: string;
  name: string;
  namespace?: string;
}

export interface Toleration {
  key: string;
  value?: string;
}

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface SeedSelector extends LabelSelector {
  providerTypes?: string[];
}

export interface HibernationSchedule {
  start?: string;
  end?: string;
  location?: string;
}

export interface ShootWorker {
  name: string;
  machine: { type: string; image?: { name: string; version?: string }; architecture?: string };
  kubernetes?: { version?: string };
  zones?: string[];
  cri?: { name: string; containerRuntimes?: { type: string }[] };
  updateStrategy?: string;
}

export interface Shoot extends KubeObject {
  spec: {
    region: string;
    purpose?: string;
    seedName?: string;
    schedulerName?: string;
    seedSelector?: SeedSelector;
    tolerations?: Toleration[];
    cloudProfile?: { kind?: string; name: string };
    cloudProfileName?: string;
    exposureClassName?: string;
    secretBindingName?: string;
    credentialsBindingName?: string;
    kubernetes: {
      version: string;
      kubeAPIServer?: { auditConfig?: { auditPolicy?: { configMapRef?: ObjectReference } } };
    };
    networking?: { type?: string; pods?: string; nodes?: string; services?: string };
    provider: { type: string; workers?: ShootWorker[] };
    dns?: { domain?: string; providers?: { type?: string; primary?: boolean; credentialsRef?: ObjectReference }[] };
    extensions?: { type: string; disabled?: boolean }[];
    resources?: { name: string; resourceRef: { apiVersion?: string; kind: string; name: string } }[];
    hibernation?: { enabled?: boolean; schedules?: HibernationSchedule[] };
    maintenance?: {
      timeWindow?: { begin: string; end: string };
      autoUpdate?: { kubernetesVersion?: boolean; machineImageVersion?: boolean };
    };
    controlPlane?: { highAvailability?: { failureTolerance?: { type: string } }; zones?: string[] };
    accessRestrictions?: { name: string }[];
  };
  status?: {
    lastOperation?: LastOperation;
    lastErrors?: unknown[];
    conditions?: Condition[];
    constraints?: Condition[];
    seedName?: string;
    observedGeneration?: number;
    lastHibernationTriggerTime?: string;
    lastMaintenance?: { description: string; triggeredTime: string; state: string; failureReason?: string };
  };
}

export interface Seed extends KubeObject {
  spec: {
    provider: { type: string; region: string; zones?: string[] };
    dns?: { provider?: { type: string }; internal?: { type: string }; defaults?: { type: string; domain: string }[] };
    backup?: { provider: string };
    extensions?: { type: string; disabled?: boolean }[];
    networks?: { nodes?: string; pods: string; services: string };
    settings?: { scheduling?: { visible: boolean } };
    taints?: Toleration[];
    accessRestrictions?: { name: string }[];
  };
  status?: { conditions?: Condition[]; allocatable?: { shoots?: string }; lastOperation?: LastOperation };
}

export interface Subject {
  apiGroup?: string;
  kind: string;
  name: string;
  namespace?: string;
}

export interface ProjectMember extends Subject {
  role?: string;
  roles?: string[];
}

export interface Project extends KubeObject {
  spec: { namespace?: string; members?: ProjectMember[]; owner?: Subject };
  status?: { phase?: string; observedGeneration?: number; lastActivityTimestamp?: string };
}

export interface ExpirableVersion {
  version: string;
  classification?: string;
  expirationDate?: string;
}

export interface MachineImage {
  name: string;
  updateStrategy?: string;
  versions: (ExpirableVersion & { architectures?: string[] } & Record<string, unknown>)[];
}

export interface CloudProfileSpec {
  kubernetes: { versions: ExpirableVersion[] };
  machineImages: MachineImage[];
  machineTypes: ({ name: string; architecture?: string; usable?: boolean } & Record<string, unknown>)[];
  volumeTypes?: ({ name: string } & Record<string, unknown>)[];
  caBundle?: string;
  limits?: { maxNodesTotal?: number };
  seedSelector?: SeedSelector;
  [field: string]: unknown;
}

export interface CloudProfile extends KubeObject {
  spec: CloudProfileSpec;
  status?: Record<string, unknown>;
}

export interface NamespacedCloudProfile extends KubeObject {
  spec: Partial<CloudProfileSpec> & { parent: { kind: string; name: string } };
  status?: { cloudProfileSpec?: CloudProfileSpec; observedGeneration?: number };
}

/** SecretBinding has `secretRef`, CredentialsBinding `credentialsRef`. */
export interface Binding extends KubeObject {
  provider?: { type: string };
  secretRef?: ObjectReference;
  credentialsRef?: ObjectReference;
  quotas?: ObjectReference[];
}

export interface ControllerResource {
  kind: string;
  type: string;
  primary?: boolean;
  workerlessSupported?: boolean;
  autoEnable?: string[];
  clusterCompatibility?: string[];
}

export interface ControllerRegistration extends KubeObject {
  spec: {
    resources?: ControllerResource[];
    deployment?: { policy?: string; deploymentRefs?: { name: string }[]; seedSelector?: LabelSelector };
  };
}

export interface ControllerInstallation extends KubeObject {
  spec: {
    registrationRef: { name: string; resourceVersion?: string };
    seedRef?: { name: string; resourceVersion?: string };
    deploymentRef?: { name: string; resourceVersion?: string };
  };
  status?: { conditions?: Condition[] };
}

export interface Backup extends KubeObject {
  spec: { seedName?: string; bucketName?: string; provider?: { type: string } };
  status?: { lastOperation?: LastOperation; lastError?: { description: string } };
}

export interface Lease extends KubeObject {
  spec?: { renewTime?: string };
}

export interface Secret extends KubeObject {
  type?: string;
  data?: Record<string, string>;
}

export const gardenerFinalizer = 'gardener';
export const isDeleting = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined;
export const hasFinalizer = (object: KubeObject, finalizer: string): boolean =>
  object.metadata.finalizers?.includes(finalizer) ?? false;
export const isWorkerless = (shoot: Shoot): boolean => !shoot.spec.provider.workers?.length;

/** `2026-01-01T00:00:00Z`: Kubernetes' times have whole seconds. */
export const toTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
