// Gives each request an id and a logger, and logs and measures it when it is answered.
import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/log.ts';
import type { Metrics } from '../../common/metrics.ts';
import { contextOf, setContext } from '../context.ts';

export interface RequestLogOptions {
  logger: Logger;
  metrics: Pick<Metrics, 'requestSeconds'>;
  clock: Clock;
  /** Whether X-Request-Id comes from a proxy of ours. */
  isProxied: boolean;
}

const idPattern = /^[A-Za-z0-9._-]{8,64}$/;
const quietPaths = new Set(['/healthz', '/readyz']);

/** Answers carry the id as X-Request-Id. Queries are not logged: the sign-in's hold secrets. */
export function requestLog({ logger, metrics, clock, isProxied }: RequestLogOptions): RequestHandler {
  return function logRequest(request, response, next) {
    const given = isProxied ? request.get('x-request-id') : undefined;
    const requestId = given && idPattern.test(given) ? given : randomUUID();
    setContext(response, { requestId, logger: logger.child({ requestId }) });
    response.set('X-Request-Id', requestId);
    const startedMs = clock.now();
    const { path, method } = request;
    response.once('close', () => {
      const { logger: requestLogger } = contextOf(response);
      const status = response.writableFinished ? response.statusCode : 499;
      const durationMs = clock.now() - startedMs;
      const isStream = response.get('Content-Type')?.startsWith('text/event-stream');
      // Paths that nobody serves would make a label value each.
      const route = typeof request.route?.path === 'string' ? request.route.path : 'other';
      if (!isStream) metrics.requestSeconds.observe({ route, method, status }, durationMs / 1000);
      const level = quietPaths.has(path) || path.startsWith('/assets/') ? 'debug' : 'info';
      requestLogger[level]({ method, path, status, durationMs }, 'request');
    });
    next();
  };
}
