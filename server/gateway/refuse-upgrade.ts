// Answers an upgrade request with an HTTP error, on the bare socket that Node hands over.
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PlaygroundError } from '../common/errors.ts';
import { toErrorBody } from './middleware/errors.ts';

/** Writes status, sentence as JSON, and ends the connection. */
export function refuseUpgrade(socket: Duplex, error: PlaygroundError, requestId: string): void {
  if (socket.destroyed || !socket.writable) return;
  const body = JSON.stringify(toErrorBody(error, requestId));
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? 'Error'}`,
    'Connection: close',
    'Cache-Control: no-store',
    `X-Request-Id: ${requestId}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(error.status === 426 ? ['Sec-WebSocket-Version: 13'] : []),
    '',
    body,
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(head.join('\r\n'));
}
