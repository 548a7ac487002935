// The HTTP side of the gateway: what every request passes, then the routes, then the errors.
import express, { type Express, type RequestHandler } from 'express';
import { canonicalHost } from './middleware/canonical-host.ts';
import { answerErrors, notFound } from './middleware/errors.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { requestLog } from './middleware/request-log.ts';
import { sameOrigin } from './middleware/same-origin.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { visitor } from './middleware/visitor.ts';
import type { GatewayOptions } from './options.ts';
import { createHealthRoutes, type HealthOptions } from './routes/health.ts';
import { createRoutes } from './routes/index.ts';

const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

/** `isDraining` turns true when the server is to end. */
export function createApp(options: GatewayOptions, { isDraining }: Pick<HealthOptions, 'isDraining'>): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', options.trustedProxies);
  app.set('query parser', 'simple');
  app.set('etag', false);

  app.use(requestLog({ ...options, isProxied: options.trustedProxies > 0 }));
  app.use(securityHeaders(options));
  app.use(createHealthRoutes({ sessions: options.sessions, isDraining }));
  app.use(canonicalHost(options));
  app.use(sameOrigin(options));
  app.use(visitor(options));
  app.use('/api', noStore, rateLimit({ name: 'api', perMinute: options.rateLimits.requestsPerMinute }));
  app.use(createRoutes(options));
  app.use(notFound);
  app.use(answerErrors);
  return app;
}
