// The token that the gateway shows to an agent: signed with the gateway's key, for one pod, for half a minute.
import { createPrivateKey, createPublicKey, randomBytes, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, SignJWT, type JWK } from 'jose';
import type { Clock } from '../common/clock.ts';
import type { PodKeys } from './pod.ts';

export interface TokenSigner {
  /** What a new pod is told. */
  podKeys: PodKeys;
  /** Throws when the pod was made for a key that we have no more. */
  sign(token: { podUid: string; userId: string; keyId: string }): Promise<string>;
}

export const tokenIssuer = 'playground-gateway';
const lifetimeSeconds = 30;
// RFC 8410: the fixed head of a PKCS #8 document before the 32 bytes of an Ed25519 private key.
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A private key for one process: pods that know it must end with it. */
export const createTokenKey = (): Uint8Array => randomBytes(32);

const privateKeyOf = (seed: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' });

/** `seeds`: Ed25519 private keys of 32 bytes, at least one; the first signs for new pods, the others for pods made before. */
export async function createTokenSigner(seeds: readonly Uint8Array[], clock: Clock): Promise<TokenSigner> {
  const keys = new Map<string, KeyObject>();
  const publicKeys: JWK[] = [];
  for (const seed of seeds) {
    const privateKey = privateKeyOf(seed);
    const jwk = createPublicKey(privateKey).export({ format: 'jwk' }) as JWK;
    const kid = await calculateJwkThumbprint(jwk);
    keys.set(kid, privateKey);
    publicKeys.push({ ...jwk, kid, alg: 'EdDSA', use: 'sig' });
  }
  const [first] = publicKeys;
  if (!first?.kid) throw new Error('Signing takes at least one key.');
  return {
    podKeys: { keyId: first.kid, publicKeys: JSON.stringify({ keys: publicKeys }) },
    sign({ podUid, userId, keyId }) {
      const key = keys.get(keyId);
      if (!key) return Promise.reject(new Error(`The key ${keyId} of pod ${podUid} is not among TOKEN_KEYS.`));
      const nowSeconds = Math.floor(clock.now() / 1000);
      return new SignJWT({})
        .setProtectedHeader({ alg: 'EdDSA', kid: keyId })
        .setIssuer(tokenIssuer)
        .setAudience(`agent:${podUid}`)
        .setSubject(userId)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + lifetimeSeconds)
        .sign(key);
    },
  };
}
