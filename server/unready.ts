// A start that failed inside a pod: instead of ending again and again, it says at /readyz why, where administrators look.
import { createServer } from 'node:http';
import { closeServer, listen } from './common/servers.ts';
import type { AsyncDisposable } from './common/lifecycle.ts';

export interface UnreadyOptions {
  /** Sentences for the administrator. */
  faults: readonly string[];
  host: string;
  port: number;
}

/** Answers /healthz with 200, /readyz with 503 and the faults, everything else with 503. Throws StartError when it cannot listen. */
export async function serveUnready({ faults, host, port }: UnreadyOptions): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
    if (path.endsWith('/healthz')) return void response.writeHead(200, headers).end('ok\n');
    const text = path.endsWith('/readyz')
      ? faults.join('\n')
      : 'The playground is not set up. Its administrator finds out why at /readyz, or in the log.';
    response.writeHead(503, { ...headers, 'retry-after': '60' }).end(`${text}\n`);
  });
  const url = await listen(server, host, port, 'PORT');
  return { url, dispose: () => closeServer(server) };
}
