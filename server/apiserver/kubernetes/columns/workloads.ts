// The columns of deployments, replica sets, daemon sets, stateful sets, jobs and what scales them.
// Models pkg/printers/internalversion/printers.go.
import { humanDuration, humanSince } from '../../table.ts';
import type { ApiObject } from '../../types.ts';
import { conditionOf, count, formatLabels, list, read, record, text, type Container } from '../objects.ts';
import {
  ageColumn,
  at,
  boolean,
  column,
  countAt,
  integer,
  labelSelectorAt,
  nameColumn,
  podTemplateColumns,
  sizeOf,
  type ColumnTable,
} from './cells.ts';

const templatePath = 'spec.template.spec.containers';

const readyOf = (object: ApiObject): string =>
  `${count(object, 'status.readyReplicas')}/${count(object, 'spec.replicas')}`;

function jobStatus(job: ApiObject): string {
  const isTrue = (type: string) => conditionOf(job, type)?.status === 'True';
  if (isTrue('Complete')) return 'Complete';
  if (isTrue('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(isTrue) ?? 'Running';
}

function jobCompletions(job: ApiObject): string {
  const succeeded = count(job, 'status.succeeded');
  if (read(job, 'spec.completions') !== undefined) return `${succeeded}/${count(job, 'spec.completions')}`;
  const parallelism = count(job, 'spec.parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: ApiObject, nowMs: number): string {
  const start = text(job, 'status.startTime');
  if (!start) return '';
  const end = text(job, 'status.completionTime');
  return humanDuration((end ? Date.parse(end) : nowMs) - Date.parse(start));
}

const booleanText = (value: unknown): string => (value === undefined ? '<unset>' : value ? 'True' : 'False');

interface Metric {
  type: string;
  resource?: { name: string; target?: Record<string, unknown>; current?: Record<string, unknown> };
}

/** `cpu: 12%/80%`: what is measured, against what is wanted. */
function metricTargets(autoscaler: ApiObject): string {
  const wanted = list<Metric>(autoscaler, 'spec.metrics');
  const current = list<Metric>(autoscaler, 'status.currentMetrics');
  const legacy = read(autoscaler, 'spec.targetCPUUtilizationPercentage');
  if (typeof legacy === 'number') {
    const measured = read(autoscaler, 'status.currentCPUUtilizationPercentage');
    return `cpu: ${typeof measured === 'number' ? `${measured}%` : '<unknown>'}/${legacy}%`;
  }
  const parts = wanted.slice(0, 2).map((metric, index) => {
    const { name = metric.type, target = {} } = metric.resource ?? {};
    const measured = current[index]?.resource?.current ?? {};
    const utilization = target['averageUtilization'];
    const shown =
      typeof utilization === 'number'
        ? `${utilization}%`
        : text(target, 'averageValue') || text(target, 'value') || '<auto>';
    const now =
      measured['averageUtilization'] === undefined
        ? text(measured, 'averageValue')
        : `${String(measured['averageUtilization'])}%`;
    return `${name}: ${now || '<unknown>'}/${shown}`;
  });
  const more = wanted.length - parts.length;
  return (more > 0 ? `${parts.join(', ')} + ${more} more...` : parts.join(', ')) || '<none>';
}

const autoscalerColumns = [
  nameColumn,
  column('Reference', (hpa) => `${text(hpa, 'spec.scaleTargetRef.kind')}/${text(hpa, 'spec.scaleTargetRef.name')}`),
  column('Targets', metricTargets),
  column('MinPods', at('spec.minReplicas', '<unset>')),
  column('MaxPods', countAt('spec.maxReplicas')),
  column('Replicas', countAt('status.currentReplicas')),
  ageColumn,
];

const templateSelector = labelSelectorAt('spec.selector');

export const workloadColumns: ColumnTable = {
  'apps/deployments': [
    nameColumn,
    column('Ready', readyOf),
    column('Up-to-date', countAt('status.updatedReplicas')),
    column('Available', countAt('status.availableReplicas')),
    ageColumn,
    ...podTemplateColumns(templatePath, templateSelector),
  ],
  'apps/replicasets': [
    nameColumn,
    integer('Desired', countAt('spec.replicas')),
    integer('Current', countAt('status.replicas')),
    integer('Ready', countAt('status.readyReplicas')),
    ageColumn,
    ...podTemplateColumns(templatePath, templateSelector),
  ],
  replicationcontrollers: [
    nameColumn,
    integer('Desired', countAt('spec.replicas')),
    integer('Current', countAt('status.replicas')),
    integer('Ready', countAt('status.readyReplicas')),
    ageColumn,
    ...podTemplateColumns(templatePath, (object) => formatLabels(record(object, 'spec.selector'))),
  ],
  'apps/daemonsets': [
    nameColumn,
    integer('Desired', countAt('status.desiredNumberScheduled')),
    integer('Current', countAt('status.currentNumberScheduled')),
    integer('Ready', countAt('status.numberReady')),
    integer('Up-to-date', countAt('status.updatedNumberScheduled')),
    integer('Available', countAt('status.numberAvailable')),
    column('Node Selector', (set) => formatLabels(record(set, 'spec.template.spec.nodeSelector'))),
    ageColumn,
    ...podTemplateColumns(templatePath, templateSelector),
  ],
  'apps/statefulsets': [nameColumn, column('Ready', readyOf), ageColumn, ...podTemplateColumns(templatePath)],
  'apps/controllerrevisions': [
    nameColumn,
    column('Controller', ({ metadata }) => {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller);
      if (!owner) return '<none>';
      const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
      return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
    }),
    column('Revision', countAt('revision')),
    ageColumn,
  ],
  podtemplates: [
    nameColumn,
    column('Containers', (object) =>
      list<Container>(object, 'template.spec.containers')
        .map(({ name }) => name)
        .join(','),
    ),
    column('Images', (object) =>
      list<Container>(object, 'template.spec.containers')
        .map(({ image }) => image)
        .join(','),
    ),
    column('Pod Labels', (object) => formatLabels(record(object, 'template.metadata.labels'))),
  ],
  'batch/jobs': [
    nameColumn,
    column('Status', jobStatus),
    column('Completions', jobCompletions),
    column('Duration', jobDuration),
    ageColumn,
    ...podTemplateColumns(templatePath, templateSelector),
  ],
  'batch/cronjobs': [
    nameColumn,
    column('Schedule', at('spec.schedule')),
    column('Timezone', at('spec.timeZone', '<none>')),
    boolean('Suspend', (job) => booleanText(read(job, 'spec.suspend'))),
    integer('Active', sizeOf('status.active')),
    column('Last Schedule', (job, nowMs) => {
      const last = text(job, 'status.lastScheduleTime');
      return last ? humanSince(last, nowMs) : '<none>';
    }),
    ageColumn,
    ...podTemplateColumns(
      'spec.jobTemplate.spec.template.spec.containers',
      labelSelectorAt('spec.jobTemplate.spec.selector'),
    ),
  ],
  'autoscaling/horizontalpodautoscalers': autoscalerColumns,
  'policy/poddisruptionbudgets': [
    nameColumn,
    column('Min Available', at('spec.minAvailable', 'N/A')),
    column('Max Unavailable', at('spec.maxUnavailable', 'N/A')),
    integer('Allowed Disruptions', countAt('status.disruptionsAllowed')),
    ageColumn,
  ],
  'resource.k8s.io/deviceclasses': [nameColumn, ageColumn],
  'resource.k8s.io/resourceclaims': [
    nameColumn,
    column('State', (claim) => {
      const states = [
        ...(claim.metadata.deletionTimestamp ? ['deleted'] : []),
        ...(read(claim, 'status.allocation') ? ['allocated'] : []),
        ...(list(claim, 'status.reservedFor').length ? ['reserved'] : []),
      ];
      return states.join(',') || 'pending';
    }),
    ageColumn,
  ],
  'resource.k8s.io/resourceclaimtemplates': [nameColumn, ageColumn],
  'resource.k8s.io/resourceslices': [
    nameColumn,
    column('Node', at('spec.nodeName', '<unset>')),
    column('Driver', at('spec.driver')),
    column('Pool', at('spec.pool.name')),
    ageColumn,
  ],
};
