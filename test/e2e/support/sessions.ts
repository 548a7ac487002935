// The session pods of the end-to-end tests, as the cluster has them.
import { resources, type KubeObject } from '../../../server/kube/index.ts';
import { sessionNamespace } from './installed.ts';
import type { Stage } from './stage.ts';

export type SessionPod = KubeObject & {
  status: { podIP?: string; phase?: string; conditions?: { type: string; lastTransitionTime?: string }[] };
};
const loginAnnotation = 'playground.gardener.cloud/user-login';

export const listSessions = async ({ client }: Stage): Promise<SessionPod[]> =>
  (
    await client.list<SessionPod>(resources.pods, {
      namespace: sessionNamespace,
      labelSelector: 'playground.gardener.cloud/session',
    })
  ).items;

/** Throws when there is none. */
export async function sessionOf(stage: Stage, login: string): Promise<SessionPod> {
  const pod = (await listSessions(stage)).find(({ metadata }) => metadata.annotations?.[loginAnnotation] === login);
  if (!pod) throw new Error(`there is no session pod of ${login}`);
  return pod;
}

/** Who leads: the name of a gateway's pod. */
export async function leaderOf({ client }: Stage): Promise<string | undefined> {
  type Lease = KubeObject & { spec: { holderIdentity?: string } };
  const lease = await client.get<Lease>(resources.leases, 'playground-leader', sessionNamespace);
  // The identity is the pod's name and what tells two processes of it apart.
  return lease.spec.holderIdentity?.replace(/_.*$/, '');
}
