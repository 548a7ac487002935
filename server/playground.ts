// The gateway process as one thing that starts and ends: sign-in, sessions, gateway and servers on a cluster that is passed in.
import { createServer, type RequestListener } from 'node:http';
import packageJson from '../package.json' with { type: 'json' };
import {
  cookieOptionsOf,
  createGitHubSignIn,
  createKey,
  createSealer,
  createVisitorCookie,
  decodeKey,
  type AccessPolicy,
  type Sealer,
} from './auth/index.ts';
import { createAudit } from './common/audit.ts';
import { AsyncDisposableStore, type AsyncDisposable } from './common/lifecycle.ts';
import { closeServer, listen } from './common/servers.ts';
import { createMetrics, observeSources, type MetricSources } from './common/metrics.ts';
import { clusterOf, drainMsOf, type GatewayOptions as Options } from './config.ts';
import { createGitHubStandIn } from './embedded/github/index.ts';
import { createEventStreams, createGateway, createMetricsServer, type RateLimits } from './gateway/index.ts';
import type { Me } from './protocol/rest.ts';
import { createRelay, type Relay } from './session/index.ts';
import { countSessions, createKubernetesObserver, createSessionObserver } from './observability.ts';
import { createSessions, type SessionsParts } from './sessions.ts';

export type { Cluster } from './sessions.ts';

export interface PlaygroundParts extends SessionsParts {
  /** The built page. */
  webDir: string;
  rateLimits: RateLimits;
  notice?: string;
}

export interface Playground extends AsyncDisposable {
  /** Where browsers go. */
  url: string;
  /** Where it listens: the same, unless a proxy stands before it. */
  ownUrl: string;
  metricsUrl: string;
  /** Resolves when it can make sessions: a cluster may be away for a while. */
  ready: Promise<void>;
}

const policyOf = (options: Options): AccessPolicy => ({
  users: options.allowedUsers,
  organizations: options.allowedOrganizations,
  teams: options.allowedTeams,
  blocked: options.blockedUsers,
  minAccountAgeDays: options.minAccountAgeDays,
});

/** GitHub's own sites have their API on a host beside them, GitHub Enterprise Servers below a path. */
const hasApiHost = (url: string) => url === 'https://github.com' || /^https:\/\/[^./]+\.ghe\.com$/.test(url);
const apiHostOf = (url: string) => url.replace('https://', 'https://api.');

const githubApiOf = ({ githubApiUrl, githubUrl }: Options): string =>
  githubApiUrl ?? (hasApiHost(githubUrl) ? apiHostOf(githubUrl) : `${githubUrl}/api/v3`);

interface SignInParts {
  parts: PlaygroundParts;
  publicUrl: string;
  sealer: Sealer;
  policy: AccessPolicy;
  store: AsyncDisposableStore;
}

/** With a client ID the real GitHub, else the stand-in. */
async function createSignIn({ parts: { options, clock }, publicUrl, sealer, policy, store }: SignInParts) {
  const callbackUrl = `${publicUrl}/login/callback`;
  const common = { callbackUrl, policy, sealer, clock, ...cookieOptionsOf(publicUrl) };
  if (options.githubClientId && options.githubClientSecret) {
    const { githubClientId: clientId, githubClientSecret: clientSecret, githubUrl: url } = options;
    const info: Me['signIn'] = { provider: 'github', label: 'Sign in with GitHub' };
    // A GitHub Enterprise Server serves pictures from a subdomain of its own.
    const avatarOrigins =
      url === 'https://github.com'
        ? ['https://avatars.githubusercontent.com']
        : [new URL(url).origin, `https://avatars.${new URL(url).host}`, 'https://avatars.githubusercontent.com'];
    return {
      signIn: createGitHubSignIn({ ...common, clientId, clientSecret, url, apiUrl: githubApiOf(options) }),
      info,
      avatarOrigins,
    };
  }
  const standIn = store.add(await createGitHubStandIn({ clock, callbackUrl }));
  const { url, clientId, clientSecret } = standIn;
  const info: Me['signIn'] = { provider: 'stand-in', label: 'Sign in (GitHub stand-in)' };
  return {
    signIn: createGitHubSignIn({ ...common, clientId, clientSecret, url, apiUrl: url }),
    info,
    avatarOrigins: [url],
  };
}

