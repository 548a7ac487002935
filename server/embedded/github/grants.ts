// Codes and access tokens of the stand-in: a code works once, for the client, address and PKCE challenge that it was made for.
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../common/clock.ts';
import type { TestIdentity } from './identities.ts';

const codeLifetimeMs = 10 * 60 * 1000;
const maxGrants = 10_000;

export interface CodeGrant {
  identity: TestIdentity;
  redirectUri: string;
  scope: string;
  codeChallenge?: string;
}

export interface Grants {
  createCode(grant: CodeGrant): string;
  /** The access token for `code`, or undefined; either way the code is used up. */
  redeem(code: string, redirectUri: string | undefined, codeVerifier: string | undefined): Token | undefined;
  identityOf(accessToken: string): { identity: TestIdentity; scope: string } | undefined;
}

export interface Token {
  accessToken: string;
  scope: string;
}

const isVerified = (challenge: string | undefined, verifier: string | undefined) =>
  challenge === undefined ||
  createHash('sha256')
    .update(verifier ?? '')
    .digest('base64url') === challenge;

// The stand-in may run for days: the oldest go first.
function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= maxGrants) break;
    map.delete(oldest);
  }
}

export function createGrants(clock: Clock): Grants {
  const codes = new Map<string, CodeGrant & { expiresMs: number }>();
  const tokens = new Map<string, { identity: TestIdentity; scope: string }>();
  return {
    createCode(grant) {
      const code = randomBytes(10).toString('hex');
      put(codes, code, { ...grant, expiresMs: clock.now() + codeLifetimeMs });
      return code;
    },
    redeem(code, redirectUri, codeVerifier) {
      const grant = codes.get(code);
      codes.delete(code);
      if (!grant || grant.expiresMs < clock.now()) return undefined;
      if (redirectUri !== undefined && redirectUri !== grant.redirectUri) return undefined;
      if (!isVerified(grant.codeChallenge, codeVerifier)) return undefined;
      const accessToken = `gho_${randomBytes(18).toString('hex')}`;
      put(tokens, accessToken, { identity: grant.identity, scope: grant.scope });
      return { accessToken, scope: grant.scope };
    },
    identityOf: (accessToken) => tokens.get(accessToken),
  };
}
