// Controllers of what lives in the seed and is only reported in the garden: backups and installed extensions.
import {
  createController,
  createSource,
  keyOf,
  resources,
  type Controller,
  type Informer,
  type KubeObject,
  type Resource,
} from '../../kube/index.ts';
import type { GardenletContext } from '../context.ts';
import { addFinalizer, removeFinalizer } from '../finalizer.ts';
import { transition, type Check } from '../shoot/conditions.ts';
import { operation } from '../shoot/status.ts';
import { hasFinalizer, isDeleting, type Backup, type ControllerInstallation } from '../types.ts';

interface Reported<T extends KubeObject> {
  name: string;
  resource: Resource;
  informer: Informer<T>;
  isOurs(object: T): boolean;
  /** The status to be written; undefined when it is as it should be. */
  statusOf(object: T, nowMs: number): Record<string, unknown> | undefined;
}

/** Finalizer on what comes, status while it is there, finalizer off when it goes. */
function createReportController<T extends KubeObject>(
  { client, clock, logger }: GardenletContext,
  { name, resource, informer, isOurs, statusOf }: Reported<T>,
): Controller {
  return createController({
    name,
    clock,
    logger,
    sources: [createSource(informer, (object) => [keyOf(object)])],
    async reconcile(key) {
      const [last, namespace] = key.split('/').reverse();
      const object = informer.get(last!, namespace);
      if (!object || !isOurs(object)) return;
      if (isDeleting(object)) return hasFinalizer(object) ? removeFinalizer(client, resource, object) : undefined;
      if (!hasFinalizer(object)) return addFinalizer(client, resource, object);
      const status = statusOf(object, clock.now());
      if (!status) return;
      const { resourceVersion } = object.metadata;
      const patch = { metadata: { resourceVersion }, status };
      await client.patch(resource, object.metadata.name, namespace, 'merge', patch, { subresource: 'status' });
    },
  });
}

const backupStatus =
  (kind: 'BackupBucket' | 'BackupEntry', seedName: string) =>
  ({ metadata, status }: Backup, nowMs: number): Record<string, unknown> | undefined => {
    if (status?.observedGeneration === metadata.generation && status?.lastOperation?.state === 'Succeeded')
      return undefined;
    const description = `${kind} has been successfully reconciled.`;
    return {
      observedGeneration: metadata.generation,
      ...(kind === 'BackupEntry' && { seedName }),
      lastOperation: operation('Reconcile', 'Succeeded', 100, description, nowMs),
    };
  };

const installed: Omit<Check, 'status'>[] = [
  { type: 'Valid', reason: 'RegistrationValid', message: 'chart could be rendered successfully.' },
  {
    type: 'Installed',
    reason: 'InstallationSuccessful',
    message: 'The controller was successfully installed in the seed cluster.',
  },
  { type: 'Healthy', reason: 'ControllerHealthy', message: 'The controller running in the seed cluster is healthy.' },
  {
    type: 'Progressing',
    reason: 'ControllerRolledOut',
    message: 'The controller has been rolled out successfully.',
  },
];

/** undefined when all four conditions are as they should be. */
export function installationStatus({ status }: ControllerInstallation, nowMs: number) {
  const current = status?.conditions ?? [];
  const next = installed.map((one) => {
    const check: Check = { ...one, status: one.type === 'Progressing' ? 'False' : 'True' };
    const old = current.find(({ type }) => type === check.type);
    return transition(old?.status === check.status ? old : undefined, check, { nowMs, thresholdMs: 0 });
  });
  const isDone = next.every(({ type, status: wanted, reason }) =>
    current.some((one) => one.type === type && one.status === wanted && one.reason === reason),
  );
  if (isDone) return undefined;
  return { conditions: [...current.filter(({ type }) => !next.some((one) => one.type === type)), ...next] };
}

export interface ExtensionInformers {
  backupBuckets: Informer<Backup>;
  backupEntries: Informer<Backup>;
  controllerInstallations: Informer<ControllerInstallation>;
}

export function createExtensionControllers(context: GardenletContext, informers: ExtensionInformers): Controller[] {
  const { seedName } = context;
  const isBackupOurs = ({ spec }: Backup) => spec.seedName === seedName;
  return [
    createReportController(context, {
      name: 'backupbucket',
      resource: resources.backupBuckets,
      informer: informers.backupBuckets,
      isOurs: isBackupOurs,
      statusOf: backupStatus('BackupBucket', seedName),
    }),
    createReportController(context, {
      name: 'backupentry',
      resource: resources.backupEntries,
      informer: informers.backupEntries,
      isOurs: isBackupOurs,
      statusOf: backupStatus('BackupEntry', seedName),
    }),
    createReportController(context, {
      name: 'controllerinstallation',
      resource: resources.controllerInstallations,
      informer: informers.controllerInstallations,
      isOurs: ({ spec }) => spec.seedRef?.name === seedName,
      statusOf: installationStatus,
    }),
  ];
}
