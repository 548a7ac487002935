// Who the smoke test is: an identity that no GitHub account has and that the access policy lets in.
import { refusalOf, type AccessPolicy, type Identity } from '../auth/index.ts';

// GitHub counts its accounts from 1, so no user shares a session with the test.
const id = '0';
const ownLogin = 'playground-smoke-test';

const withLogin = (login: string, { organizations, teams }: AccessPolicy): Identity => ({
  id,
  login,
  name: 'Smoke test',
  createdAt: new Date(0).toISOString(),
  organizations: [...organizations],
  teams: [...teams],
});

/** An identity that `policy` lets in: a name of its own where it may, else one of those that are listed. Throws when nobody may come in. */
export function smokeIdentityOf(policy: AccessPolicy, nowMs: number): Identity {
  const candidates = [ownLogin, ...policy.users].map((login) => withLogin(login, policy));
  const identity = candidates.find((candidate) => !refusalOf(policy, candidate, nowMs));
  if (!identity) throw new Error('The access lists let nobody in: all who are allowed are blocked.');
  return identity;
}
