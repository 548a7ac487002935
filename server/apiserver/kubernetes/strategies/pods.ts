// Pods: their defaults, phase and quality of service, what an update may change, and the views on them.
// Models pkg/registry/core/pod/strategy.go.
import {
  createBadRequest,
  createConflict,
  createNotFound,
  forbidden,
  invalid,
  type FieldError,
  StatusError,
} from '../../errors.ts';
import { deepCopy, isDeepEqual, toTime } from '../../objects.ts';
import type { AdmissionRequest, ApiObject, ConnectRequest, Strategy } from '../../types.ts';
import { allContainers, defaultPodSpec, setDefaults, validatePodSpec } from './pod-template.ts';
import { text, type Pod, type PodSpec } from '../objects.ts';
import type { Behaviour } from './behaviour.ts';

const tolerationSeconds = 300;

/** What admission plugins add: service account, priority, tolerations of failing nodes. */
function admitDefaults(spec: PodSpec): void {
  setDefaults(spec, { serviceAccountName: 'default', priority: 0 });
  setDefaults(spec, { serviceAccount: spec.serviceAccountName, preemptionPolicy: 'PreemptLowerPriority' });
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    if (spec.tolerations?.some((toleration) => !toleration.key || toleration.key === key)) continue;
    spec.tolerations = [
      ...(spec.tolerations ?? []),
      { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds },
    ];
  }
}

function defaultRequests(spec: PodSpec): void {
  for (const { resources } of allContainers(spec))
    if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests };
}

