// The GitHub stand-in: a loopback server that speaks GitHub's OAuth and user API, so that the real sign-in runs without GitHub.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Clock } from '../../common/clock.ts';
import type { AsyncDisposable } from '../../common/lifecycle.ts';
import { closeServer, listen } from '../../common/servers.ts';
import { createApiRouter } from './api.ts';
import { renderAvatar } from './avatar.ts';
import { createAuthorizeRouter } from './authorize.ts';
import { createGrants } from './grants.ts';
import { createIdentities, type TestIdentity } from './identities.ts';

export interface GitHubStandIn extends AsyncDisposable {
  /** Address of the site and of the API alike. */
  url: string;
  clientId: string;
  clientSecret: string;
  identities: readonly TestIdentity[];
}

export interface GitHubStandInOptions {
  clock: Clock;
  /** The one address that is registered for going back to. */
  callbackUrl: string;
  /** Where it listens; absent: 127.0.0.1, on a free port. */
  listenOn?: { host: string; port: number };
  /** Its address for others, in links; absent: the one it listens on. */
  publicUrl?: string;
  /** The registered application; absent: ID and secret are new each time. */
  client?: { id: string; secret: string };
}

function answerFault(fault: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) return next(fault);
  const status = fault instanceof Error && 'status' in fault ? Number(fault.status) : 500;
  response.status(status).json({ message: status < 500 ? 'Problems parsing the request' : 'Server error' });
}

const createClient = () => ({ id: randomBytes(10).toString('hex'), secret: randomBytes(20).toString('hex') });

/** Throws StartError when it cannot listen. */
export async function createGitHubStandIn({
  clock,
  callbackUrl,
  listenOn: { host, port } = { host: '127.0.0.1', port: 0 },
  publicUrl,
  client: { id: clientId, secret: clientSecret } = createClient(),
}: GitHubStandInOptions): Promise<GitHubStandIn> {
  const server = createServer();
  const ownUrl = await listen(server, host, port, 'PORT');
  const url = publicUrl ?? ownUrl;
  const identities = createIdentities(clock.now());
  const grants = createGrants(clock);

  const app = express();
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.set({ 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' });
    next();
  });
  app.get(['/avatars/:file', '/favicon.svg'], (request, response, next) => {
    const id = /^(\d{1,12})\.svg$/.exec(String(request.params.file ?? '1.svg'))?.[1];
    if (!id) return next();
    response
      .set('Content-Security-Policy', "default-src 'none'")
      .type('svg')
      .send(renderAvatar(Number(id)));
  });
  app.use(createAuthorizeRouter({ clientId, callbackUrl, identities, grants }));
  // As github.com has it, and below the path of a GitHub Enterprise Server.
  const api = createApiRouter({ clientId, clientSecret, grants, url });
  app.use(api);
  app.use('/api/v3', api);
  app.use((_request, response) => void response.status(404).json({ message: 'Not Found' }));
  app.use(answerFault);
  server.on('request', app);

  return {
    url,
    clientId,
    clientSecret,
    identities,
    dispose: () => closeServer(server),
  };
}
