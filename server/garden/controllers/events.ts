// Events about the garden's objects: events.k8s.io/v1, a repeated one counted in its series.
import { resources, type KubeClient, type KubeObject } from '../../kube/index.ts';
import type { Clock } from '../../common/clock.ts';
import { messageOf } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';

export interface EventDetails {
  type: 'Normal' | 'Warning';
  reason: string;
  action: 'Reconcile' | 'Delete';
  note: string;
}

/** Records in the background: an event that cannot be written is logged, and nobody waits for it. */
export type EventRecorder = (object: KubeObject, controller: string, details: EventDetails) => void;

interface RecordedEvent extends KubeObject {
  eventTime: string;
  series?: { count: number; lastObservedTime: string };
  [field: string]: unknown;
}

/** The same event within this time counts up. Models k8s.io/client-go/tools/events/event_broadcaster.go */
const seriesWindowMs = 6 * 60_000;
const maxNoteLength = 1024;
const maxRemembered = 200;

/** `2026-01-01T00:00:00.000000Z` */
const toMicroTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');

export function createEventRecorder(client: KubeClient, clock: Clock, logger: Logger): EventRecorder {
  const remembered = new Map<string, { name: string; namespace: string; count: number; atMs: number }>();
  let sequence = 0;

  const nameOf = (object: KubeObject) =>
    `${object.metadata.name}.${(BigInt(clock.now()) * 1_000_000n + BigInt(sequence++ % 1_000_000)).toString(16)}`;

  async function write(key: string, object: KubeObject, controller: string, details: EventDetails): Promise<void> {
    const nowMs = clock.now();
    const known = remembered.get(key);
    const namespace = object.metadata.namespace ?? 'default';
    if (known && nowMs - known.atMs < seriesWindowMs) {
      known.count++;
      known.atMs = nowMs;
      const series = { count: known.count, lastObservedTime: toMicroTime(nowMs) };
      await client.patch(resources.newEvents, known.name, known.namespace, 'merge', { series });
      return;
    }
    const event = compose(object, controller, details, nameOf(object), namespace, nowMs);
    remembered.delete(key);
    remembered.set(key, { name: event.metadata.name, namespace, count: 1, atMs: nowMs });
    for (const oldest of remembered.keys()) {
      if (remembered.size <= maxRemembered) break;
      remembered.delete(oldest);
    }
    await client.create(resources.newEvents, event);
  }

  return (object, controller, details) => {
    const key = [object.metadata.uid, controller, ...Object.values(details)].join('\n');
    write(key, object, controller, details).catch((fault: unknown) => {
      remembered.delete(key);
      logger.debug({ controller, reason: details.reason, fault: messageOf(fault) }, 'event not recorded');
    });
  };
}

function compose(
  object: KubeObject,
  controller: string,
  { type, reason, action, note }: EventDetails,
  name: string,
  namespace: string,
  nowMs: number,
): RecordedEvent {
  const { metadata } = object;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name, namespace },
    eventTime: toMicroTime(nowMs),
    reportingController: controller,
    reportingInstance: `${controller}-0`,
    type,
    reason,
    action,
    note: note.slice(0, maxNoteLength),
    regarding: {
      apiVersion: object.apiVersion,
      kind: object.kind,
      name: metadata.name,
      namespace: metadata.namespace,
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
    },
  };
}
