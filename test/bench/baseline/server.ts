// The plain way, as a baseline: one HTTP server, one WebSocket, one node-pty with bash behind it; no sign-in, pod, protocol or flow control.
import { spawn } from '@lydell/node-pty';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

export interface Baseline {
  url: string;
  dispose(): Promise<void>;
}

export async function createBaseline(): Promise<Baseline> {
  const server = http.createServer((_request, response) => response.end());
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    const env = { PATH: process.env.PATH ?? '', HOME: '/', TERM: 'xterm-256color', PS1: '$ ' };
    const pty = spawn('bash', ['--norc', '--noprofile'], { cols: 80, rows: 24, env, encoding: null });
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
