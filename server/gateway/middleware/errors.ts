// The one place that answers errors: a status and a sentence for the user, the rest for the log.
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { isPlaygroundError, PlaygroundError } from '../../common/errors.ts';
import type { Metrics } from '../../common/metrics.ts';
import { html, plainPagePolicy, renderPlainPage } from '../../common/html.ts';
import type { ErrorBody } from '../../protocol/rest.ts';
import { contextOf } from '../context.ts';
import { basePathOf } from '../origin.ts';

// What the body parser, the router and the static files throw.
const httpErrors: Record<string, [code: string, sentence: string]> = {
  'entity.too.large': ['TooLarge', 'The request is larger than the playground takes.'],
  'entity.parse.failed': ['BadJson', 'The body of the request is not valid JSON.'],
  'encoding.unsupported': ['BadEncoding', 'The encoding of the body is not supported.'],
  'charset.unsupported': ['BadEncoding', 'The character set of the body is not supported.'],
  'request.aborted': ['Aborted', 'The request broke off.'],
  'request.size.invalid': ['BadLength', 'The body of the request is not as long as it says.'],
};

/** Whatever was thrown, as an error for the user. */
export function toHttpError(fault: unknown): PlaygroundError {
  if (isPlaygroundError(fault)) return fault;
  const { status, type } = (typeof fault === 'object' && fault !== null ? fault : {}) as {
    status?: unknown;
    type?: unknown;
  };
  if (typeof status === 'number' && status >= 400 && status < 500) {
    const [code, sentence] = httpErrors[String(type)] ?? [
      'BadRequest',
      'The playground does not understand this request.',
    ];
    return new PlaygroundError(status, code, sentence, { cause: fault });
  }
  return new PlaygroundError(500, 'Internal', 'Something went wrong here. Please try again.', { cause: fault });
}

export const toErrorBody = ({ code, message }: PlaygroundError, requestId: string): ErrorBody => ({
  error: { code, message, requestId },
});

const isPageRequest = (request: Request, basePath: string) =>
  !request.path.startsWith(`${basePath}/api`) && request.accepts(['json', 'html']) === 'html';

function answerWithPage(response: Response, error: PlaygroundError, requestId: string, basePath: string): void {
  const body = html`<h1>${error.status === 404 ? 'There is no such page' : 'That did not work'}</h1>
    <p>${error.message}</p>
    <p><a class="button primary" href="${basePath}/" autofocus>To the first page</a></p>
    <p class="small soft">${error.code}, request <code>${requestId}</code></p>`;
  response
    .set('Content-Security-Policy', plainPagePolicy())
    .type('html')
    .send(renderPlainPage('Gardener playground', body, basePath));
}

/** For all that no route has answered. */
export const notFound: RequestHandler = (request, _response, next) => {
  const isKnownMethod = ['GET', 'HEAD', 'POST', 'DELETE'].includes(request.method);
  next(
    isKnownMethod
      ? new PlaygroundError(404, 'NotFound', 'The playground has nothing at this address.')
      : new PlaygroundError(405, 'BadMethod', `The playground does not take ${request.method} requests.`),
  );
};

export interface ErrorOptions {
  publicUrl: string;
  metrics: Pick<Metrics, 'refusals'>;
}

/** Statuses that say: not you, or not so often. */
const refusalStatuses = new Set([401, 403, 421, 429]);

/** Logs once, answers once: JSON for programs, a page for people; never a stack. */
export function answerErrors({ publicUrl, metrics }: ErrorOptions): ErrorRequestHandler {
  const basePath = basePathOf(publicUrl);
  return function answerError(fault: unknown, request, response, _next) {
    const error = toHttpError(fault);
    const { requestId, logger } = contextOf(response);
    const level = error.status >= 500 ? 'error' : 'info';
    logger[level](
      { err: error.status >= 500 ? (error.cause ?? fault) : undefined, errorCode: error.code, status: error.status },
      error.message,
    );
    if (refusalStatuses.has(error.status)) metrics.refusals.inc({ reason: error.code });
    if (response.headersSent) return void response.destroy();
    response.status(error.status).set('Cache-Control', 'no-store');
    if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(error.retryAfterSeconds));
    if (isPageRequest(request, basePath)) answerWithPage(response, error, requestId, basePath);
    else response.json(toErrorBody(error, requestId));
  };
}
