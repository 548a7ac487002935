// The columns of nodes, namespaces, events, leases and what else belongs to the cluster itself.
// Models pkg/printers/internalversion/printers.go.
import { humanDuration, humanSince } from '../../table.ts';
import type { ApiObject, Column } from '../../types.ts';
import { conditionOf, count, list, read, text } from '../objects.ts';
import {
  ageColumn,
  at,
  boolean,
  column,
  countAt,
  integer,
  nameColumn,
  sizeOf,
  wide,
  type ColumnTable,
} from './cells.ts';

const roleLabel = 'node-role.kubernetes.io/';

function nodeStatus(node: ApiObject): string {
  const ready = conditionOf(node, 'Ready');
  const state = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return read(node, 'spec.unschedulable') ? `${state},SchedulingDisabled` : state;
}

function nodeRoles({ metadata }: ApiObject): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([label, value]) => {
    if (label.startsWith(roleLabel)) return label === roleLabel ? [] : [label.slice(roleLabel.length)];
    return label === 'kubernetes.io/role' && value ? [value] : [];
  });
  return [...new Set(roles)].sort().join(',') || '<none>';
}

const nodeAddress = (type: string) => (node: ApiObject) =>
  list<{ type: string; address: string }>(node, 'status.addresses').find((address) => address.type === type)?.address ??
  '<none>';

const nodeColumns: readonly Column[] = [
  nameColumn,
  column('Status', nodeStatus),
  column('Roles', nodeRoles),
  ageColumn,
  column('Version', at('status.nodeInfo.kubeletVersion')),
  wide('Internal-IP', nodeAddress('InternalIP')),
  wide('External-IP', nodeAddress('ExternalIP')),
  wide('OS-Image', at('status.nodeInfo.osImage', '<unknown>')),
  wide('Kernel-Version', at('status.nodeInfo.kernelVersion', '<unknown>')),
  wide('Container-Runtime', at('status.nodeInfo.containerRuntimeVersion', '<unknown>')),
];

/** Events of both groups, as core's fields. */
interface EventTimes {
  first: string;
  last: string;
  count: number;
}

function eventTimes(event: ApiObject, nowMs: number): EventTimes {
  const isNew = event.apiVersion.startsWith('events.k8s.io/');
  const field = (name: string) => text(event, isNew ? `deprecated${name[0]?.toUpperCase()}${name.slice(1)}` : name);
  const since = (time: string) => humanSince(time || undefined, nowMs);
  const first = since(field('firstTimestamp') || text(event, 'eventTime'));
  const last = field('lastTimestamp') ? since(field('lastTimestamp')) : first;
  if (!read(event, 'series')) return { first, last, count: Number(field('count')) || 1 };
  return { first, last: since(text(event, 'series.lastObservedTime')), count: count(event, 'series.count') };
}

const firstText = (event: ApiObject, ...paths: string[]): string => {
  for (const path of paths) if (text(event, path)) return text(event, path);
  return '';
};

function eventObject(event: ApiObject): string {
  const kind = firstText(event, 'involvedObject.kind', 'regarding.kind').toLowerCase();
  const name = firstText(event, 'involvedObject.name', 'regarding.name');
  return name ? `${kind}/${name}` : kind;
}

function eventSource(event: ApiObject): string {
  const component = firstText(
    event,
    'source.component',
    'deprecatedSource.component',
    'reportingComponent',
    'reportingController',
  );
  const instance = firstText(event, 'source.host', 'deprecatedSource.host', 'reportingInstance');
  return instance ? `${component}, ${instance}` : component;
}

const eventColumns: readonly Column[] = [
  column('Last Seen', (event, nowMs) => eventTimes(event, nowMs).last),
  column('Type', at('type')),
  column('Reason', at('reason')),
  column('Object', eventObject),
  wide('Subobject', (event) => firstText(event, 'involvedObject.fieldPath', 'regarding.fieldPath')),
  wide('Source', eventSource),
  column('Message', (event) => firstText(event, 'message', 'note').trim()),
  wide('First Seen', (event, nowMs) => eventTimes(event, nowMs).first),
  wide('Count', (event, nowMs) => eventTimes(event, nowMs).count),
  wide('Name', (event) => event.metadata.name, { format: 'name' }),
];

function apiServiceAvailable(service: ApiObject): string {
  const condition = conditionOf(service, 'Available');
  if (condition?.status === 'True') return 'True';
  return condition ? `${condition.status} (${condition.reason})` : 'Unknown';
}

const apiServiceTarget = (service: ApiObject): string =>
  read(service, 'spec.service')
    ? `${text(service, 'spec.service.namespace')}/${text(service, 'spec.service.name')}`
    : 'Local';

