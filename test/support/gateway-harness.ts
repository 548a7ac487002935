// The real gateway process on free ports, with a cluster in memory and an agent on loopback, and a browser's worth of HTTP.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { WebSocket } from 'ws';
import { stringify } from 'yaml';
import { createSystemClock } from '../../server/common/clock.ts';
import { createLogger } from '../../server/common/log.ts';
import { readOptions } from '../../server/common/options.ts';
import { checkGatewayOptions, gatewayOptions } from '../../server/config.ts';
import { defaultRateLimits, type RateLimits } from '../../server/gateway/index.ts';
import { startPlayground, type Playground } from '../../server/playground.ts';
import { subprotocol } from '../../server/protocol/messages.ts';
import { FakeAgent } from './fake-agent.ts';
import { FakeCluster } from './fake-cluster.ts';
import { loadLite } from './session-environment.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  json<T = { error: { code: string; message: string; requestId: string } }>(): T;
}

export interface RequestOptions {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: string;
}

/** One browser: its cookies, and what it asks for. `url` is the playground's, with its path; `ca` vouches for its certificate. */
export class Browser {
  readonly cookies = new Map<string, string>();

  /** What the playground's addresses begin with. */
  readonly basePath: string;
  readonly origin: string;

  constructor(
    readonly url: string,
    readonly ca?: string,
  ) {
    const { origin, pathname } = new URL(url);
    this.origin = origin;
    this.basePath = pathname.replace(/\/$/, '');
  }

  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** `target` is a path (with that of the playground) or an address; cookies go to the gateway alone. */
  ask(target: string, { method = 'GET', headers = {}, body }: RequestOptions = {}): Promise<Answer> {
    const isOwn = target.startsWith('/');
    const url = new URL(isOwn ? this.url : target);
    return new Promise((resolve, reject) => {
      const cookie = isOwn && this.cookies.size ? { cookie: this.cookieHeader } : {};
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(
        {
          ca: this.ca,
          host: url.hostname,
          port: url.port,
          // As it is: what URL would tidy up is what some tests send.
          path: isOwn ? target : url.pathname + url.search,
          method,
          headers: { ...cookie, ...headers },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            if (isOwn) this.#keep(response.headers['set-cookie'] ?? []);
            const text = Buffer.concat(chunks).toString();
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              json: <T>() => JSON.parse(text) as T,
            });
          });
        },
      );
      request.on('error', reject).end(body);
    });
  }

  post(target: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const all = { 'content-type': 'application/json', origin: this.origin, ...headers };
    return this.ask(target, { method: 'POST', headers: all, body: JSON.stringify(body) });
  }

  /** Through the stand-in, as a person would: the page, a choice, and back. Returns the gateway's answer to the callback. */
  async signIn(login: string, redirectPath = '/terminal'): Promise<Answer> {
    const toGitHub = await this.ask(`${this.basePath}/login?redirectPath=${encodeURIComponent(redirectPath)}`);
    return this.ask(await this.chooseIdentity(toGitHub.headers.location ?? '', { login }));
  }

  /** The path of the callback that the stand-in sends the browser to. */
  async chooseIdentity(authorizeUrl: string, choice: Record<string, string>): Promise<string> {
    const form = new URL(authorizeUrl).searchParams;
    for (const [name, value] of Object.entries(choice)) form.set(name, value);
    const answer = await this.ask(new URL('/login/oauth/authorize', authorizeUrl).href, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    });
    const location = new URL(answer.headers.location ?? '');
    return location.pathname + location.search;
  }

  /** A web socket as the page opens it; `headers` override. */
  socket(terminal: string, headers: Record<string, string> = {}, protocol: string = subprotocol): WebSocket {
    const own = { origin: this.origin, cookie: this.cookieHeader };
    return new WebSocket(`${this.url.replace('http', 'ws')}/api/session/terminals/${terminal}`, protocol, {
      ca: this.ca,
      headers: Object.fromEntries(Object.entries({ ...own, ...headers }).filter(([, value]) => value !== '')),
    });
  }

  #keep(setCookies: readonly string[]): void {
    for (const line of setCookies) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const equals = pair.indexOf('=');
      if (attributes.some((attribute) => attribute.toLowerCase() === 'max-age=0'))
        this.cookies.delete(pair.slice(0, equals));
      else this.cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
  }
}

export interface Harness {
  playground: Playground;
  cluster: FakeCluster;
  agent: FakeAgent;
  /** Parsed log lines. */
  logs: Record<string, unknown>[];
  browser(): Browser;
  /** Waits for a session's pod, makes it ready and lets the agent serve it. */
  makeReady(login: string): void;
  dispose(): Promise<void>;
}

export interface HarnessOptions {
  env?: Record<string, string>;
  rateLimits?: Partial<RateLimits>;
}

async function writeEnvironment(directory: string, agentPort: number): Promise<void> {
  const { name, pod, ...about } = await loadLite(agentPort);
  await mkdir(path.join(directory, name), { recursive: true });
  await writeFile(path.join(directory, name, 'environment.yaml'), stringify(about));
  await writeFile(path.join(directory, name, 'pod.yaml'), stringify(pod));
}

async function writePage(directory: string): Promise<void> {
  await mkdir(path.join(directory, 'assets'), { recursive: true });
  await writeFile(
    path.join(directory, 'index.html'),
    '<!doctype html><title>page</title><script src="./assets/main-abc123.js"></script>',
  );
  await writeFile(path.join(directory, 'assets', 'main-abc123.js'), 'export {};');
}

export async function createHarness({ env = {}, rateLimits }: HarnessOptions = {}): Promise<Harness> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gateway-'));
  const agent = new FakeAgent();
  await agent.listen();
  await writeEnvironment(path.join(directory, 'environments'), agent.port);
  await writePage(path.join(directory, 'web'));
  const clock = createSystemClock();
  const cluster = new FakeCluster(clock);
  const logs: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n').filter(Boolean))
        logs.push(JSON.parse(line) as Record<string, unknown>);
      done();
    },
  });
  const cleanUp = async () => {
    await agent.close();
    await rm(directory, { recursive: true });
  };
  const playground = await startPlayground({
    options: readOptions(
      gatewayOptions,
      { PORT: '0', METRICS_PORT: '0', CLUSTER: 'embedded', ...env },
      [],
      checkGatewayOptions,
    ),
    openCluster: async () => ({ client: cluster.client, dispose: () => undefined }),
    environmentsDir: path.join(directory, 'environments'),
    webDir: path.join(directory, 'web'),
    rateLimits: { ...defaultRateLimits, ...rateLimits },
    clock,
    logger: createLogger('test', 'debug', sink),
  }).catch(async (fault: unknown) => {
    await cleanUp();
    throw fault;
  });
  return {
    playground,
    cluster,
    agent,
    logs,
    browser: () => new Browser(playground.ownUrl),
    makeReady(login) {
      agent.serve(cluster.makeReady(cluster.podOf(login)));
    },
    async dispose() {
      await playground.dispose();
      await cleanUp();
    },
  };
}
