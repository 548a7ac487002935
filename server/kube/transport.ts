// One HTTP request to the API server, with the credentials that the library finds, on one keep-alive agent.
import { KubeConfig } from '@kubernetes/client-node';
import http from 'node:http';
import https from 'node:https';
import { createSecureContext } from 'node:tls';
import type { Disposable } from '../common/lifecycle.ts';
import { createKubeError, createUnreachable } from './errors.ts';

export interface TransportRequest {
  method: string;
  path: string;
  contentType?: string;
  body?: string;
  /** Without a byte for this long the request is given up. */
  idleTimeoutMs: number;
  signal?: AbortSignal;
  /** Told of the HTTP status, when one comes. */
  onStatus?(status: number): void;
}

export interface Transport extends Disposable {
  readonly server: string;
  /** The answer as a stream when it is 2xx. Throws KubeError otherwise. */
  send: (request: TransportRequest) => Promise<http.IncomingMessage>;
  /** The whole answer. */
  sendText: (request: TransportRequest) => Promise<string>;
}

/** `source`: path of a kubeconfig or its YAML; undefined: KUBECONFIG's default places, then in-cluster. */
export function loadKubeConfig(source?: string): KubeConfig {
  const config = new KubeConfig();
  if (source === undefined) config.loadFromDefault();
  else if (source.includes('\n')) config.loadFromString(source);
  else config.loadFromFile(source);
  if (!config.getCurrentCluster()) throw new Error('The kubeconfig names no cluster in its current context.');
  return config;
}

async function readText(stream: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** A kept connection broke before it gave an answer: most often the server had closed it just then. */
class StaleSocketError extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

const isStaleSocket = (fault: unknown): boolean =>
  fault instanceof StaleSocketError &&
  ['ECONNRESET', 'EPIPE'].includes((fault.cause as NodeJS.ErrnoException).code ?? '');

type TlsOptions = Pick<
  https.AgentOptions,
  'ca' | 'cert' | 'key' | 'pfx' | 'passphrase' | 'servername' | 'rejectUnauthorized'
>;

export function createTransport(config: KubeConfig): Transport {
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error('The kubeconfig names no cluster in its current context.');
  const server = cluster.server.replace(/\/+$/, '');
  const isHttps = server.startsWith('https:');
  let agent: http.Agent | undefined;
  let agentKey = '';

  // Credentials rotate: a new agent when they did, the same one otherwise.
  const agentFor = ({ ca, cert, key, pfx, passphrase, servername, rejectUnauthorized }: TlsOptions): http.Agent => {
    const newKey = [ca, cert, key, pfx, passphrase, servername, rejectUnauthorized].map(String).join('\n');
    if (agent && newKey === agentKey) return agent;
    agent?.destroy();
    agentKey = newKey;
    const options = { keepAlive: true, maxFreeSockets: 4 };
    if (!isHttps) return (agent = new http.Agent(options));
    // Made once: with a dozen watches open, reading the certificates for each connection is most of what they cost.
    const secureContext = createSecureContext({ ca, cert, key, pfx, passphrase });
    return (agent = new https.Agent({ ...options, secureContext, servername, rejectUnauthorized }));
  };

  async function open(request: TransportRequest): Promise<http.IncomingMessage> {
    const options: https.RequestOptions & { headers?: http.OutgoingHttpHeaders } = { headers: {} };
    await config.applyToHTTPSOptions(options);
    const { method, path, body, contentType, idleTimeoutMs, signal } = request;
    const headers: http.OutgoingHttpHeaders = {
      ...(options.headers as http.OutgoingHttpHeaders),
      accept: 'application/json',
    };
    if (body !== undefined) headers['content-type'] = contentType ?? 'application/json';
    if (body !== undefined) headers['content-length'] = Buffer.byteLength(body);
    const chosen = cluster?.proxyUrl ? (options.agent as http.Agent) : agentFor(options as TlsOptions);
    return new Promise((resolve, reject) => {
      const outgoing = (isHttps ? https : http).request(server + path, {
        method,
        headers,
        auth: options.auth ?? undefined,
        agent: chosen,
        signal,
      });
      outgoing.setTimeout(idleTimeoutMs, () => outgoing.destroy(new Error(`no answer within ${idleTimeoutMs} ms`)));
      outgoing.on('response', resolve);
      outgoing.on('error', (fault) => reject(outgoing.reusedSocket ? new StaleSocketError(fault) : fault));
      outgoing.end(body);
    });
  }

  const asUnreachable = (fault: unknown): never => {
    throw createUnreachable(server, fault);
  };

  async function send(request: TransportRequest): Promise<http.IncomingMessage> {
    const answer = await open(request)
      .catch((fault: unknown) => (isStaleSocket(fault) ? open(request) : Promise.reject(fault)))
      .catch(asUnreachable);
    const status = answer.statusCode ?? 0;
    request.onStatus?.(status);
    if (status >= 200 && status < 300) return answer;
    const body = await readText(answer).catch(() => '');
    throw createKubeError(status, body, Number(answer.headers['retry-after']) || undefined);
  }

  return {
    server,
    send,
    async sendText(request) {
      const answer = await send(request);
      return readText(answer).catch(asUnreachable);
    },
    dispose: () => agent?.destroy(),
  };
}
