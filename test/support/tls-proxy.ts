// A reverse proxy as an ingress is one: ends TLS with a certificate of its own, says for whom it asks, and passes paths on as they are.
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createCertificates } from '../../server/apiserver/index.ts';

export interface TlsProxy {
  /** https, without a path. */
  url: string;
  /** PEM of the authority that browsers must know. */
  ca: string;
  /** Where requests go; set it before the first one. */
  target: string;
  dispose(): Promise<void>;
}

const forwarded = ({ headers, socket }: http.IncomingMessage): http.OutgoingHttpHeaders => ({
  ...headers,
  'x-forwarded-for': socket.remoteAddress,
  'x-forwarded-proto': 'https',
  'x-forwarded-host': headers.host,
});

const headLines = (headers: http.OutgoingHttpHeaders) =>
  Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one) => `${name}: ${one}`));

export async function createTlsProxy(): Promise<TlsProxy> {
  const { ca, serving } = await createCertificates({ hosts: ['127.0.0.1'], now: Date.now });
  const server = https.createServer({ key: serving.key, cert: serving.certificate });
  const proxy: TlsProxy = {
    url: '',
    ca: ca.certificate,
    target: '',
    async dispose() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await closed;
    },
  };
  const upgraded = new Set<Duplex>();
  server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { method, url } = request;
    const outgoing = http.request(proxy.target + url, { method, headers: forwarded(request), agent: false });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    request.pipe(outgoing);
  });
  server.on('upgrade', (request: http.IncomingMessage, browser: Duplex, head: Buffer) => {
    const { hostname, port } = new URL(proxy.target);
    const gateway = connect(Number(port), hostname, () => {
      gateway.write([`GET ${request.url} HTTP/1.1`, ...headLines(forwarded(request)), '', ''].join('\r\n'));
      gateway.write(head);
      browser.pipe(gateway).pipe(browser);
    });
    upgraded.add(browser);
    const end = () => {
      upgraded.delete(browser);
      browser.destroy();
      gateway.destroy();
    };
    for (const socket of [browser, gateway]) socket.on('error', end).on('close', end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}
