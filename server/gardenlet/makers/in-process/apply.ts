// Applies Gardener's objects to a shoot's cluster, through its API as gardener-resource-manager does.
import { isNotFound, type KubeClient, type KubeObject, type Resource } from '../../../kube/index.ts';
import type { ClusterSpec } from '../maker.ts';
import { kinds } from './objects.ts';
import { shootInfo, staleKubeProxies, workloadObjects } from './system-components.ts';
import type { World } from './world.ts';

const resource = (group: string, version: string, plural: string, kind: string, isNamespaced = true): Resource => ({
  group,
  version,
  plural,
  kind,
  isNamespaced,
});

const byKind: Record<string, Resource> = {
  ConfigMap: resource('', 'v1', 'configmaps', 'ConfigMap'),
  DaemonSet: resource('apps', 'v1', 'daemonsets', 'DaemonSet'),
  Deployment: resource('apps', 'v1', 'deployments', 'Deployment'),
  Service: resource('', 'v1', 'services', 'Service'),
  StorageClass: resource('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass', false),
};

const apply = (client: KubeClient, object: KubeObject): Promise<unknown> => {
  const { name, namespace } = object.metadata;
  const options = { fieldManager: 'gardener-resource-manager', isForced: true };
  return client.patch(byKind[object.kind]!, name, namespace, 'apply', object, options);
};

/** Applies what belongs there and deletes what has become stale. */
export async function applySystemComponents(client: KubeClient, world: World, spec: ClusterSpec): Promise<void> {
  await apply(client, shootInfo(spec));
  if (!spec.workers.length) return;
  for (const object of workloadObjects(spec)) await apply(client, object);
  const present = world.list(kinds.daemonSets, 'kube-system').map(({ metadata }) => metadata.name);
  for (const name of staleKubeProxies(spec, present))
    await client.delete(byKind.DaemonSet!, name, 'kube-system').catch((fault) => {
      if (!isNotFound(fault)) throw fault;
    });
}
