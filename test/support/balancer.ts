// A load balancer for TCP, as a Service is one: every new connection goes to one of the backends, in turn.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Balancer {
  /** http, without a path. */
  url: string;
  add(backendUrl: string): void;
  /** Takes no open connection away. */
  remove(backendUrl: string): void;
  /** Breaks every open connection off. */
  cut(): void;
  dispose(): Promise<void>;
}

export async function createBalancer(): Promise<Balancer> {
  const backends: string[] = [];
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer({ pauseOnConnect: true }, (client) => {
    const target = backends[turn++ % Math.max(1, backends.length)];
    if (!target) return void client.destroy();
    const { hostname, port } = new URL(target);
    const backend = connect(Number(port), hostname);
    for (const [one, other] of [
      [client, backend],
      [backend, client],
    ] as const) {
      open.add(one.setNoDelay(true));
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => open.forEach((socket) => socket.destroy());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: (backendUrl) => void backends.push(backendUrl),
    remove: (backendUrl) => void backends.splice(0, backends.length, ...backends.filter((one) => one !== backendUrl)),
    cut,
    async dispose() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
