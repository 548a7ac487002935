// Reading Kubernetes objects whose schema is known but not typed: paths, counts, lists, labels and the types that rules need.
import { getPath, isRecord } from '../objects.ts';
import type { ApiObject } from '../types.ts';

/** The value at `a.b.c`; undefined when there is none. */
export const read = (object: unknown, path: string): unknown => getPath(object, path.split('.'));

export const text = (object: unknown, path: string): string => {
  const value = read(object, path);
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? `${value}` : '';
};

export const count = (object: unknown, path: string): number => {
  const value = read(object, path);
  return typeof value === 'number' ? value : 0;
};

export const list = <T = Record<string, unknown>>(object: unknown, path: string): readonly T[] => {
  const value = read(object, path);
  return Array.isArray(value) ? (value as T[]) : [];
};

export const record = (object: unknown, path: string): Record<string, unknown> => {
  const value = read(object, path);
  return isRecord(value) ? value : {};
};

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

export const conditionOf = (object: unknown, type: string): Condition | undefined =>
  list<Condition>(object, 'status.conditions').find((condition) => condition.type === type);

export interface ContainerPort {
  name?: string;
  containerPort: number;
  hostPort?: number;
  protocol?: string;
}

export interface Container {
  name: string;
  image?: string;
  imagePullPolicy?: string;
  restartPolicy?: string;
  terminationMessagePath?: string;
  terminationMessagePolicy?: string;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  ports?: ContainerPort[];
  env?: { name: string; valueFrom?: { fieldRef?: { apiVersion?: string } } }[];
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
  volumeMounts?: { name: string; mountPath: string }[];
}

export interface Probe {
  timeoutSeconds?: number;
  periodSeconds?: number;
  successThreshold?: number;
  failureThreshold?: number;
  httpGet?: { path?: string; scheme?: string; port?: number | string };
  grpc?: { service?: string };
}

export interface ContainerState {
  waiting?: { reason?: string };
  running?: object;
  terminated?: { reason?: string; exitCode?: number; signal?: number; finishedAt?: string };
}

export interface ContainerStatus {
  name: string;
  ready?: boolean;
  started?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

export interface PodSpec {
  containers: Container[];
  initContainers?: Container[];
  ephemeralContainers?: Container[];
  nodeName?: string;
  priority?: number;
  restartPolicy?: string;
  dnsPolicy?: string;
  schedulerName?: string;
  serviceAccountName?: string;
  serviceAccount?: string;
  securityContext?: object;
  terminationGracePeriodSeconds?: number;
  enableServiceLinks?: boolean;
  preemptionPolicy?: string;
  hostNetwork?: boolean;
  activeDeadlineSeconds?: number;
  schedulingGates?: { name: string }[];
  tolerations?: { key?: string; operator?: string; effect?: string; tolerationSeconds?: number }[];
  volumes?: Record<string, unknown>[];
}

export interface Pod extends ApiObject {
  spec: PodSpec;
  status: {
    phase?: string;
    reason?: string;
    qosClass?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

/** `a=b,c=d`, sorted; `<none>` when empty. Models k8s.io/apimachinery/pkg/labels.FormatLabels */
export const formatLabels = (labels: Readonly<Record<string, unknown>>): string =>
  Object.keys(labels)
    .sort()
    .map((key) => `${key}=${String(labels[key])}`)
    .join(',') || '<none>';

interface LabelExpression {
  key: string;
  operator: string;
  values?: string[];
}

/** A LabelSelector as text; `<none>` when it selects everything. Models apimachinery/pkg/apis/meta/v1/helpers.go */
export function formatLabelSelector(selector: Readonly<Record<string, unknown>>): string {
  const equals = Object.entries(record(selector, 'matchLabels')).map(([key, value]) => [
    key,
    `${key}=${String(value)}`,
  ]);
  const expressions = list<LabelExpression>(selector, 'matchExpressions').map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return [key, key];
    if (operator === 'DoesNotExist') return [key, `!${key}`];
    return [key, `${key} ${operator.toLowerCase()} (${[...values].sort().join(',')})`];
  });
  const terms = [...equals, ...expressions].sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return terms.map(([, term]) => term).join(',') || '<none>';
}
