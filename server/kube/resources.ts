// The resources that our code speaks of, by their place in the API.
import type { Resource } from './types.ts';

const of =
  (group: string, version: string) =>
  (plural: string, kind: string, isNamespaced = true): Resource => ({ group, version, plural, kind, isNamespaced });

const core = of('', 'v1');
const rbac = of('rbac.authorization.k8s.io', 'v1');
const gardener = of('core.gardener.cloud', 'v1beta1');
const security = of('security.gardener.cloud', 'v1alpha1');
const seedManagement = of('seedmanagement.gardener.cloud', 'v1alpha1');

export const resources = {
  namespaces: core('namespaces', 'Namespace', false),
  pods: core('pods', 'Pod'),
  nodes: core('nodes', 'Node', false),
  secrets: core('secrets', 'Secret'),
  configMaps: core('configmaps', 'ConfigMap'),
  serviceAccounts: core('serviceaccounts', 'ServiceAccount'),
  events: core('events', 'Event'),
  newEvents: of('events.k8s.io', 'v1')('events', 'Event'),
  leases: of('coordination.k8s.io', 'v1')('leases', 'Lease'),
  roles: rbac('roles', 'Role'),
  roleBindings: rbac('rolebindings', 'RoleBinding'),
  clusterRoles: rbac('clusterroles', 'ClusterRole', false),
  clusterRoleBindings: rbac('clusterrolebindings', 'ClusterRoleBinding', false),
  shoots: gardener('shoots', 'Shoot'),
  seeds: gardener('seeds', 'Seed', false),
  projects: gardener('projects', 'Project', false),
  cloudProfiles: gardener('cloudprofiles', 'CloudProfile', false),
  namespacedCloudProfiles: gardener('namespacedcloudprofiles', 'NamespacedCloudProfile'),
  secretBindings: gardener('secretbindings', 'SecretBinding'),
  quotas: gardener('quotas', 'Quota'),
  exposureClasses: gardener('exposureclasses', 'ExposureClass', false),
  controllerRegistrations: gardener('controllerregistrations', 'ControllerRegistration', false),
  controllerInstallations: gardener('controllerinstallations', 'ControllerInstallation', false),
  backupBuckets: gardener('backupbuckets', 'BackupBucket', false),
  backupEntries: gardener('backupentries', 'BackupEntry'),
  internalSecrets: gardener('internalsecrets', 'InternalSecret'),
  shootStates: gardener('shootstates', 'ShootState'),
  credentialsBindings: security('credentialsbindings', 'CredentialsBinding'),
  workloadIdentities: security('workloadidentities', 'WorkloadIdentity'),
  gardenlets: seedManagement('gardenlets', 'Gardenlet'),
  managedSeeds: seedManagement('managedseeds', 'ManagedSeed'),
} as const satisfies Record<string, Resource>;
