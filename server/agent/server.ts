// The agent's edge: HTTP and WebSocket on one port.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '../common/clock.ts';
import { isPlaygroundError, messageOf, PlaygroundError } from '../common/errors.ts';
import type { AsyncDisposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { subprotocol } from '../protocol/messages.ts';
import type { TerminalList } from '../protocol/rest.ts';
import { createConnection, type Connection } from './connection.ts';
import type { GardenProbe } from './garden-probe.ts';
import type { LayoutStore } from './layout.ts';
import type { Terminals } from './terminals.ts';
import type { TokenVerifier } from './token.ts';
import { ensureHost, ensureSubprotocol, refuseUpgrade, renderError, terminalIdOf } from './upgrade.ts';

export interface AgentServerOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  terminals: Terminals;
  layout: LayoutStore;
  verifier: TokenVerifier;
  garden: GardenProbe;
  clock: Clock;
  logger: Logger;
}

export interface AgentServer extends AsyncDisposable {
  readonly port: number;
}

/** How long /readyz waits for the garden: kubelets give a probe one second unless told otherwise. */
const gardenTimeoutMs = 900;
const maxConnections = 128;
const maxSockets = 64;
const headTimeoutMs = 5_000;
const requestTimeoutMs = 10_000;
/** Above our own limit, so that a message that is too large is told so by name. */
const maxPayloadBytes = 1024 * 1024;

const notFound = () => new PlaygroundError(404, 'NotFound', 'There is no such path.');

interface Answer {
  status: number;
  body?: unknown;
}

type Route = (request: IncomingMessage) => Promise<Answer> | Answer;

const asPlaygroundError = (fault: unknown): PlaygroundError =>
  isPlaygroundError(fault)
    ? fault
    : new PlaygroundError(500, 'Internal', 'The agent failed to answer.', { cause: fault });

/** Method and path → route; the ones that say what a session does ask for the gateway's token. */
function findRoute(
  { verifier, terminals, layout, garden }: AgentServerOptions,
  { method, url }: IncomingMessage,
): Route {
  const isRead = method === 'GET' || method === 'HEAD';
  if (isRead && url === '/healthz') return () => ({ status: 200, body: { status: 'ok' } });
  if (isRead && url === '/readyz')
    return async () => {
      if (await garden.isReady(gardenTimeoutMs)) return { status: 200, body: { status: 'ok' } };
      throw new PlaygroundError(503, 'GardenNotReady', 'The garden does not answer yet.', { retryAfterSeconds: 1 });
    };
  if (isRead && url === '/terminals')
    return async (request) => {
      await verifier.verify(request.headers.authorization);
      const arranged = layout.current ? { layout: layout.current.layout } : {};
      const body: TerminalList = { terminals: terminals.list(), lastInputAt: terminals.lastInputAt, ...arranged };
      return { status: 200, body };
    };
  const id = terminalIdOf(url);
  if (id && method === 'DELETE')
    return async (request) => {
      await verifier.verify(request.headers.authorization);
      if (await terminals.end(id)) return { status: 204 };
      throw new PlaygroundError(404, 'NoTerminal', 'There is no such terminal.');
    };
  if (id) throw new PlaygroundError(426, 'UpgradeRequired', 'A terminal speaks WebSocket.');
  if (url === '/healthz' || url === '/readyz' || url === '/terminals')
    throw new PlaygroundError(405, 'MethodNotAllowed', 'This path is only read.');
  throw notFound();
}

class Edge {
  readonly server: Server;
  readonly #options: AgentServerOptions;
  readonly #hosts: readonly string[];
  readonly #connections = new Set<Connection>();
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxPayloadBytes,
    perMessageDeflate: false,
    handleProtocols: () => subprotocol,
  });

  constructor(options: AgentServerOptions) {
    this.#options = options;
    const host = options.host.includes(':') ? `[${options.host}]` : options.host;
    // The loopback names are those of `kubectl port-forward`.
    this.#hosts = [host, 'localhost', '127.0.0.1', '[::1]'];
    this.server = createServer({
      headersTimeout: headTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 8 * 1024,
    });
    this.server.maxConnections = maxConnections;
    this.server.on('request', (request, response) => void this.#answer(request, response));
    this.server.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    try {
      ensureHost(request, this.#hosts);
      const { status, body } = await findRoute(this.#options, request)(request);
      const text = body === undefined ? undefined : JSON.stringify(body);
      response.writeHead(status, text === undefined ? {} : { 'content-type': 'application/json' }).end(text);
    } catch (fault) {
      const error = asPlaygroundError(fault);
      const requestId = this.#log(request, error);
      if (error.status === 401) response.setHeader('www-authenticate', 'Bearer');
      if (error.retryAfterSeconds) response.setHeader('retry-after', error.retryAfterSeconds);
      // Bodies are nowhere asked for and never read.
      response.setHeader('connection', 'close');
      response.writeHead(error.status, { 'content-type': 'application/json' }).end(renderError(error, requestId));
    }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const onError = () => socket.destroy();
    socket.on('error', onError);
    try {
      const id = terminalIdOf(request.url);
      if (!id) throw notFound();
      ensureHost(request, this.#hosts);
      await this.#options.verifier.verify(request.headers.authorization);
      ensureSubprotocol(request);
      if (this.#connections.size >= maxSockets)
        throw new PlaygroundError(503, 'TooManySockets', 'This session has no room for another socket.');
      socket.off('error', onError);
      this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => this.#connect(webSocket, socket, id));
    } catch (fault) {
      const error = asPlaygroundError(fault);
      refuseUpgrade(socket, error, this.#log(request, error));
    }
  }

  #connect(socket: WebSocket, stream: Duplex, terminalId: string): void {
    const { terminals, layout, clock, logger } = this.#options;
    const onClose = () => void this.#connections.delete(connection);
    const connection = createConnection({ socket, stream, terminalId, terminals, layout, clock, logger, onClose });
    this.#connections.add(connection);
  }

  #log({ method, url }: IncomingMessage, error: PlaygroundError): string {
    const requestId = randomUUID();
    const { status, code, cause } = error;
    const entry = { requestId, method, path: url?.slice(0, 200), status, code, cause: cause && messageOf(cause) };
    if (status >= 500 && status !== 503) this.#options.logger.error(entry, 'request failed');
    else this.#options.logger.debug(entry, 'request refused');
    return requestId;
  }

  async dispose(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    await Promise.all([...this.#connections].map((connection) => connection.dispose()));
    this.#webSockets.close();
    this.server.closeAllConnections();
    await closed;
  }
}

/** Listens. Rejects when the address cannot be had. */
export async function createAgentServer(options: AgentServerOptions): Promise<AgentServer> {
  const edge = new Edge(options);
  await new Promise<void>((resolve, reject) => {
    edge.server.once('error', reject);
    edge.server.listen(options.port, options.host, () => {
      edge.server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (edge.server.address() as AddressInfo).port,
    dispose: () => edge.dispose(),
  };
}
