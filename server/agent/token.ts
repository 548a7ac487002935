// The gateway's token: a short-lived JWT for this pod alone, checked against the gateway's public keys.
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import type { Clock } from '../common/clock.ts';
import { PlaygroundError } from '../common/errors.ts';

export interface TokenVerifier {
  /** Resolves to the user's id. `authorization` is the header. Throws 401 for every token that is not for us and valid now. */
  verify(authorization: string | undefined): Promise<string>;
}

const issuer = 'playground-gateway';
const maxAgeSeconds = 60;
const clockToleranceSeconds = 5;

export const audienceOf = (podUid: string): string => `agent:${podUid}`;

export function createTokenVerifier(publicKeys: JSONWebKeySet, podUid: string, clock: Clock): TokenVerifier {
  const keys = createLocalJWKSet(publicKeys);
  return {
    async verify(authorization) {
      const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization ?? '')?.[1];
      if (!token) throw new PlaygroundError(401, 'Unauthorized', 'A token of the gateway is required.');
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer,
          audience: audienceOf(podUid),
          algorithms: ['EdDSA', 'Ed25519'],
          requiredClaims: ['sub', 'exp', 'iat'],
          maxTokenAge: maxAgeSeconds,
          clockTolerance: clockToleranceSeconds,
          currentDate: new Date(clock.now()),
        });
        return payload.sub as string;
      } catch (cause) {
        throw new PlaygroundError(401, 'Unauthorized', 'The token is not valid for this pod.', { cause });
      }
    },
  };
}
