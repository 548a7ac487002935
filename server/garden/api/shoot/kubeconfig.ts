// shoots/adminkubeconfig and shoots/viewerkubeconfig: short-lived access to a Shoot's own API server.
// Models pkg/apiserver/registry/core/shoot/storage/kubeconfig.go
import { stringify } from 'yaml';
import * as z from 'zod';
import { createAuthorizer } from '../../../apiserver/authorization.ts';
import { issueCertificate, type KeyPair } from '../../../apiserver/certificates.ts';
import {
  createBadRequest,
  createInternalError,
  createInvalid,
  invalid,
  tooLong,
  type FieldError,
} from '../../../apiserver/errors.ts';
import { toTime } from '../../../apiserver/objects.ts';
import type { ConnectRequest, Reader, Subresource, UserInfo } from '../../../apiserver/types.ts';
import { createLookupFailure, find } from '../lookups.ts';
import type { Shoot } from '../types.ts';

const group = 'authentication.gardener.cloud';
const version = 'v1alpha1';
const defaultExpirationSeconds = 3600;
const minExpirationSeconds = 600;
const maxExpirationSeconds = 2 ** 32 - 1;

export interface KubeconfigOptions {
  /** Longer requests are cut to this, unasked; a day when absent. */
  longestValiditySeconds?: number;
}

interface Access {
  subresource: 'adminkubeconfig' | 'viewerkubeconfig';
  kind: string;
  role: 'admin' | 'viewer';
}

const accesses: readonly Access[] = [
  { subresource: 'adminkubeconfig', kind: 'AdminKubeconfigRequest', role: 'admin' },
  { subresource: 'viewerkubeconfig', kind: 'ViewerKubeconfigRequest', role: 'viewer' },
];

const bodySchema = z.object({
  apiVersion: z.literal(`${group}/${version}`),
  kind: z.string(),
  spec: z.object({ expirationSeconds: z.int().default(defaultExpirationSeconds) }).prefault({}),
});

function expirationErrors(seconds: number): FieldError[] {
  const path = 'spec.expirationSeconds';
  if (seconds < minExpirationSeconds)
    return [invalid(path, seconds, 'may not specify a duration less than 10 minutes')];
  return seconds > maxExpirationSeconds ? [tooLong(path, `may not be more than ${maxExpirationSeconds} bytes`)] : [];
}

/** Whoever may list all secrets of the garden administrates all clusters, others those of their projects. */
function groupOf(user: UserInfo, role: Access['role'], reader: Reader): string {
  const attributes = {
    isResource: true,
    verb: 'list',
    group: '',
    resource: 'secrets',
    subresource: '',
    name: '',
    namespace: undefined,
  } as const;
  const scope = createAuthorizer(reader).isAllowed(user, attributes) ? 'system' : 'project';
  return `gardener.cloud:${scope}:${role}s`;
}

const addressNames = ['external', 'internal', 'wildcard-tls-seed-bound', 'unmanaged'];

function addressesOf({ status, metadata }: Shoot, kind: string): { name: string; url: string }[] {
  const addresses = (status.advertisedAddresses ?? []).filter(({ name }) => addressNames.includes(name));
  if (addresses.length) return addresses;
  const detail = 'no suitable advertised address for kube-apiserver found in .status.advertisedAddresses';
  throw createInvalid({ group, kind }, metadata.name, [
    invalid('status.status', status.advertisedAddresses ?? null, detail),
  ]);
}

const decode = (data: string | undefined) => Buffer.from(data ?? '', 'base64').toString();

/** The authority that signs clients of the Shoot. Throws 500 when it is not there, or not as Gardener stores it. */
function clientAuthority({ metadata }: Shoot, reader: Reader): KeyPair {
  const name = `${metadata.name}.ca-client`;
  const secret = find(reader, 'internalSecrets', name, metadata.namespace);
  if (!secret) {
    throw createInternalError(
      `could not get client CA secret: ${createLookupFailure('internalSecrets', name).message}`,
    );
  }
  const [certificate, key] = [decode(secret.data?.['ca.crt']), decode(secret.data?.['ca.key'])];
  const wrong = (reason: string) => createInternalError(`could not load client CA certificate from secret: ${reason}`);
  if (!key) throw wrong('PEM block type must be RSA PRIVATE KEY');
  if (key.includes('BEGIN PRIVATE KEY'))
    throw wrong('x509: failed to parse private key (use ParsePKCS8PrivateKey instead for this key format)');
  if (!key.includes('BEGIN RSA PRIVATE KEY')) throw wrong('x509: failed to parse private key');
  if (!certificate.includes('BEGIN CERTIFICATE')) throw wrong('certificate is not PEM encoded');
  return { certificate, key };
}

