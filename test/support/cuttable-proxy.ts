// A TCP proxy that a test cuts: an API server that refuses, or one that takes requests and says nothing, and comes back.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CuttableProxy {
  /** The kubeconfig, with the proxy's address in the place of its server's. */
  kubeconfig: string;
  /** `open`: passes on. `refusing`: resets what is open and what comes. `hanging`: nothing moves; all of it goes on when it is open again. */
  set(mode: 'open' | 'refusing' | 'hanging'): void;
  dispose(): Promise<void>;
}

export async function createCuttableProxy(kubeconfig: string): Promise<CuttableProxy> {
  const address = /server: "?(https?):\/\/([\d.]+):(\d+)/.exec(kubeconfig);
  if (!address) throw new Error('The kubeconfig names no server.');
  const [whole, protocol = '', host = '', port = ''] = address;
  const pairs = new Set<{ client: Socket; backend?: Socket }>();
  let mode: 'open' | 'refusing' | 'hanging' = 'open';

  function join(pair: { client: Socket; backend?: Socket }): void {
    const { client } = pair;
    const backend = (pair.backend ??= connect(Number(port), host).setNoDelay(true));
    for (const [one, other] of [
      [client, backend],
      [backend, client],
    ] as const) {
      one.removeAllListeners('close').on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
      one.on('error', () => undefined).pipe(other);
    }
  }

  const server = createServer({ pauseOnConnect: true, noDelay: true }, (client) => {
    client.on('error', () => undefined);
    if (mode === 'refusing') return void client.resetAndDestroy();
    const pair = { client };
    pairs.add(pair);
    if (mode === 'open') join(pair);
    else client.on('close', () => pairs.delete(pair));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ownUrl = `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    kubeconfig: kubeconfig.replace(whole, whole.replace(`${protocol}://${host}:${port}`, ownUrl)),
    set(next) {
      mode = next;
      for (const pair of [...pairs]) {
        const { client, backend } = pair;
        if (mode === 'open') join(pair);
        else if (mode === 'hanging') [client, backend].forEach((socket) => socket?.unpipe().pause());
        else [client, backend].forEach((socket) => socket?.resetAndDestroy());
      }
    },
    async dispose() {
      const closed = once(server, 'close');
      server.close();
      for (const { client, backend } of pairs) [client, backend].forEach((socket) => socket?.destroy());
      await closed;
    },
  };
}
