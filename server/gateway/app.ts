// The HTTP side of the gateway: what every request passes, then the routes, then the errors.
import express, { Router, type Express, type RequestHandler } from 'express';
import { canonicalHost } from './middleware/canonical-host.ts';
import { answerErrors, notFound } from './middleware/errors.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { requestLog } from './middleware/request-log.ts';
import { sameOrigin } from './middleware/same-origin.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { visitor } from './middleware/visitor.ts';
import type { GatewayOptions } from './options.ts';
import { basePathOf } from './origin.ts';
import { createHealthRoutes, type HealthOptions } from './routes/health.ts';
import { createRoutes } from './routes/index.ts';

const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

/** Kept connections would bring requests here that belong to another replica by now. */
const closeConnection =
  (isDraining: () => boolean): RequestHandler =>
  (_request, response, next) => {
    if (isDraining()) response.set('Connection', 'close');
    next();
  };

/** `isDraining` turns true when the server is to end. */
export function createApp(options: GatewayOptions, { isDraining }: Pick<HealthOptions, 'isDraining'>): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', options.trustedProxies);
  app.set('query parser', 'simple');
  app.set('etag', false);

  app.use(requestLog(options));
  app.use(closeConnection(isDraining));
  app.use(securityHeaders(options));
  const health = createHealthRoutes({ ...options, isDraining });
  // Probes ask at the root, wherever browsers see us.
  app.use(health);
  app.use(canonicalHost(options));
  app.use(sameOrigin(options));

  const site = Router();
  site.use(health);
  site.use(visitor(options));
  site.use('/api', noStore, rateLimit({ name: 'api', perMinute: options.rateLimits.requestsPerMinute }));
  site.use(createRoutes(options));
  app.use(basePathOf(options.publicUrl) || '/', site);

  app.use(notFound);
  app.use(answerErrors(options));
  return app;
}
