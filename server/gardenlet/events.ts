// Events of gardenlet, in events.k8s.io/v1. Best effort: an event that cannot be written is logged and forgotten.
import { randomBytes } from 'node:crypto';
import type { Logger } from '../common/log.ts';
import { resources, type KubeClient, type KubeObject } from '../kube/index.ts';

export interface EventRecorder {
  record(object: KubeObject, type: 'Normal' | 'Warning', reason: string, action: string, note: string): void;
}

export interface EventRecorderOptions {
  client: KubeClient;
  logger: Logger;
  nowMs(): number;
  /** `<group>/<controller>` that reports, and its instance. */
  reportingController: string;
  reportingInstance: string;
}

const maxNoteLength = 1024;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, logger, nowMs, reportingController, reportingInstance } = options;
  return {
    record({ apiVersion, kind, metadata }, type, reason, action, note) {
      const { name, namespace, uid, resourceVersion } = metadata;
      const event = {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: `${name}.${randomBytes(8).toString('hex')}`, namespace: namespace ?? 'default' },
        eventTime: `${new Date(nowMs()).toISOString().slice(0, -1)}000Z`,
        reportingController,
        reportingInstance,
        action,
        reason,
        type,
        note: note.slice(0, maxNoteLength),
        regarding: { apiVersion, kind, name, namespace, uid, resourceVersion },
      };
      client
        .create(resources.newEvents, event)
        .catch((fault: unknown) => logger.debug({ err: fault, reason, object: name }, 'event not written'));
    },
  };
}
