// From faults of the Kubernetes API to sentences for the user.
import { PlaygroundError } from '../common/errors.ts';
import { KubeError } from '../kube/errors.ts';
import { refusalCauseOf } from './failure-words.ts';

const tell = 'Tell the administrator of this playground.';
const busyRetrySeconds = { min: 5, max: 60 };

const error = (status: number, code: string, sentence: string, fault: KubeError, retryAfterSeconds?: number) =>
  new PlaygroundError(status, code, sentence, { cause: fault, retryAfterSeconds });

/** The API server did its part, but one that it asks did not. k8s.io/apiserver/pkg/admission/plugin/webhook */
const ofCallout = (fault: KubeError): PlaygroundError | undefined => {
  if (!/failed calling webhook/.test(fault.message)) return undefined;
  const sentence = `A check that this cluster makes of new pods does not answer. Please try again in a minute; if it stays so, tell the administrator of this playground.`;
  return error(503, 'AdmissionUnreachable', sentence, fault, 30);
};

const ofUnreachable = (fault: KubeError): PlaygroundError => {
  const { min, max } = busyRetrySeconds;
  const seconds = Math.min(max, Math.max(min, fault.retryAfterSeconds ?? min));
  return error(
    503,
    'ClusterUnreachable',
    'The cluster does not answer at the moment. Please wait a little.',
    fault,
    seconds,
  );
};

function ofForbidden(fault: KubeError): PlaygroundError {
  const { message } = fault;
  if (/exceeded quota/.test(message))
    return error(503, 'NoRoom', 'All places are taken at the moment. Please try again in a few minutes.', fault, 60);
  const [, verb, resource] = /cannot (\w+) resource "([^"]+)"/.exec(message) ?? [];
  if (verb)
    return error(500, 'ClusterRefused', `The playground may not ${verb} ${resource} on its cluster. ${tell}`, fault);
  const sentence = `The cluster refused the pod of this environment: ${refusalCauseOf(message)}. ${tell}`;
  return error(500, 'PodRefused', sentence, fault);
}

/** Whatever was thrown while speaking to the cluster, as an error for the user; what is no fault of the cluster stays as it is. */
export function toPlaygroundError(fault: unknown): unknown {
  if (!(fault instanceof KubeError)) return fault;
  const { code, reason, message } = fault;
  const callout = ofCallout(fault);
  if (callout) return callout;
  if (reason === 'Unreachable' || code >= 500 || code === 429) return ofUnreachable(fault);
  // Webhooks may deny with a status of their own and without a reason.
  if (code === 403 || reason === 'Invalid' || /denied the request/.test(message)) return ofForbidden(fault);
  if (code === 401)
    return error(
      500,
      'ClusterRefused',
      `The cluster does not know the playground: its credentials are not taken. ${tell}`,
      fault,
    );
  if (reason === 'NotFound' && /^namespaces /.test(message))
    return error(500, 'NoNamespace', `The namespace of the sessions does not exist on the cluster. ${tell}`, fault);
  return error(
    500,
    'ClusterFailed',
    'The cluster could not do this. Tell the administrator if it happens again.',
    fault,
  );
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
