// Projects: owner and members, names and namespaces. The namespace and the RBAC objects are made by a controller.
// Models plugin/pkg/project/mutator, pkg/apiserver/registry/core/project/strategy.go, pkg/api/core/validation/project.go
import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
  type FieldError,
} from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest, Strategy } from '../../../apiserver/types.ts';
import { ensureDeletionConfirmed } from '../admission/deletion-confirmation.ts';
import { ensureMayChangeProject } from '../admission/custom-verbs.ts';
import { refuse } from '../faults.ts';
import { findProject } from '../lookups.ts';
import { dnsLabelFaults, dnsSubdomainFaults, doubleHyphenErrors, nameErrors } from '../meta.ts';
import { addTolerations } from '../shoot/defaults.ts';
import { countGeneration, inOrder } from '../strategies.ts';
import type { Project, ProjectMember, Subject, Toleration } from '../types.ts';

const rbacGroup = 'rbac.authorization.k8s.io';
const reservedNamespaces = ['gardener-system-seed-lease', 'gardener-system-shoot-issuer', 'gardener-system-public'];
const roles = ['admin', 'owner', 'serviceaccountmanager', 'uam', 'viewer'];
const extensionRole = 'extension:';
const maxNameLength = 10;
const maxExtensionRoleLength = 20;

function defaultSubject(subject: Subject): void {
  if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = rbacGroup;
}

function defaultProject(project: Project): void {
  const { spec } = project;
  if (spec.owner) defaultSubject(spec.owner);
  for (const member of spec.members ?? []) {
    defaultSubject(member);
    if (member.role || member.roles?.length) continue;
    member.role = 'viewer';
  }
  if (spec.namespace !== 'garden') return;
  const protectedSeed = { key: 'seed.gardener.cloud/protected' };
  const tolerations = (spec.tolerations ??= {});
  tolerations.whitelist = addTolerations(tolerations.whitelist ?? [], protectedSeed);
  tolerations.defaults = addTolerations(tolerations.defaults ?? [], protectedSeed);
}

const isSame = (a: Subject, b: Subject) =>
  a.name === b.name && a.kind === b.kind && a.apiGroup === b.apiGroup && a.namespace === b.namespace;

const hasRole = (member: ProjectMember, role: string) => member.role === role || !!member.roles?.includes(role);

/** `role` holds the first role and `roles` the rest; each is told once. */
function setRoles(member: ProjectMember, all: readonly string[]): void {
  const [role = '', ...rest] = new Set(all);
  member.role = role;
  if (rest.length) member.roles = rest;
  else delete member.roles;
}
const rolesOf = ({ role, roles: more = [] }: ProjectMember) => [...(role ? [role] : []), ...more];

/** The owner is a member, and no other member has the role of one. */
function keepOwnerRole({ spec }: Project): void {
  const { owner } = spec;
  if (!owner) return;
  const { members = [] } = spec;
  if (!members.some((member) => isSame(member, owner))) members.push({ ...owner, role: 'admin', roles: ['owner'] });
  for (const member of members) {
    const given = rolesOf(member);
    if (isSame(member, owner)) setRoles(member, hasRole(member, 'owner') ? given : [...given, 'owner']);
    else
      setRoles(
        member,
        given.filter((role) => role !== 'owner'),
      );
  }
  spec.members = members;
}

function mutateProject({ object: project, operation, subresource, user }: AdmissionRequest<Project>): void {
  if (!project || subresource || project.metadata.deletionTimestamp) return;
  const { spec } = project;
  if (operation === 'CREATE') {
    spec.createdBy = { apiGroup: rbacGroup, kind: 'User', name: user.name };
    const owner = spec.members?.find((member) => hasRole(member, 'owner'));
    if (!spec.owner && owner) {
      const { role: _role, roles: _roles, ...subject } = owner;
      spec.owner = subject;
    }
    spec.owner ??= { ...spec.createdBy };
  }
  keepOwnerRole(project);
}

