// Tests of the access policy.
import assert from 'node:assert/strict';
import type { Identity } from '../../../server/auth/index.ts';
import { reduceIdentity, refusalOf, type AccessPolicy } from '../../../server/auth/policy.ts';

const nowMs = Date.parse('2026-06-30T00:00:00Z');
const open: AccessPolicy = { users: [], organizations: [], teams: [], blocked: [], minAccountAgeDays: 0 };
const ada: Identity = {
  id: '7',
  login: 'Ada',
  name: 'Ada',
  createdAt: '2026-06-01T00:00:00Z',
  organizations: ['Gardener'],
  teams: ['Gardener/Core'],
};
const codeOf = (policy: Partial<AccessPolicy>, identity: Partial<Identity> = {}) =>
  refusalOf({ ...open, ...policy }, { ...ada, ...identity }, nowMs)?.code;

describe('access policy', () => {
  it('lets everybody in when nobody is listed', () => assert.equal(codeOf({}), undefined));

  it('lets in by user, organisation or team, without regard to case', () => {
    assert.equal(codeOf({ users: ['ada'] }), undefined);
    assert.equal(codeOf({ organizations: ['gardener'] }), undefined);
    assert.equal(codeOf({ teams: ['gardener/core'] }), undefined);
    assert.equal(codeOf({ users: ['ben'], organizations: ['other'], teams: ['gardener/other'] }), 'NotInvited');
  });

  it('does not take a team for an organisation, or a part of a name for the name', () => {
    assert.equal(codeOf({ organizations: ['gardener/core'] }), 'NotInvited');
    assert.equal(codeOf({ organizations: ['garden'] }), 'NotInvited');
    assert.equal(codeOf({ users: ['7'] }), 'NotInvited', 'an id is no login');
  });

  it('blocks by login and by id, above everything else', () => {
    assert.equal(codeOf({ blocked: ['ADA'], users: ['ada'] }), 'Blocked');
    assert.equal(codeOf({ blocked: ['7'] }), 'Blocked');
    assert.equal(codeOf({ blocked: ['77'] }), undefined);
  });

  it('asks for the age of the account, to the day', () => {
    assert.equal(codeOf({ minAccountAgeDays: 29 }), undefined);
    assert.equal(codeOf({ minAccountAgeDays: 30 }), 'AccountTooYoung');
    assert.equal(codeOf({ minAccountAgeDays: 30, users: ['ada'] }), undefined, 'listed by name');
    assert.equal(codeOf({ minAccountAgeDays: 30, organizations: ['gardener'] }), 'AccountTooYoung');
    assert.equal(codeOf({ minAccountAgeDays: 1 }, { createdAt: 'unknown' }), 'AccountTooYoung');
  });

  it('keeps no membership that nobody asks for', () => {
    const many = { ...ada, organizations: ['gardener', 'secret'], teams: ['gardener/core', 'secret/team'] };
    const kept = reduceIdentity({ ...open, teams: ['gardener/core'] }, many);
    assert.deepEqual([kept.organizations, kept.teams], [[], ['gardener/core']]);
  });
});
