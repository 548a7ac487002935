// What a Kubernetes API server has from its first moment: namespaces, its own service, roles, priority classes.
import type { ApiObject } from '../../../apiserver/types.ts';
import type { ClusterSpec } from '../maker.ts';
import { serviceIp } from './system-components.ts';

const rbac = 'rbac.authorization.k8s.io/v1';

interface Rule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  nonResourceURLs?: string[];
}

const read = ['get', 'list', 'watch'];
const all: Rule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];
// Everything of the core but secrets, and all other groups that a cluster serves.
const view: Rule[] = [
  {
    verbs: read,
    apiGroups: [''],
    resources: [
      'bindings',
      'componentstatuses',
      'configmaps',
      'endpoints',
      'events',
      'limitranges',
      'namespaces',
      'namespaces/status',
      'nodes',
      'nodes/status',
      'persistentvolumeclaims',
      'persistentvolumeclaims/status',
      'persistentvolumes',
      'persistentvolumes/status',
      'pods',
      'pods/log',
      'pods/status',
      'podtemplates',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'replicationcontrollers/status',
      'resourcequotas',
      'resourcequotas/status',
      'serviceaccounts',
      'services',
      'services/status',
    ],
  },
  {
    verbs: read,
    apiGroups: [
      'apiextensions.k8s.io',
      'apps',
      'autoscaling',
      'batch',
      'certificates.k8s.io',
      'coordination.k8s.io',
      'discovery.k8s.io',
      'events.k8s.io',
      'metrics.k8s.io',
      'networking.k8s.io',
      'policy',
      'rbac.authorization.k8s.io',
      'scheduling.k8s.io',
      'storage.k8s.io',
    ],
    resources: ['*'],
  },
];

const roles: Record<string, Rule[]> = {
  'cluster-admin': all,
  'gardener.cloud:system:viewers': view,
};
const bindings: Record<string, { group: string; role: string }> = {
  'cluster-admin': { group: 'system:masters', role: 'cluster-admin' },
  'gardener.cloud:system:admins': { group: 'gardener.cloud:system:admins', role: 'cluster-admin' },
  'gardener.cloud:project:admins': { group: 'gardener.cloud:project:admins', role: 'cluster-admin' },
  'gardener.cloud:system:viewers': { group: 'gardener.cloud:system:viewers', role: 'gardener.cloud:system:viewers' },
  'gardener.cloud:project:viewers': { group: 'gardener.cloud:project:viewers', role: 'gardener.cloud:system:viewers' },
};

// uid, resourceVersion and creationTimestamp are filled in by the store.
const object = (apiVersion: string, kind: string, metadata: Partial<ApiObject['metadata']>, rest: object): ApiObject =>
  ({ apiVersion, kind, metadata, ...rest }) as ApiObject;

const clusterRole = (name: string, rules: Rule[]) => object(rbac, 'ClusterRole', { name }, { rules });
const clusterRoleBinding = (name: string, group: string, role: string) =>
  object(
    rbac,
    'ClusterRoleBinding',
    { name },
    {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
    },
  );

const namespace = (name: string) =>
  object(
    'v1',
    'Namespace',
    {
      name,
      labels: {
        'kubernetes.io/metadata.name': name,
        ...(name === 'kube-system' && { 'gardener.cloud/purpose': 'kube-system' }),
      },
    },
    { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
  );

const priorityClass = (name: string, value: number) =>
  object('scheduling.k8s.io/v1', 'PriorityClass', { name }, { value, preemptionPolicy: 'PreemptLowerPriority' });

function apiService(spec: ClusterSpec): ApiObject {
  const clusterIP = serviceIp(spec, 1);
  return object(
    'v1',
    'Service',
    { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    {
      spec: {
        clusterIP,
        clusterIPs: [clusterIP],
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 443 }],
        sessionAffinity: 'None',
        type: 'ClusterIP',
      },
      status: { loadBalancer: {} },
    },
  );
}

/** Put into the store before the first request. */
export const bootstrapObjects = (spec: ClusterSpec): ApiObject[] => [
  ...['default', 'kube-node-lease', 'kube-public', 'kube-system'].map(namespace),
  ...Object.entries(roles).map(([name, rules]) => clusterRole(name, rules)),
  ...Object.entries(bindings).map(([name, { group, role }]) => clusterRoleBinding(name, group, role)),
  priorityClass('system-cluster-critical', 2_000_000_000),
  priorityClass('system-node-critical', 2_000_001_000),
  apiService(spec),
];
