// The finalizer `gardener` on an object: set and taken away without touching those of others, who may write at the same moment.
import { isConflict, isNotFound, type KubeClient, type KubeObject, type Resource } from '../kube/index.ts';
import { gardenerFinalizer } from './types.ts';

const maxAttempts = 10;

async function change(
  client: KubeClient,
  resource: Resource,
  { metadata }: KubeObject,
  next: (finalizers: readonly string[]) => readonly string[],
): Promise<void> {
  let { resourceVersion, finalizers = [] } = metadata;
  for (let attempt = 1; ; attempt++) {
    const wanted = next(finalizers);
    if (wanted.length === finalizers.length) return;
    try {
      const patch = { metadata: { resourceVersion, finalizers: wanted } };
      await client.patch(resource, metadata.name, metadata.namespace, 'merge', patch);
      return;
    } catch (fault) {
      if (isNotFound(fault)) return;
      if (!isConflict(fault) || attempt >= maxAttempts) throw fault;
    }
    const newest = await client.get(resource, metadata.name, metadata.namespace);
    if (newest.metadata.uid !== metadata.uid) return;
    ({ resourceVersion, finalizers = [] } = newest.metadata);
  }
}

export const addFinalizer = (client: KubeClient, resource: Resource, object: KubeObject): Promise<void> =>
  change(client, resource, object, (present) =>
    present.includes(gardenerFinalizer) ? present : [...present, gardenerFinalizer],
  );

export const removeFinalizer = (client: KubeClient, resource: Resource, object: KubeObject): Promise<void> =>
  change(client, resource, object, (present) => present.filter((one) => one !== gardenerFinalizer));
