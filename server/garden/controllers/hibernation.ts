// Hibernates shoots and wakes them up by their schedules. Models pkg/controllermanager/controller/shoot/hibernation/reconciler.go
import { createController, resources, type Controller } from '../../kube/index.ts';
import { isDeleting, toTime, type HibernationSchedule, type Shoot } from '../types.ts';
import { findByKey, ownKeys, patchStatus, type ControllerContext } from './context.ts';
import { parseCron, previousDueMs } from './cron.ts';

const minuteMs = 60_000;
/** What was missed for longer is not made up for. */
const triggerDeadlineMs = 2 * 60 * minuteMs;

/** What the schedules want since `sinceMs`: the latest of their times decides; undefined when none was due. */
export function decideHibernation(
  schedules: readonly HibernationSchedule[],
  sinceMs: number,
  nowMs: number,
): { isHibernating: boolean } | undefined {
  let latest: { atMs: number; isHibernating: boolean } | undefined;
  for (const { start, end, location = 'UTC' } of schedules)
    for (const [text, isHibernating] of [
      [start, true],
      [end, false],
    ] as const) {
      const schedule = text === undefined ? undefined : parseCron(text);
      const atMs = schedule && previousDueMs(schedule, location, sinceMs, nowMs);
      if (atMs !== undefined && (!latest || atMs > latest.atMs)) latest = { atMs, isHibernating };
    }
  return latest && { isHibernating: latest.isHibernating };
}

export function createHibernationController({
  client,
  informers,
  clock,
  logger,
  recordEvent,
}: ControllerContext): Controller {
  const shoots = informers.of<Shoot>(resources.shoots);

  async function apply(shoot: Shoot, isHibernating: boolean): Promise<void> {
    const { name, namespace } = shoot.metadata;
    recordEvent(shoot, 'shoot-hibernation-controller', {
      type: 'Normal',
      reason: isHibernating ? 'Hibernated' : 'WokenUp',
      action: 'Reconcile',
      note: `${isHibernating ? 'Hibernating' : 'Waking up'} cluster due to schedule`,
    });
    const spec = { hibernation: { enabled: isHibernating } };
    await client.patch(resources.shoots, name, namespace, 'merge', { spec });
    await patchStatus(client, resources.shoots, shoot, { lastHibernationTriggerTime: toTime(clock.now()) });
  }

  return createController({
    name: 'shoot-hibernation',
    clock,
    logger,
    sources: [ownKeys(shoots)],
    async reconcile(key) {
      const shoot = findByKey(shoots, key);
      const schedules = shoot?.spec.hibernation?.schedules ?? [];
      if (!shoot || !schedules.length || isDeleting(shoot)) return;
      const nowMs = clock.now();
      const last = shoot.status?.lastHibernationTriggerTime ?? shoot.metadata.creationTimestamp ?? '';
      const sinceMs = Math.max(Date.parse(last) || nowMs, nowMs - triggerDeadlineMs);
      const decision = decideHibernation(schedules, sinceMs, nowMs);
      if (decision) await apply(shoot, decision.isHibernating);
      return { requeueAfterMs: minuteMs - (nowMs % minuteMs) };
    },
  });
}
