// Opens the WebSocket of an agent as a plain TCP connection: connects, writes the upgrade request, reads the head of the answer.
import { connect, type Socket } from 'node:net';
import type { Clock } from '../common/clock.ts';

export interface AgentUpgradeRequest {
  host: string;
  port: number;
  path: string;
  token: string;
  /** Of the browser's own request, so that the agent's answer is the answer to the browser. */
  webSocketKey: string;
  subprotocol: string;
}

export interface AgentUpgradeAnswer {
  socket: Socket;
  status: number;
  /** The head as it came, with the empty line that ends it. */
  head: Buffer;
  /** What came behind the head. */
  rest: Buffer;
}

const timeoutMs = 5_000;
const maxHeadBytes = 8 * 1024;

const renderRequest = ({ host, port, path, token, webSocketKey, subprotocol }: AgentUpgradeRequest) =>
  [
    `GET ${path} HTTP/1.1`,
    `Host: ${host.includes(':') ? `[${host}]` : host}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${webSocketKey}`,
    `Sec-WebSocket-Protocol: ${subprotocol}`,
    `Authorization: Bearer ${token}`,
    '',
    '',
  ].join('\r\n');

/** Rejects when the agent is not reached, breaks off, or answers with anything but HTTP, within five seconds. */
export function openAgentUpgrade(
  request: AgentUpgradeRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<AgentUpgradeAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: request.host, port: request.port, noDelay: true });
    let received = Buffer.alloc(0);
    const settle = (act: () => void) => {
      timer.dispose();
      signal.removeEventListener('abort', onAbort);
      socket.off('data', onData).off('error', fail).off('close', onClose);
      act();
    };
    const fail = (fault: Error) =>
      settle(() => {
        socket.on('error', () => undefined).destroy();
        reject(fault);
      });
    const onClose = () => fail(new Error('The agent broke the connection off.'));
    const onAbort = () => fail(new Error('The browser is gone.'));
    const onData = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return received.length > maxHeadBytes ? fail(new Error('The agent answered too much.')) : undefined;
      const head = received.subarray(0, end + 4);
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head.toString('latin1'))?.[1]);
      if (!status) return fail(new Error('The agent did not answer with HTTP.'));
      // Paused, so that nothing is lost until somebody reads on.
      socket.pause();
      settle(() => resolve({ socket, status, head, rest: received.subarray(end + 4) }));
    };
    const timer = clock.after(timeoutMs, () => fail(new Error(`The agent did not answer within ${timeoutMs} ms.`)));
    socket.on('data', onData).on('error', fail).on('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => socket.write(renderRequest(request)));
    if (signal.aborted) onAbort();
  });
}
