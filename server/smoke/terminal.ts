// The page's end of a terminal, as small as it can be: attach, type, read.
import type { WebSocket } from 'ws';
import { closeReasonOf } from '../protocol/close-codes.ts';
import { decodeFrame, encodeFrame, FrameKind, initialWindowBytes } from '../protocol/frames.ts';
import { parseAgentMessage, type ClientMessage } from '../protocol/messages.ts';

const size = { columns: 80, rows: 24 };

/** How the gateway ends a socket that it refuses. Resolves with the close code; rejects when it lets it in for good, or is cut. */
export function waitForClose(socket: WebSocket, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      socket.terminate();
      reject(signal.reason);
    };
    // First, since a socket that is ended before it is open says so.
    socket.on('error', reject);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('message', () => {
      socket.terminate();
      reject(new Error('the terminal was opened'));
    });
    socket.on('open', () => socket.send(JSON.stringify(attachMessage)));
    socket.on('close', (code) => {
      signal.removeEventListener('abort', onAbort);
      resolve(code);
    });
  });
}

const attachMessage: ClientMessage = { type: 'attach', clientId: 'smoke-test', from: null, ...size };

/** Types `input` and resolves when the output has `wanted`; rejects when the socket closes before. The socket is closed in any case. */
export function typeAndRead(socket: WebSocket, input: string, wanted: string, signal: AbortSignal): Promise<void> {
  let output = '';
  const send = (message: ClientMessage) => socket.send(JSON.stringify(message));
  return new Promise<void>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    socket.on('error', reject);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('close', (code) => reject(new Error(`the terminal was closed: ${closeReasonOf(code).sentence}`)));
    socket.on('open', () => send(attachMessage));
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) {
        const message = parseAgentMessage(data.toString());
        if (message?.type === 'attached')
          socket.send(encodeFrame(FrameKind.input, message.inputSequence, Buffer.from(input)));
        return;
      }
      const frame = decodeFrame(data);
      if (!frame) return reject(new Error('the terminal sent what is no frame'));
      output += Buffer.from(frame.bytes).toString();
      const isSnapshot = frame.kind === FrameKind.snapshot;
      const sequence = isSnapshot ? frame.sequence : frame.sequence + frame.bytes.length;
      send({ type: 'ack', sequence, windowBytes: initialWindowBytes });
      if (output.includes(wanted)) resolve();
    });
  }).finally(() => socket.terminate());
}
