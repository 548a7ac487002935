// Where the agent of a session's pod is, and how to show it who asks.
import { agentPortOf } from './pod.ts';
import { ownerIdOf, stateOf } from './state.ts';
import type { TokenSigner } from './token.ts';
import { annotations, type Pod } from './types.ts';

export interface AgentAddress {
  sessionId: string;
  host: string;
  port: number;
  createToken(): Promise<string>;
}

/** undefined while the session is not ready. */
export function agentAddressOf(pod: Pod, signer: TokenSigner): AgentAddress | undefined {
  const { uid: podUid, annotations: notes } = pod.metadata;
  const userId = ownerIdOf(pod);
  const host = pod.status?.podIP;
  const port = agentPortOf(pod);
  if (stateOf(pod) !== 'ready' || !host || !port || !podUid || !userId) return undefined;
  const keyId = notes?.[annotations.tokenKey] ?? '';
  return { sessionId: podUid, host, port, createToken: () => signer.sign({ podUid, userId, keyId }) };
}
