// Namespaces: each gets what it needs, and those that are being deleted are emptied first. Models pkg/controller/{namespace,serviceaccount}.
import type { ApiObject, Kind } from '../../../../apiserver/types.ts';
import type { ClusterController } from '../engine.ts';
import { isDeleting, kinds, type Pod } from '../objects.ts';
import type { World } from '../world.ts';
import { graceOf } from './replicas.ts';

interface Namespace extends ApiObject {
  spec?: { finalizers?: string[] };
  status?: { phase?: string };
}

function ensureContents(world: World, namespace: string, caBundle: string): void {
  const metadata = (name: string) => ({ name, namespace });
  if (!world.get(kinds.serviceAccounts, 'default', namespace))
    world.create(kinds.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('default') });
  const data = { 'ca.crt': caBundle };
  const old = world.get(kinds.configMaps, 'kube-root-ca.crt', namespace);
  if (!old) {
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('kube-root-ca.crt'), data };
    world.create<ApiObject>(kinds.configMaps, configMap);
  } else
    world.update(kinds.configMaps, old, (copy) => {
      copy.data = data;
    });
}

/** Nothing is left when it returns true. */
function empty(world: World, stored: readonly Kind[], namespace: string): boolean {
  let isEmpty = true;
  for (const kind of stored)
    for (const object of world.list(kind, namespace)) {
      isEmpty = false;
      world.delete(kind, object, kind.plural === 'pods' ? graceOf(object as Pod) : 0);
    }
  return isEmpty;
}

/** `stored`: the kinds in the version that is stored. */
export const createNamespaceController = (stored: readonly Kind[], caBundle: () => string): ClusterController => {
  const namespaced = stored.filter(({ isNamespaced }) => isNamespaced);
  return {
    name: 'namespace',
    watches: [kinds.namespaces, ...namespaced.filter(({ plural }) => plural !== 'events')],
    sync(world) {
      for (const namespace of world.list<Namespace>(kinds.namespaces)) {
        const { name, finalizers } = namespace.metadata;
        if (!isDeleting(namespace)) ensureContents(world, name, caBundle());
        else if (empty(world, namespaced, name) && !finalizers?.length) world.remove(kinds.namespaces, namespace);
      }
      return undefined;
    },
  };
};
