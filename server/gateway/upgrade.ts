// WebSocket upgrades: the same guards as for requests, then the relay.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Identity } from '../auth/index.ts';
import { isPlaygroundError, PlaygroundError } from '../common/errors.ts';
import type { Disposable } from '../common/lifecycle.ts';
import { closeReasons, type CloseReason } from '../protocol/close-codes.ts';
import { subprotocol, terminalIdPattern } from '../protocol/messages.ts';
import type { AgentAddress } from '../session/index.ts';
import { readVisitor } from './middleware/visitor.ts';
import { basePathOf, isOwnOrNoOrigin } from './origin.ts';
import type { GatewayOptions } from './options.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

export type UpgradeOptions = Pick<
  GatewayOptions,
  'publicUrl' | 'visitorCookie' | 'policy' | 'clock' | 'sessions' | 'relay' | 'metrics' | 'logger'
>;

export interface UpgradeHandler extends Disposable {
  /** For the `upgrade` event of an HTTP server. Never throws; every request is answered. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

const terminalsPath = '/api/session/terminals/';
const keyPattern = /^[A-Za-z0-9+/]{22}==$/;

/** The terminal that is asked for. Throws what a request that is no proper one of our page gets as HTTP status. */
function ensureHandshake(request: IncomingMessage, publicUrl: string): { terminalId: string; webSocketKey: string } {
  const { headers } = request;
  const path = (request.url ?? '').split('?')[0] ?? '';
  const prefix = basePathOf(publicUrl) + terminalsPath;
  const terminalId = path.slice(prefix.length);
  if (!path.startsWith(prefix) || !terminalIdPattern.test(terminalId))
    throw new PlaygroundError(404, 'NotFound', 'There is no terminal at this address.');
  if (!isOwnOrNoOrigin({ origin: headers.origin }, publicUrl))
    throw new PlaygroundError(403, 'ForeignOrigin', 'This request comes from another site.');
  const webSocketKey = headers['sec-websocket-key'] ?? '';
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (request.method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket' || !keyPattern.test(webSocketKey))
    throw new PlaygroundError(400, 'BadUpgrade', 'This is no proper request for a web socket.');
  if (headers['sec-websocket-version'] !== '13')
    throw new PlaygroundError(426, 'BadVersion', 'Web sockets are spoken in version 13 here.');
  if (!protocols.includes(subprotocol))
    throw new PlaygroundError(400, 'BadSubprotocol', `Terminals speak the subprotocol ${subprotocol}.`);
  return { terminalId, webSocketKey };
}

const httpErrorOf: Partial<Record<CloseReason['name'], [number, string]>> = {
  Unauthorized: [401, 'Unauthorized'],
  Forbidden: [403, 'Forbidden'],
  NoSession: [404, 'NoSession'],
  TooManyTerminals: [429, 'TooManyTerminals'],
};

class Upgrades implements UpgradeHandler {
  readonly #acceptor = new WebSocketServer({ noServer: true, handleProtocols: () => subprotocol, maxPayload: 1024 });
  #isDraining = false;

  constructor(private readonly options: UpgradeOptions) {}

  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    this.#handle(request, socket, head).catch((fault: unknown) => {
      const error = isPlaygroundError(fault)
        ? fault
        : new PlaygroundError(500, 'Internal', 'Something went wrong here. Please try again.', { cause: fault });
      if (!isPlaygroundError(fault)) this.options.logger.error({ err: fault }, 'upgrade failed');
      else this.options.logger.info({ errorCode: error.code, status: error.status }, 'upgrade refused');
      this.options.metrics.terminals.inc({ result: error.code });
      refuseUpgrade(socket, error);
    });
  }

  /** From now on every request is told to come back. */
  dispose(): void {
    this.#isDraining = true;
    this.#acceptor.close();
  }

  async #handle(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const handshake = ensureHandshake(request, this.options.publicUrl);
    const visitor = await readVisitor(request.headers.cookie, this.options);
    const found = this.#find(visitor);
    const reason =
      'code' in found ? found : await this.options.relay.open({ agent: found, ...handshake, browser: socket, head });
    if (reason) return this.#refuse(request, socket, head, reason, visitor);
    this.options.metrics.terminals.inc({ result: 'ok' });
    this.options.logger.info({ user: visitor?.id, terminal: handshake.terminalId }, 'terminal attached');
  }

  #find(visitor: Identity | undefined): AgentAddress | CloseReason {
    if (this.#isDraining) return closeReasons.shuttingDown;
    if (!visitor) return closeReasons.unauthorized;
    try {
      return this.options.sessions.findAgent(visitor.id);
    } catch (fault) {
      if (!isPlaygroundError(fault)) throw fault;
      return fault.code === 'NoSession' ? closeReasons.noSession : closeReasons.agentUnreachable;
    }
  }

  /**
   * A page cannot read the status of a refused upgrade, so it is let in and told by a close code; whoever sends no Origin is no page and
   * gets the status.
   */
  #refuse(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    reason: CloseReason,
    visitor: Identity | undefined,
  ): void {
    if (socket.destroyed) return;
    const [status, code] = httpErrorOf[reason.name] ?? [503, reason.name];
    if (request.headers.origin === undefined) throw new PlaygroundError(status, code, reason.sentence);
    this.options.metrics.terminals.inc({ result: reason.name });
    this.options.logger.info({ user: visitor?.id, reason: reason.name }, 'terminal refused');
    this.#acceptor.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      webSocket.close(reason.code, reason.sentence);
    });
  }
}

export const createUpgradeHandler = (options: UpgradeOptions): UpgradeHandler => new Upgrades(options);
