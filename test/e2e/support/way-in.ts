// A way from this machine to a Service: straight where the cluster's addresses are routed here, by `kubectl port-forward` elsewhere.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createServer as createTlsServer } from 'node:tls';
import { createSystemClock } from '../../../server/common/clock.ts';
import type { Disposable } from '../../../server/common/lifecycle.ts';
import type { KubeObject, Resource } from '../../../server/kube/index.ts';
import type { Stage } from './stage.ts';

export interface ServicePort {
  namespace: string;
  service: string;
  port: number;
}

interface Way extends Disposable {
  connect(): Promise<Socket>;
}

/** A port of this machine, behind which the Service is. */
export interface Front extends Disposable {
  port: number;
  /** `straight` or `port-forward`. */
  kind: string;
}

const services: Resource = { group: '', version: 'v1', plural: 'services', kind: 'Service', isNamespaced: true };
const clock = createSystemClock();
const tryMs = 1_500;

function connectWithin(host: string, port: number, boundMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    const timer = clock.after(boundMs, () => socket.destroy(new Error(`${host}:${port} did not answer`)));
    socket.once('connect', () => {
      timer.dispose();
      resolve(socket);
    });
    socket.once('error', (fault) => {
      timer.dispose();
      reject(fault);
    });
  });
}

async function openStraight({ client }: Stage, { namespace, service, port }: ServicePort): Promise<Way | undefined> {
  type Service = KubeObject & { spec: { clusterIP: string } };
  const { spec } = await client.get<Service>(services, service, namespace);
  const open = () => connectWithin(spec.clusterIP, port, tryMs);
  // A Service answers a moment after its pods are ready.
  for (let attempt = 0; attempt < 4; attempt++) {
    const socket = await open().catch(() => undefined);
    if (socket) {
      socket.destroy();
      return { connect: open, dispose: () => undefined };
    }
    await clock.sleep(500);
  }
  return undefined;
}

/** Begun again as often as its pod goes. */
class Forward implements Way {
  #child: ChildProcess | undefined;
  #port: Promise<number> | undefined;
  #isEnded = false;

  constructor(
    private readonly stage: Stage,
    private readonly to: ServicePort,
  ) {}

  async connect(): Promise<Socket> {
    this.#port ??= this.#begin();
    try {
      return await connectWithin('127.0.0.1', await this.#port, tryMs);
    } catch (fault) {
      this.#child?.kill();
      throw fault;
    }
  }

  dispose(): void {
    this.#isEnded = true;
    this.#child?.kill();
  }

  async #begin(): Promise<number> {
    const { namespace, service, port } = this.to;
    if (this.#isEnded) throw new Error('the way to the Service is closed');
    const args = ['-n', namespace, 'port-forward', '--address=127.0.0.1', `service/${service}`, `:${port}`];
    const child = spawn(this.stage.kubectlPath, ['--kubeconfig', this.stage.kubeconfig, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    const forget = () => (this.#port = undefined);
    child.once('exit', forget).once('error', forget);
    for await (const line of createInterface({ input: child.stdout })) {
      const taken = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (taken) return Number(taken);
    }
    throw new Error(`kubectl port-forward to ${service} ended`);
  }
}

export interface Certificate {
  certificate: string;
  key: string;
}

/** Listens on 127.0.0.1; with a certificate it ends TLS, as an ingress does. */
export async function openFront(stage: Stage, to: ServicePort, tls?: Certificate): Promise<Front> {
  const straight = await openStraight(stage, to);
  const way = straight ?? new Forward(stage, to);
  const sockets = new Set<Socket>();
  const pass = (socket: Socket) => {
    sockets.add(socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket)));
    way.connect().then(
      (upstream) => {
        const end = () => [socket, upstream].forEach((one) => one.destroy());
        upstream.on('error', end).on('close', end);
        socket.on('error', end).on('close', end);
        socket.pipe(upstream).pipe(socket);
      },
      () => socket.destroy(),
    );
  };
  const server: Server = tls ? createTlsServer({ cert: tls.certificate, key: tls.key }, pass) : createServer(pass);
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    kind: straight ? 'straight' : 'port-forward',
    dispose() {
      server.close();
      for (const socket of sockets) socket.destroy();
      way.dispose();
    },
  };
}
