// The Kubernetes types of a session pod, as far as we read and write them.
import type { KubeObject } from '../kube/types.ts';

export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: unknown;
}

export interface Container {
  name: string;
  image: string;
  env?: EnvVar[];
  ports?: { name?: string; containerPort: number }[];
  startupProbe?: unknown;
}

export interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: { reason?: string; message?: string; exitCode: number; signal?: number; finishedAt?: string };
}

export interface ContainerStatus {
  name: string;
  ready: boolean;
  started?: boolean;
  restartCount: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

export interface PodCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export interface PodStatus {
  phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  reason?: string;
  message?: string;
  podIP?: string;
  startTime?: string;
  conditions?: PodCondition[];
  initContainerStatuses?: ContainerStatus[];
  containerStatuses?: ContainerStatus[];
}

export interface Pod extends KubeObject {
  spec: { containers: Container[]; activeDeadlineSeconds?: number; nodeName?: string; [field: string]: unknown };
  status?: PodStatus;
}

export interface KubeEvent extends KubeObject {
  involvedObject: { kind?: string; name?: string; uid?: string; fieldPath?: string };
  reason?: string;
  message?: string;
  type?: string;
  count?: number;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: { lastObservedTime?: string; count?: number } | null;
}

/** Whose session it is. */
export interface Owner {
  id: string;
  login: string;
}

export const prefix = 'playground.gardener.cloud/';
export const labels = {
  session: `${prefix}session`,
  environment: `${prefix}environment`,
} as const;
export const annotations = {
  userId: `${prefix}user-id`,
  userLogin: `${prefix}user-login`,
  /** Which of the gateway's keys the pod's agent believes. */
  tokenKey: `${prefix}token-key`,
  endReason: `${prefix}end-reason`,
  /** How long a session lives, and how long without input; from its environment, so that every replica reckons alike. */
  lifeMinutes: `${prefix}life-minutes`,
  idleMinutes: `${prefix}idle-minutes`,
  /** The end that *stay* moves; RFC 3339, as the next two. */
  expiresAt: `${prefix}expires-at`,
  /** The last activity that a gateway saw: the session was made, or its user stayed. */
  activeAt: `${prefix}active-at`,
  /** When the leader will end it for want of input; there only in the minutes before. */
  idleAt: `${prefix}idle-at`,
} as const;
/** The container that runs the agent. */
export const terminalContainer = 'terminal';
