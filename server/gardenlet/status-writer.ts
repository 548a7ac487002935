// Writes the status of one object: one patch at a time, and of progress only the newest that waits.
import type { KubeClient, KubeObject, Resource } from '../kube/index.ts';

export interface StatusWriter<T> {
  /** Written in order; rejects when the API refuses it. Resolves with the object as it then is. */
  write(patch: Record<string, unknown>): Promise<T>;
  /** Written when nothing else is being written; what comes after it before then takes its place. Faults are told to `onFault`. */
  report(patch: Record<string, unknown>): void;
}

export function createStatusWriter<T extends KubeObject>(
  client: KubeClient,
  resource: Resource,
  { name, namespace }: { name: string; namespace?: string },
  onFault: (fault: unknown) => void,
): StatusWriter<T> {
  let tail: Promise<unknown> = Promise.resolve();
  let waiting: Record<string, unknown> | undefined;

  const send = (patch: Record<string, unknown>): Promise<T> =>
    client.patch<T>(resource, name, namespace, 'merge', { status: patch }, { subresource: 'status' });

  const flush = async (): Promise<void> => {
    const patch = waiting;
    waiting = undefined;
    if (patch) await send(patch).catch(onFault);
  };

  return {
    write(patch) {
      const result = tail.then(flush).then(() => send(patch));
      tail = result.catch(() => undefined);
      return result;
    },
    report(patch) {
      const isQueued = waiting !== undefined;
      waiting = patch;
      if (!isQueued) tail = tail.then(flush);
    },
  };
}
