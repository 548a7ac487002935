// /metrics on a port of its own, so that it is not open to those who may see the page.
import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';

/** Not listening yet. */
export function createMetricsServer(registry: Registry): Server {
  return createServer((request, response) => {
    const isScrape = request.method === 'GET' && request.url?.split('?')[0] === '/metrics';
    if (!isScrape) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500, { 'content-type': 'text/plain' }).end('metrics cannot be collected\n'),
    );
  });
}
