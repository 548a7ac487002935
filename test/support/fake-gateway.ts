// A gateway for the page's own tests: real HTTP, events and WebSockets on a free port, with a script in place of a cluster.
import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { WebSocketServer } from 'ws';
import { createLayoutStore } from '../../server/agent/layout.ts';
import { subprotocol } from '../../server/protocol/messages.ts';
import type { EnvironmentSummary, Me, Progress, Session, TerminalList, User } from '../../server/protocol/rest.ts';
import { createFakeTerminal, type FakeTerminal } from './fake-terminal.ts';

export const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' https://avatars.githubusercontent.com",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export const visitor: User = { id: '1', login: 'ada', name: 'Ada Lovelace' };

const environment: EnvironmentSummary = {
  name: 'lite',
  title: 'Gardener lite',
  description: 'A garden with a simulated gardenlet: projects, a seed that is ready, and shoots that come to life.',
  features: [
    'kubectl with completion',
    'A seed that is Ready',
    'Shoots in half a minute',
    'A cluster behind every shoot',
  ],
  startSeconds: 1,
  isDefault: true,
};

export class FakeGateway {
  user: User | null = null;
  isIsolated = true;
  /** Whether /terminal leads visitors without a user through /login. */
  requireSignIn = false;
  environments: EnvironmentSummary[] = [environment];
  session: Session | null = null;
  /** State of the sessions that are asked for. */
  newState: Session['state'] = 'starting';
  /** Answers every request of /api with this fault. */
  fault: { status: number; code: string; message: string } | undefined;
  /** Answers who wants to stay with this fault. */
  stayFault: { status: number; code: string; message: string } | undefined;
  /** How much time staying wins. */
  stayMs = 3600_000;
  /** How far the clock of this gateway is ahead, as its answers say. */
  aheadMs = 0;
  /** Refuses every terminal socket with this close code. */
  socketRefusal: number | undefined;
  /** How the pages have arranged the terminals. */
  readonly layout = createLayoutStore();
  /** By id, those that a page has opened. */
  readonly terminals = new Map<string, FakeTerminal>();
  created = 0;
  readonly #page: string;
  readonly #events = new Set<ServerResponse>();
  readonly #progress: Progress[] = [];
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => subprotocol });
  readonly #server = createServer((request, response) => this.#answer(request, response));

  constructor(page: string) {
    this.#page = page;
    this.#server.on('upgrade', (request, socket, head) => {
      const id = /terminals\/([^/]+)$/.exec(request.url ?? '')?.[1] ?? '';
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (this.socketRefusal === undefined) this.terminalOf(id).accept(webSocket);
        else webSocket.close(this.socketRefusal);
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The terminal that a session begins with. */
  get terminal(): FakeTerminal {
    return this.terminalOf('main');
  }

  terminalOf(id: string): FakeTerminal {
    const terminal = this.terminals.get(id) ?? createFakeTerminal(this.layout);
    this.terminals.set(id, terminal);
    return terminal;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** Puts a session in place, as if the user had started it; tells the pages that listen. */
  setSession(state: Session['state'], extra: Partial<Session> = {}): void {
    this.session = {
      id: `session-${this.created}`,
      environment: 'lite',
      environmentTitle: 'Gardener lite',
      state,
      createdAt: new Date().toISOString(),
      end: { at: new Date(Date.now() + 3600_000).toISOString(), cause: 'life', canStay: true },
      ...extra,
    };
    this.#emit('session', this.session);
  }

  progress(sentence: string, level: Progress['level'] = 'info', reason?: string): void {
    const progress: Progress = {
      id: String(this.#progress.length).padStart(4, '0'),
      at: new Date().toISOString(),
      sentence,
      level,
      ...(reason ? { reason } : {}),
    };
    this.#progress.push(progress);
    this.#emit('progress', progress);
  }

  endSession(sentence: string): void {
    this.session = null;
    this.#emit('ended', { sentence });
    for (const stream of this.#events) stream.end();
    for (const terminal of this.terminals.values()) terminal.close(4001);
  }

  async close(): Promise<void> {
    for (const terminal of this.terminals.values()) terminal.cut();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #emit(name: string, data: unknown): void {
    for (const stream of this.#events) stream.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? '/', this.url).pathname;
    response.setHeader('content-security-policy', policy);
    response.setHeader('date', new Date(Date.now() + this.aheadMs).toUTCString());
    if (path === '/login') return this.#signIn(response);
    if (path === '/logout') {
      this.user = null;
      return void response.writeHead(204).end();
    }
    if (path === '/terminal' && this.requireSignIn && !this.user) {
      return void response.writeHead(302, { location: '/login?redirectPath=%2Fterminal' }).end();
    }
    if (!path.startsWith('/api/')) return this.#servePage(path, response);
    if (this.fault) return this.#sendError(response, this.fault);
    if (path === '/api/session/events') return this.#stream(response);
    if (path.startsWith('/api/session/terminals')) return this.#answerTerminals(request.method, path, response);
    this.#answerApi(`${request.method} ${path}`, response);
  }

  #signIn(response: ServerResponse): void {
    this.user = visitor;
    response.writeHead(302, { location: '/terminal' }).end();
  }

  #answerTerminals(method: string | undefined, path: string, response: ServerResponse): void {
    const id = path.split('/')[4];
    if (method === 'DELETE' && id !== undefined) {
      const terminal = this.terminals.get(id);
      this.terminals.delete(id);
      terminal?.tell({ type: 'exit', code: 0 });
      terminal?.close(4000);
      return void response.writeHead(terminal ? 204 : 404).end();
    }
    const terminals = [...this.terminals].map(([id, { size, title }]) => ({
      id,
      ...size,
      title,
      createdAt: new Date(0).toISOString(),
      attachments: 1,
    }));
    this.#send(response, { terminals, layout: this.layout.current?.layout } satisfies TerminalList);
  }

  #answerApi(route: string, response: ServerResponse): void {
    const me: Me = {
      user: this.user,
      signIn: { provider: 'github', label: 'Sign in with GitHub' },
      isIsolated: this.isIsolated,
    };
    if (route === 'GET /api/me') return this.#send(response, me);
    if (route === 'GET /api/environments') return this.#send(response, this.environments);
    if (route === 'POST /api/session') {
      this.created += 1;
      if (!this.session) this.setSession(this.newState);
    }
    if (route === 'POST /api/session/stay' && this.session) {
      if (this.stayFault) return this.#sendError(response, this.stayFault);
      const end: Session['end'] = {
        at: new Date(Date.now() + this.stayMs).toISOString(),
        cause: 'life',
        canStay: true,
      };
      this.setSession(this.session.state, { ...this.session, end });
    }
    if (route === 'DELETE /api/session') {
      this.endSession('The session was ended.');
      return void response.writeHead(204).end();
    }
    if (this.session) return this.#send(response, this.session);
    this.#sendError(response, { status: 404, code: 'NoSession', message: 'You have no session.' });
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.#events.add(response);
    response.on('close', () => this.#events.delete(response));
    if (this.session) response.write(`event: session\ndata: ${JSON.stringify(this.session)}\n\n`);
    for (const progress of this.#progress) response.write(`event: progress\ndata: ${JSON.stringify(progress)}\n\n`);
  }

  #send(response: ServerResponse, body: unknown, status = 200): void {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #sendError(
    response: ServerResponse,
    { status, code, message }: { status: number; code: string; message: string },
  ): void {
    this.#send(response, { error: { code, message, requestId: 'test' } }, status);
  }

  #servePage(path: string, response: ServerResponse): void {
    const file = join(this.#page, path);
    const isFile = extname(path) !== '' && existsSync(file);
    response.setHeader('content-type', contentTypes[isFile ? extname(path) : '.html'] ?? 'application/octet-stream');
    createReadStream(isFile ? file : join(this.#page, 'index.html')).pipe(response);
  }
}
