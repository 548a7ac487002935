// Finalizers of registrations, their deployments, seeds and shoots: each stays until its ControllerInstallations are gone.
// Models pkg/controllermanager/controller/controllerregistration/{clusterfinalizer,controllerregistrationfinalizer} and controllerdeployment
import { createController, createSource, keyOf, resources } from '../../kube/index.ts';
import type { Controller, Informer, KubeObject, Resource } from '../../kube/index.ts';
import { hasFinalizer, isDeleting, type ControllerInstallation, type ControllerRegistration } from '../types.ts';
import { addFinalizer, findByKey, ownKeys, removeFinalizer, type ControllerContext } from './context.ts';
import { controllerDeployments } from './resources.ts';

const registrationFinalizer = 'core.gardener.cloud/controllerregistration';
const deploymentFinalizer = 'core.gardener.cloud/controllerdeployment';

interface Held {
  resource: Resource;
  finalizer: string;
  users?: Informer<KubeObject>;
  isUsed?(object: KubeObject): boolean;
}

function createFinalizerController(
  { resource, finalizer, users, isUsed }: Held,
  context: ControllerContext,
): Controller {
  const { client, informers, clock, logger } = context;
  const informer = informers.of<KubeObject>(resource);
  const deletingKeys = () => informer.list().filter(isDeleting).map(keyOf);
  return createController({
    name: `${resource.kind.toLowerCase()}-finalizer`,
    clock,
    logger,
    sources: [ownKeys(informer), ...(users ? [createSource(users, deletingKeys)] : [])],
    async reconcile(key) {
      const object = findByKey(informer, key);
      if (!object) return;
      if (!isDeleting(object)) await addFinalizer(client, resource, object, finalizer);
      else if (hasFinalizer(object, finalizer) && !isUsed?.(object))
        await removeFinalizer(client, resource, object, finalizer);
    },
  });
}

export function createControllerFinalizers(context: ControllerContext): Controller[] {
  const installations = context.informers.of<ControllerInstallation>(resources.controllerInstallations);
  const registrations = context.informers.of<ControllerRegistration>(resources.controllerRegistrations);
  const isInstalled = (matches: (installation: ControllerInstallation) => boolean) =>
    installations.list().some(matches);
  const held: Held[] = [
    {
      resource: resources.seeds,
      finalizer: registrationFinalizer,
      users: installations as Informer<KubeObject>,
      isUsed: ({ metadata }) => isInstalled(({ spec }) => spec.seedRef?.name === metadata.name),
    },
    // Shoots that host themselves have installations of their own; others have none, and are let go at once.
    { resource: resources.shoots, finalizer: registrationFinalizer },
    {
      resource: resources.controllerRegistrations,
      finalizer: registrationFinalizer,
      users: installations as Informer<KubeObject>,
      isUsed: ({ metadata }) => isInstalled(({ spec }) => spec.registrationRef.name === metadata.name),
    },
    {
      resource: controllerDeployments,
      finalizer: deploymentFinalizer,
      users: registrations as Informer<KubeObject>,
      isUsed: ({ metadata }) =>
        registrations
          .list()
          .some(({ spec }) => spec.deployment?.deploymentRefs?.some(({ name }) => name === metadata.name)),
    },
  ];
  return held.map((one) => createFinalizerController(one, context));
}
