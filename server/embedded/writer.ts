// The writes of kubelet and scheduler: status of what is there as it is now, and events, the same one counted up.
import { randomUUID } from 'node:crypto';
import { deepCopy, isDeepEqual, toTime } from '../apiserver/objects.ts';
import type { Store } from '../apiserver/store.ts';
import type { ApiObject } from '../apiserver/types.ts';
import type { Clock } from '../common/clock.ts';
import { podResource, type Pod } from './types.ts';

export interface EventText {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  component: string;
  /** As `spec.containers{name}`. */
  fieldPath?: string;
}

export interface Writer {
  /** Changes a copy of the pod as it is stored; nothing when it is gone or nothing changed. */
  updatePod(pod: Pod, change: (copy: Pod) => void): void;
  removePod(pod: Pod): void;
  event(pod: Pod, text: EventText): void;
}

const eventResource = { group: '', plural: 'events' } as const;

interface CountedEvent extends ApiObject {
  count: number;
  lastTimestamp: string;
}

export function createWriter(store: Store, clock: Clock, nodeName: string): Writer {
  // By the pod's uid, one name for each reason and message: a repetition counts up.
  const namesByPod = new Map<string, Map<string, string>>();
  // Times in nanoseconds, as Kubernetes names events: those of one second are listed in the order in which they happened.
  let lastStamp = 0n;
  const nextStamp = (): string => {
    const now = BigInt(clock.now()) * 1_000_000n;
    lastStamp = now > lastStamp ? now : lastStamp + 1n;
    return lastStamp.toString(16);
  };
  const current = (pod: Pod): Pod | undefined => {
    const found = store.get(podResource, pod.metadata.name, pod.metadata.namespace) as Pod | undefined;
    return found?.metadata.uid === pod.metadata.uid ? found : undefined;
  };

  function createEvent(pod: Pod, eventName: string, { type, reason, message, component, fieldPath }: EventText): void {
    const { apiVersion, kind, metadata } = pod;
    const { name, namespace, uid, resourceVersion } = metadata;
    const now = toTime(clock.now());
    store.insert(eventResource, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: eventName, namespace, uid: randomUUID(), resourceVersion: '', creationTimestamp: now },
      involvedObject: { apiVersion, kind, name, namespace, uid, resourceVersion, ...(fieldPath && { fieldPath }) },
      type,
      reason,
      message,
      source: component === 'kubelet' ? { component, host: nodeName } : { component },
      reportingComponent: component,
      reportingInstance: component === 'kubelet' ? nodeName : '',
      firstTimestamp: now,
      lastTimestamp: now,
      eventTime: null,
      count: 1,
    });
  }

  return {
    updatePod(pod, change) {
      const stored = current(pod);
      if (!stored) return;
      const copy = deepCopy(stored);
      change(copy);
      if (!isDeepEqual(copy, stored)) store.replace(podResource, copy);
    },
    removePod(pod) {
      namesByPod.delete(pod.metadata.uid);
      if (current(pod)) store.remove(podResource, pod.metadata.name, pod.metadata.namespace);
    },
    event(pod, text) {
      const { name, namespace, uid } = pod.metadata;
      if (!current(pod) || !store.get({ group: '', plural: 'namespaces' }, namespace ?? '')) return;
      const names = namesByPod.get(uid) ?? new Map<string, string>();
      namesByPod.set(uid, names);
      const key = JSON.stringify([text.reason, text.message, text.fieldPath]);
      const eventName = names.get(key) ?? `${name}.${nextStamp()}`;
      names.set(key, eventName);
      const known = store.get(eventResource, eventName, namespace) as CountedEvent | undefined;
      if (!known) return createEvent(pod, eventName, text);
      store.replace(eventResource, { ...known, count: known.count + 1, lastTimestamp: toTime(clock.now()) });
    },
  };
}
