// What the gateway is made of: everything that its routes and middleware need, passed in.
import type { AccessPolicy, GitHubSignIn, VisitorCookie } from '../auth/index.ts';
import type { Audit } from '../common/audit.ts';
import type { Clock } from '../common/clock.ts';
import type { Logger } from '../common/log.ts';
import type { Metrics } from '../common/metrics.ts';
import type { Me } from '../protocol/rest.ts';
import type { AgentClient, Readiness, Relay, SessionManager } from '../session/index.ts';
import type { EventStreams } from './event-streams.ts';

export interface RateLimits {
  /** Per address: whole classrooms share one. */
  signInsPerMinute: number;
  /** Per user. */
  sessionsPerMinute: number;
  /** Per user, or per address of those who are not signed in. */
  requestsPerMinute: number;
}

export const defaultRateLimits: RateLimits = { signInsPerMinute: 600, sessionsPerMinute: 20, requestsPerMinute: 600 };

export interface GatewayOptions {
  /** Address that browsers use, with the path below which everything is, without a slash at its end. */
  publicUrl: string;
  trustedProxies: number;
  signIn: GitHubSignIn;
  /** What the page calls the sign-in. */
  signInInfo: Me['signIn'];
  /** Origins that pictures of users come from. */
  avatarOrigins: readonly string[];
  isIsolated: boolean;
  /** What everybody should know first. */
  notice?: string;
  visitorCookie: VisitorCookie;
  policy: AccessPolicy;
  sessions: SessionManager;
  readiness: Pick<Readiness, 'reasons'>;
  agents: AgentClient;
  relay: Relay;
  streams: EventStreams;
  metrics: Metrics;
  rateLimits: RateLimits;
  /** How long everything is still served, unready, once it is to end. */
  drainMs: number;
  /** Directory of the built page. */
  webDir: string;
  clock: Clock;
  logger: Logger;
  audit: Audit;
}
