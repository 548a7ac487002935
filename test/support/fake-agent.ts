// An agent at the edge of gateway tests: checks the gateway's token as a pod would, echoes what it gets, and can misbehave.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';
import { WebSocketServer, type WebSocket } from 'ws';
import { subprotocol } from '../../server/protocol/messages.ts';
import type { Pod } from '../../server/session/index.ts';

export class FakeAgent {
  /** What the tokens said, in order. */
  readonly seen: { url: string; token: JWTPayload; headers: IncomingMessage['headers'] }[] = [];
  /** Sockets that are open. */
  readonly sockets = new Set<WebSocket>();
  /** Answers with this status instead of serving. */
  refusal: number | undefined;
  /** Raw bytes instead of an answer to an upgrade. */
  rawAnswer: string | undefined;
  ended: string[] = [];
  #pod: Pod | undefined;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #acceptor = new WebSocketServer({ noServer: true, handleProtocols: () => subprotocol });

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    this.#server.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Serves as the agent of this pod: the keys come from its environment, the audience from its uid. */
  serve(pod: Pod): void {
    this.#pod = pod;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #verify(request: IncomingMessage): Promise<void> {
    const value = this.#pod?.spec.containers[0]?.env?.find(({ name }) => name === 'AGENT_PUBLIC_KEYS')?.value;
    const keys = createLocalJWKSet(JSON.parse(value ?? '{"keys":[]}') as JSONWebKeySet);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const audience = `agent:${this.#pod?.metadata.uid}`;
    const { payload } = await jwtVerify(token, keys, { issuer: 'playground-gateway', audience, algorithms: ['EdDSA'] });
    this.seen.push({ url: request.url ?? '', token: payload, headers: request.headers });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#verify(request);
    } catch {
      return void response.writeHead(401).end();
    }
    if (this.refusal) return void response.writeHead(this.refusal).end();
    if (request.method === 'DELETE') {
      this.ended.push(request.url ?? '');
      return void response.writeHead(204).end();
    }
    const terminal = {
      id: 't1',
      createdAt: '2026-01-01T00:00:00Z',
      columns: 80,
      rows: 24,
      title: 'bash',
      attachments: 1,
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ terminals: [terminal] }));
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    if (this.rawAnswer !== undefined) return void socket.end(this.rawAnswer);
    const status =
      this.refusal ??
      (await this.#verify(request).then(
        () => 101,
        () => 401,
      ));
    if (status !== 101) return void socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
    this.#acceptor.handleUpgrade(request, socket, head, (webSocket) => {
      this.sockets.add(webSocket);
      webSocket.on('close', () => this.sockets.delete(webSocket));
      webSocket.on('message', (data, isBinary) => webSocket.send(data, { binary: isBinary }));
    });
  }
}
