// One browser's terminal, by the protocol: types, reads what comes, keeps it as text.
import { once } from 'node:events';
import type { WebSocket } from 'ws';
import { decodeFrame, encodeFrame, FrameKind, initialWindowBytes } from '../../server/protocol/frames.ts';
import { parseAgentMessage } from '../../server/protocol/messages.ts';
import { until } from './until.ts';

export interface Shell {
  /** All output as text, escapes and all. */
  text(): string;
  type(text: string): void;
  /** Waits until the output holds `part`. */
  waitFor(part: string): Promise<void>;
  close(): void;
}

/** Attaches to a socket that is opening; resolves when the agent has answered. */
export async function attachShell(socket: WebSocket): Promise<Shell> {
  let text = '';
  let isAttached = false;
  let inputSequence = 0;
  const decoder = new TextDecoder();
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) {
      isAttached ||= parseAgentMessage(data.toString())?.type === 'attached';
      return;
    }
    const frame = decodeFrame(data);
    if (!frame) return;
    text += decoder.decode(frame.bytes, { stream: true });
    const sequence = frame.sequence + (frame.kind === FrameKind.output ? frame.bytes.length : 0);
    socket.send(JSON.stringify({ type: 'ack', sequence, windowBytes: initialWindowBytes }));
  });
  await once(socket, 'open');
  const clientId = `client-${Math.random().toString(36).slice(2, 12)}`;
  socket.send(JSON.stringify({ type: 'attach', clientId, from: null, columns: 100, rows: 30 }));
  await until('attached', () => isAttached);
  return {
    text: () => text,
    type(input) {
      const bytes = new TextEncoder().encode(input);
      socket.send(encodeFrame(FrameKind.input, inputSequence, bytes));
      inputSequence += bytes.length;
    },
    waitFor: async (part) => void (await until(`output ${JSON.stringify(part)}`, () => text.includes(part))),
    close: () => socket.close(),
  };
}
