// The columns of configuration, identity, network and storage. Models pkg/printers/internalversion/printers.go.
import type { ApiObject } from '../../types.ts';
import { formatLabelSelector, formatLabels, list, read, record, text } from '../objects.ts';
import {
  ageColumn,
  at,
  boolean,
  column,
  integer,
  nameColumn,
  someOf,
  sizeOf,
  wide,
  type ColumnTable,
} from './cells.ts';

const keysAt =
  (...paths: string[]) =>
  (object: ApiObject) =>
    paths.reduce((sum, path) => sum + Object.keys(record(object, path)).length, 0);

/** `pods: 1/10, cpu: 0/4` of the amounts whose names begin, or do not begin, with `limits.`. */
const quotaAmounts = (isOfLimits: boolean) => (quota: ApiObject) => {
  const hard = record(quota, 'status.hard');
  const used = record(quota, 'status.used');
  const names = Object.keys(hard).sort();
  return names
    .filter((name) => /^limits\./.test(name) === isOfLimits)
    .map((name) => `${name}: ${String(used[name] ?? '0')}/${String(hard[name])}`)
    .join(', ');
};

interface Subject {
  kind: string;
  name: string;
  namespace?: string;
}

const subjectsOf = (kind: string) => (binding: ApiObject) =>
  list<Subject>(binding, 'subjects')
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
    .join(', ');

const bindingColumns = [
  nameColumn,
  column('Role', (binding) => `${text(binding, 'roleRef.kind')}/${text(binding, 'roleRef.name')}`),
  ageColumn,
  wide('Users', subjectsOf('User')),
  wide('Groups', subjectsOf('Group')),
  wide('ServiceAccounts', subjectsOf('ServiceAccount')),
];

interface ServicePort {
  port: number;
  nodePort?: number;
  protocol?: string;
}

const servicePorts = (service: ApiObject): string =>
  list<ServicePort>(service, 'spec.ports')
    .map(({ port, nodePort, protocol = 'TCP' }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`)
    .join(',') || '<none>';

const ingressAddresses = (object: ApiObject): string[] =>
  list<{ ip?: string; hostname?: string }>(object, 'status.loadBalancer.ingress').flatMap(
    ({ ip, hostname }) => ip || hostname || [],
  );

function externalAddress(service: ApiObject): string {
  const own = list<string>(service, 'spec.externalIPs');
  switch (text(service, 'spec.type')) {
    case 'LoadBalancer':
      return [...ingressAddresses(service), ...own].join(',') || '<pending>';
    case 'ExternalName':
      return text(service, 'spec.externalName');
    case 'ClusterIP':
    case 'NodePort':
      return own.join(',') || '<none>';
    default:
      return '<unknown>';
  }
}

interface Subset {
  addresses?: { ip: string }[];
  ports?: { name?: string; port: number }[];
}

const endpointAddresses = (endpoints: ApiObject): string =>
  someOf(
    list<Subset>(endpoints, 'subsets').flatMap(({ addresses = [], ports = [] }) =>
      ports.length
        ? ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`))
        : addresses.map(({ ip }) => ip),
    ),
    3,
  );

interface IngressRule {
  host?: string;
}

const accessModeWords: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};
const accessModes = (path: string) => (object: ApiObject) =>
  [...new Set(list<string>(object, path))].map((mode) => accessModeWords[mode] ?? mode).join(',');

const phaseOrTerminating = (object: ApiObject): string =>
  object.metadata.deletionTimestamp ? 'Terminating' : text(object, 'status.phase');

const isDefaultClass = ({ metadata }: ApiObject): boolean =>
  metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';

export const configColumns: ColumnTable = {
  configmaps: [nameColumn, column('Data', keysAt('data', 'binaryData')), ageColumn],
  secrets: [nameColumn, column('Type', at('type')), column('Data', keysAt('data')), ageColumn],
  serviceaccounts: [nameColumn, column('Secrets', sizeOf('secrets')), ageColumn],
  resourcequotas: [nameColumn, column('Request', quotaAmounts(false)), column('Limit', quotaAmounts(true)), ageColumn],
  'rbac.authorization.k8s.io/rolebindings': bindingColumns,
  'rbac.authorization.k8s.io/clusterrolebindings': bindingColumns,
};

