// What stands before a WebSocket: the checks that need no token, and plain HTTP answers on a raw socket.
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { PlaygroundError } from '../common/errors.ts';
import { terminalIdPattern } from '../protocol/layout.ts';
import { subprotocol } from '../protocol/messages.ts';
import type { ErrorBody } from '../protocol/rest.ts';

/** The id in /terminals/{id}, or undefined for any other path. */
export function terminalIdOf(url: string | undefined): string | undefined {
  const id = /^\/terminals\/([^/?#]+)$/.exec(url ?? '')?.[1];
  return id !== undefined && terminalIdPattern.test(id) ? id : undefined;
}

/** Throws 421 for a Host that is not this agent's: a page elsewhere could have its name point here. */
export function ensureHost(request: IncomingMessage, hosts: readonly string[]): void {
  const name = request.headers.host?.replace(/:\d+$/, '');
  if (name !== undefined && hosts.includes(name)) return;
  throw new PlaygroundError(421, 'MisdirectedRequest', 'This agent does not answer for that host.');
}

/** Throws 400 unless the client speaks our protocol. */
export function ensureSubprotocol(request: IncomingMessage): void {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (offered.includes(subprotocol)) return;
  throw new PlaygroundError(400, 'BadSubprotocol', `The subprotocol must be ${subprotocol}.`);
}

export const renderError = ({ code, message }: PlaygroundError, requestId: string): string =>
  JSON.stringify({ error: { code, message, requestId } } satisfies ErrorBody);

/** Answers an upgrade with an error and ends the connection. */
export function refuseUpgrade(socket: Duplex, error: PlaygroundError, requestId: string): void {
  const body = renderError(error, requestId);
  socket.on('error', () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
      'Connection: close',
      'Content-Type: application/json',
      ...(error.status === 401 ? ['WWW-Authenticate: Bearer'] : []),
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
