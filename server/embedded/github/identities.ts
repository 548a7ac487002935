// The people that the stand-in knows: one for each case of the access policy, and anybody else by name.
import { createHash } from 'node:crypto';

export interface TestIdentity {
  id: number;
  login: string;
  name: string;
  /** One line that tells which case this is. */
  description: string;
  createdAt: string;
  organizations: string[];
  /** As `organisation/team`. */
  teams: string[];
}

const dayMs = 24 * 60 * 60 * 1000;
export const loginPattern = /^[a-z\d](?:[a-z\d]|-(?=[a-z\d])){0,38}$/i;

/** `nowMs` makes the newcomer new. */
export const createIdentities = (nowMs: number): TestIdentity[] => [
  {
    id: 1001,
    login: 'ada-admin',
    name: 'Ada Admin',
    description: 'administrates the playground: organisation gardener, team gardener/admins',
    createdAt: '2012-04-02T08:00:00Z',
    organizations: ['gardener'],
    teams: ['gardener/admins', 'gardener/members'],
  },
  {
    id: 1002,
    login: 'vera-visitor',
    name: 'Vera Visitor',
    description: 'an ordinary visitor: organisation gardener, team gardener/members',
    createdAt: '2016-09-14T10:30:00Z',
    organizations: ['gardener'],
    teams: ['gardener/members'],
  },
  {
    id: 1003,
    login: 'otto-outsider',
    name: 'Otto Outsider',
    description: 'belongs to no organisation',
    createdAt: '2018-01-20T16:45:00Z',
    organizations: [],
    teams: [],
  },
  {
    id: 1004,
    login: 'nina-newcomer',
    name: 'Nina Newcomer',
    description: 'joined GitHub two days ago',
    createdAt: new Date(nowMs - 2 * dayMs).toISOString(),
    organizations: [],
    teams: [],
  },
];

/** Somebody with this login, the same person every time. */
export const createOtherIdentity = (login: string): TestIdentity => ({
  id: 100_000 + createHash('sha256').update(login.toLowerCase()).digest().readUInt32BE(0),
  login,
  name: login,
  description: 'somebody else',
  createdAt: '2020-06-01T12:00:00Z',
  organizations: [],
  teams: [],
});
