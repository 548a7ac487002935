// From what happens to what is counted, logged and recorded.
import type { Audit } from './common/audit.ts';
import type { Logger } from './common/log.ts';
import type { Metrics } from './common/metrics.ts';
import type { ObservedRequest, WatchRestart } from './kube/index.ts';
import type { Session, SessionState } from './protocol/rest.ts';
import type { SessionObserver } from './session/index.ts';

/** Counts requests to the Kubernetes API and watches that are opened again. */
export const createKubernetesObserver = (metrics: Metrics) => ({
  onRequest({ verb, resource, code, durationMs }: ObservedRequest): void {
    metrics.kubernetesRequests.inc({ verb, resource, code: code || 'unreachable' });
    if (verb !== 'watch') metrics.kubernetesRequestSeconds.observe({ verb, resource }, durationMs / 1000);
  },
  onWatchRestart: (resource: string, reason: WatchRestart): void =>
    metrics.kubernetesWatchRestarts.inc({ resource, reason }),
});

interface Sinks {
  metrics: Metrics;
  audit: Audit;
  logger: Logger;
}

export const createSessionObserver = ({ metrics, audit, logger }: Sinks): SessionObserver => ({
  onCreated: (facts, origin) => audit.record('session-start', { ...facts, ...origin }),
  onRefused({ environment, user }, { reason, message }) {
    metrics.sessionStartFailures.inc({ environment, reason });
    logger.error({ environment, user, reason, message }, 'the cluster refused a session');
  },
  onStartFailure({ session, environment, user }, { reason, message }) {
    metrics.sessionStartFailures.inc({ environment, reason });
    logger.warn({ session, environment, user, reason, message }, 'session does not start');
  },
  onReady(facts, startMs, phases) {
    const { environment } = facts;
    metrics.sessionStartSeconds.observe({ environment }, startMs / 1000);
    for (const { phase, durationMs } of phases)
      metrics.sessionPhaseSeconds.observe({ environment, phase }, durationMs / 1000);
    audit.record('session-ready', { ...facts, seconds: Math.round(startMs / 100) / 10 });
  },
  onEnded(facts, reason, origin) {
    metrics.sessionsEnded.inc({ environment: facts.environment, reason });
    audit.record('session-end', { ...facts, ...origin, reason });
  },
});

const states: readonly SessionState[] = ['starting', 'ready', 'ending', 'failed'];

/** How many sessions there are by environment and state, those that are none too: a gauge without a value is no zero. */
export function countSessions(
  sessions: readonly Pick<Session, 'environment' | 'state'>[],
  environments: readonly { name: string }[],
): { environment: string; state: string; count: number }[] {
  const names = new Set([...environments.map(({ name }) => name), ...sessions.map(({ environment }) => environment)]);
  return [...names].flatMap((environment) =>
    states.map((state) => ({
      environment,
      state,
      count: sessions.filter((session) => session.environment === environment && session.state === state).length,
    })),
  );
}
