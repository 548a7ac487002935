// The gateway's Prometheus metrics: names, units and labels in one place. docs/observability.md has the table that is made from it.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  registry: Registry;
  requestSeconds: Histogram<'route' | 'method' | 'status'>;
  refusals: Counter<'reason'>;
  signIns: Counter<'result'>;
  sessionsCreated: Counter<'environment' | 'result'>;
  sessionStartSeconds: Histogram<'environment'>;
  sessionPhaseSeconds: Histogram<'environment' | 'phase'>;
  sessionStartFailures: Counter<'environment' | 'reason'>;
  sessionsEnded: Counter<'environment' | 'reason'>;
  terminals: Counter<'result'>;
  terminalBytes: Counter<'direction'>;
  terminalRoundTripSeconds: Histogram;
  kubernetesRequests: Counter<'verb' | 'resource' | 'code'>;
  kubernetesRequestSeconds: Histogram<'verb' | 'resource'>;
  kubernetesWatchRestarts: Counter<'resource' | 'reason'>;
}

/** Read at each scrape. */
export interface MetricSources {
  /** How many sessions there are, by environment and state. */
  countSessions(): { environment: string; state: string; count: number }[];
  maxSessions(): number;
  countAttachments(): number;
  countStreams(): number;
  /** Whether this gateway is the one that does what only one may do. */
  isLeading(): boolean;
}

export interface BuildInfo {
  version: string;
  nodeVersion: string;
}

const startBuckets = [0.5, 1, 2, 3, 5, 10, 20, 40, 80, 160];

const createHttpMetrics = (registers: Registry[]) => ({
  requestSeconds: new Histogram({
    name: 'playground_http_request_duration_seconds',
    help: 'Time to answer HTTP requests; event streams are not in it.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  }),
  refusals: new Counter({
    name: 'playground_refusals_total',
    help: 'HTTP requests that were refused to whoever sent them, by code of the error: not signed in, not invited, from another site, too often.',
    labelNames: ['reason'],
    registers,
  }),
  signIns: new Counter({
    name: 'playground_sign_ins_total',
    help: 'Sign-ins by result: ok, or the code of the refusal.',
    labelNames: ['result'],
    registers,
  }),
});

const createSessionMetrics = (registers: Registry[]) => ({
  sessionsCreated: new Counter({
    name: 'playground_session_requests_total',
    help: 'Requests for a session by result: ok, or the code of the error.',
    labelNames: ['environment', 'result'],
    registers,
  }),
  sessionStartSeconds: new Histogram({
    name: 'playground_session_start_duration_seconds',
    help: 'Time from the creation of a session to its being ready, counted by the leader.',
    labelNames: ['environment'],
    buckets: startBuckets,
    registers,
  }),
  sessionPhaseSeconds: new Histogram({
    name: 'playground_session_start_phase_duration_seconds',
    help: 'The same by phase: scheduling (until the pod has a node), containers (until they run), garden (until the terminal is ready). Kubernetes tells whole seconds.',
    labelNames: ['environment', 'phase'],
    buckets: startBuckets,
    registers,
  }),
  sessionStartFailures: new Counter({
    name: 'playground_session_start_failures_total',
    help: "What kept sessions from starting, by Kubernetes' reason, each reason once a session; refused pods by the gateway that was asked, all else by the leader.",
    labelNames: ['environment', 'reason'],
    registers,
  }),
  sessionsEnded: new Counter({
    name: 'playground_sessions_ended_total',
    help: 'Sessions that were ended, by reason; by whoever ended them, and those that others removed by the leader.',
    labelNames: ['environment', 'reason'],
    registers,
  }),
});

const createTerminalMetrics = (registers: Registry[]) => ({
  terminals: new Counter({
    name: 'playground_terminal_requests_total',
    help: 'Requests for a terminal socket by result: ok, or why not.',
    labelNames: ['result'],
    registers,
  }),
  terminalBytes: new Counter({
    name: 'playground_terminal_bytes_total',
    help: 'Bytes of terminal sockets, in from browsers and out to them.',
    labelNames: ['direction'],
    registers,
  }),
  terminalRoundTripSeconds: new Histogram({
    name: 'playground_terminal_round_trip_seconds',
    help: 'Round trip from a page over a gateway to its agent and back, as pages measured it and told.',
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
    registers,
  }),
});

const createKubernetesMetrics = (registers: Registry[]) => ({
  kubernetesRequests: new Counter({
    name: 'playground_kubernetes_requests_total',
    help: 'Requests to the Kubernetes API by verb, resource and HTTP status; unreachable when none came.',
    labelNames: ['verb', 'resource', 'code'],
    registers,
  }),
  kubernetesRequestSeconds: new Histogram({
    name: 'playground_kubernetes_request_duration_seconds',
    help: 'Time until the Kubernetes API answered in whole; watches are not in it.',
    labelNames: ['verb', 'resource'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 30],
    registers,
  }),
  kubernetesWatchRestarts: new Counter({
    name: 'playground_kubernetes_watch_restarts_total',
    help: 'Watches that ended and were opened again: by the server in good order (closed), too old (expired), or for a fault.',
    labelNames: ['resource', 'reason'],
    registers,
  }),
});

/** Metrics of a process; observeSources adds what is read elsewhere. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    ...createHttpMetrics(registers),
    ...createSessionMetrics(registers),
    ...createTerminalMetrics(registers),
    ...createKubernetesMetrics(registers),
  };
}

/** Adds the gauges that `sources` knows, and which build this is. */
export function observeSources({ registry }: Metrics, sources: MetricSources, build: BuildInfo): void {
  const registers = [registry];
  const addGauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  new Gauge({
    name: 'playground_sessions',
    help: 'Sessions by environment and state. Every gateway sees all of them: take the maximum over gateways, not the sum.',
    labelNames: ['environment', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { environment, state, count } of sources.countSessions()) this.set({ environment, state }, count);
    },
  });
  addGauge('playground_sessions_limit', 'How many sessions there may be at once.', sources.maxSessions);
  addGauge(
    'playground_terminal_attachments',
    'Browsers that are attached to a terminal through this gateway.',
    sources.countAttachments,
  );
  addGauge('playground_event_streams', 'Event streams that are open on this gateway.', sources.countStreams);
  addGauge('playground_leader', '1 on the gateway that leads, 0 on the others.', () => (sources.isLeading() ? 1 : 0));
  new Gauge({
    name: 'playground_build_info',
    help: 'Always 1; the labels say which build this is.',
    labelNames: ['version', 'node_version'],
    registers,
  }).set({ version: build.version, node_version: build.nodeVersion }, 1);
}
