// What is really done in the tasks of a flow: objects in the garden, the shoot's own cluster. All of it bears repetition.
import { isAlreadyExists, isNotFound, resources } from '../../kube/index.ts';
import type { GardenletContext } from '../context.ts';
import type { TaskAction } from '../flow/run.ts';
import type { ClusterSpec } from '../makers/maker.ts';
import type { StatusWriter } from '../status-writer.ts';
import { isHibernationWanted, type Backup, type Project, type Seed, type Shoot } from '../types.ts';
import { addressesPatch, clusterIdentityOf, landscapeOf, observabilityUrls } from './addresses.ts';
import { clusterSpecOf } from './cluster-spec.ts';
import { deleteCredentials, ensureCredentials, readAuthority, type Authority } from './credentials/manager.ts';
import { ownerOf } from './credentials/objects.ts';
import { technicalIdOf } from './status.ts';

export interface Operation {
  context: GardenletContext;
  shoot: Shoot;
  project: Project;
  seed: Seed;
  writer: StatusWriter<Shoot>;
}

const backupEntryName = ({ shoot, project }: Operation): string =>
  `${technicalIdOf(shoot, project.metadata.name)}--${shoot.metadata.uid}`;

async function createBackupEntry(run: Operation): Promise<void> {
  const { context, shoot, seed } = run;
  const entry: Backup = {
    apiVersion: 'core.gardener.cloud/v1beta1',
    kind: 'BackupEntry',
    metadata: {
      name: backupEntryName(run),
      namespace: shoot.metadata.namespace,
      annotations: { 'shoot.gardener.cloud/purpose': shoot.spec.purpose ?? 'evaluation' },
      ownerReferences: [ownerOf(shoot)],
    },
    spec: { bucketName: seed.metadata.uid, seedName: context.seedName },
  };
  await context.client.create(resources.backupEntries, entry).catch((fault) => {
    if (!isAlreadyExists(fault)) throw fault;
  });
}

async function deleteBackupEntry(run: Operation): Promise<void> {
  const { client } = run.context;
  await client.delete(resources.backupEntries, backupEntryName(run), run.shoot.metadata.namespace).catch((fault) => {
    if (!isNotFound(fault)) throw fault;
  });
}

/** The parts of an operation that build on each other; each is made once, whichever task asks first. */
function createSteps(run: Operation) {
  const { context, shoot, project, seed, writer } = run;
  const { client, clock, maker, createAuthority } = context;
  const landscape = landscapeOf(seed, context.clusterIdentity);
  const projectName = project.metadata.name;
  const rotation = shoot.status?.credentials?.rotation;
  let authority: Promise<Authority & { bundle: string }> | undefined;
  const credentials = () =>
    (authority ??= ensureCredentials(
      { client, createAuthority, nowMs: () => clock.now() },
      shoot,
      rotation,
      observabilityUrls(shoot, projectName, landscape),
    ));
  const spec = async (): Promise<ClusterSpec> => clusterSpecOf(shoot, projectName, landscape, await credentials());
  const controlPlane = async (signal: AbortSignal): Promise<void> => {
    const { url } = await maker.ensureControlPlane(await spec(), signal);
    await writer.write({ ...addressesPatch(shoot, projectName, landscape, url) });
  };
  const identity = () =>
    writer.write({ clusterIdentity: clusterIdentityOf(shoot, technicalIdOf(shoot, projectName), landscape) });
  return { credentials, spec, controlPlane, identity };
}

/** Actions of `Shoot cluster reconciliation`, by task. */
export function reconcileActions(run: Operation): Record<string, TaskAction> {
  const { maker } = run.context;
  const { credentials, spec, controlPlane, identity } = createSteps(run);
  const common: Record<string, TaskAction> = {
    'Ensuring Shoot cluster identity': async () => void (await identity()),
    'Deploying BackupEntry for ETCD data': () => createBackupEntry(run),
    'Initializing secrets management': async () => void (await credentials()),
  };
  if (isHibernationWanted(run.shoot)) {
    const technicalId = technicalIdOf(run.shoot, run.project.metadata.name);
    return {
      ...common,
      // A shoot that is born asleep needs its addresses too, and they come with its cluster.
      ...(!run.shoot.status?.advertisedAddresses?.length && { 'Deploying Kubernetes API server': controlPlane }),
      'Waiting until worker pools have been reconciled': (signal) => maker.destroyWorkers(technicalId, signal),
      'Hibernating control plane': (signal) => maker.hibernate(technicalId, signal),
    };
  }
  return {
    ...common,
    'Deploying Kubernetes API server': controlPlane,
    'Deploying shoot system resources': async (signal) => maker.ensureSystemComponents(await spec(), signal),
    'Waiting until worker pools have been reconciled': async (signal) => maker.ensureWorkers(await spec(), signal),
  };
}

/** Actions of `Shoot cluster deletion`, by task. */
export function deleteActions(run: Operation): Record<string, TaskAction> {
  const { context, shoot, project } = run;
  const technicalId = technicalIdOf(shoot, project.metadata.name);
  return {
    'Destroying shoot workers': (signal) => context.maker.destroyWorkers(technicalId, signal),
    'Deleting Kubernetes API server': () => context.maker.destroy(technicalId),
    'Destroying main and events etcd': () => deleteBackupEntry(run),
    'Deleting shoot namespace in Seed': () => deleteCredentials(context.client, shoot),
  };
}

/** Makes sure that the cluster of a shoot that is awake runs, after a restart of gardenlet or of the machine below. */
export async function adoptCluster(run: Operation, signal: AbortSignal): Promise<void> {
  const { context, shoot, project, seed, writer } = run;
  const authority = await readAuthority(context.client, shoot);
  if (!authority) return;
  const landscape = landscapeOf(seed, context.clusterIdentity);
  const spec = clusterSpecOf(shoot, project.metadata.name, landscape, authority);
  const { url } = await context.maker.ensureControlPlane(spec, signal);
  await context.maker.ensureSystemComponents(spec, signal);
  await context.maker.ensureWorkers(spec, signal);
  const known = shoot.status?.advertisedAddresses?.find(({ name }) => name === 'external')?.url;
  if (known !== url) await writer.write({ ...addressesPatch(shoot, project.metadata.name, landscape, url) });
}
