// A small HTTPS client for tests of API servers: any method, header and body, and streams line by line.
import { Agent, request as send } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { parse } from 'yaml';

export interface Answer {
  code: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The text as JSON. */
  json<T = Record<string, unknown>>(): T;
}

export interface LineStream {
  code: number;
  /** The next line as JSON; undefined at the end. */
  next<T = { type: string; object: Record<string, unknown> }>(): Promise<T | undefined>;
  dispose(): void;
}

interface Sent {
  headers?: Record<string, string>;
  body?: unknown;
}

export interface HttpsClient {
  (method: string, path: string, options?: Sent): Promise<Answer>;
  stream(path: string, headers?: Record<string, string>): Promise<LineStream>;
  dispose(): void;
}

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  users: [{ user: Record<string, string> }];
}
const decode = (value: string | undefined) => (value === undefined ? undefined : Buffer.from(value, 'base64'));

/** Speaks to the server of a kubeconfig; `credentials` replace those in it. */
export function createHttpsClient(kubeconfig: string, credentials?: { cert?: string; key?: string }): HttpsClient {
  const { clusters, users } = parse(kubeconfig) as Kubeconfig;
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const { user } = users[0];
  const cert = credentials ? credentials.cert : decode(user['client-certificate-data']);
  const key = credentials ? credentials.key : decode(user['client-key-data']);
  const agent = new Agent({ keepAlive: true, ca: decode(ca), cert, key });

  const open = (method: string, path: string, { headers = {}, body }: Sent) => {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const length = text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) };
    const type = text === undefined || headers['content-type'] ? {} : { 'content-type': 'application/json' };
    const request = send(new URL(path, server), { method, agent, headers: { ...type, ...length, ...headers } });
    request.end(text);
    return request;
  };

  const call = (method: string, path: string, options: Sent = {}) =>
    new Promise<Answer>((resolve, reject) => {
      open(method, path, options)
        .on('error', reject)
        .on('response', (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => {
            const { statusCode = 0, headers } = response;
            resolve({ code: statusCode, headers, text, json: <T>() => JSON.parse(text) as T });
          });
        });
    });

  const stream = (path: string, headers: Record<string, string> = {}) =>
    new Promise<LineStream>((resolve, reject) => {
      const request = open('GET', path, { headers });
      request.on('error', reject).on('response', (response) => {
        const lines = readLines(response.setEncoding('utf8'));
        resolve({
          code: response.statusCode ?? 0,
          next: async <T>() => (await lines.next()).value as T | undefined,
          dispose: () => request.destroy(),
        });
      });
    });

  return Object.assign(call, { stream, dispose: () => agent.destroy() });
}

async function* readLines(chunks: AsyncIterable<string>): AsyncGenerator<unknown, undefined> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line);
  }
  return undefined;
}
