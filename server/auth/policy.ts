// Who may come in: a decision over lists, without I/O.
import type { Identity } from './identity.ts';

export interface AccessPolicy {
  /** GitHub logins. */
  users: readonly string[];
  organizations: readonly string[];
  /** `organisation/team`. */
  teams: readonly string[];
  /** GitHub logins or numeric ids. */
  blocked: readonly string[];
  minAccountAgeDays: number;
}

export interface Refusal {
  code: 'Blocked' | 'NotInvited' | 'AccountTooYoung';
  sentence: string;
}

const dayMs = 24 * 60 * 60 * 1000;

// GitHub compares all these names without regard to case.
const includes = (list: readonly string[], name: string) =>
  list.some((entry) => entry.toLowerCase() === name.toLowerCase());

const isOpen = ({ users, organizations, teams }: AccessPolicy) =>
  !users.length && !organizations.length && !teams.length;

const isInvited = (policy: AccessPolicy, identity: Identity) =>
  isOpen(policy) ||
  identity.organizations.some((name) => includes(policy.organizations, name)) ||
  identity.teams.some((name) => includes(policy.teams, name));

const isTooYoung = (policy: AccessPolicy, identity: Identity, nowMs: number) =>
  policy.minAccountAgeDays > 0 && !(nowMs - Date.parse(identity.createdAt) >= policy.minAccountAgeDays * dayMs);

/**
 * Why `identity` may not come in, or undefined if it may. The block list stands above all; a user who is listed by name needs no
 * membership and no account age; an account whose age is not known counts as too young.
 */
export function refusalOf(policy: AccessPolicy, identity: Identity, nowMs: number): Refusal | undefined {
  if (includes(policy.blocked, identity.login) || policy.blocked.includes(identity.id))
    return { code: 'Blocked', sentence: `The account ${identity.login} may not use this playground.` };
  if (includes(policy.users, identity.login)) return undefined;
  if (!isInvited(policy, identity))
    return {
      code: 'NotInvited',
      sentence:
        `The account ${identity.login} is not on the list of those who may use this playground. ` +
        'If you belong to an organisation that is, let GitHub show it your membership and sign in again.',
    };
  if (isTooYoung(policy, identity, nowMs))
    return {
      code: 'AccountTooYoung',
      sentence: `The account ${identity.login} is too young: GitHub accounts must be ${policy.minAccountAgeDays} days old here.`,
    };
  return undefined;
}

/** Only what the policy asks for is asked of GitHub and kept in the cookie. */
export const asksForMemberships = (policy: AccessPolicy): boolean =>
  policy.organizations.length > 0 || policy.teams.length > 0;

/** The identity without the memberships that the policy does not name. */
export const reduceIdentity = (policy: AccessPolicy, identity: Identity): Identity => ({
  ...identity,
  organizations: identity.organizations.filter((name) => includes(policy.organizations, name)),
  teams: identity.teams.filter((name) => includes(policy.teams, name)),
});
