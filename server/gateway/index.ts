// The gateway: attaches app and upgrades to an HTTP server, and drains them.
import type { Server } from 'node:http';
import { closeReasons } from '../protocol/close-codes.ts';
import { createApp } from './app.ts';
import type { GatewayOptions } from './options.ts';
import { createUpgradeHandler } from './upgrade.ts';

export { createEventStreams, type EventStreams } from './event-streams.ts';
export { basePathOf } from './origin.ts';
export { createMetricsServer } from './metrics-server.ts';
export { defaultRateLimits, type GatewayOptions, type RateLimits } from './options.ts';

export interface Gateway {
  /** Unready first, then event streams and terminals end; resolves when nothing is open. The server still listens. */
  drain(): Promise<void>;
}

const requestTimeoutMs = 30_000;
const headersTimeoutMs = 10_000;
// Longer than proxies keep theirs: who closes last never sends into a closed connection.
const keepAliveTimeoutMs = 75_000;

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
      isDraining = true;
      upgrades.dispose();
      options.streams.dispose();
      await options.relay.drain(closeReasons.shuttingDown);
    },
  };
}