function clusterBundle({ metadata }: Shoot, reader: Reader): string {
  const name = `${metadata.name}.ca-cluster`;
  const bundle =
    find(reader, 'configMaps', name, metadata.namespace)?.data?.['ca.crt'] ??
    decode(find(reader, 'secrets', name, metadata.namespace)?.data?.['ca.crt']);
  if (!bundle) throw createInternalError('could not load cluster CA bundle');
  return bundle;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

function renderKubeconfig(
  shoot: Shoot,
  addresses: readonly { name: string; url: string }[],
  bundle: string,
  client: KeyPair,
): string {
  const nameOf = (address: string) => `${shoot.metadata.namespace}--${shoot.metadata.name}-${address}`;
  const user = nameOf(addresses[0]!.name);
  const config = {
    apiVersion: 'v1',
    clusters: addresses.map(({ name, url }) => ({
      cluster: {
        ...(name === 'wildcard-tls-seed-bound' ? {} : { 'certificate-authority-data': base64(bundle) }),
        server: `https://${new URL(url).host}`,
      },
      name: nameOf(name),
    })),
    contexts: addresses.map(({ name }) => ({ context: { cluster: nameOf(name), user }, name: nameOf(name) })),
    'current-context': user,
    kind: 'Config',
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(client.certificate), 'client-key-data': base64(client.key) },
      },
    ],
  };
  return stringify(config, { lineWidth: 0, indentSeq: false });
}

async function grant(access: Access, longestSeconds: number, request: ConnectRequest): Promise<unknown> {
  const { body, user, reader, nowMs, query } = request;
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) throw createBadRequest(`${access.kind}: ${z.prettifyError(parsed.error)}`);
  if (parsed.data.kind !== access.kind) {
    throw createBadRequest(
      `${parsed.data.kind} in version "${version}" cannot be handled as a ${access.kind}: converting (v1alpha1.${parsed.data.kind}) to (v1alpha1.${access.kind}): unknown conversion`,
    );
  }
  const { expirationSeconds: askedSeconds } = parsed.data.spec;
  const errors = expirationErrors(askedSeconds);
  if (errors.length) throw createInvalid({ group, kind: access.kind }, '', errors);
  const shoot = request.object as Shoot;
  const addresses = addressesOf(shoot, access.kind);
  const authority = clientAuthority(shoot, reader);
  const bundle = clusterBundle(shoot, reader);
  const expirationSeconds = Math.min(askedSeconds, longestSeconds);
  const client = await issueCertificate(authority, {
    subject: {
      commonName: `gardener.cloud:${access.role}:${user.name}`,
      organizations: [groupOf(user, access.role, reader)],
    },
    usages: ['clientAuth'],
    // gardenlogin takes no other.
    algorithm: 'rsa',
    nowMs,
    validForMs: expirationSeconds * 1000,
  });
  const managedFields = {
    // Who asks is not told to subresources, and nobody but kubectl and its like asks here.
    manager: query.get('fieldManager') ?? 'kubectl',
    operation: 'Update',
    apiVersion: `${group}/${version}`,
    time: toTime(nowMs),
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { 'f:expirationSeconds': {} } },
    subresource: access.subresource,
  };
  return {
    kind: access.kind,
    apiVersion: `${group}/${version}`,
    metadata: { namespace: shoot.metadata.namespace, managedFields: [managedFields] },
    spec: { expirationSeconds },
    status: {
      kubeconfig: base64(renderKubeconfig(shoot, addresses, bundle, client)),
      expirationTimestamp: toTime(nowMs + expirationSeconds * 1000),
    },
  };
}

export const createKubeconfigSubresources = ({
  longestValiditySeconds = 24 * 60 * 60,
}: KubeconfigOptions): Subresource[] =>
  accesses.map((access) => ({
    name: access.subresource,
    verbs: ['create'],
    kind: { group, version, kind: access.kind },
    connect: (request) => grant(access, longestValiditySeconds, request),
  }));
