// What gardenlet reads and writes of Gardener's objects; fields that it does not look at are left out.
import type { KubeObject } from '../kube/index.ts';

export type ConditionStatus = 'True' | 'False' | 'Unknown' | 'Progressing';

export interface Condition {
  type: string;
  status: ConditionStatus;
  reason: string;
  message: string;
  lastTransitionTime: string;
  lastUpdateTime: string;
  codes?: string[];
}

export type OperationType = 'Create' | 'Reconcile' | 'Delete' | 'Migrate' | 'Restore';
export type OperationState = 'Pending' | 'Processing' | 'Succeeded' | 'Error' | 'Failed' | 'Aborted';

export interface LastOperation {
  type: OperationType;
  state: OperationState;
  progress: number;
  description: string;
  lastUpdateTime: string;
}

export interface LastError {
  description: string;
  taskID?: string;
  codes?: string[];
  lastUpdateTime?: string;
}

export interface Taint {
  key: string;
  value?: string;
  effect: string;
}

export interface Worker {
  name: string;
  minimum: number;
  maximum: number;
  maxSurge?: number | string;
  maxUnavailable?: number | string;
  machine: { type: string; image?: { name: string; version?: string }; architecture?: string };
  kubernetes?: { version?: string };
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  taints?: Taint[];
  zones?: string[];
  cri?: { name: string };
}

export interface ShootSpec {
  seedName?: string;
  region: string;
  purpose?: string;
  kubernetes: {
    version: string;
    kubeAPIServer?: { encryptionConfig?: { resources?: string[]; provider?: { type?: string } } };
  };
  provider: { type: string; workers?: Worker[]; workersSettings?: { sshAccess?: { enabled: boolean } } };
  networking?: { type?: string; pods?: string; nodes?: string; services?: string };
  dns?: { domain?: string };
  hibernation?: { enabled?: boolean };
  maintenance?: { timeWindow?: { begin: string; end: string } };
  extensions?: { type: string; disabled?: boolean }[];
}

export interface WorkersRollout {
  name: string;
  lastInitiationTime?: string;
}

export interface PhaseRotation {
  phase?: string;
  lastInitiationTime?: string;
  lastInitiationFinishedTime?: string;
  lastCompletionTriggeredTime?: string;
  lastCompletionTime?: string;
  pendingWorkersRollouts?: WorkersRollout[];
  autoCompleteAfterPrepared?: boolean;
}

export interface TimedRotation {
  lastInitiationTime?: string;
  lastCompletionTime?: string;
}

export interface Rotation {
  certificateAuthorities?: PhaseRotation;
  serviceAccountKey?: PhaseRotation;
  etcdEncryptionKey?: PhaseRotation;
  sshKeypair?: TimedRotation;
  observability?: TimedRotation;
}

export interface ShootStatus {
  technicalID?: string;
  uid?: string;
  seedName?: string;
  clusterIdentity?: string;
  hibernated?: boolean;
  observedGeneration?: number;
  retryCycleStartTime?: string;
  gardener?: Gardener;
  lastOperation?: LastOperation;
  lastErrors?: LastError[];
  conditions?: Condition[];
  constraints?: Condition[];
  advertisedAddresses?: { name: string; url: string; application?: string }[];
  networking?: { pods?: string[]; nodes?: string[]; services?: string[] };
  manualWorkerPoolRollout?: { pendingWorkersRollouts?: WorkersRollout[] };
  credentials?: { rotation?: Rotation; encryptionAtRest?: { resources: string[]; provider: { type: string } } };
}

export interface Shoot extends KubeObject {
  spec: ShootSpec;
  status?: ShootStatus;
}

export interface Gardener {
  id: string;
  name: string;
  version: string;
}

export interface Seed extends KubeObject {
  spec: {
    provider: { type: string; region: string };
    backup?: { provider: string; region?: string; credentialsRef?: unknown };
    dns?: { internal?: { domain: string }; defaults?: { domain: string }[] };
    ingress?: { domain: string };
    networks?: { nodes?: string };
  };
  status?: {
    conditions?: Condition[];
    observedGeneration?: number;
    gardener?: Gardener;
    kubernetesVersion?: string;
    clusterIdentity?: string;
    lastOperation?: LastOperation;
  };
}

export interface Project extends KubeObject {
  spec: { namespace?: string };
}

/** BackupBucket and BackupEntry. */
export interface Backup extends KubeObject {
  spec: { seedName?: string; bucketName?: string; provider?: unknown; credentialsRef?: unknown };
  status?: { observedGeneration?: number; lastOperation?: LastOperation; seedName?: string };
}

export interface ControllerInstallation extends KubeObject {
  spec: { seedRef?: { name: string }; registrationRef: { name: string } };
  status?: { conditions?: Condition[] };
}

export const gardenerFinalizer = 'gardener';
export const isWorkerless = (shoot: Shoot): boolean => !shoot.spec.provider.workers?.length;
export const isHibernationWanted = (shoot: Shoot): boolean => shoot.spec.hibernation?.enabled === true;
export const isDeleting = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined;
export const hasFinalizer = (object: KubeObject): boolean =>
  object.metadata.finalizers?.includes(gardenerFinalizer) ?? false;

/** `2026-01-01T00:00:00Z`: Kubernetes' times have whole seconds. */
export const toTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