function requestCondition(request: ApiObject): string {
  const types = list<{ type: string }>(request, 'status.conditions').map(({ type }) => type);
  const state = types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : 'Pending';
  const parts = [
    state,
    ...(types.includes('Failed') ? ['Failed'] : []),
    ...(text(request, 'status.certificate') ? ['Issued'] : []),
  ];
  return parts.join(',');
}

const componentHealth = (component: ApiObject) =>
  list<{ type: string; status: string; message?: string; error?: string }>(component, 'conditions').find(
    ({ type }) => type === 'Healthy',
  );

export const clusterColumns: ColumnTable = {
  nodes: nodeColumns,
  namespaces: [nameColumn, column('Status', at('status.phase')), ageColumn],
  events: eventColumns,
  'events.k8s.io/events': eventColumns,
  componentstatuses: [
    nameColumn,
    column('Status', (c) => (componentHealth(c)?.status === 'True' ? 'Healthy' : 'Unhealthy')),
    column('Message', (c) => componentHealth(c)?.message ?? ''),
    column('Error', (c) => componentHealth(c)?.error ?? ''),
  ],
  'coordination.k8s.io/leases': [nameColumn, column('Holder', at('spec.holderIdentity')), ageColumn],
  'apiregistration.k8s.io/apiservices': [
    nameColumn,
    column('Service', apiServiceTarget),
    column('Available', apiServiceAvailable),
    ageColumn,
  ],
  'certificates.k8s.io/certificatesigningrequests': [
    nameColumn,
    ageColumn,
    column('SignerName', at('spec.signerName', '<none>')),
    column('Requestor', at('spec.username')),
    column('RequestedDuration', (request) =>
      read(request, 'spec.expirationSeconds') === undefined
        ? '<none>'
        : humanDuration(count(request, 'spec.expirationSeconds') * 1000),
    ),
    column('Condition', requestCondition),
  ],
  'scheduling.k8s.io/priorityclasses': [
    nameColumn,
    integer('Value', countAt('value')),
    boolean('Global-Default', (object) => read(object, 'globalDefault') === true),
    ageColumn,
    column('PreemptionPolicy', at('preemptionPolicy')),
  ],
  'node.k8s.io/runtimeclasses': [nameColumn, column('Handler', at('handler')), ageColumn],
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': [
    nameColumn,
    integer('Webhooks', sizeOf('webhooks')),
    ageColumn,
  ],
  'admissionregistration.k8s.io/validatingwebhookconfigurations': [
    nameColumn,
    integer('Webhooks', sizeOf('webhooks')),
    ageColumn,
  ],
  'admissionregistration.k8s.io/validatingadmissionpolicies': [
    nameColumn,
    integer('Validations', sizeOf('spec.validations')),
    column('ParamKind', (policy) =>
      read(policy, 'spec.paramKind')
        ? `${text(policy, 'spec.paramKind.apiVersion')}/${text(policy, 'spec.paramKind.kind')}`
        : '<unset>',
    ),
    ageColumn,
  ],
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': [
    nameColumn,
    column('PolicyName', at('spec.policyName')),
    column('ParamRef', (binding) => {
      const [namespace, name] = [text(binding, 'spec.paramRef.namespace'), text(binding, 'spec.paramRef.name')];
      return read(binding, 'spec.paramRef') ? (namespace ? `${namespace}/${name}` : `*/${name}`) : '<unset>';
    }),
    ageColumn,
  ],
  'flowcontrol.apiserver.k8s.io/flowschemas': [
    nameColumn,
    column('PriorityLevel', at('spec.priorityLevelConfiguration.name')),
    column('MatchingPrecedence', countAt('spec.matchingPrecedence')),
    column('DistinguisherMethod', at('spec.distinguisherMethod.type', '<none>')),
    ageColumn,
    column('MissingPL', (schema) => conditionOf(schema, 'Dangling')?.status ?? '?'),
  ],
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': [
    nameColumn,
    column('Type', at('spec.type')),
    column(
      'NominalConcurrencyShares',
      (level) =>
        count(level, 'spec.limited.nominalConcurrencyShares') || count(level, 'spec.exempt.nominalConcurrencyShares'),
    ),
    column('Queues', at('spec.limited.limitResponse.queuing.queues', '<none>')),
    column('HandSize', at('spec.limited.limitResponse.queuing.handSize', '<none>')),
    column('QueueLengthLimit', at('spec.limited.limitResponse.queuing.queueLengthLimit', '<none>')),
    ageColumn,
  ],
};
