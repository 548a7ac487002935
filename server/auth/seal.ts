// Sealed values: JSON, encrypted (JWE) with an expiry and a purpose, so that only we can read and write them.
import { createHash, randomBytes } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import type { z } from 'zod';
import type { Clock } from '../common/clock.ts';

export interface Sealer {
  /** A value for a cookie; readable until `lifetimeSeconds` from now and for this purpose alone. */
  seal(purpose: string, value: object, lifetimeSeconds: number): Promise<string>;
  /** What was sealed; undefined for anything else: forged, truncated, expired, of another purpose, or by a key that we have no more. */
  open<T>(purpose: string, schema: z.ZodType<T>, sealed: string): Promise<T | undefined>;
}

const issuer = 'playground-gateway';
const maxSealedLength = 4096;
const keyIdOf = (key: Uint8Array) => createHash('sha256').update(key).digest('base64url').slice(0, 8);

/** A key for one process: what it sealed ends with it. */
export const createKey = (): Uint8Array => randomBytes(32);
export const decodeKey = (text: string): Uint8Array => Buffer.from(text, 'base64url');

/** `keys`: 32 bytes each, at least one; the first seals, all open, so that keys can be changed without signing anybody out. */
export function createSealer(keys: readonly Uint8Array[], clock: Clock): Sealer {
  const [first] = keys;
  if (!first || keys.some((key) => key.byteLength !== 32)) throw new Error('Sealing takes keys of 32 bytes.');
  const byId = new Map(keys.map((key) => [keyIdOf(key), key]));
  const seconds = () => Math.floor(clock.now() / 1000);
  return {
    seal: (purpose, value, lifetimeSeconds) =>
      new EncryptJWT({ value })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: keyIdOf(first) })
        .setIssuer(issuer)
        .setAudience(purpose)
        .setIssuedAt(seconds())
        .setExpirationTime(seconds() + lifetimeSeconds)
        .encrypt(first),
    async open(purpose, schema, sealed) {
      if (sealed.length > maxSealedLength) return undefined;
      try {
        const { payload } = await jwtDecrypt(sealed, (header) => byId.get(header.kid ?? '') ?? createKey(), {
          issuer,
          audience: purpose,
          currentDate: new Date(clock.now()),
          requiredClaims: ['exp'],
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        });
        return schema.safeParse(payload['value']).data;
      } catch {
        return undefined;
      }
    },
  };
}
