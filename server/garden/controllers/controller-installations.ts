// Installs on every seed the extensions that it and its shoots need, and takes away the others.
// Models pkg/controllermanager/controller/controllerregistration/controllerinstallation/reconciler.go
import { createHash } from 'node:crypto';
import { createController, createSource, resources } from '../../kube/index.ts';
import type { Controller, KubeClient, KubeObject } from '../../kube/index.ts';
import type { Backup, ControllerInstallation, ControllerRegistration, Seed, Shoot } from '../types.ts';
import { isDeleting } from '../types.ts';
import { ignoreNotFound, type ControllerContext } from './context.ts';
import { wantedRegistrations } from './required-extensions.ts';
import { controllerDeployments } from './resources.ts';

const podSecurityAnnotation = 'security.gardener.cloud/pod-security-enforce';

const hashOf = (value: unknown) =>
  createHash('sha256')
    .update(JSON.stringify(value ?? null))
    .digest('hex')
    .slice(0, 16);

/** Labels that change with what the installation was made from, so that gardenlet installs again. */
const hashLabels = (seed: Seed, registration: ControllerRegistration, deployment: KubeObject | undefined) => ({
  'registration-spec-hash': hashOf(registration.spec),
  'seed-spec-hash': hashOf(seed.spec),
  ...(deployment ? { 'deployment-hash': hashOf({ ...deployment, metadata: undefined }) } : {}),
});

const referenceTo = ({ metadata: { name, resourceVersion } }: KubeObject) => ({ name, resourceVersion });

async function install(
  client: KubeClient,
  seed: Seed,
  registration: ControllerRegistration,
  deployment: KubeObject | undefined,
): Promise<void> {
  const { name, annotations = {} } = registration.metadata;
  const enforced = annotations[podSecurityAnnotation];
  await client.create(resources.controllerInstallations, {
    apiVersion: 'core.gardener.cloud/v1beta1',
    kind: 'ControllerInstallation',
    metadata: {
      name: '',
      generateName: `${name}-`,
      labels: hashLabels(seed, registration, deployment),
      ...(enforced ? { annotations: { [podSecurityAnnotation]: enforced } } : {}),
    },
    spec: {
      registrationRef: referenceTo(registration),
      seedRef: referenceTo(seed),
      ...(deployment ? { deploymentRef: referenceTo(deployment) } : {}),
    },
  } as ControllerInstallation);
}

/** Brings the references up to date when the labels say that something changed. */
async function refresh(
  client: KubeClient,
  installation: ControllerInstallation,
  seed: Seed,
  registration: ControllerRegistration,
  deployment: KubeObject | undefined,
): Promise<void> {
  const labels = hashLabels(seed, registration, deployment);
  const stored = installation.metadata.labels ?? {};
  if (Object.entries(labels).every(([key, value]) => stored[key] === value)) return;
  await client.patch(resources.controllerInstallations, installation.metadata.name, undefined, 'merge', {
    metadata: { labels },
    spec: {
      registrationRef: referenceTo(registration),
      seedRef: referenceTo(seed),
      ...(deployment ? { deploymentRef: referenceTo(deployment) } : {}),
    },
  });
}

export function createControllerInstallationController(context: ControllerContext): Controller {
  const { client, informers, clock, logger } = context;
  const seeds = informers.of<Seed>(resources.seeds);
  const shoots = informers.of<Shoot>(resources.shoots);
  const registrations = informers.of<ControllerRegistration>(resources.controllerRegistrations);
  const deployments = informers.of<KubeObject>(controllerDeployments);
  const buckets = informers.of<Backup>(resources.backupBuckets);
  const entries = informers.of<Backup>(resources.backupEntries);
  const allSeeds = () => seeds.list().map(({ metadata }) => metadata.name);
  const seedOf = ({ spec, status }: { spec: { seedName?: string }; status?: unknown }) => {
    const inStatus = (status as { seedName?: string } | undefined)?.seedName;
    return [...new Set([spec.seedName, inStatus])].filter((name) => name !== undefined);
  };
  const isSpecChanged = (object: KubeObject, old?: KubeObject) =>
    !old || old.metadata.generation !== object.metadata.generation || isDeleting(object);

  return createController({
    name: 'controllerinstallation-controller',
    clock,
    logger,
    sources: [
      createSource(seeds, (seed, old) => (isSpecChanged(seed, old) ? [seed.metadata.name] : [])),
      createSource(shoots, (shoot, old) => (isSpecChanged(shoot, old) ? seedOf(shoot) : [])),
      createSource(registrations, allSeeds),
      createSource(deployments, allSeeds),
      createSource(buckets, (bucket, old) => (isSpecChanged(bucket, old) ? seedOf(bucket) : [])),
      createSource(entries, (entry, old) => (isSpecChanged(entry, old) ? seedOf(entry) : [])),
    ],
    async reconcile(name) {
      const seed = seeds.get(name);
      if (!seed) return;
      const content = { shoots: shoots.list(), buckets: buckets.list(), entries: entries.list() };
      const wanted = wantedRegistrations(seed, content, registrations.list());
      // Read from the server, so that nothing is installed twice.
      const { items } = await client.list<ControllerInstallation>(resources.controllerInstallations);
      const ours = items.filter(({ spec }) => spec.seedRef?.name === name);
      for (const registration of wanted) {
        const deployment = deployments.get(registration.spec.deployment?.deploymentRefs?.[0]?.name ?? '');
        const own = ours.filter(({ spec }) => spec.registrationRef.name === registration.metadata.name);
        const [installation] = own.filter((one) => !isDeleting(one));
        if (installation) await refresh(client, installation, seed, registration, deployment);
        // One that is on its way out must be gone first: its last event brings us here again.
        else if (!own.length) await install(client, seed, registration, deployment);
        else return { requeueAfterMs: 1000 };
      }
      const wantedNames = new Set(wanted.map(({ metadata }) => metadata.name));
      for (const installation of ours)
        if (!wantedNames.has(installation.spec.registrationRef.name) && !isDeleting(installation))
          await ignoreNotFound(client.delete(resources.controllerInstallations, installation.metadata.name));
    },
  });
}
