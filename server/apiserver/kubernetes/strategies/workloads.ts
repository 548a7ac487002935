// Deployments, replica sets, daemon sets, stateful sets, jobs: defaults, what must fit together, and their scale.
// Models pkg/apis/apps/v1/defaults.go, pkg/apis/batch/v1/defaults.go and their validations.
import { invalid, notSupported, required, type FieldError } from '../../errors.ts';
import { isDeepEqual } from '../../objects.ts';
import type { AdmissionRequest, ApiObject, Strategy, Subresource } from '../../types.ts';
import { count, formatLabelSelector, record, text, type PodSpec } from '../objects.ts';
import type { Behaviour, BehaviourTable } from './behaviour.ts';
import { defaultPodSpec, setDefaults, validatePodSpec } from './pod-template.ts';

interface WorkloadSpec {
  replicas?: number;
  selector?: { matchLabels?: Record<string, string>; matchExpressions?: unknown[] };
  template: { metadata?: { labels?: Record<string, string> }; spec: PodSpec };
  [field: string]: unknown;
}
type Workload = ApiObject & { spec: WorkloadSpec };

const rollingDefaults = { maxSurge: '25%', maxUnavailable: '25%' };

/** Fills in `{type: RollingUpdate, rollingUpdate: {…}}`. */
function defaultStrategy(spec: WorkloadSpec, field: string, rolling: object): void {
  const strategy = (spec[field] ??= {}) as { type?: string; rollingUpdate?: object };
  strategy.type ||= 'RollingUpdate';
  if (strategy.type === 'RollingUpdate') strategy.rollingUpdate = { ...rolling, ...strategy.rollingUpdate };
}