function subjectErrors(subject: Subject, path: string): FieldError[] {
  const errors: FieldError[] = subject.name ? [] : [required(`${path}.name`, '')];
  switch (subject.kind) {
    case 'ServiceAccount':
      if (subject.name) errors.push(...nameErrors(`${path}.name`, subject.name, dnsSubdomainFaults));
      if (subject.apiGroup) errors.push(notSupported(`${path}.apiGroup`, subject.apiGroup, ['']));
      if (!subject.namespace) errors.push(required(`${path}.namespace`, ''));
      else errors.push(...nameErrors(`${path}.namespace`, subject.namespace, dnsLabelFaults));
      break;
    case 'User':
    case 'Group':
      if (subject.apiGroup !== rbacGroup)
        errors.push(notSupported(`${path}.apiGroup`, subject.apiGroup ?? '', [rbacGroup]));
      if (subject.namespace) errors.push(forbidden(`${path}.namespace`, 'must not be set when kind is User or Group'));
      break;
    default:
      errors.push(notSupported(`${path}.kind`, subject.kind, ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

function roleErrors(member: ProjectMember, path: string): FieldError[] {
  const seen = new Set<string>();
  return rolesOf(member).flatMap((role, index) => {
    const rolePath = `${path}.roles[${index}]`;
    const errors: FieldError[] = seen.has(role) ? [duplicate(rolePath, role)] : [];
    seen.add(role);
    if (!role.startsWith(extensionRole)) {
      return roles.includes(role) ? errors : [...errors, notSupported(rolePath, role, [...roles, `${extensionRole}*`])];
    }
    if (role.length - extensionRole.length > maxExtensionRoleLength) {
      errors.push(tooLong(rolePath, `may not be more than ${maxExtensionRoleLength} bytes`));
    }
    return errors;
  });
}

const memberId = ({ apiGroup = '', kind, namespace = '', name }: ProjectMember) => {
  const [, , accountNamespace, account] = kind === 'User' ? name.split(':') : [];
  const isAccount = kind === 'User' && name.startsWith('system:serviceaccount:') && account;
  return isAccount ? `_ServiceAccount_${accountNamespace}_${account}` : `${apiGroup}_${kind}_${namespace}_${name}`;
};

function memberErrors({ members = [] }: Project['spec']): FieldError[] {
  const ids = new Set<string>();
  let owners = 0;
  return members.flatMap((member, index) => {
    const path = `spec.members[${index}]`;
    const id = memberId(member);
    const errors = ids.has(id) ? [duplicate(path, member)] : [];
    ids.add(id);
    errors.push(...subjectErrors(member, path), ...roleErrors(member, path));
    if (hasRole(member, 'owner') && ++owners > 1) {
      const detail = 'cannot have more than one member having the owner role';
      errors.push(forbidden(`${path}.roles[${rolesOf(member).indexOf('owner')}]`, detail));
    }
    return errors;
  });
}

function namespaceErrors(namespace: string | undefined): FieldError[] {
  if (namespace === undefined) return [];
  const path = 'spec.namespace';
  if (reservedNamespaces.includes(namespace)) {
    return [invalid(path, namespace, `Project namespaces [${reservedNamespaces.join(', ')}] are reserved by Gardener`)];
  }
  const isAllowed = namespace === 'garden' || namespace.startsWith('garden-');
  return [
    ...(isAllowed ? [] : [invalid(path, namespace, 'must start with garden-')]),
    ...nameErrors(path, namespace, dnsLabelFaults),
  ];
}

export function tolerationErrors(tolerations: readonly Toleration[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return (tolerations ?? []).flatMap(({ key, value }, index) => {
    const id = value === undefined ? key : `${key}=${value}`;
    const errors = key ? [] : [required(`${path}[${index}].key`, 'cannot be empty')];
    if (seen.has(id) || seen.has(key)) errors.push(duplicate(`${path}[${index}]`, id));
    seen.add(id);
    return errors;
  });
}

function textErrors(spec: Project['spec']): FieldError[] {
  return (['description', 'purpose'] as const).flatMap((field) =>
    spec[field] === '' ? [required(`spec.${field}`, `must provide a ${field} when key is present`)] : [],
  );
}

function specErrors({ spec }: Project): FieldError[] {
  return [
    ...namespaceErrors(spec.namespace),
    ...memberErrors(spec),
    ...(spec.createdBy ? subjectErrors(spec.createdBy, 'spec.createdBy') : []),
    ...(spec.owner ? subjectErrors(spec.owner, 'spec.owner') : []),
    ...textErrors(spec),
    ...tolerationErrors(spec.tolerations?.defaults, 'spec.tolerations.defaults'),
    ...tolerationErrors(spec.tolerations?.whitelist, 'spec.tolerations.whitelist'),
    ...(spec.dualApprovalForDeletion ?? []).flatMap(({ resource }, index) =>
      resource === 'shoots'
        ? []
        : [notSupported(`spec.dualApprovalForDeletion[${index}].resource`, resource, ['shoots'])],
    ),
  ];
}

function immutableErrors({ spec }: Project, { spec: old }: Project): FieldError[] {
  const errors = (['createdBy', 'namespace'] as const).flatMap((field) =>
    old[field] !== undefined && !isDeepEqual(old[field], spec[field])
      ? [invalid(`spec.${field}`, spec[field], 'field is immutable')]
      : [],
  );
  if (old.owner && !spec.owner) errors.push(invalid('spec.owner', null, 'owner cannot be reset'));
  return errors;
}

function validateProject({ object: project, old, subresource }: AdmissionRequest<Project>): FieldError[] {
  if (!project) return [];
  if (subresource === 'status') {
    const isReset = old?.status.phase && !project.status.phase;
    return isReset ? [invalid('status.phase', '', 'phase cannot be updated to an empty string')] : [];
  }
  const { name } = project.metadata;
  return [
    ...nameErrors('metadata.name', name, dnsSubdomainFaults),
    ...(name.length > maxNameLength ? [tooLong('metadata.name', `may not be more than ${maxNameLength} bytes`)] : []),
    ...doubleHyphenErrors('metadata.name', name),
    ...specErrors(project),
    ...(old ? immutableErrors(project, old) : []),
  ];
}

/** Whether the namespace is really free for it, the project controller finds out. */
function ensureNamespaceIsFree(request: AdmissionRequest<Project>): void {
  const { object: project, old, subresource, reader } = request;
  const namespace = project?.spec.namespace;
  if (!project || !namespace || subresource || old?.spec.namespace) return;
  const owner = findProject(reader, namespace);
  if (!owner || owner.metadata.name === project.metadata.name) return;
  throw refuse(request, `namespace "${namespace}" is already used by another project`);
}

export const projectStrategy: Strategy<Project> = {
  nameRule: 'pathSegment',
  default: defaultProject,
  mutate: mutateProject,
  prepare: (request) => countGeneration(request as AdmissionRequest),
  validate: validateProject,
  admit: inOrder<Project>(
    ensureNamespaceIsFree,
    (request) => ensureDeletionConfirmed(request as AdmissionRequest),
    ensureMayChangeProject,
  ),
  isGenerationRaised: () => false,
};
