// Keeps a shoot's credentials in the project namespace: makes what is missing, renews what is being rotated.
import { isAlreadyExists, isNotFound, resources, type KubeClient, type Resource } from '../../../kube/index.ts';
import { isWorkerless, type Rotation, type Shoot } from '../../types.ts';
import { isDue } from '../rotation.ts';
import { createBasicAuth, createSshKeypair } from './keys.ts';
import {
  credentialNames,
  decode,
  toConfigMap,
  toInternalSecret,
  toSecret,
  type CredentialObject,
  type DataObject,
} from './objects.ts';

export interface Authority {
  /** PEM. */
  certificate: string;
  /** PEM, PKCS#1: the API server of the garden signs clients' certificates with it and takes no other form. */
  key: string;
}

/** Makes a self-signed RSA authority. */
export type CreateAuthority = (options: { commonName: string; algorithm: 'rsa'; nowMs: number }) => Promise<Authority>;

export interface CredentialOptions {
  client: KubeClient;
  createAuthority: CreateAuthority;
  nowMs(): number;
}

const certificatesIn = (bundle: string): string[] =>
  bundle.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----\n?/g) ?? [];

async function find(client: KubeClient, resource: Resource, shoot: Shoot, suffix: string) {
  const { name, namespace } = shoot.metadata;
  try {
    return await client.get<DataObject>(resource, `${name}.${suffix}`, namespace);
  } catch (fault) {
    if (isNotFound(fault)) return undefined;
    throw fault;
  }
}

async function put(client: KubeClient, { resource, object }: CredentialObject): Promise<void> {
  try {
    await client.create(resource, object);
  } catch (fault) {
    if (!isAlreadyExists(fault)) throw fault;
    const { name, namespace, labels, annotations } = object.metadata;
    await client.patch(resource, name, namespace, 'merge', { metadata: { labels, annotations }, data: object.data });
  }
}

/** Which authority signs and which are trusted, after this run's part of a rotation. */
async function ensureAuthority(
  { client, createAuthority, nowMs }: CredentialOptions,
  shoot: Shoot,
  phase: string | undefined,
): Promise<Authority & { bundle: string }> {
  const create = () => createAuthority({ commonName: 'kubernetes', algorithm: 'rsa', nowMs: nowMs() });
  const stored = decode((await find(client, resources.internalSecrets, shoot, 'ca-client'))?.data);
  const bundle = (await find(client, resources.configMaps, shoot, 'ca-cluster'))?.data?.['ca.crt'] ?? '';
  const current =
    stored['ca.crt'] && stored['ca.key'] ? { certificate: stored['ca.crt'], key: stored['ca.key'] } : undefined;
  if (!current) {
    const made = await create();
    return { ...made, bundle: made.certificate };
  }
  const known = certificatesIn(bundle);
  if (phase === 'Completing' || !known.length) return { ...current, bundle: current.certificate };
  // The key is stored before the bundle: an earlier try of this run ended between the two.
  if (!known.includes(current.certificate)) return { ...current, bundle: bundle + current.certificate };
  if (phase?.startsWith('Preparing') && known.length < 2) {
    const made = await create();
    return { ...made, bundle: current.certificate + made.certificate };
  }
  return { ...current, bundle };
}

async function ensureSsh({ client }: CredentialOptions, shoot: Shoot, rotation: Rotation | undefined): Promise<void> {
  if (isWorkerless(shoot) || shoot.spec.provider.workersSettings?.sshAccess?.enabled === false) return;
  const present = await find(client, resources.secrets, shoot, 'ssh-keypair');
  const isRotating = isDue(rotation?.sshKeypair);
  if (present && !isRotating) return;
  if (present) await put(client, toSecret({ shoot, suffix: 'ssh-keypair.old', data: decode(present.data) }));
  await put(client, toSecret({ shoot, suffix: 'ssh-keypair', data: await createSshKeypair() }));
}

async function ensureMonitoring(
  { client }: CredentialOptions,
  shoot: Shoot,
  rotation: Rotation | undefined,
  urls: readonly { name: string; url: string }[],
): Promise<void> {
  if (!urls.length) return;
  const present = await find(client, resources.secrets, shoot, 'monitoring');
  if (present && !isDue(rotation?.observability)) return;
  const annotations = Object.fromEntries(urls.map(({ name, url }) => [`${name}-url`, url]));
  await put(client, toSecret({ shoot, suffix: 'monitoring', data: createBasicAuth(), annotations }));
}

/** Makes or renews all credentials; resolves with the authority of the shoot's cluster. */
export async function ensureCredentials(
  options: CredentialOptions,
  shoot: Shoot,
  rotation: Rotation | undefined,
  observabilityUrls: readonly { name: string; url: string }[],
): Promise<Authority & { bundle: string }> {
  const { client } = options;
  const authority = await ensureAuthority(options, shoot, rotation?.certificateAuthorities?.phase);
  const data = { 'ca.crt': authority.bundle };
  await put(
    client,
    toInternalSecret({
      shoot,
      suffix: 'ca-client',
      data: { 'ca.crt': authority.certificate, 'ca.key': authority.key },
    }),
  );
  await put(client, toConfigMap({ shoot, suffix: 'ca-cluster', data }));
  await put(client, toSecret({ shoot, suffix: 'ca-cluster', data }));
  if (!isWorkerless(shoot)) await put(client, toConfigMap({ shoot, suffix: 'ca-kubelet', data }));
  await ensureSsh(options, shoot, rotation);
  await ensureMonitoring(options, shoot, rotation, observabilityUrls);
  return authority;
}

/** The authority as it is stored; undefined when there is none (yet, or any more). */
export async function readAuthority(
  client: KubeClient,
  shoot: Shoot,
): Promise<(Authority & { bundle: string }) | undefined> {
  const stored = decode((await find(client, resources.internalSecrets, shoot, 'ca-client'))?.data);
  if (!stored['ca.crt'] || !stored['ca.key']) return undefined;
  const bundle = (await find(client, resources.configMaps, shoot, 'ca-cluster'))?.data?.['ca.crt'];
  return { certificate: stored['ca.crt'], key: stored['ca.key'], bundle: bundle ?? stored['ca.crt'] };
}

export async function deleteCredentials(client: KubeClient, shoot: Shoot): Promise<void> {
  for (const { resource, name } of credentialNames(shoot))
    await client.delete(resource, name, shoot.metadata.namespace).catch((fault) => {
      if (!isNotFound(fault)) throw fault;
    });
}