const defaultsOf: Readonly<Record<string, (spec: WorkloadSpec) => void>> = {
  Deployment(spec) {
    setDefaults(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    defaultStrategy(spec, 'strategy', rollingDefaults);
  },
  ReplicaSet: (spec) => setDefaults(spec, { replicas: 1 }),
  ReplicationController: (spec) => setDefaults(spec, { replicas: 1 }),
  DaemonSet(spec) {
    setDefaults(spec, { revisionHistoryLimit: 10 });
    defaultStrategy(spec, 'updateStrategy', { maxSurge: 0, maxUnavailable: 1 });
  },
  StatefulSet(spec) {
    setDefaults(spec, { replicas: 1, revisionHistoryLimit: 10, podManagementPolicy: 'OrderedReady' });
    setDefaults(spec, { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' } });
    defaultStrategy(spec, 'updateStrategy', { partition: 0 });
  },
  Job(spec) {
    setDefaults(spec, {
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      parallelism: 1,
      podReplacementPolicy: 'TerminatingOrFailed',
    });
    setDefaults(spec, { suspend: false, manualSelector: false, completions: 1 });
  },
};

/** Jobs select their pods by their own uid, unless told otherwise. */
function labelJob(job: Workload): void {
  if (job.spec['manualSelector']) return;
  const { uid, name } = job.metadata;
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const template = (job.spec.template.metadata ??= {});
  template.labels = { ...template.labels, ...labels };
  job.metadata.labels ??= { ...template.labels };
  job.spec.selector ??= { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
}

const isSelected = ({ selector = {}, template }: WorkloadSpec): boolean =>
  Object.entries(selector.matchLabels ?? {}).every(([key, value]) => template.metadata?.labels?.[key] === value);

// Replica sets are named like deployments here, as in Kubernetes.
const emptySelector: Readonly<Record<string, string>> = {
  StatefulSet: 'empty selector is invalid for statefulset',
  DaemonSet: 'empty selector is invalid for daemonset',
};

function validateSelector(kind: string, { selector, template }: WorkloadSpec): FieldError[] {
  const path = 'spec.selector';
  const labels = template?.metadata?.labels ?? null;
  const mismatch = invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
  if (!selector) return kind === 'DaemonSet' ? [mismatch] : [required(path, ''), mismatch];
  if (!Object.keys(selector).length)
    return [invalid(path, selector, emptySelector[kind] ?? 'empty selector is invalid for deployment')];
  return isSelected({ selector, template }) ? [] : [mismatch];
}

function validateWorkload(kind: string) {
  const policies = kind === 'Job' ? ['OnFailure', 'Never'] : ['Always'];
  return ({ object, old }: AdmissionRequest): FieldError[] => {
    if (!object) return [];
    const { spec } = object as Workload;
    const faults: FieldError[] = [];
    if ((spec.replicas ?? 0) < 0)
      faults.push(invalid('spec.replicas', spec.replicas, 'must be greater than or equal to 0'));
    if (kind !== 'ReplicationController') faults.push(...validateSelector(kind, spec));
    const podSpec = spec.template?.spec;
    if (podSpec) {
      faults.push(...validatePodSpec(podSpec, 'spec.template.spec'));
      const policy = podSpec.restartPolicy ?? '';
      if (!policies.includes(policy))
        faults.push(
          kind === 'Job' && policy === 'Always'
            ? required('spec.template.spec.restartPolicy', 'valid values: "OnFailure", "Never"')
            : notSupported('spec.template.spec.restartPolicy', policy, policies),
        );
    }
    if (old && !isDeepEqual((old as Workload).spec.selector, spec.selector))
      faults.push(invalid('spec.selector', spec.selector, 'field is immutable'));
    if (old && kind === 'Job' && !isDeepEqual((old as Workload).spec.template, spec.template))
      faults.push(invalid('spec.template', '', 'field is immutable'));
    return faults;
  };
}

const replicasView: Partial<Subresource> = {
  view: {
    read: (object) => ({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: (({ name, namespace, uid, resourceVersion, creationTimestamp }) => ({
        name,
        namespace,
        uid,
        resourceVersion,
        creationTimestamp,
      }))(object.metadata),
      spec: { replicas: count(object, 'spec.replicas') },
      status: { replicas: count(object, 'status.replicas'), selector: selectorText(object) },
    }),
    write(object, view) {
      (object as Workload).spec = { ...(object as Workload).spec, replicas: count(view, 'spec.replicas') };
    },
  },
};

const selectorText = (object: ApiObject): string => {
  const selector = record(object, 'spec.selector');
  const labels = object.kind === 'ReplicationController' ? { matchLabels: selector } : selector;
  const formatted = formatLabelSelector(labels);
  return formatted === '<none>' ? '' : formatted;
};

function workload(kind: string): Behaviour {
  const strategy: Strategy = {
    default(object, { operation }) {
      const { spec } = object as Workload;
      if (!spec) return;
      defaultsOf[kind]?.(spec);
      if (kind === 'Job' && operation === 'CREATE') labelJob(object as Workload);
      if (kind === 'DaemonSet' && operation === 'CREATE')
        object.metadata.annotations = {
          ...object.metadata.annotations,
          'deprecated.daemonset.template.generation': '1',
        };
      if (spec.template?.spec) defaultPodSpec(spec.template.spec);
    },
    validate: validateWorkload(kind),
  };
  const hasScale = ['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'].includes(kind);
  return { strategy, hasGeneration: true, subresources: hasScale ? { scale: replicasView } : {} };
}

const cronJobStrategy: Strategy = {
  default(object) {
    const { spec } = object as Workload;
    if (!spec) return;
    setDefaults(spec, {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    const podSpec = (spec['jobTemplate'] as { spec?: { template?: { spec?: PodSpec } } } | undefined)?.spec?.template
      ?.spec;
    if (podSpec) defaultPodSpec(podSpec);
  },
  validate({ object }) {
    const path = 'spec.schedule';
    const schedule = text(object, path);
    const fields = schedule.split(/\s+/).filter(Boolean);
    if (!schedule) return [required(path, '')];
    if (schedule.startsWith('@') || fields.length === 5) return [];
    const found = `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
    return [invalid(path, schedule, found)];
  },
};

export const workloadBehaviours: BehaviourTable = {
  'apps/deployments': workload('Deployment'),
  'apps/replicasets': { ...workload('ReplicaSet'), selectableFields: ['status.replicas'] },
  'apps/statefulsets': workload('StatefulSet'),
  'apps/daemonsets': workload('DaemonSet'),
  replicationcontrollers: { ...workload('ReplicationController'), selectableFields: ['status.replicas'] },
  'batch/jobs': { ...workload('Job'), selectableFields: ['status.successful'] },
  'batch/cronjobs': { strategy: cronJobStrategy, hasGeneration: true },
};
