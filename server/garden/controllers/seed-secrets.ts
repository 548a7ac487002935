// A namespace in the garden for each seed, with copies of the garden's secrets that have a role. Models pkg/controllermanager/controller/seed/secrets/reconciler.go
import { isDeepStrictEqual } from 'node:util';
import { createController, createSource, isAlreadyExists, resources } from '../../kube/index.ts';
import type { Controller, KubeObject } from '../../kube/index.ts';
import { isDeleting, type Secret, type Seed } from '../types.ts';
import { ignoreNotFound, ownKeys, type ControllerContext } from './context.ts';

export const seedNamespacePrefix = 'seed-';
const gardenNamespace = 'garden';
const roleLabel = 'gardener.cloud/role';
const copiedRoles = [
  'alerting',
  'ca-seed',
  'default-domain',
  'global-monitoring',
  'global-shoot-remote-write-monitoring',
  'internal-domain',
  'openvpn-diffie-hellman',
  'shoot-service-account-issuer',
];

/** Whether a secret is copied into the namespaces of the seeds. */
export const isCopiedToSeeds = ({ metadata }: Secret) =>
  metadata.namespace === gardenNamespace && copiedRoles.includes(metadata.labels?.[roleLabel] ?? '');

/** A secret of the garden as it is in the namespace of a seed. */
export const copyForSeed = (secret: Secret, namespace: string): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: secret.metadata.name,
    namespace,
    ...(secret.metadata.labels ? { labels: secret.metadata.labels } : {}),
    ...(secret.metadata.annotations ? { annotations: secret.metadata.annotations } : {}),
  },
  type: secret.type,
  ...(secret.data ? { data: secret.data } : {}),
});

const contentOf = ({ metadata: { labels, annotations }, type, data }: Secret) => ({ labels, annotations, type, data });

export function createSeedSecretsController({ client, informers, clock, logger }: ControllerContext): Controller {
  const seeds = informers.of<Seed>(resources.seeds);
  const secrets = informers.of<Secret>(resources.secrets);
  const namespaces = informers.of<KubeObject>(resources.namespaces);

  async function ensureNamespace(seed: Seed, name: string): Promise<void> {
    if (namespaces.get(name)) return;
    const owner = {
      apiVersion: seed.apiVersion,
      kind: seed.kind,
      name: seed.metadata.name,
      uid: seed.metadata.uid ?? '',
    };
    const ownerReferences = [{ ...owner, controller: true, blockOwnerDeletion: true }];
    const metadata = { name, labels: { [roleLabel]: 'seed' }, ownerReferences };
    await client
      .create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata })
      .catch((error: unknown) => {
        if (!isAlreadyExists(error)) throw error;
      });
  }

  async function copy(secret: Secret, namespace: string): Promise<void> {
    const wanted = copyForSeed(secret, namespace);
    const stored = secrets.get(secret.metadata.name, namespace);
    if (!stored) await client.create(resources.secrets, wanted);
    else if (!isDeepStrictEqual(contentOf(stored), contentOf(wanted)))
      await client.update(resources.secrets, {
        ...wanted,
        metadata: { ...wanted.metadata, resourceVersion: stored.metadata.resourceVersion },
      });
  }

  const seedNames = () => seeds.list().map(({ metadata }) => metadata.name);
  return createController({
    name: 'seed-secrets',
    clock,
    logger,
    sources: [
      ownKeys(seeds),
      createSource(secrets, (secret) => {
        if (isCopiedToSeeds(secret)) return seedNames();
        const { namespace = '' } = secret.metadata;
        return seedNames().filter((name) => namespace === seedNamespacePrefix + name);
      }),
    ],
    async reconcile(name) {
      const seed = seeds.get(name);
      if (!seed || isDeleting(seed)) return;
      const namespace = seedNamespacePrefix + name;
      await ensureNamespace(seed, namespace);
      const originals = secrets.list().filter(isCopiedToSeeds);
      for (const secret of originals) await copy(secret, namespace);
      const names = new Set(originals.map(({ metadata }) => metadata.name));
      const stale = secrets
        .list()
        .filter(
          ({ metadata }) =>
            metadata.namespace === namespace && copiedRoles.includes(metadata.labels?.[roleLabel] ?? ''),
        )
        .filter(({ metadata }) => !names.has(metadata.name));
      for (const { metadata } of stale)
        await ignoreNotFound(client.delete(resources.secrets, metadata.name, namespace));
    },
  });
}
