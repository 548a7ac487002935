// Gives each request an id and a logger, and logs and measures it when it is answered.
import type { Request, RequestHandler } from 'express';
import type { Clock } from '../../common/clock.ts';
import type { Logger } from '../../common/log.ts';
import type { Metrics } from '../../common/metrics.ts';
import { clientAddressOf, requestIdOf } from '../client.ts';
import { contextOf, setContext } from '../context.ts';

export interface RequestLogOptions {
  logger: Logger;
  metrics: Pick<Metrics, 'requestSeconds'>;
  clock: Clock;
  /** How many proxies are believed: with one, X-Request-Id comes from it. */
  trustedProxies: number;
}

const isQuiet = (path: string) => /^\/(healthz|readyz|assets\/.*)$|\/api\/session\/round-trips$/.test(path);
const countedMethods = new Set(['GET', 'HEAD', 'POST', 'DELETE']);

/** Paths and methods that nobody serves would make a label value each. */
function labelsOf({ route, method }: Request): { route: string; method: string } {
  const path: unknown = (route as { path?: unknown } | undefined)?.path;
  const name = typeof path === 'string' ? path : Array.isArray(path) ? 'page' : 'other';
  return { route: name, method: countedMethods.has(method) ? method : 'other' };
}

/** Answers carry the id as X-Request-Id. Queries are not logged: the sign-in's hold secrets. */
export function requestLog({ logger, metrics, clock, trustedProxies }: RequestLogOptions): RequestHandler {
  return function logRequest(request, response, next) {
    const requestId = requestIdOf(request, trustedProxies);
    const address = clientAddressOf(request, trustedProxies);
    setContext(response, { requestId, address, logger: logger.child({ requestId }) });
    response.set('X-Request-Id', requestId);
    const startedMs = clock.now();
    const { path, method } = request;
    response.once('close', () => {
      const { logger: requestLogger } = contextOf(response);
      const status = response.writableFinished ? response.statusCode : 499;
      const durationMs = clock.now() - startedMs;
      const isStream = response.get('Content-Type')?.startsWith('text/event-stream');
      if (!isStream) metrics.requestSeconds.observe({ ...labelsOf(request), status }, durationMs / 1000);
      const level = isQuiet(path) ? 'debug' : 'info';
      requestLogger[level]({ method, path, status, durationMs, address }, 'request');
    });
    next();
  };
}
