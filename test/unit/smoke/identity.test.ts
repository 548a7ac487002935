// The smoke test's identity gets past every policy that lets anybody in.
import assert from 'node:assert/strict';
import { refusalOf, type AccessPolicy } from '../../../server/auth/index.ts';
import { smokeIdentityOf } from '../../../server/smoke/index.ts';

const nowMs = Date.UTC(2026, 0, 1);
const open: AccessPolicy = { users: [], organizations: [], teams: [], blocked: [], minAccountAgeDays: 0 };

describe('smoke: identity', () => {
  const policies: Record<string, Partial<AccessPolicy>> = {
    'an open policy': {},
    users: { users: ['vera'] },
    organizations: { organizations: ['gardener'] },
    teams: { teams: ['gardener/members'] },
    'an account age': { minAccountAgeDays: 3650 },
    'a list whose first is blocked': { users: ['vera', 'otto'], blocked: ['Vera'] },
    'a block of its own name beside a list': { users: ['otto'], blocked: ['playground-smoke-test'] },
  };
  for (const [name, given] of Object.entries(policies))
    it(`is let in by ${name}`, () => {
      const policy = { ...open, ...given };
      assert.equal(refusalOf(policy, smokeIdentityOf(policy, nowMs), nowMs), undefined);
    });

  it('has an id that no account has, so that it never meets the session of a user whose name it bears', () => {
    const { id, login } = smokeIdentityOf({ ...open, users: ['vera'] }, nowMs);
    assert.deepEqual([id, login], ['0', 'vera']);
  });

  it('says so when nobody is let in', () => {
    assert.throws(() => smokeIdentityOf({ ...open, users: ['vera'], blocked: ['vera'] }, nowMs), /let nobody in/);
  });
});
