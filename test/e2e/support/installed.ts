// What the end-to-end tests install, by name, and the gateway's pods of it.
import { resources, type KubeObject } from '../../../server/kube/index.ts';
import type { Stage } from './stage.ts';

export const release = 'playground';
export const namespace = 'e2e-playground';
export const sessionNamespace = 'e2e-sessions';
export const githubNamespace = 'e2e-github';
export const ownNamespaces = [namespace, sessionNamespace, githubNamespace];

export type GatewayPod = KubeObject & {
  status: { phase?: string; podIP?: string; conditions?: { type: string; status: string }[] };
};

/** The gateway's pods that are not ending. */
export async function listGateways({ client }: Stage): Promise<GatewayPod[]> {
  const labelSelector = `app.kubernetes.io/instance=${release},app.kubernetes.io/component=gateway`;
  const { items } = await client.list<GatewayPod>(resources.pods, { namespace, labelSelector });
  return items.filter(({ metadata }) => !metadata.deletionTimestamp);
}

export const isReadyPod = ({ status }: GatewayPod): boolean =>
  status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
