// What the other folders import of session.
export type { AgentAddress } from './agent-address.ts';
export { createAgentClient, type AgentClient } from './agent-client.ts';
export { loadEnvironments, type Environment } from './environments.ts';
export type { EndReason } from './endings.ts';
export { createSessionManager, type SessionManager, type SessionManagerOptions } from './manager.ts';
export { factsOf, type Origin, type SessionFacts, type SessionObserver } from './observer.ts';
export { createReaper, type ReaperOptions } from './reaper.ts';
export { createReadiness, type Readiness } from './readiness.ts';
export { createRelay, type Relay, type RelayRequest } from './relay.ts';
export { refusalReasonOf } from './start-phases.ts';
export { watchStarts } from './starts.ts';
export { createTokenKey, createTokenSigner, type TokenSigner } from './token.ts';
export { labels as sessionLabels, type KubeEvent, type Owner, type Pod } from './types.ts';
export type { SessionHandlers } from './watcher.ts';
