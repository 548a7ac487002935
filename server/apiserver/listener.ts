// The listening socket: TLS that asks for client certificates, HTTP/2 for kubectl and HTTP/1.1 for all else, and bounds on both.
import { createSecureServer } from 'node:http2';
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse, ServerHttp2Session } from 'node:http2';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { AsyncDisposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import type { Certificates } from './certificates.ts';

export type Request = IncomingMessage | Http2ServerRequest;

/** What the answers of both protocols have in common. */
export interface Response {
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  readonly writableLength: number;
  setHeader(name: string, value: string | number | readonly string[]): unknown;
  /** Headers leave with it. */
  writeHead(code: number, headers: Record<string, string | number>): unknown;
  write(chunk: string | Uint8Array): boolean;
  end(chunk?: string | Uint8Array): unknown;
  on(event: 'close' | 'error', listener: () => void): unknown;
  once(event: 'close' | 'drain', listener: () => void): unknown;
  destroy(): unknown;
}

export interface ListenerOptions {
  certificates: Certificates;
  host: string;
  port: number;
  logger: Logger | undefined;
  onRequest(request: Request, response: Response): void;
}

export interface Listener extends AsyncDisposable {
  port: number;
}

const maxConnections = 1_000;
const maxStreams = 250;
const maxHeaderBytes = 64 * 1024;
const requestTimeoutMs = 60_000;
const keepAliveTimeoutMs = 120_000;

/** Throws when it cannot listen. */
export async function createListener(options: ListenerOptions): Promise<Listener> {
  const { certificates, host, port, logger, onRequest } = options;
  const server = createSecureServer(
    {
      key: certificates.serving.key,
      cert: certificates.serving.certificate,
      ca: certificates.ca.certificate,
      requestCert: true,
      // A client without a certificate may still bring a token; one with a wrong certificate is refused when it asks.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      allowHTTP1: true,
      maxSessionMemory: 10,
      settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: maxHeaderBytes },
    },
    (request, response) => onRequest(request, asResponse(response)),
  );
  boundHttp1(server);
  server.maxConnections = maxConnections;
  server.on('tlsClientError', (error) => logger?.debug({ error: error.message }, 'TLS handshake failed'));
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('sessionError', (error) => logger?.debug({ error: (error as Error).message }, 'HTTP/2 session failed'));
  const sockets = trackSockets(server);
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    async dispose() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Evens out where the two differ. */
function asResponse(response: Http2ServerResponse | ServerResponse): Response {
  if (!('flushHeaders' in response)) {
    let isClosed = false;
    response.on('close', () => (isClosed = true));
    return Object.defineProperty(response, 'destroyed', { get: () => isClosed }) as unknown as Response;
  }
  // HTTP/2 sends headers as soon as they are written; HTTP/1.1 waits for the first byte of the body unless it is told.
  const writeHead = response.writeHead.bind(response);
  return Object.assign(response, {
    writeHead(code: number, headers: Record<string, string | number>) {
      writeHead(code, headers);
      if (!('Content-Length' in headers)) response.flushHeaders();
      return response;
    },
  }) as unknown as Response;
}

/** The part of the server that speaks HTTP/1.1 takes its bounds as properties, not as options. */
function boundHttp1(server: Http2SecureServer): void {
  const bounds: Partial<Server> & { maxHeaderSize: number } = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: maxHeaderBytes,
  };
  Object.assign(server, bounds);
}

function trackSockets(server: Http2SecureServer): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('session', (session: ServerHttp2Session) => {
    session.on('error', () => {});
  });
  return sockets;
}

async function listen(server: Http2SecureServer, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
