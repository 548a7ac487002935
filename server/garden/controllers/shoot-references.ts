// Secrets and config maps that shoots name are held until no shoot names them. Models pkg/controllerutils/reference and controller/shoot/reference
import { createController, createSource, isNotFound, keyOf, resources } from '../../kube/index.ts';
import type { Controller, KubeObject, Resource } from '../../kube/index.ts';
import { hasFinalizer, isDeleting, type Shoot } from '../types.ts';
import { addFinalizer, findByKey, removeFinalizer, type ControllerContext } from './context.ts';

const finalizer = 'gardener.cloud/reference-protection';
const kinds: readonly Resource[] = [resources.secrets, resources.configMaps, resources.workloadIdentities];

/** `Kind/name` of what the shoot names in its own namespace. */
export function referencesOf({ spec }: Shoot): string[] {
  const auditPolicy = spec.kubernetes.kubeAPIServer?.auditConfig?.auditPolicy?.configMapRef?.name;
  const providers = spec.dns?.providers ?? [];
  return [
    ...(spec.resources ?? []).map(({ resourceRef: { kind, name } }) => `${kind}/${name}`),
    ...(auditPolicy ? [`ConfigMap/${auditPolicy}`] : []),
    ...providers.flatMap(({ credentialsRef }) =>
      credentialsRef ? [`${credentialsRef.kind ?? 'Secret'}/${credentialsRef.name}`] : [],
    ),
  ];
}

export function createShootReferenceController(context: ControllerContext): Controller {
  const { client, informers, clock, logger } = context;
  const shoots = informers.of<Shoot>(resources.shoots);
  // What each shoot named when it was last looked at: what it does not name any more is let go.
  const known = new Map<string, Set<string>>();

  async function settle(namespace: string, reference: string): Promise<void> {
    const [kind, name = ''] = reference.split('/');
    const resource = kinds.find((one) => one.kind === kind);
    if (!resource) return;
    const isNamed = shoots
      .list()
      .some(
        (shoot) => shoot.metadata.namespace === namespace && !isGone(shoot) && referencesOf(shoot).includes(reference),
      );
    try {
      const object = await client.get<KubeObject>(resource, name, namespace);
      if (isNamed && !isDeleting(object)) await addFinalizer(client, resource, object, finalizer);
      else if (!isNamed) await removeFinalizer(client, resource, object, finalizer);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  const isGone = (shoot: Shoot) => isDeleting(shoot) && !hasFinalizer(shoot, 'gardener');

  return createController({
    name: 'shoot-reference',
    clock,
    logger,
    sources: [
      createSource(shoots, (shoot, old) => {
        const hasReferences = referencesOf(shoot).length > 0 || known.has(keyOf(shoot));
        const isChanged = !old || old.metadata.generation !== shoot.metadata.generation || isGone(shoot);
        return hasReferences && (isChanged || !findByKey(shoots, keyOf(shoot))) ? [keyOf(shoot)] : [];
      }),
    ],
    async reconcile(key) {
      const shoot = findByKey(shoots, key);
      const isHolding = shoot !== undefined && !isGone(shoot);
      const references = new Set(isHolding ? referencesOf(shoot) : []);
      const former = known.get(key) ?? new Set(shoot ? referencesOf(shoot) : []);
      const namespace = key.slice(0, key.indexOf('/'));
      if (references.size) known.set(key, references);
      for (const reference of new Set([...references, ...former])) await settle(namespace, reference);
      if (!references.size) known.delete(key);
      if (!shoot) return;
      if (references.size) await addFinalizer(client, resources.shoots, shoot, finalizer);
      else await removeFinalizer(client, resources.shoots, shoot, finalizer);
    },
  });
}
