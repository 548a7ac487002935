// From a session pod to the session that its user is told about: pure.
import type { Session } from '../protocol/rest.ts';
import { endOf } from './lifetime.ts';
import { conditionOf, environmentNameOf, failureOf, stateOf } from './state.ts';
import type { Pod } from './types.ts';

/** `titleOf` names an environment, which may be gone since the pod was made. */
export function toSession(pod: Pod, titleOf: (environment: string) => string): Session {
  const state = stateOf(pod);
  const ready = conditionOf(pod, 'Ready');
  const failure = failureOf(pod);
  return {
    id: pod.metadata.uid ?? '',
    environment: environmentNameOf(pod),
    environmentTitle: titleOf(environmentNameOf(pod)),
    state,
    createdAt: pod.metadata.creationTimestamp ?? new Date(0).toISOString(),
    ...(state === 'ready' && ready?.status === 'True' && ready.lastTransitionTime
      ? { readyAt: ready.lastTransitionTime }
      : {}),
    end: endOf(pod),
    ...(state === 'failed' && failure ? { failure } : {}),
  };
}
