// Objects that stay as long as others use them: the finalizer `gardener`, and an event that says who.
// Models pkg/controllermanager/controller/{cloudprofile,namespacedcloudprofile,quota,exposureclass}/reconciler.go
import { createController, createSource, keyOf, resources } from '../../kube/index.ts';
import type { Controller, Informer, KubeObject, Resource, Source } from '../../kube/index.ts';
import { gardenerFinalizer, hasFinalizer, isDeleting } from '../types.ts';
import type { Binding, CloudProfile, NamespacedCloudProfile, Shoot } from '../types.ts';
import { addFinalizer, findByKey, ownKeys, removeFinalizer, type ControllerContext } from './context.ts';
import { goList } from './go-text.ts';
import { keepCloudProfileStatus, keepNamespacedCloudProfileStatus } from './cloudprofile-status.ts';

interface HeldKind<T extends KubeObject> {
  resource: Resource;
  /** Why the object cannot go yet; undefined when nobody uses it. */
  usedBy(object: T): string | undefined;
  /** Who uses objects of this kind: when one of them changes, what is being deleted is looked at again. */
  users: readonly Informer<KubeObject>[];
  sources?: readonly Source[];
  /** More to do for one that stays. */
  keep?(object: T): Promise<{ requeueAfterMs?: number } | void>;
}

function createInUseController<T extends KubeObject>(kind: HeldKind<T>, context: ControllerContext): Controller {
  const { client, informers, clock, logger, recordEvent } = context;
  const { resource } = kind;
  const name = `${resource.kind.toLowerCase()}-controller`;
  const informer = informers.of<T>(resource);
  const deletingKeys = () => informer.list().filter(isDeleting).map(keyOf);
  return createController({
    name,
    clock,
    logger,
    sources: [
      ownKeys(informer),
      ...kind.users.map((users) => createSource(users, deletingKeys)),
      ...(kind.sources ?? []),
    ],
    async reconcile(key) {
      const object = findByKey(informer, key);
      if (!object) return;
      if (!isDeleting(object)) {
        const held = await addFinalizer(client, resource, object, gardenerFinalizer);
        return held && kind.keep?.(held);
      }
      if (!hasFinalizer(object, gardenerFinalizer)) return;
      const note = kind.usedBy(object);
      if (note === undefined) return void (await removeFinalizer(client, resource, object, gardenerFinalizer));
      recordEvent(object, name, { type: 'Normal', reason: 'ResourceReferenced', action: 'Delete', note });
    },
  });
}

const cloudProfileOf = ({ spec }: Shoot) => spec.cloudProfile ?? { kind: 'CloudProfile', name: spec.cloudProfileName };

/** For CloudProfiles, NamespacedCloudProfiles, Quotas and ExposureClasses. */
export function createInUseControllers(context: ControllerContext): Controller[] {
  const { informers } = context;
  const shoots = informers.of<Shoot>(resources.shoots);
  const profiles = informers.of<CloudProfile>(resources.cloudProfiles);
  const namespacedProfiles = informers.of<NamespacedCloudProfile>(resources.namespacedCloudProfiles);
  const bindings = [resources.secretBindings, resources.credentialsBindings].map((one) => informers.of<Binding>(one));
  const shootsWith = (isUser: (shoot: Shoot) => boolean) => shoots.list().filter(isUser).map(keyOf);
  const because = (kind: string, users: string, keys: string[]) =>
    keys.length
      ? `Cannot delete ${kind}, because the following ${users} are still referencing it: ${goList(keys)}`
      : undefined;

  const cloudProfiles: HeldKind<CloudProfile> = {
    resource: resources.cloudProfiles,
    users: [shoots as Informer<KubeObject>, namespacedProfiles as Informer<KubeObject>],
    keep: (profile) => keepCloudProfileStatus(profile, context),
    usedBy: ({ metadata: { name } }) =>
      because(
        'CloudProfile',
        'NamespacedCloudProfiles',
        namespacedProfiles
          .list()
          .filter(({ spec: { parent } }) => parent.kind === 'CloudProfile' && parent.name === name)
          .map(keyOf),
      ) ??
      because(
        'CloudProfile',
        'Shoots',
        shootsWith((shoot) => {
          const profile = cloudProfileOf(shoot);
          return (profile.kind ?? 'CloudProfile') === 'CloudProfile' && profile.name === name;
        }),
      ),
  };
  const namespacedCloudProfiles: HeldKind<NamespacedCloudProfile> = {
    resource: resources.namespacedCloudProfiles,
    users: [shoots as Informer<KubeObject>],
    sources: [
      createSource(profiles, ({ metadata }) =>
        namespacedProfiles
          .list()
          .filter(({ spec }) => spec.parent.name === metadata.name)
          .map(keyOf),
      ),
    ],
    keep: (profile) => keepNamespacedCloudProfileStatus(profile, profiles, context),
    usedBy: ({ metadata: { name, namespace } }) =>
      because(
        'NamespacedCloudProfile',
        'Shoots',
        shootsWith((shoot) => {
          const profile = cloudProfileOf(shoot);
          const isOurs = profile.kind === 'NamespacedCloudProfile' && profile.name === name;
          return isOurs && shoot.metadata.namespace === namespace;
        }),
      ),
  };
  const quotas: HeldKind<KubeObject> = {
    resource: resources.quotas,
    users: bindings as Informer<KubeObject>[],
    usedBy({ metadata: { name, namespace } }) {
      const [secret = [], credentials = []] = bindings.map((all) =>
        all
          .list()
          .filter((binding) => binding.quotas?.some((one) => one.name === name && one.namespace === namespace))
          .map(keyOf),
      );
      if (!secret.length && !credentials.length) return undefined;
      return `Cannot delete Quota, because the following resources are still referencing it: SecretBindings - ${goList(secret)}, CredentialsBindings - ${goList(credentials)}`;
    },
  };
  const exposureClasses: HeldKind<KubeObject> = {
    resource: resources.exposureClasses,
    users: [shoots as Informer<KubeObject>],
    usedBy({ metadata: { name } }) {
      const users = shootsWith(({ spec }) => spec.exposureClassName === name);
      if (!users.length) return undefined;
      return `Cannot delete ExposureClass, because it is still associated by the following Shoots: ${goList(users)}`;
    },
  };
  return [
    createInUseController(cloudProfiles, context),
    createInUseController(namespacedCloudProfiles, context),
    createInUseController(quotas, context),
    createInUseController(exposureClasses, context),
  ];
}
