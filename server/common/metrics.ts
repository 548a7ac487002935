// The gateway's Prometheus metrics: names, units and labels in one place.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  registry: Registry;
  requestSeconds: Histogram<'route' | 'method' | 'status'>;
  signIns: Counter<'result'>;
  sessionStartSeconds: Histogram<'environment'>;
  sessionsCreated: Counter<'environment' | 'result'>;
  terminals: Counter<'result'>;
  terminalBytes: Counter<'direction'>;
}

/** Read at each scrape. */
export interface MetricSources {
  /** How many sessions there are, by environment and state. */
  countSessions(): { environment: string; state: string; count: number }[];
  countAttachments(): number;
  countStreams(): number;
}

/** Metrics of a process; observeSources adds what is read elsewhere. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requestSeconds: new Histogram({
      name: 'playground_http_request_duration_seconds',
      help: 'Time to answer HTTP requests; event streams are not in it.',
      labelNames: ['route', 'method', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    signIns: new Counter({
      name: 'playground_sign_ins_total',
      help: 'Sign-ins by result: ok, or the code of the refusal.',
      labelNames: ['result'],
      registers,
    }),
    sessionStartSeconds: new Histogram({
      name: 'playground_session_start_duration_seconds',
      help: 'Time from the creation of a session to its being ready.',
      labelNames: ['environment'],
      buckets: [0.5, 1, 2, 3, 5, 10, 20, 40, 80, 160],
      registers,
    }),
    sessionsCreated: new Counter({
      name: 'playground_session_requests_total',
      help: 'Requests for a session by result: ok, or the code of the error.',
      labelNames: ['environment', 'result'],
      registers,
    }),
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
  };
}

/** Adds the gauges that `sources` knows. */
export function observeSources({ registry }: Metrics, sources: MetricSources): void {
  const registers = [registry];
  new Gauge({
    name: 'playground_sessions',
    help: 'Sessions by environment and state.',
    labelNames: ['environment', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { environment, state, count } of sources.countSessions()) this.set({ environment, state }, count);
    },
  });
  new Gauge({
    name: 'playground_terminal_attachments',
    help: 'Browsers that are attached to a terminal through this gateway.',
    registers,
    collect() {
      this.set(sources.countAttachments());
    },
  });
  new Gauge({
    name: 'playground_event_streams',
    help: 'Event streams that are open on this gateway.',
    registers,
    collect() {
      this.set(sources.countStreams());
    },
  });
}