async function startParts(parts: PlaygroundParts, store: AsyncDisposableStore): Promise<Playground> {
  const { options, clock, logger } = parts;
  const server = createServer();
  store.add({ dispose: () => closeServer(server) });
  const ownUrl = await listen(server, options.host, options.port, 'PORT');
  // Until the gateway is there, nobody waits for an answer.
  const answerStarting: RequestListener = (_request, response) =>
    response.writeHead(503, { 'retry-after': '1', 'content-type': 'text/plain' }).end('The playground is starting.\n');
  server.on('request', answerStarting);
  const publicUrl = options.publicUrl ?? ownUrl;

  const metrics = createMetrics();
  // Looked up once: this is counted for every keystroke.
  const bytesOf = { in: metrics.terminalBytes.labels('in'), out: metrics.terminalBytes.labels('out') };
  const relay: Relay = createRelay({
    clock,
    onBytes: (direction, bytes) => bytesOf[direction].inc(bytes),
  });
  store.add(relay);
  const streams = createEventStreams({ clock });
  store.add(streams);
  const policy = policyOf(options);
  const sealer = createSealer(options.cookieKeys?.map(decodeKey) ?? [createKey()], clock);
  const { signIn, info, avatarOrigins } = await createSignIn({ parts, publicUrl, sealer, policy, store });
  // A playground on this machine keeps its records to itself, unless more of the log is wanted.
  const audit = createAudit(logger, { isForced: clusterOf(options) !== 'embedded' });
  const observers = {
    kubernetes: createKubernetesObserver(metrics),
    observer: createSessionObserver({ metrics, audit, logger }),
  };
  const { manager: sessions, agents, leader, readiness } = await createSessions(parts, observers, store);
  const sources: MetricSources = {
    countSessions: () => countSessions(sessions.list(), sessions.environments),
    maxSessions: () => options.maxSessions,
    countAttachments: () => relay.size,
    countStreams: () => streams.size,
    isLeading: () => leader.isLeading,
  };
  observeSources(metrics, sources, { version: packageJson.version, nodeVersion: process.version });
  const metricsServer = createMetricsServer(metrics.registry);
  store.add({ dispose: () => closeServer(metricsServer) });
  const metricsUrl = `${await listen(metricsServer, options.host, options.metricsPort, 'METRICS_PORT')}/metrics`;

  const gateway = createGateway(
    {
      publicUrl,
      trustedProxies: options.trustedProxies,
      signIn,
      signInInfo: info,
      avatarOrigins,
      isIsolated: clusterOf(options) !== 'embedded',
      notice: parts.notice,
      visitorCookie: createVisitorCookie(sealer, {
        ...cookieOptionsOf(publicUrl),
        lifetimeSeconds: options.signInHours * 3600,
      }),
      policy,
      sessions,
      readiness,
      agents,
      relay,
      streams,
      metrics,
      rateLimits: parts.rateLimits,
      drainMs: drainMsOf(options),
      webDir: parts.webDir,
      clock,
      logger,
      audit,
    },
    server,
  );
  server.off('request', answerStarting);
  store.add({
    async dispose() {
      await gateway.drain();
      await closeServer(server);
    },
  });
  return { url: publicUrl, ownUrl, metricsUrl, ready: readiness.ready, dispose: () => store.dispose() };
}

/** Starts everything; when something fails, what was started before is ended again. Throws StartError where the user can mend it. */
export async function startPlayground(parts: PlaygroundParts): Promise<Playground> {
  const store = new AsyncDisposableStore();
  try {
    return await startParts(parts, store);
  } catch (fault) {
    await store.dispose().catch(() => undefined);
    throw fault;
  }
}
