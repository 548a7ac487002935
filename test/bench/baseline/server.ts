// The plain way, as a baseline: one HTTP server, one WebSocket, one node-pty with bash behind it; no sign-in, pod, protocol or flow control.
import { spawn } from '@lydell/node-pty';
import { readFile } from 'node:fs/promises';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';

export interface Baseline {
  /** Of the socket; the page is at the same address with http. */
  url: string;
  dispose(): Promise<void>;
}

const require = createRequire(import.meta.url);
const own = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const files: Record<string, [file: string, contentType: string]> = {
  '/': [own('page.html'), 'text/html; charset=utf-8'],
  '/page.js': [own('page.js'), 'text/javascript'],
  '/xterm.mjs': [require.resolve('@xterm/xterm').replace(/\.js$/, '.mjs'), 'text/javascript'],
  '/xterm.css': [require.resolve('@xterm/xterm/css/xterm.css'), 'text/css'],
};

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [file, contentType] = files[(request.url ?? '').split('?')[0] ?? ''] ?? [];
  if (!file) return void response.writeHead(404).end();
  response.setHeader('content-type', contentType ?? '');
  response.end(await readFile(file));
}

export async function createBaseline(): Promise<Baseline> {
  const server = http.createServer((request, response) => void serve(request, response));
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => {
    const size = new URL(request.url ?? '/', 'http://localhost').searchParams;
    const env = { PATH: process.env.PATH ?? '', HOME: '/', TERM: 'xterm-256color', PS1: '$ ', LANG: 'C.UTF-8' };
    const pty = spawn('bash', ['--norc', '--noprofile'], {
      cols: Number(size.get('columns') ?? 80),
      rows: Number(size.get('rows') ?? 24),
      env,
      encoding: null,
    });
    pty.onData((data) => socket.send(data as unknown as Buffer));
    socket.on('message', (data) => pty.write(String(data)));
    socket.on('close', () => pty.kill('SIGKILL'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async dispose() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