/** Models pkg/apis/core/helper/qos. */
function qosClass(spec: PodSpec): string {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(
    ({ resources = {} }) => resources,
  );
  const isPlain = containers.every(({ requests = {}, limits = {} }) => !Object.keys({ ...requests, ...limits }).length);
  if (isPlain) return 'BestEffort';
  const isGuaranteed = containers.every(({ requests = {}, limits = {} }) =>
    ['cpu', 'memory'].every((name) => limits[name] !== undefined && limits[name] === (requests[name] ?? limits[name])),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

function preparePod({ object, old, operation, nowMs, subresource }: AdmissionRequest<Pod>): void {
  if (!object) return;
  if (operation === 'CREATE') {
    const conditions = (object.spec.schedulingGates ?? []).length ? [gatedCondition(nowMs)] : [];
    object.status = { phase: 'Pending', qosClass: qosClass(object.spec), ...(conditions.length && { conditions }) };
  } else if (subresource === 'status' && old?.status.qosClass) {
    object.status = { ...object.status, qosClass: old.status.qosClass };
  }
}

const gatedCondition = (nowMs: number) => ({
  type: 'PodScheduled',
  status: 'False',
  lastProbeTime: null,
  lastTransitionTime: toTime(nowMs),
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
});

const changeable =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function validateDeadline(spec: PodSpec, old: PodSpec): FieldError[] {
  const path = 'spec.activeDeadlineSeconds';
  const [now, before] = [spec.activeDeadlineSeconds, old.activeDeadlineSeconds];
  if (before === undefined) return [];
  if (now === undefined) return [invalid(path, null, 'must not update from a positive integer to nil value')];
  return now > before ? [invalid(path, now, 'must be less than or equal to previous value')] : [];
}

function validateGates(spec: PodSpec, old: PodSpec): FieldError[] {
  const known = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  return (spec.schedulingGates ?? []).flatMap(({ name }, i) =>
    known.has(name)
      ? []
      : [
          forbidden(
            `spec.schedulingGates[${i}].name`,
            `only deletion is allowed, but found new scheduling gate '${name}'`,
          ),
        ],
  );
}

/** The old spec with all that an update may change as it is in the new one. */
function withChangeable(spec: PodSpec, old: PodSpec): PodSpec {
  const allowed = deepCopy(old);
  const takeImages = (now: PodSpec['initContainers'], before: PodSpec['initContainers']) =>
    before?.forEach((container, i) => (container.image = now?.[i]?.image ?? container.image));
  takeImages(spec.containers, allowed.containers);
  takeImages(spec.initContainers, allowed.initContainers);
  const taken = ['activeDeadlineSeconds', 'schedulingGates', 'ephemeralContainers'] as const;
  const gated = old.schedulingGates?.length ? (['nodeSelector', 'affinity'] as const) : [];
  for (const field of [...taken, ...gated])
    Object.assign(allowed, { [field]: (spec as unknown as Record<string, unknown>)[field] });
  const keptAll = (old.tolerations ?? []).every((toleration) =>
    spec.tolerations?.some((t) => isDeepEqual(t, toleration)),
  );
  if (keptAll) allowed.tolerations = spec.tolerations;
  return allowed;
}

function validatePod({ object, old, operation, subresource }: AdmissionRequest<Pod>): FieldError[] {
  if (!object || subresource === 'status') return [];
  if (operation === 'CREATE') return validatePodSpec(object.spec, 'spec');
  if (!old || subresource === 'resize') return [];
  const faults = [...validateDeadline(object.spec, old.spec), ...validateGates(object.spec, old.spec)];
  if (faults.length) return faults;
  return isDeepEqual(withChangeable(object.spec, old.spec), object.spec) ? [] : [forbidden('spec', changeable)];
}

export const podStrategy: Strategy<Pod> = {
  default(object) {
    if (!object.spec) return;
    setDefaults(object.spec, { enableServiceLinks: true });
    defaultPodSpec(object.spec);
    defaultRequests(object.spec);
  },
  mutate({ object, operation }) {
    if (object?.spec && operation === 'CREATE') admitDefaults(object.spec);
  },
  prepare: preparePod,
  validate: validatePod,
  gracePeriodSeconds({ spec, status }, requestedSeconds) {
    const seconds = requestedSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
    const isEnded = !spec.nodeName || status?.phase === 'Failed' || status?.phase === 'Succeeded';
    return isEnded ? 0 : seconds < 0 ? 1 : seconds;
  },
  isDeletedObjectReturned: true,
};

const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' } as const;

/** Sets the node of a pod that has none. */
function bind({ kind, object, body, nowMs, update }: ConnectRequest): object {
  const pod = object as Pod | undefined;
  const node = text(body, 'target.name');
  if (!pod) throw createNotFound(kind, text(body, 'metadata.name'));
  if (!node) throw createBadRequest('target.name is required');
  const { name } = pod.metadata;
  if (pod.metadata.deletionTimestamp)
    throw createConflict(kind, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName)
    throw createConflict(kind, name, `pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  if (pod.spec.schedulingGates?.length)
    throw createConflict(kind, name, `pod ${name} has non-empty .spec.schedulingGates`);
  const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: toTime(nowMs) };
  const conditions = (pod.status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const status = { ...pod.status, conditions: [...conditions, scheduled] };
  update({ ...pod, spec: { ...pod.spec, nodeName: node }, status } as ApiObject);
  return { ...success, code: 201 };
}

function evict({ body, delete: deletePod }: ConnectRequest): object {
  const grace = (body as { deleteOptions?: { gracePeriodSeconds?: number } } | undefined)?.deleteOptions;
  deletePod(grace?.gracePeriodSeconds);
  return { ...success, code: 201 };
}

/** What an API server says when there is no kubelet behind a node. */
function answerWithoutKubelet(path: string) {
  return ({ object }: ConnectRequest): never => {
    const pod = object as Pod;
    const { name, namespace } = pod.metadata;
    if (!pod.spec.nodeName) throw createBadRequest(`pod ${name} does not have a host assigned`);
    const host = text(pod, 'status.hostIP') || pod.spec.nodeName;
    const url = `https://${host}:10250/${path}/${namespace}/${name}/${pod.spec.containers[0]?.name}`;
    const [code, reason] = [500, 'InternalError'];
    throw new StatusError(
      code,
      reason,
      `Get ${JSON.stringify(url)}: dial tcp ${host}:10250: connect: connection refused`,
    );
  };
}

export const podBehaviour: Behaviour = {
  strategy: podStrategy as unknown as Strategy,
  selectableFields: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  subresources: {
    binding: { connect: bind },
    eviction: { connect: evict },
    log: { connect: answerWithoutKubelet('containerLogs') },
    exec: { connect: answerWithoutKubelet('exec') },
    attach: { connect: answerWithoutKubelet('attach') },
    portforward: { connect: answerWithoutKubelet('portForward') },
    proxy: { connect: answerWithoutKubelet('proxy') },
    ephemeralcontainers: { writes: ['spec.ephemeralContainers'] },
    resize: { writes: ['spec.containers', 'spec.initContainers'] },
  },
  hasGeneration: true,
};
