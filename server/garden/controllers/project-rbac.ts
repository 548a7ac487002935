// The roles of a project: who may do what in its namespace and with the project itself. Models pkg/component/garden/projectrbac/projectrbac.go
import { createHash } from 'node:crypto';
import { resources, type KubeObject, type OwnerReference, type Resource } from '../../kube/index.ts';
import type { Project, ProjectMember, Subject } from '../types.ts';

export const projectNamespacePrefix = 'garden-';
const rbacGroup = 'rbac.authorization.k8s.io';
const extensionPrefix = 'extension:';

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames: string[];
  verbs: string[];
}

interface RoleObject extends KubeObject {
  rules?: Rule[];
  aggregationRule?: { clusterRoleSelectors: { matchLabels: Record<string, string> }[] };
}

interface BindingObject extends KubeObject {
  roleRef: { apiGroup: string; kind: string; name: string };
  subjects?: Subject[];
}

export interface DesiredRole {
  resource: Resource;
  object: RoleObject | BindingObject;
}

/** `garden-<name>-<5 hex of the UID's SHA-256>`: the namespace of a project that names none. */
export const generatedNamespace = (project: Project): string =>
  `${projectNamespacePrefix}${project.metadata.name}-${createHash('sha256')
    .update(project.metadata.uid ?? '')
    .digest('hex')
    .slice(0, 5)}`;

export const projectOwnerReference = (project: Project): OwnerReference => ({
  apiVersion: 'core.gardener.cloud/v1beta1',
  kind: 'Project',
  name: project.metadata.name,
  uid: project.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

const rolesOf = ({ role, roles = [] }: ProjectMember): string[] => [...(role ? [role] : []), ...roles];
const subjectOf = ({ apiGroup, kind, name, namespace }: ProjectMember): Subject => ({
  ...(kind === 'ServiceAccount' ? {} : { apiGroup: apiGroup ?? rbacGroup }),
  kind,
  name,
  ...(namespace ? { namespace } : {}),
});
const membersWith = (project: Project, ...wanted: string[]): Subject[] =>
  (project.spec.members ?? []).filter((member) => rolesOf(member).some((role) => wanted.includes(role))).map(subjectOf);
const unique = (subjects: Subject[]): Subject[] => [
  ...new Map(subjects.map((subject) => [JSON.stringify(subject), subject])).values(),
];

/** The extension roles that members have, without their prefix. */
export const extensionRolesOf = (project: Project): string[] => [
  ...new Set(
    (project.spec.members ?? [])
      .flatMap(rolesOf)
      .filter((role) => role.startsWith(extensionPrefix))
      .map((role) => role.slice(extensionPrefix.length)),
  ),
];

export const extensionRoleLabels = (project: Project): Record<string, string> => ({
  'gardener.cloud/role': 'extension-project-role',
  'project.gardener.cloud/name': project.metadata.name,
});

/** All roles and bindings of a project whose namespace is `namespace`. */
export function desiredRoles(project: Project, namespace: string): DesiredRole[] {
  const { name } = project.metadata;
  const ownerReferences = [{ ...projectOwnerReference(project), blockOwnerDeletion: false }];
  const onProject = (verbs: string[]): Rule => ({
    apiGroups: ['core.gardener.cloud'],
    resources: ['projects'],
    resourceNames: [name],
    verbs,
  });
  const onNamespace: Rule = { apiGroups: [''], resources: ['namespaces'], resourceNames: [namespace], verbs: ['get'] };

  const clusterWide = (role: string, rules: Rule[], subjects: Subject[]): DesiredRole[] => {
    const metadata = { name: `gardener.cloud:system:${role}:${name}`, ownerReferences };
    return [
      { resource: resources.clusterRoles, object: roleObject(metadata, { rules }) },
      {
        resource: resources.clusterRoleBindings,
        object: bindingObject('ClusterRoleBinding', metadata, metadata.name, subjects),
      },
    ];
  };
  const inNamespace = (role: string, subjects: Subject[]): DesiredRole => {
    const metadata = { name: `gardener.cloud:system:${role}`, namespace, ownerReferences };
    return {
      resource: resources.roleBindings,
      object: bindingObject('RoleBinding', metadata, metadata.name, subjects),
    };
  };
  const owner = project.spec.owner ? [subjectOf(project.spec.owner)] : [];
  const members = membersWith(project, 'admin', 'owner');
  return [
    ...clusterWide('project', [onNamespace, onProject(['get', 'patch', 'manage-members', 'update', 'delete'])], owner),
    ...clusterWide(
      'project-uam',
      [onProject(['get', 'manage-members', 'patch', 'update'])],
      membersWith(project, 'uam'),
    ),
    ...clusterWide('project-member', [onNamespace, onProject(['get', 'patch', 'update', 'delete'])], members),
    inNamespace('project-member', members),
    inNamespace('project-serviceaccountmanager', [...owner, ...membersWith(project, 'serviceaccountmanager', 'owner')]),
    ...clusterWide('project-viewer', [onNamespace, onProject(['get'])], membersWith(project, 'viewer')),
    inNamespace('project-viewer', membersWith(project, 'viewer')),
    ...extensionRolesOf(project).flatMap((role) => extensionRole(project, namespace, role)),
  ];
}

function extensionRole(project: Project, namespace: string, role: string): DesiredRole[] {
  const name = `gardener.cloud:extension:project:${project.metadata.name}:${role}`;
  const labels = extensionRoleLabels(project);
  const ownerReferences = [{ ...projectOwnerReference(project), blockOwnerDeletion: false }];
  const matchLabels = { 'rbac.gardener.cloud/aggregate-to-extension-role': role };
  const metadata = { name, labels, ownerReferences };
  return [
    {
      resource: resources.clusterRoles,
      object: roleObject(metadata, { aggregationRule: { clusterRoleSelectors: [{ matchLabels }] } }),
    },
    {
      resource: resources.roleBindings,
      object: bindingObject(
        'RoleBinding',
        { ...metadata, namespace },
        name,
        membersWith(project, `${extensionPrefix}${role}`),
      ),
    },
  ];
}

const roleObject = (
  metadata: KubeObject['metadata'],
  content: Pick<RoleObject, 'rules' | 'aggregationRule'>,
): RoleObject => ({ apiVersion: `${rbacGroup}/v1`, kind: 'ClusterRole', metadata, ...content });

const bindingObject = (
  kind: 'ClusterRoleBinding' | 'RoleBinding',
  metadata: KubeObject['metadata'],
  role: string,
  subjects: Subject[],
): BindingObject => ({
  apiVersion: `${rbacGroup}/v1`,
  kind,
  metadata,
  roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: role },
  ...(subjects.length ? { subjects: unique(subjects) } : {}),
});