export const networkColumns: ColumnTable = {
  services: [
    nameColumn,
    column('Type', at('spec.type')),
    column('Cluster-IP', at('spec.clusterIP', '<none>')),
    column('External-IP', externalAddress),
    column('Port(s)', servicePorts),
    ageColumn,
    wide('Selector', (service) => formatLabels(record(service, 'spec.selector'))),
  ],
  endpoints: [nameColumn, column('Endpoints', endpointAddresses), ageColumn],
  'discovery.k8s.io/endpointslices': [
    nameColumn,
    column('AddressType', at('addressType')),
    column('Ports', (slice) => {
      const ports = list<{ port?: number }>(slice, 'ports').map(({ port }) => (port === undefined ? '*' : `${port}`));
      return ports.length ? someOf(ports, 3) : '<unset>';
    }),
    column('Endpoints', (slice) => {
      const addresses = list<{ addresses?: string[] }>(slice, 'endpoints').flatMap(({ addresses: own = [] }) => own);
      return addresses.length ? someOf(addresses, 3) : '<unset>';
    }),
    ageColumn,
  ],
  'networking.k8s.io/ingresses': [
    nameColumn,
    column('Class', at('spec.ingressClassName', '<none>')),
    column('Hosts', (ingress) => {
      const hosts = list<IngressRule>(ingress, 'spec.rules').flatMap(({ host }) => host || []);
      return hosts.length ? someOf(hosts, 3) : '*';
    }),
    column('Address', (ingress) => ingressAddresses(ingress).join(',')),
    column('Ports', (ingress) => (list(ingress, 'spec.tls').length ? '80, 443' : '80')),
    ageColumn,
  ],
  'networking.k8s.io/ingressclasses': [
    nameColumn,
    column('Controller', at('spec.controller')),
    column('Parameters', (item) => {
      const { kind, name, apiGroup } = record(item, 'spec.parameters') as Record<string, string | undefined>;
      return kind ? `${kind}${apiGroup ? `.${apiGroup}` : ''}/${name}` : '<none>';
    }),
    ageColumn,
  ],
  'networking.k8s.io/networkpolicies': [
    nameColumn,
    column('Pod-Selector', (policy) => formatLabelSelector(record(policy, 'spec.podSelector'))),
    ageColumn,
  ],
  'networking.k8s.io/ipaddresses': [
    nameColumn,
    column('ParentRef', (address) => {
      const { group, resource, namespace, name } = record(address, 'spec.parentRef') as Record<
        string,
        string | undefined
      >;
      return [group ? `${resource}.${group}` : resource, namespace, name].filter(Boolean).join('/') || '<none>';
    }),
    ageColumn,
  ],
  'networking.k8s.io/servicecidrs': [
    nameColumn,
    column('CIDRs', (range) => list<string>(range, 'spec.cidrs').join(',')),
    ageColumn,
  ],
};

export const storageColumns: ColumnTable = {
  persistentvolumeclaims: [
    nameColumn,
    column('Status', phaseOrTerminating),
    column('Volume', at('spec.volumeName')),
    column('Capacity', (claim) => (text(claim, 'spec.volumeName') ? text(claim, 'status.capacity.storage') : '')),
    column('Access Modes', (claim) => (text(claim, 'spec.volumeName') ? accessModes('status.accessModes')(claim) : '')),
    column('StorageClass', at('spec.storageClassName')),
    column('VolumeAttributesClass', at('spec.volumeAttributesClassName', '<unset>')),
    ageColumn,
    wide('VolumeMode', at('spec.volumeMode', '<unset>')),
  ],
  persistentvolumes: [
    nameColumn,
    column('Capacity', at('spec.capacity.storage')),
    column('Access Modes', accessModes('spec.accessModes')),
    column('Reclaim Policy', at('spec.persistentVolumeReclaimPolicy')),
    column('Status', phaseOrTerminating),
    column('Claim', (volume) =>
      read(volume, 'spec.claimRef')
        ? `${text(volume, 'spec.claimRef.namespace')}/${text(volume, 'spec.claimRef.name')}`
        : '',
    ),
    column('StorageClass', at('spec.storageClassName')),
    column('VolumeAttributesClass', at('spec.volumeAttributesClassName', '<unset>')),
    column('Reason', at('status.reason')),
    ageColumn,
    wide('VolumeMode', at('spec.volumeMode', '<unset>')),
  ],
  'storage.k8s.io/storageclasses': [
    { ...nameColumn, cell: (item) => `${item.metadata.name}${isDefaultClass(item) ? ' (default)' : ''}` },
    column('Provisioner', at('provisioner')),
    column('ReclaimPolicy', at('reclaimPolicy', 'Delete')),
    column('VolumeBindingMode', at('volumeBindingMode', 'Immediate')),
    column('AllowVolumeExpansion', (item) => read(item, 'allowVolumeExpansion') === true),
    ageColumn,
  ],
  'storage.k8s.io/volumeattachments': [
    nameColumn,
    column('Attacher', at('spec.attacher'), { format: 'name' }),
    column('PV', at('spec.source.persistentVolumeName')),
    column('Node', at('spec.nodeName')),
    boolean('Attached', (item) => read(item, 'status.attached') === true),
    ageColumn,
  ],
  'storage.k8s.io/volumeattributesclasses': [nameColumn, column('DriverName', at('driverName')), ageColumn],
  'storage.k8s.io/csinodes': [nameColumn, integer('Drivers', sizeOf('spec.drivers')), ageColumn],
  'storage.k8s.io/csidrivers': [
    nameColumn,
    boolean('AttachRequired', (driver) => read(driver, 'spec.attachRequired') !== false),
    boolean('PodInfoOnMount', (driver) => read(driver, 'spec.podInfoOnMount') === true),
    boolean('StorageCapacity', (driver) => read(driver, 'spec.storageCapacity') === true),
    column(
      'TokenRequests',
      (driver) =>
        list<{ audience: string }>(driver, 'spec.tokenRequests')
          .map(({ audience }) => audience)
          .join(',') || '<unset>',
    ),
    boolean('RequiresRepublish', (driver) => read(driver, 'spec.requiresRepublish') === true),
    column('Modes', (driver) => list<string>(driver, 'spec.volumeLifecycleModes').join(',') || '<none>'),
    ageColumn,
  ],
};
