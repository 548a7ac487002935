// What the smoke test sees of the playground: requests and sockets to one address, as if it were the public one.
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { WebSocket } from 'ws';
import { subprotocol } from '../protocol/messages.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface SmokeClientOptions {
  /** Where the gateway listens: its Service. */
  targetUrl: string;
  /** What browsers call it: the Host and Origin that it expects, and the path below which everything is. */
  publicUrl: string;
  signal: AbortSignal;
}

export interface AskOptions {
  method?: string;
  cookie?: string;
  body?: unknown;
  /** Instead of the one that ends the whole test. */
  signal?: AbortSignal;
}

const requestTimeoutMs = 10_000;

export class SmokeClient {
  readonly #target: URL;
  readonly #public: URL;
  readonly #basePath: string;

  constructor(private readonly options: SmokeClientOptions) {
    this.#target = new URL(options.targetUrl);
    this.#public = new URL(options.publicUrl);
    this.#basePath = this.#public.pathname.replace(/\/+$/, '');
  }

  /** Asks for `path` below the public path. Rejects when there is no answer. */
  ask(path: string, { method = 'GET', cookie, body, signal = this.options.signal }: AskOptions = {}): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      host: this.#public.host,
      origin: this.#public.origin,
      ...(cookie ? { cookie } : {}),
      ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    const send = this.#target.protocol === 'https:' ? httpsRequest : httpRequest;
    const url = new URL(this.#basePath + path, this.#target);
    return new Promise((resolve, reject) => {
      // No kept connections: each request may come to another replica, as those of browsers do.
      const request = send(url, { method, headers, signal, timeout: requestTimeoutMs, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${requestTimeoutMs / 1000} s`)));
      request.on('error', reject).end(text);
    });
  }

  /** A socket on a terminal, as a page opens it. */
  openSocket(terminal: string, cookie?: string): WebSocket {
    const url = new URL(`${this.#basePath}/api/session/terminals/${terminal}`, this.#target);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return new WebSocket(url, [subprotocol], {
      handshakeTimeout: requestTimeoutMs,
      headers: { host: this.#public.host, origin: this.#public.origin, ...(cookie ? { cookie } : {}) },
    });
  }
}
