// Maintenance of shoots: in their time window, or at once with the annotation `maintain`. Models pkg/controllermanager/controller/shoot/maintenance/reconciler.go
import { createController, createSource, keyOf, resources, type Controller } from '../../kube/index.ts';
import { messageOf } from '../../common/errors.ts';
import { isDeleting, toTime } from '../types.ts';
import type { CloudProfile, CloudProfileSpec, NamespacedCloudProfile, Shoot } from '../types.ts';
import { findByKey, patchStatus, type ControllerContext } from './context.ts';
import { describeMaintenance, planMaintenance, type MaintenancePlan, type UpdateResult } from './maintenance-plan.ts';

const operationAnnotation = 'gardener.cloud/operation';
const maintenanceOperationAnnotation = 'maintenance.gardener.cloud/operation';
const controllerName = 'shoot-maintenance-controller';
const dayMs = 24 * 60 * 60_000;

const operationsOf = (shoot: Shoot, annotation: string) =>
  (shoot.metadata.annotations?.[annotation] ?? '').split(';').filter(Boolean);
const isMaintainWanted = (shoot: Shoot) => operationsOf(shoot, operationAnnotation).includes('maintain');

/** `220000+0100` as ms since midnight UTC. */
export function timeOfDayMs(text: string): number | undefined {
  const [, hours, minutes, seconds, sign, zoneHours, zoneMinutes] =
    /^(\d\d)(\d\d)(\d\d)([+-])(\d\d)(\d\d)$/.exec(text) ?? [];
  if (hours === undefined) return undefined;
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -1 : 1);
  const ms = ((Number(hours) * 60 + Number(minutes) - zone) * 60 + Number(seconds)) * 1000;
  return ((ms % dayMs) + dayMs) % dayMs;
}

/** How long until the window begins next; never 0. */
export function untilWindowMs(begin: string, nowMs: number): number | undefined {
  const atMs = timeOfDayMs(begin);
  if (atMs === undefined) return undefined;
  return ((atMs - (nowMs % dayMs) + dayMs - 1) % dayMs) + 1;
}

export function createMaintenanceController(context: ControllerContext): Controller {
  const { client, informers, clock, logger, recordEvent } = context;
  const shoots = informers.of<Shoot>(resources.shoots);
  const profiles = informers.of<CloudProfile>(resources.cloudProfiles);
  const namespacedProfiles = informers.of<NamespacedCloudProfile>(resources.namespacedCloudProfiles);
  // When the next window of each shoot begins.
  const windows = new Map<string, number>();

  function profileOf({ spec, metadata }: Shoot): CloudProfileSpec | undefined {
    const { kind, name } = spec.cloudProfile ?? { kind: undefined, name: spec.cloudProfileName ?? '' };
    if (kind === 'NamespacedCloudProfile')
      return namespacedProfiles.get(name, metadata.namespace)?.status?.cloudProfileSpec;
    return profiles.get(name)?.spec;
  }

  const event = (shoot: Shoot, reason: string, type: 'Normal' | 'Warning', note: string) =>
    recordEvent(shoot, controllerName, { type, reason, action: 'Reconcile', note });

  function reportPlan(shoot: Shoot, { controlPlane, workerVersions, workerImages }: MaintenancePlan): void {
    const report = (subject: string, what: string, reason: string, result: UpdateResult) =>
      result.isSuccessful
        ? event(shoot, reason, 'Normal', `${subject}: ${result.description}. Reason: ${result.reason}.`)
        : event(
            shoot,
            reason,
            'Warning',
            `${subject}: ${what} version maintenance failed. Reason for update: ${result.reason}. Error: ${result.description}`,
          );
    if (controlPlane) report('Control Plane', 'Kubernetes', 'KubernetesVersionMaintenance', controlPlane);
    for (const [name, result] of workerVersions)
      report(`Worker pool "${name}"`, 'Kubernetes', 'KubernetesVersionMaintenance', result);
    for (const [name, result] of workerImages)
      report(`Worker pool "${name}"`, 'Machine image', 'MachineImageVersionMaintenance', result);
  }

  async function maintain(shoot: Shoot): Promise<void> {
    const profile = profileOf(shoot);
    if (!profile) return;
    const { name, namespace, resourceVersion } = shoot.metadata;
    const plan = planMaintenance(shoot, profile, clock.now());
    const wanted = describeMaintenance(plan);
    const triggeredTime = toTime(clock.now());
    // Every maintenance reconciles, and does what was asked for the next window.
    const operations = new Set([...operationsOf(shoot, maintenanceOperationAnnotation), 'reconcile']);
    const annotations = { [operationAnnotation]: [...operations].join(';'), [maintenanceOperationAnnotation]: null };
    const { kubernetes, provider } = plan.spec;
    const patch = { metadata: { resourceVersion, annotations }, spec: { kubernetes, provider } };
    try {
      await client.patch(resources.shoots, name, namespace, 'merge', patch);
    } catch (fault) {
      const failureReason = `Updates to the Shoot failed to be applied: ${messageOf(fault)}`;
      if ((fault as { code?: number }).code === 409) throw fault;
      event(shoot, 'MaintenanceError', 'Warning', messageOf(fault));
      const metadata = { annotations: { [operationAnnotation]: null } };
      await client.patch(resources.shoots, name, namespace, 'merge', { metadata });
      const lastMaintenance = { description: 'Maintenance failed', triggeredTime, state: 'Failed', failureReason };
      await patchStatus(client, resources.shoots, shoot, { lastMaintenance });
      return;
    }
    if (wanted) {
      const state = wanted.failureReason ? 'Failed' : 'Succeeded';
      const failureReason = wanted.failureReason ?? null;
      const lastMaintenance = { description: wanted.description, triggeredTime, state, failureReason };
      await patchStatus(client, resources.shoots, shoot, { lastMaintenance });
    } else if (shoot.status?.lastMaintenance?.state === 'Failed') {
      const lastMaintenance = { state: 'Succeeded', description: 'Maintenance succeeded', failureReason: null };
      await patchStatus(client, resources.shoots, shoot, { lastMaintenance });
    }
    reportPlan(shoot, plan);
  }

  return createController({
    name: controllerName,
    clock,
    logger,
    sources: [
      createSource(shoots, (shoot, old) => {
        if (!shoots.get(shoot.metadata.name, shoot.metadata.namespace)) {
          windows.delete(keyOf(shoot));
          return [];
        }
        const isMoved = old?.spec.maintenance?.timeWindow?.begin !== shoot.spec.maintenance?.timeWindow?.begin;
        if (isMoved) windows.delete(keyOf(shoot));
        return isMoved || isMaintainWanted(shoot) ? [keyOf(shoot)] : [];
      }),
    ],
    async reconcile(key) {
      const shoot = findByKey(shoots, key);
      if (!shoot || isDeleting(shoot)) return;
      const nowMs = clock.now();
      const isWindow = nowMs >= (windows.get(key) ?? Infinity);
      if (isWindow || isMaintainWanted(shoot)) await maintain(shoot);
      const delayMs = untilWindowMs(shoot.spec.maintenance?.timeWindow?.begin ?? '', nowMs);
      if (delayMs === undefined) return;
      windows.set(key, nowMs + delayMs);
      return { requeueAfterMs: delayMs };
    },
  });
}
