// Changes that need a right of their own beside `update`: members of a project, its tolerations, what a profile may override.
// Models plugin/pkg/global/customverbauthorizer/admission.go
import { createAuthorizer } from '../../../apiserver/authorization.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest, UserInfo } from '../../../apiserver/types.ts';
import { refuse } from '../faults.ts';
import type { NamespacedCloudProfile, Project, ProjectMember, Shoot, Subject } from '../types.ts';

function ensureVerb(request: AdmissionRequest, verb: string, what: string): void {
  const { kind, name, namespace, user, reader } = request;
  const { group, plural: resource } = kind;
  const attributes = { isResource: true, verb, group, resource, subresource: '', name, namespace } as const;
  if (createAuthorizer(reader).isAllowed(user, attributes)) return;
  throw refuse(request, `user "${user.name}" is not allowed to ${what} for "${resource}"`);
}

const accountPrefix = 'system:serviceaccount:';
const isServiceAccount = ({ kind, name }: Subject) =>
  kind === 'ServiceAccount' || (kind === 'User' && name.startsWith(accountPrefix));

function isOwner(user: UserInfo, owner: Subject | undefined): boolean {
  if (!owner) return true;
  if (owner.kind === 'Group') return user.groups.includes(owner.name);
  return user.name === (owner.kind === 'User' ? owner.name : `${accountPrefix}${owner.namespace}:${owner.name}`);
}

/** Human members with their roles; the owner is left out, since it may always be added. */
function humanRoles(members: readonly ProjectMember[] | undefined, owner: Subject | undefined): string[] {
  return (members ?? [])
    .filter((member) => !isServiceAccount(member) && !(member.kind === owner?.kind && member.name === owner.name))
    .flatMap(({ kind, name, role, roles = [] }) => [role, ...roles].map((one) => `${kind}${name} ${one}`))
    .sort();
}

export function ensureMayChangeProject(request: AdmissionRequest<Project>): void {
  const { object: project, old, user, subresource } = request;
  if (!project || subresource) return;
  const any = request as AdmissionRequest;
  const { members, owner, tolerations } = project.spec;
  if (!isDeepEqual(old?.spec.tolerations?.whitelist, tolerations?.whitelist)) {
    return ensureVerb(any, 'modify-spec-tolerations-whitelist', 'modify .spec.tolerations.whitelist');
  }
  if (!isOwner(user, owner) && !isDeepEqual(humanRoles(old?.spec.members, owner), humanRoles(members, owner))) {
    return ensureVerb(any, 'manage-members', 'manage human users or groups in .spec.members');
  }
  const before = old?.spec.owner;
  if (before && !isOwner(user, before) && !isDeepEqual(before, owner)) {
    ensureVerb(any, 'manage-members', 'manage owner in .spec.owner');
  }
}

const profileVerbs = {
  kubernetes: 'modify-spec-kubernetes',
  machineImages: 'modify-spec-machineimages',
  providerConfig: 'modify-spec-providerconfig',
} as const;

export function ensureMayChangeProfile(request: AdmissionRequest<NamespacedCloudProfile>): void {
  const { object: profile, old } = request;
  if (!profile) return;
  for (const [field, verb] of Object.entries(profileVerbs)) {
    const key = field as keyof typeof profileVerbs;
    if (isDeepEqual(old?.spec[key], profile.spec[key])) continue;
    ensureVerb(request as AdmissionRequest, verb, `modify .spec.${field}`);
  }
}

export function ensureMayHostItself(request: AdmissionRequest<Shoot>): void {
  const poolOf = (shoot: Shoot | undefined) =>
    shoot?.spec.provider.workers?.find(({ controlPlane }) => controlPlane !== undefined);
  if (!request.object || isDeepEqual(poolOf(request.old), poolOf(request.object))) return;
  ensureVerb(request as AdmissionRequest, 'mark-self-hosted', 'modify .spec.provider.workers[].controlPlane');
}
