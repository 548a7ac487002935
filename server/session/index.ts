// What the other folders import of session.
export { createAgentClient, type AgentClient } from './agent-client.ts';
export { loadEnvironments, type Environment } from './environments.ts';
export { createSessionManager, type AgentAddress, type SessionManager, type SessionManagerOptions } from './manager.ts';
export { createRelay, type Relay, type RelayRequest } from './relay.ts';
export { createTokenKey, createTokenSigner, type TokenSigner } from './token.ts';
export { labels as sessionLabels, type KubeEvent, type Owner, type Pod } from './types.ts';
export type { SessionHandlers } from './watcher.ts';
