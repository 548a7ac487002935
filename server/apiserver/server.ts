// The HTTPS edge: bounds, who asks, what for, and how answers and faults are written. Everything thrown below is answered here.
import { randomUUID } from 'node:crypto';
import type { AsyncDisposable, Disposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { createAuthenticator } from './authentication.ts';
import { ensureAllowed } from './authorization.ts';
import { readBody } from './body.ts';
import type { Certificates } from './certificates.ts';
import { createInternalError, StatusError } from './errors.ts';
import { handlePath } from './handlers/paths.ts';
import type { Answer, ServerContext } from './handlers/request.ts';
import { handleResource } from './handlers/resources.ts';
import { createListener } from './listener.ts';
import type { Request, Response } from './listener.ts';
import { mediaTypeOf } from './negotiation.ts';
import { parseRequestInfo } from './request-info.ts';
import { contentTypeOf, serialize } from './representation.ts';
import type { RawAnswer, UserInfo } from './types.ts';
import { errorLine } from './watch.ts';
import type { WatchHub, WatchOptions, WatchSink } from './watch.ts';

export interface ServerOptions {
  context: ServerContext;
  hub: WatchHub;
  certificates: Certificates;
  authenticateToken(token: string): UserInfo | undefined;
  host: string;
  port: number;
  logger: Logger | undefined;
}

export interface RunningServer extends AsyncDisposable {
  port: number;
}

const maxWarnings = 32;

// RFC 7234, 5.5: the text of a warning is quoted and one line.
const warningHeader = (message: string): string =>
  `299 - "${message
    .replace(/[\\"]/g, '\\$&')
    .replace(/[^\x20-\x7e]/g, ' ')
    .slice(0, 1024)}"`;

/** Throws when it cannot listen. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { context, certificates, host, port, logger } = options;
  const watches = new Set<Disposable>();
  const authenticate = createAuthenticator({
    authenticateToken: options.authenticateToken,
    isImpersonationAllowed: (user, attribute) =>
      context.authorizer.isAllowed(user, {
        isResource: true,
        verb: 'impersonate',
        ...attribute,
        namespace: attribute.namespace,
      }),
  });
  const listener = await createListener({
    certificates,
    host,
    port,
    logger,
    onRequest: (request, response) => void serve(request, response),
  });
  const address = `${host}:${listener.port}`;

  async function serve(request: Request, response: Response): Promise<void> {
    response.on('error', () => {});
    response.setHeader('Audit-Id', randomUUID());
    response.setHeader('Cache-Control', 'no-cache, private');
    try {
      const answer = await handle(request, response);
      if (!response.destroyed) await write(request, response, answer);
    } catch (error) {
      fail(request, response, error);
    }
  }

  async function handle(request: Request, response: Response): Promise<Answer> {
    const { method = 'GET', url = '/', headers } = request;
    const user = authenticate(request);
    const info = parseRequestInfo(method, url);
    ensureAllowed(context.authorizer, user, info);
    const { accept } = headers;
    if (!info.isResource) return handlePath(context, { method, path: info.path, query: info.query, accept, address });
    const warnings: string[] = [];
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    return await handleResource(context, {
      method,
      info,
      user,
      accept,
      contentType: headers['content-type'],
      userAgent: headers['user-agent'] ?? '',
      readBody: () => readBody(request, context.clock),
      warn(message) {
        if (warnings.length >= maxWarnings || warnings.includes(message)) return;
        warnings.push(message);
        response.setHeader('Warning', warnings.map(warningHeader));
      },
      signal: gone.signal,
    });
  }

  async function write(request: Request, response: Response, answer: Answer): Promise<void> {
    if (answer.type === 'watch') return startWatch(response, answer.options);
    if (answer.type === 'raw') return await writeRaw(response, answer.raw);
    const isObject = answer.type === 'object';
    const text = isObject ? serialize(answer.object, answer.format) : answer.text;
    response.writeHead(answer.code, {
      'Content-Type': isObject ? contentTypeOf(answer) : answer.contentType,
      'Content-Length': Buffer.byteLength(text),
    });
    response.end(request.method === 'HEAD' ? undefined : text);
  }

  function startWatch(response: Response, watchOptions: WatchOptions): void {
    const sink = createSink(response);
    let watch: Disposable | undefined;
    try {
      watch = options.hub.watch(watchOptions, sink);
    } catch (error) {
      // Kubernetes tells that a version is too old inside the stream.
      if (!(error instanceof StatusError) || error.code !== 410) throw error;
      sink.write(errorLine(error));
      sink.end();
    }
    response.writeHead(200, { 'Content-Type': 'application/json' });
    if (!watch) return;
    const begun = watch;
    watches.add(begun);
    response.on('close', () => {
      watches.delete(begun);
      begun.dispose();
    });
  }

  function fail(request: Request, response: Response, error: unknown): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    if (!(error instanceof StatusError))
      logger?.error({ err: error, method: request.method, url: request.url }, 'request failed');
    const fault =
      error instanceof StatusError ? error : createInternalError('the server met a fault of its own; see its log');
    // What is left of a body that was refused is thrown away: a client that is still sending would not read the answer.
    if (!request.complete) request.resume();
    if (fault.details?.retryAfterSeconds) response.setHeader('Retry-After', fault.details.retryAfterSeconds);
    const format = mediaTypeOf(request.headers.accept) === 'application/yaml' ? 'yaml' : 'json';
    const text = serialize(fault.toStatus(), format);
    response.writeHead(fault.code, {
      'Content-Type': contentTypeOf({ format }),
      'Content-Length': Buffer.byteLength(text),
    });
    response.end(request.method === 'HEAD' ? undefined : text);
  }

  return {
    port: listener.port,
    async dispose() {
      for (const watch of watches) watch.dispose();
      await listener.dispose();
    },
  };
}

async function writeRaw(response: Response, { contentType, body }: RawAnswer): Promise<void> {
  response.writeHead(200, { 'Content-Type': contentType });
  if (typeof body === 'string') return void response.end(body);
  for await (const chunk of body) {
    if (response.destroyed) return;
    if (!response.write(chunk))
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
  }
  response.end();
}

/** Many events of one turn leave in one chunk. */
function createSink(response: Response): WatchSink {
  let lines = '';
  let isFlushing = false;
  let hasEnded = false;
  const flush = () => {
    isFlushing = false;
    if (lines && !response.destroyed) response.write(lines);
    lines = '';
    if (hasEnded) response.end();
  };
  const flushSoon = () => {
    if (isFlushing) return;
    isFlushing = true;
    queueMicrotask(flush);
  };
  return {
    get pendingBytes() {
      return response.writableLength + lines.length;
    },
    write(text) {
      lines += text;
      flushSoon();
    },
    end() {
      hasEnded = true;
      flushSoon();
    },
  };
}
