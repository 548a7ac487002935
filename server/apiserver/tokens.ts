// Service account tokens: signed JWTs that this server issues and accepts.
import { generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import { toTime, isRecord } from './objects.ts';
import type { Reader, ServiceAccountClaims, UserInfo } from './types.ts';

export interface TokenIssuer {
  issue(claims: ServiceAccountClaims): { token: string; expirationTimestamp: string };
  /** Whose token it is; undefined when it is not ours, expired, or its service account is gone. */
  authenticate(token: string): UserInfo | undefined;
}

const issuerName = 'https://kubernetes.default.svc.cluster.local';
const maxTokenLength = 8 * 1024;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function decode(part: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const serviceAccountUser = (namespace: string, name: string, uid?: string): UserInfo => ({
  name: `system:serviceaccount:${namespace}:${name}`,
  uid,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
});

export function createTokenIssuer({ reader, now }: { reader: Reader; now(): number }): TokenIssuer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const format = { dsaEncoding: 'ieee-p1363' } as const;
  return {
    issue({ namespace, name, uid, audiences, expirationSeconds }) {
      const issuedAt = Math.floor(now() / 1000);
      const payload = {
        aud: audiences?.length ? audiences : [issuerName],
        exp: issuedAt + expirationSeconds,
        iat: issuedAt,
        iss: issuerName,
        jti: randomUUID(),
        'kubernetes.io': { namespace, serviceaccount: { name, uid } },
        nbf: issuedAt,
        sub: `system:serviceaccount:${namespace}:${name}`,
      };
      const body = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode(payload)}`;
      const signature = sign('sha256', Buffer.from(body), { key: privateKey, ...format }).toString('base64url');
      return { token: `${body}.${signature}`, expirationTimestamp: toTime(payload.exp * 1000) };
    },
    authenticate(token) {
      const [header, payload, signature, ...rest] = token.length > maxTokenLength ? [] : token.split('.');
      if (!header || !payload || !signature || rest.length) return undefined;
      const bytes = Buffer.from(signature, 'base64url');
      if (!verify('sha256', Buffer.from(`${header}.${payload}`), { key: publicKey, ...format }, bytes))
        return undefined;
      const claims = decode(payload);
      const bound = claims?.['kubernetes.io'] as { namespace: string; serviceaccount: { name: string; uid: string } };
      if (!claims || Number(claims['exp']) * 1000 < now() || !(claims['aud'] as string[]).includes(issuerName))
        return undefined;
      const { name, uid } = bound.serviceaccount;
      const account = reader.get({ group: '', plural: 'serviceaccounts' }, name, bound.namespace);
      return account?.metadata.uid === uid ? serviceAccountUser(bound.namespace, name, uid) : undefined;
    },
  };
}
