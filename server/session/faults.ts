// From faults of the Kubernetes API to sentences for the user.
import { PlaygroundError } from '../common/errors.ts';
import { KubeError } from '../kube/errors.ts';

/** Whatever was thrown while speaking to the cluster, as an error for the user; what is no fault of the cluster stays as it is. */
export function toPlaygroundError(fault: unknown): unknown {
  if (!(fault instanceof KubeError)) return fault;
  const create = (status: number, name: string, sentence: string, retryAfterSeconds?: number) =>
    new PlaygroundError(status, name, sentence, { cause: fault, retryAfterSeconds });
  const { code, reason, message } = fault;
  if (reason === 'Unreachable' || code >= 500 || code === 429)
    return create(503, 'ClusterUnreachable', 'The cluster does not answer at the moment. Please try again.', 5);
  if (reason === 'Forbidden' && /exceeded quota/.test(message))
    return create(503, 'NoRoom', 'All places are taken at the moment. Please try again in a few minutes.', 60);
  if (reason === 'Forbidden' && /cannot \w+ resource/.test(message))
    return create(500, 'ClusterRefused', 'The playground may not do this on its cluster. Tell its administrator.');
  if (reason === 'Forbidden' || reason === 'Invalid')
    return create(500, 'PodRefused', 'The cluster refused the pod of this environment. Tell the administrator.');
  return create(500, 'ClusterFailed', 'The cluster could not do this. Tell the administrator if it happens again.');
}

export const noSession = (): PlaygroundError =>
  new PlaygroundError(404, 'NoSession', 'You have no session. Start one to go on.');

export const notReady = (): PlaygroundError =>
  new PlaygroundError(409, 'SessionNotReady', 'Your session is not ready yet.', { retryAfterSeconds: 1 });

export const sessionOver = (): PlaygroundError =>
  new PlaygroundError(409, 'SessionOver', 'This session is over and cannot be extended. Start a new one to go on.');

export const busy = (): PlaygroundError =>
  new PlaygroundError(503, 'SessionBusy', 'Your session is being changed by another request. Try again.', {
    retryAfterSeconds: 2,
  });

export const noEnvironment = (name: string): PlaygroundError =>
  new PlaygroundError(404, 'NoEnvironment', `There is no environment named ${JSON.stringify(name)}.`);
