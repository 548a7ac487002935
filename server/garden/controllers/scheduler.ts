// The scheduler: gives every shoot a seed, or says why it has none. Models pkg/scheduler/controller/shoot/reconciler.go
import { createController, createSource, isConflict, isNotFound, keyOf, resources } from '../../kube/index.ts';
import type { Controller } from '../../kube/index.ts';
import { messageOf } from '../../common/errors.ts';
import type { CloudProfile, CloudProfileSpec, NamespacedCloudProfile, Project, Seed, Shoot } from '../types.ts';
import { isDeleting, toTime } from '../types.ts';
import { findByKey, patchStatus, type ControllerContext } from './context.ts';
import { chooseSeed } from './scheduler-filters.ts';

const schedulerName = 'default-scheduler';
const controllerName = 'shoot-scheduler';

const isToSchedule = (shoot: Shoot) =>
  !shoot.spec.seedName && (shoot.spec.schedulerName ?? schedulerName) === schedulerName && !isDeleting(shoot);

export function createScheduler(context: ControllerContext): Controller {
  const { client, informers, clock, logger, recordEvent } = context;
  const shoots = informers.of<Shoot>(resources.shoots);
  const seeds = informers.of<Seed>(resources.seeds);
  const projects = informers.of<Project>(resources.projects);
  const profiles = informers.of<CloudProfile>(resources.cloudProfiles);
  const namespacedProfiles = informers.of<NamespacedCloudProfile>(resources.namespacedCloudProfiles);

  function profileOf({ spec, metadata }: Shoot): CloudProfileSpec {
    const { kind = 'CloudProfile', name } = spec.cloudProfile ?? { name: spec.cloudProfileName ?? '' };
    const found =
      kind === 'NamespacedCloudProfile'
        ? namespacedProfiles.get(name, metadata.namespace)?.status?.cloudProfileSpec
        : profiles.get(name)?.spec;
    if (!found) throw new Error(`${kind.toLowerCase()}.core.gardener.cloud "${name}" not found`);
    return found;
  }

  async function report(shoot: Shoot, fault: unknown): Promise<void> {
    const description = `Failed to schedule Shoot: ${messageOf(fault)}`;
    recordEvent(shoot, controllerName, {
      type: 'Warning',
      reason: 'SchedulingFailed',
      action: 'Reconcile',
      note: description,
    });
    const { lastOperation } = shoot.status ?? {};
    // Writing the same again would only wake everybody up.
    if (lastOperation?.state === 'Pending' && lastOperation.description === description) return;
    const lastUpdateTime = toTime(clock.now());
    const progress = lastOperation?.progress ?? 0;
    await patchStatus(client, resources.shoots, shoot, {
      lastOperation: { type: 'Create', state: 'Pending', progress, description, lastUpdateTime },
    });
  }

  async function schedule(shoot: Shoot): Promise<void> {
    const project = projects.list().find(({ spec }) => spec.namespace === shoot.metadata.namespace);
    const seed = chooseSeed({
      shoot,
      projectName: project?.metadata.name ?? '',
      cloudProfile: profileOf(shoot),
      seeds: seeds.list(),
      shoots: shoots.list(),
    });
    const seedName = seed.metadata.name;
    const bound = { ...shoot, spec: { ...shoot.spec, seedName } };
    const stored = await client.update<Shoot>(resources.shoots, bound, { subresource: 'binding' });
    recordEvent({ ...stored, apiVersion: shoot.apiVersion, kind: shoot.kind }, controllerName, {
      type: 'Normal',
      reason: 'SchedulingSuccessful',
      action: 'Reconcile',
      note: `Scheduled to seed "${seedName}"`,
    });
  }

  return createController({
    name: controllerName,
    clock,
    logger,
    sources: [
      createSource(shoots, (shoot, old) =>
        isToSchedule(shoot) && (!old || old.metadata.generation !== shoot.metadata.generation) ? [keyOf(shoot)] : [],
      ),
      // A seed that becomes usable takes what waits.
      createSource(seeds, () => shoots.list().filter(isToSchedule).map(keyOf)),
    ],
    async reconcile(key) {
      const shoot = findByKey(shoots, key);
      if (!shoot || !isToSchedule(shoot)) return;
      try {
        await schedule(shoot);
      } catch (fault) {
        if (!isConflict(fault) && !isNotFound(fault)) await report(shoot, fault);
        throw fault;
      }
    },
  });
}
