// WorkloadIdentities: what a workload is called in tokens, and tokens for it.
// Models pkg/apiserver/registry/security/workloadidentity, pkg/api/security/validation/workloadidentity.go
import { generateKeyPair, randomUUID, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import * as z from 'zod';
import {
  createBadRequest,
  createInvalid,
  duplicate,
  invalid,
  required,
  type FieldError,
} from '../../../apiserver/errors.ts';
import type { AdmissionRequest, ConnectRequest, Strategy, Subresource } from '../../../apiserver/types.ts';
import { labelExtensions } from '../admission/extension-labels.ts';
import { dnsSubdomainFaults, nameErrors } from '../meta.ts';
import { dropGeneration } from '../strategies.ts';
import type { WorkloadIdentity } from '../types.ts';

const minExpirationSeconds = 600;
const maxExpirationSeconds = 2 ** 32;
// As the landscape is configured: longer tokens are cut to this, unasked.
const longestTokenSeconds = 48 * 60 * 60;
const defaultExpirationSeconds = 3600;

const subjectOf = ({ metadata }: WorkloadIdentity) =>
  ['gardener.cloud', 'workloadidentity', metadata.namespace, metadata.name, metadata.uid].join(':');

function specErrors({ audiences = [], targetSystem }: WorkloadIdentity['spec']): FieldError[] {
  const seen = new Set<string>();
  return [
    ...(audiences.length ? [] : [required('spec.audiences', 'must provide at least one audience')]),
    ...audiences.flatMap((audience, index) => {
      const path = `spec.audiences[${index}]`;
      const errors = audience ? [] : [required(path, 'must specify non-empty audience')];
      if (seen.has(audience)) errors.push(duplicate(path, audience));
      seen.add(audience);
      return errors;
    }),
    ...(targetSystem.type ? [] : [required('spec.targetSystem.type', 'must specify a provider type')]),
    ...(targetSystem.type.includes(',')
      ? [invalid('spec.targetSystem.type', targetSystem.type, 'multiple providers specified')]
      : []),
  ];
}

function validate({ object: identity, old }: AdmissionRequest<WorkloadIdentity>): FieldError[] {
  if (!identity) return [];
  const { spec, status } = identity;
  const expected = subjectOf(identity);
  const isTypeChanged = old && old.spec.targetSystem.type !== spec.targetSystem.type;
  return [
    ...(isTypeChanged ? [invalid('spec.targetSystem.type', spec.targetSystem.type, 'field is immutable')] : []),
    ...nameErrors('metadata.name', identity.metadata.name, dnsSubdomainFaults),
    ...specErrors(spec),
    ...(status?.sub === expected
      ? []
      : [invalid('status.sub', status?.sub ?? '', `sub claim does not match expected value: "${expected}"`)]),
  ];
}

export const workloadIdentityStrategy: Strategy<WorkloadIdentity> = {
  nameRule: 'pathSegment',
  mutate: (request) => labelExtensions(request as AdmissionRequest),
  prepare(request) {
    const { object: identity, operation } = request;
    if (identity && operation === 'CREATE' && !identity.status?.sub) identity.status = { sub: subjectOf(identity) };
    dropGeneration(request as AdmissionRequest);
  },
  validate,
  isGenerationRaised: () => false,
};

const requestSchema = z.object({
  apiVersion: z.literal('security.gardener.cloud/v1alpha1'),
  kind: z.literal('TokenRequest'),
  metadata: z.record(z.string(), z.unknown()).default({}),
  spec: z
    .object({
      expirationSeconds: z.int().default(defaultExpirationSeconds),
      contextObject: z.object({ apiVersion: z.string(), kind: z.string(), name: z.string() }).loose().optional(),
    })
    .prefault({}),
});

function expirationErrors(seconds: number): FieldError[] {
  const path = 'spec.expirationSeconds';
  if (seconds < minExpirationSeconds)
    return [invalid(path, seconds, 'may not specify a duration shorter than 10 minutes')];
  return seconds > maxExpirationSeconds
    ? [invalid(path, seconds, 'may not specify a duration longer than 2^32 seconds')]
    : [];
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** RS256, as OpenID Connect asks for at least. */
function signToken(key: KeyObject, claims: Record<string, unknown>): string {
  const body = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${body}.${sign('sha256', Buffer.from(body), key).toString('base64url')}`;
}

const toSeconds = (ms: number) => Math.floor(ms / 1000);
const toTime = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** The subresource that answers with a token of `issuer`; its key lives as long as the process. */
export function createTokenSubresource(issuer: string): Subresource {
  const generate = promisify(generateKeyPair);
  let key: Promise<KeyObject> | undefined;
  const signingKey = () => (key ??= generate('rsa', { modulusLength: 2048 }).then(({ privateKey }) => privateKey));

  async function connect({ object, body, nowMs }: ConnectRequest): Promise<unknown> {
    const parsed = requestSchema.safeParse(body);
    if (!parsed.success) throw createBadRequest(`TokenRequest: ${z.prettifyError(parsed.error)}`);
    const request = parsed.data;
    const errors = expirationErrors(request.spec.expirationSeconds);
    if (errors.length) throw createInvalid({ group: 'security.gardener.cloud', kind: 'TokenRequest' }, '', errors);
    const identity = object as WorkloadIdentity;
    const { name, namespace, uid } = identity.metadata;
    const lifetimeSeconds = Math.min(request.spec.expirationSeconds, longestTokenSeconds);
    const iat = toSeconds(nowMs);
    const claims = {
      iss: issuer,
      sub: identity.status.sub,
      aud: identity.spec.audiences,
      exp: iat + lifetimeSeconds,
      nbf: iat,
      iat,
      jti: randomUUID(),
      'gardener.cloud': { workloadIdentity: { name, namespace, uid } },
    };
    return {
      ...request,
      metadata: { name, namespace, creationTimestamp: toTime(nowMs) },
      status: {
        token: signToken(await signingKey(), claims),
        expirationTimestamp: toTime((iat + lifetimeSeconds) * 1000),
      },
    };
  }
  return {
    name: 'token',
    verbs: ['create'],
    kind: { group: 'security.gardener.cloud', version: 'v1alpha1', kind: 'TokenRequest' },
    connect,
  };
}
