// The gateway's key for tests: the public half as an agent is given it, and tokens as the gateway makes them.
import { generateKeyPairSync } from 'node:crypto';
import { SignJWT, type JSONWebKeySet } from 'jose';

export interface TokenClaims {
  issuer: string;
  audience: string;
  subject: string;
  issuedAt: number;
  lifetimeSeconds: number;
}

export interface AgentKey {
  /** AGENT_PUBLIC_KEYS. */
  readonly publicKeys: JSONWebKeySet;
  /** A token as the gateway makes it, but for `claims`. */
  token(claims?: Partial<TokenClaims>): Promise<string>;
}

export function createAgentKey(podUid: string): AgentKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    publicKeys: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'EdDSA' }] } as JSONWebKeySet,
    token(claims = {}) {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const { issuer = 'playground-gateway', audience = `agent:${podUid}`, subject = '1234' } = claims;
      const { issuedAt = nowSeconds, lifetimeSeconds = 30 } = claims;
      return new SignJWT({})
        .setProtectedHeader({ alg: 'EdDSA', kid: 'key-1' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(privateKey);
    },
  };
}
