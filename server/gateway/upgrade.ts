// WebSocket upgrades: the same guards as for requests, then the relay.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Identity } from '../auth/index.ts';
import { isPlaygroundError, PlaygroundError } from '../common/errors.ts';
import type { Disposable } from '../common/lifecycle.ts';
import type { Logger } from '../common/log.ts';
import { closeReasons, type CloseReason } from '../protocol/close-codes.ts';
import { terminalIdPattern } from '../protocol/layout.ts';
import { subprotocol } from '../protocol/messages.ts';
import type { AgentAddress } from '../session/index.ts';
import { clientAddressOf, requestIdOf } from './client.ts';
import { logFieldsOf, readVisitor } from './middleware/visitor.ts';
import { basePathOf, isOwnOrNoOrigin } from './origin.ts';
import type { GatewayOptions } from './options.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';

export type UpgradeOptions = Pick<
  GatewayOptions,
  | 'publicUrl'
  | 'trustedProxies'
  | 'visitorCookie'
  | 'policy'
  | 'clock'
  | 'sessions'
  | 'relay'
  | 'metrics'
  | 'logger'
  | 'audit'
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

/** One request for a socket. */
interface Asking {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  requestId: string;
  address: string;
  /** Says who asks, as soon as that is known. */
  logger: Logger;
}

class Upgrades implements UpgradeHandler {
  readonly #acceptor = new WebSocketServer({ noServer: true, handleProtocols: () => subprotocol, maxPayload: 1024 });
  #isDraining = false;

  constructor(private readonly options: UpgradeOptions) {}

  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const { trustedProxies, logger, metrics } = this.options;
    const requestId = requestIdOf(request, trustedProxies);
    const address = clientAddressOf(request, trustedProxies);
    const asking: Asking = { request, socket, head, requestId, address, logger: logger.child({ requestId }) };
    this.#handle(asking).catch((fault: unknown) => {
      const error = isPlaygroundError(fault)
        ? fault
        : new PlaygroundError(500, 'Internal', 'Something went wrong here. Please try again.', { cause: fault });
      if (!isPlaygroundError(fault)) asking.logger.error({ err: fault, address }, 'upgrade failed');
      else asking.logger.info({ errorCode: error.code, status: error.status, address }, 'upgrade refused');
      metrics.terminals.inc({ result: error.code });
      refuseUpgrade(socket, error, requestId);
    });
  }

  /** From now on every request is told to come back. */
  dispose(): void {
    this.#isDraining = true;
    this.#acceptor.close();
  }

  async #handle(asking: Asking): Promise<void> {
    const { request, socket, head } = asking;
    const { terminalId, webSocketKey } = ensureHandshake(request, this.options.publicUrl);
    const visitor = await readVisitor(request.headers.cookie, asking, this.options);
    if (visitor) asking.logger = asking.logger.child({ ...logFieldsOf(visitor, this.options), terminal: terminalId });
    const found = this.#find(visitor);
    if (!visitor || 'code' in found) return this.#refuse(asking, 'code' in found ? found : closeReasons.unauthorized);
    const attachment = this.#record(asking, visitor, found, terminalId);
    const reason = await this.options.relay.open({
      ...{ agent: found, terminalId, webSocketKey, browser: socket, head, logger: asking.logger },
      onStart: attachment.begin,
      onEnd: attachment.end,
    });
    if (reason) return this.#refuse(asking, reason);
  }

  /** What is written down when a browser is connected, and when that ends. */
  #record({ requestId, address, logger }: Asking, visitor: Identity, agent: AgentAddress, terminal: string) {
    const { audit, clock, metrics } = this.options;
    const { id: user, login } = visitor;
    const values = { requestId, address, user, login, session: agent.sessionId, terminal };
    let startMs = 0;
    return {
      begin: () => {
        startMs = clock.monotonicMs();
        metrics.terminals.inc({ result: 'ok' });
        logger.info('terminal attached');
        audit.record('terminal-attach', values);
      },
      end: () => {
        const seconds = Math.round((clock.monotonicMs() - startMs) / 100) / 10;
        logger.info({ seconds }, 'terminal detached');
        audit.record('terminal-detach', { ...values, seconds });
      },
    };
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
  #refuse({ request, socket, head, logger, address }: Asking, reason: CloseReason): void {
    if (socket.destroyed) return;
    const [status, code] = httpErrorOf[reason.name] ?? [503, reason.name];
    if (request.headers.origin === undefined) throw new PlaygroundError(status, code, reason.sentence);
    this.options.metrics.terminals.inc({ result: reason.name });
    logger.info({ reason: reason.name, address }, 'terminal refused');
    this.#acceptor.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      webSocket.close(reason.code, reason.sentence);
    });
  }
}

export const createUpgradeHandler = (options: UpgradeOptions): UpgradeHandler => new Upgrades(options);
