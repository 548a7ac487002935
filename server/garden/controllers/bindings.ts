// SecretBindings and CredentialsBindings: what they name is held while they are there, and they are held while shoots use them.
// Models pkg/controllermanager/controller/{secretbinding,credentialsbinding}/reconciler.go
import { createController, createSource, isNotFound, keyOf, resources } from '../../kube/index.ts';
import type { Controller, KubeClient, KubeObject, Resource } from '../../kube/index.ts';
import {
  gardenerFinalizer,
  hasFinalizer,
  isDeleting,
  type Binding,
  type ObjectReference,
  type Shoot,
} from '../types.ts';
import {
  addFinalizer,
  findByKey,
  ignoreNotFound,
  ownKeys,
  removeFinalizer,
  type ControllerContext,
} from './context.ts';
import { goList } from './go-text.ts';

const providerLabelPrefix = 'provider.shoot.gardener.cloud/';

interface BindingKind {
  resource: Resource;
  finalizer: string;
  referenceLabel: string;
  /** What the binding gives to shoots: undefined where its kind is unknown. */
  credentials(binding: Binding): { resource: Resource; name: string; namespace?: string } | undefined;
  isUsedBy(shoot: Shoot, name: string): boolean;
}

const secretBindings: BindingKind = {
  resource: resources.secretBindings,
  finalizer: 'gardener.cloud/secretbinding',
  referenceLabel: 'reference.gardener.cloud/secretbinding',
  credentials: ({ secretRef }) => secretRef && { resource: resources.secrets, ...nameOf(secretRef) },
  isUsedBy: ({ spec }, name) => spec.secretBindingName === name,
};

const credentialsKinds: Record<string, Resource> = {
  Secret: resources.secrets,
  InternalSecret: resources.internalSecrets,
  WorkloadIdentity: resources.workloadIdentities,
};

const credentialsBindings: BindingKind = {
  resource: resources.credentialsBindings,
  finalizer: 'gardener.cloud/credentialsbinding',
  referenceLabel: 'reference.gardener.cloud/credentialsbinding',
  credentials({ credentialsRef }) {
    const resource = credentialsKinds[credentialsRef?.kind ?? ''];
    return credentialsRef && resource && { resource, ...nameOf(credentialsRef) };
  },
  isUsedBy: ({ spec }, name) => spec.credentialsBindingName === name,
};

function nameOf({ name, namespace }: ObjectReference): { name: string; namespace?: string } {
  return { name, namespace };
}

const find = async (client: KubeClient, resource: Resource, name: string, namespace?: string) => {
  try {
    return await client.get<KubeObject>(resource, name, namespace);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

function createBindingController(kind: BindingKind, context: ControllerContext): Controller {
  const { client, informers, clock, logger, recordEvent } = context;
  const bindings = informers.of<Binding>(kind.resource);
  const shoots = informers.of<Shoot>(resources.shoots);
  const name = `${kind.resource.kind.toLowerCase()}-controller`;

  const setLabels = async (resource: Resource, { metadata }: KubeObject, labels: Record<string, string | null>) => {
    const isSet = Object.entries(labels).every(([key, value]) => (metadata.labels?.[key] ?? null) === value);
    if (isSet) return;
    await client.patch(resource, metadata.name, metadata.namespace, 'merge', { metadata: { labels } });
  };
  const others = (binding: Binding) =>
    bindings.list().filter((other) => keyOf(other) !== keyOf(binding) && !isDeleting(other));
  const isSame = (a: ObjectReference, b: ObjectReference) => a.name === b.name && a.namespace === b.namespace;

  async function hold(binding: Binding): Promise<void> {
    if (!(await addFinalizer(client, kind.resource, binding, gardenerFinalizer))) return;
    const credentials = kind.credentials(binding);
    if (!credentials) return;
    const { resource } = credentials;
    const object = await client.get<KubeObject>(resource, credentials.name, credentials.namespace);
    const held = isDeleting(object) ? object : await addFinalizer(client, resource, object, kind.finalizer);
    const types = resource.kind === 'WorkloadIdentity' ? [] : (binding.provider?.type.split(',') ?? []);
    const labels = Object.fromEntries(types.map((type) => [`${providerLabelPrefix}${type}`, 'true']));
    if (held) await setLabels(resource, held, { ...labels, [kind.referenceLabel]: 'true' });
    for (const reference of binding.quotas ?? []) await labelQuota(reference, 'true');
  }

  async function labelQuota({ name: quotaName, namespace }: ObjectReference, value: string | null): Promise<void> {
    const quota = await find(client, resources.quotas, quotaName, namespace);
    if (quota) await setLabels(resources.quotas, quota, { [kind.referenceLabel]: value });
  }

  async function releaseCredentials(binding: Binding): Promise<void> {
    const credentials = kind.credentials(binding);
    if (!credentials) return;
    const isShared = others(binding).some((other) => {
      const theirs = kind.credentials(other);
      return theirs && theirs.resource === credentials.resource && isSame(theirs, credentials);
    });
    if (isShared) return;
    const object = await find(client, credentials.resource, credentials.name, credentials.namespace);
    if (!object) return;
    const provider = Object.keys(object.metadata.labels ?? {}).find((key) => key.startsWith(providerLabelPrefix));
    const labels = { [kind.referenceLabel]: null, ...(provider ? { [provider]: null } : {}) };
    await ignoreNotFound(setLabels(credentials.resource, object, labels));
    const fresh = await find(client, credentials.resource, credentials.name, credentials.namespace);
    if (fresh) await removeFinalizer(client, credentials.resource, fresh, kind.finalizer);
  }

  async function release(binding: Binding): Promise<void> {
    if (!hasFinalizer(binding, gardenerFinalizer)) return;
    const { name: bindingName, namespace } = binding.metadata;
    const users = shoots
      .list()
      .filter((shoot) => shoot.metadata.namespace === namespace && kind.isUsedBy(shoot, bindingName));
    if (users.length) {
      const note = `Cannot delete ${kind.resource.kind}, because the following Shoots are still referencing it: ${goList(users.map(keyOf))}`;
      recordEvent(binding, name, { type: 'Warning', reason: 'ResourceReferenced', action: 'Delete', note });
      return;
    }
    await releaseCredentials(binding);
    for (const reference of binding.quotas ?? []) {
      const isShared = others(binding).some((other) => other.quotas?.some((theirs) => isSame(theirs, reference)));
      if (!isShared) await labelQuota(reference, null);
    }
    await removeFinalizer(client, kind.resource, binding, gardenerFinalizer);
  }

  return createController({
    name,
    clock,
    logger,
    sources: [
      ownKeys(bindings),
      // The last shoot's end lets a binding end.
      createSource(shoots, (shoot) =>
        shoots.get(shoot.metadata.name, shoot.metadata.namespace)
          ? []
          : bindings
              .list()
              .filter((one) => isDeleting(one) && one.metadata.namespace === shoot.metadata.namespace)
              .map(keyOf),
      ),
    ],
    async reconcile(key) {
      const binding = findByKey(bindings, key);
      if (!binding) return;
      await (isDeleting(binding) ? release(binding) : hold(binding));
    },
  });
}

export const createBindingControllers = (context: ControllerContext): Controller[] =>
  [secretBindings, credentialsBindings].map((kind) => createBindingController(kind, context));
