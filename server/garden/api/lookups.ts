// Typed reads of what the rules of one kind ask about others.
import { createNotFound, StatusError } from '../../apiserver/errors.ts';
import type { ApiObject, GroupResource, Reader } from '../../apiserver/types.ts';
import type {
  CloudProfile,
  CloudProfileSpec,
  ConfigMap,
  ControllerRegistration,
  CredentialsBinding,
  NamespacedCloudProfile,
  Project,
  Quota,
  Secret,
  SecretBinding,
  Seed,
  Shoot,
  WorkloadIdentity,
} from './types.ts';

const core = (plural: string): GroupResource => ({ group: 'core.gardener.cloud', plural });
const security = (plural: string): GroupResource => ({ group: 'security.gardener.cloud', plural });

export const resources = {
  backupBuckets: core('backupbuckets'),
  cloudProfiles: core('cloudprofiles'),
  controllerRegistrations: core('controllerregistrations'),
  controllerDeployments: core('controllerdeployments'),
  exposureClasses: core('exposureclasses'),
  internalSecrets: core('internalsecrets'),
  namespacedCloudProfiles: core('namespacedcloudprofiles'),
  projects: core('projects'),
  quotas: core('quotas'),
  secretBindings: core('secretbindings'),
  seeds: core('seeds'),
  shoots: core('shoots'),
  credentialsBindings: security('credentialsbindings'),
  workloadIdentities: security('workloadidentities'),
  managedSeeds: { group: 'seedmanagement.gardener.cloud', plural: 'managedseeds' },
  secrets: { group: '', plural: 'secrets' },
  configMaps: { group: '', plural: 'configmaps' },
  namespaces: { group: '', plural: 'namespaces' },
} as const satisfies Record<string, GroupResource>;

interface Types {
  backupBuckets: ApiObject;
  cloudProfiles: CloudProfile;
  controllerRegistrations: ControllerRegistration;
  controllerDeployments: ApiObject;
  exposureClasses: ApiObject;
  internalSecrets: Secret;
  namespacedCloudProfiles: NamespacedCloudProfile;
  projects: Project;
  quotas: Quota;
  secretBindings: SecretBinding;
  seeds: Seed;
  shoots: Shoot;
  credentialsBindings: CredentialsBinding;
  workloadIdentities: WorkloadIdentity;
  managedSeeds: ApiObject;
  secrets: Secret;
  configMaps: ConfigMap;
  namespaces: ApiObject;
}
type ResourceName = keyof typeof resources;

// The store holds what passed the schema of the kind, so the type follows from the resource.
export const find = <Name extends ResourceName>(reader: Reader, resource: Name, name: string, namespace?: string) =>
  reader.get(resources[resource], name, namespace) as Types[Name] | undefined;

export const list = <Name extends ResourceName>(reader: Reader, resource: Name, namespace?: string) =>
  reader.list(resources[resource], namespace) as readonly Types[Name][];

// The informers behind Gardener's admission say the kind in the singular, where a server says the plural.
const singular: Partial<Record<ResourceName, string>> = {
  cloudProfiles: 'cloudprofile',
  controllerDeployments: 'controllerdeployment',
  credentialsBindings: 'credentialsbinding',
  exposureClasses: 'exposureclass',
  internalSecrets: 'internalsecret',
  namespacedCloudProfiles: 'namespacedcloudprofile',
  secretBindings: 'secretbinding',
  seeds: 'seed',
  quotas: 'quota',
  workloadIdentities: 'workloadidentity',
};

/** 404 in the words of an informer: `seed.core.gardener.cloud "x" not found`. */
export function createLookupFailure(resource: ResourceName, name: string): StatusError {
  const { group, plural } = resources[resource];
  return createNotFound({ group, plural: singular[resource] ?? plural }, name);
}

export function get<Name extends ResourceName>(reader: Reader, resource: Name, name: string, namespace?: string) {
  const object = find(reader, resource, name, namespace);
  if (!object) throw createLookupFailure(resource, name);
  return object;
}

export const findProject = (reader: Reader, namespace: string | undefined): Project | undefined =>
  list(reader, 'projects').find(
    (project) => project.spec.namespace !== undefined && project.spec.namespace === namespace,
  );

/** The project of a namespace. Throws 404 without one. */
export function getProject(reader: Reader, namespace: string | undefined): Project {
  const project = findProject(reader, namespace);
  if (!project) throw createNotFound({ group: 'core.gardener.cloud', plural: 'Project' }, '<unknown>');
  return project;
}

export interface CloudProfileReference {
  kind: string;
  name: string;
}

export function cloudProfileReference({ spec }: Pick<Shoot, 'spec'>): CloudProfileReference | undefined {
  if (spec.cloudProfile) return { name: spec.cloudProfile.name, kind: spec.cloudProfile.kind || 'CloudProfile' };
  return spec.cloudProfileName ? { name: spec.cloudProfileName, kind: 'CloudProfile' } : undefined;
}

/** The profile that a Shoot lives by; undefined when it names none. Throws 404. */
export function getCloudProfileSpec(reader: Reader, shoot: Shoot): CloudProfileSpec | undefined {
  const reference = cloudProfileReference(shoot);
  switch (reference?.kind) {
    case undefined:
      return undefined;
    case 'CloudProfile':
      return get(reader, 'cloudProfiles', reference!.name).spec;
    case 'NamespacedCloudProfile':
      return get(reader, 'namespacedCloudProfiles', reference!.name, shoot.metadata.namespace).status.cloudProfileSpec;
    default:
      throw new Error(`could not find referenced cloud profile with kind "${reference!.kind}"`);
  }
}

/** Whether a label selector holds; an empty one holds for everything. */
export function isSelected(
  selector: {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; operator: string; values?: string[] }[];
  },
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const given = labels ?? {};
  const isMatch = ({ key, operator, values = [] }: { key: string; operator: string; values?: string[] }) => {
    const value = given[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const isIn = value !== undefined && values.includes(value);
    return operator === 'In' ? isIn : !isIn;
  };
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => given[key] === value) &&
    (selector.matchExpressions ?? []).every(isMatch)
  );
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
