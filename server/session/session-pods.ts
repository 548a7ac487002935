// The session pods in the Kubernetes API: read, made, noted on, ended. Faults of the API come out as sentences for the user.
import type { Clock } from '../common/clock.ts';
import { PlaygroundError } from '../common/errors.ts';
import { DisposableStore } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { isAlreadyExists, isConflict, isInvalid, isNotFound, KubeError } from '../kube/errors.ts';
import { resources } from '../kube/resources.ts';
import type { Informer, KubeClient } from '../kube/types.ts';
import type { EndReason } from './endings.ts';
import { toPlaygroundError } from './faults.ts';
import type { Origin } from './observer.ts';
import { podNameOf } from './pod-names.ts';
import { isEnding, ownerIdOf } from './state.ts';
import { annotations, type Pod } from './types.ts';

export interface SessionPodsOptions {
  client: KubeClient;
  pods: Informer<Pod>;
  namespace: string;
  clock: Clock;
  logger: Logger;
  /** Told of every pod that the cluster refused to make. */
  onRefuse?(pod: Pod, fault: KubeError): void;
  /** Told of every session that this process has ended. */
  onEnd?(pod: Pod, why: EndReason, origin?: Origin): void;
}

export interface EndOptions {
  /** Asked between the note and the deletion. */
  mayGoOn?(): boolean;
  /** The request that asked for it. */
  origin?: Origin;
}

const goneTimeoutMs = 20_000;

const stillEnding = () =>
  new PlaygroundError(503, 'SessionEnding', 'Your last session is still ending. Please try again in a moment.', {
    retryAfterSeconds: 5,
  });

/** The pod is not the one that was read any more; a patch with another pod's uid is invalid. */
const isOvertaken = (fault: unknown) => isConflict(fault) || isInvalid(fault);

export class SessionPods {
  constructor(private readonly options: SessionPodsOptions) {}

  /** The user's pod as the API server has it; undefined without one. */
  async read(userId: string): Promise<Pod | undefined> {
    const pod = await this.readByName(podNameOf(userId));
    if (!pod || ownerIdOf(pod) === userId) return pod;
    throw new PlaygroundError(500, 'ForeignPod', 'The place of your session is taken by a pod of somebody else.');
  }

  async readByName(name: string): Promise<Pod | undefined> {
    try {
      return await this.options.client.get<Pod>(resources.pods, name, this.options.namespace);
    } catch (fault) {
      if (isNotFound(fault)) return undefined;
      throw toPlaygroundError(fault);
    }
  }

  /** undefined when there is one already. */
  async create(pod: Pod): Promise<Pod | undefined> {
    try {
      return await this.options.client.create<Pod>(resources.pods, pod);
    } catch (fault) {
      if (isAlreadyExists(fault)) return undefined;
      if (fault instanceof KubeError) this.options.onRefuse?.(pod, fault);
      throw toPlaygroundError(fault);
    }
  }

  /** Writes annotations (null removes one) on the pod exactly as it was read; undefined when it has changed since, or is gone. */
  async annotate(pod: Pod, notes: Record<string, string | null>): Promise<Pod | undefined> {
    const { client, namespace } = this.options;
    const { name, uid, resourceVersion } = pod.metadata;
    const patch = { metadata: { uid, resourceVersion, annotations: notes } };
    try {
      return await client.patch<Pod>(resources.pods, name, namespace, 'merge', patch);
    } catch (fault) {
      if (isNotFound(fault) || isOvertaken(fault)) return undefined;
      throw toPlaygroundError(fault);
    }
  }

  /**
   * Ends the pod exactly as it was read, with the reason written on it first: every replica must be able to tell the user why. False when it
   * has changed since: nothing has been deleted then.
   */
  async end(pod: Pod, why: EndReason, { mayGoOn = () => true, origin }: EndOptions = {}): Promise<boolean> {
    const { client, namespace, logger, onEnd } = this.options;
    const noted = isEnding(pod) ? pod : await this.annotate(pod, { [annotations.endReason]: why });
    if (!noted || !mayGoOn()) return false;
    const { name, uid, resourceVersion } = noted.metadata;
    try {
      await client.delete(resources.pods, name, namespace, { preconditions: { uid, resourceVersion } });
    } catch (fault) {
      if (isNotFound(fault) || isOvertaken(fault)) return false;
      throw toPlaygroundError(fault);
    }
    logger.info({ requestId: origin?.requestId, user: ownerIdOf(pod), session: uid, why }, 'session ended');
    if (!isEnding(pod)) onEnd?.(noted, why, origin);
    return true;
  }

  /** Throws when it takes too long. */
  waitUntilGone(pod: Pod): Promise<void> {
    const { pods, clock } = this.options;
    const { name, namespace, uid } = pod.metadata;
    return new Promise((resolve, reject) => {
      const disposables = new DisposableStore();
      const settle = (act: () => void) => {
        disposables.dispose();
        act();
      };
      const look = () =>
        void (async () => {
          // The informer may not have seen the pod at all yet.
          if (pods.get(name, namespace)?.metadata.uid === uid) return;
          const current = await this.read(ownerIdOf(pod) ?? '');
          if (current?.metadata.uid !== uid) settle(resolve);
        })().catch((fault: unknown) => settle(() => reject(fault)));
      disposables.add(pods.subscribe({ onDelete: look }));
      disposables.add(clock.every(1000, look));
      disposables.add(clock.after(goneTimeoutMs, () => settle(() => reject(stillEnding()))));
      look();
    });
  }
}
