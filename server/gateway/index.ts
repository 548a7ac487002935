// The gateway: attaches app and upgrades to an HTTP server, and drains them.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { closeReasons } from '../protocol/close-codes.ts';
import { createApp } from './app.ts';
import type { GatewayOptions } from './options.ts';
import { createUpgradeHandler } from './upgrade.ts';

export { createEventStreams, type EventStreams } from './event-streams.ts';
export { createMetricsServer } from './metrics-server.ts';
export { defaultRateLimits, type GatewayOptions, type RateLimits } from './options.ts';

export interface Gateway {
  /**
   * Serves on for `drainMs`, unready, so that load balancers leave; then takes no new connections, tells terminals and event streams to
   * connect elsewhere, and lets requests that are under way come to their end. Resolves when nothing is open; within ten seconds more.
   */
  drain(): Promise<void>;
}

const requestTimeoutMs = 30_000;
const headersTimeoutMs = 10_000;
// Longer than proxies keep theirs: who closes last never sends into a closed connection.
const keepAliveTimeoutMs = 75_000;
/** What a request that is under way when the listener closes may still take. */
const lastRequestsMs = 8_000;
const sweepMs = 50;

/** `server` may be listening already. */
export function createGateway(options: GatewayOptions, server: Server): Gateway {
  let isDraining = false;
  const app = createApp(options, { isDraining: () => isDraining });
  const upgrades = createUpgradeHandler(options);
  server.requestTimeout = requestTimeoutMs;
  server.headersTimeout = headersTimeoutMs;
  server.keepAliveTimeout = keepAliveTimeoutMs;
  server.on('request', app);
  server.on('upgrade', (request, socket, head) => upgrades.handle(request, socket, head));
  return {
    async drain() {
      const { clock, drainMs, streams, relay } = options;
      isDraining = true;
      await clock.sleep(drainMs);
      // First nobody new: who is told to connect again must not come back here.
      const closed = server.listening ? once(server, 'close') : Promise.resolve();
      server.close();
      upgrades.dispose();
      streams.dispose();
      await relay.drain(closeReasons.shuttingDown);
      // A kept connection on which a stream has just ended is idle only now.
      const sweeper = clock.every(sweepMs, () => server.closeIdleConnections());
      const patience = new AbortController();
      await Promise.race([closed, clock.sleep(lastRequestsMs, patience.signal).catch(() => undefined)]);
      patience.abort();
      sweeper.dispose();
      server.closeAllConnections();
    },
  };
}
