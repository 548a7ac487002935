// The agent's end of one terminal, scripted: keeps all output, counts input, echoes, and can be cut, stalled and refused.
import type { WebSocket } from 'ws';
import type { LayoutStore } from '../../server/agent/layout.ts';
import { decodeFrame, encodeFrame, FrameKind } from '../../server/protocol/frames.ts';
import { type AgentMessage, parseClientMessage } from '../../server/protocol/messages.ts';

export interface FakeTerminal {
  /** All input that arrived, each byte once. */
  readonly input: string;
  /** Frames that began beyond what was expected: bytes would be missing. */
  readonly gaps: number;
  /** `from` of each attach, in order. */
  readonly attaches: (number | null)[];
  readonly acknowledged: number;
  readonly size: { columns: number; rows: number };
  /** Whether typed characters come back, as a shell's line editor sends them. */
  isEchoing: boolean;
  /** Whether input is acknowledged. */
  isAcknowledging: boolean;
  /** From which output byte on the ring still holds; older wishes get a snapshot. */
  ringStart: number;
  /** What a snapshot shows. */
  snapshot: string;
  readonly sequence: number;
  /** What a list of terminals says of it. */
  title: string;
  print(text: string): void;
  /** One frame, whatever character its borders cut. */
  printBytes(bytes: Buffer): void;
  tell(message: AgentMessage): void;
  accept(socket: WebSocket): void;
  /** Cuts the line without a close frame, as a network does. */
  cut(): void;
  close(code: number): void;
}

const windowBytes = 256 * 1024;

/** `layout`: what the pages arrange, kept for all terminals of a session. */
export const createFakeTerminal = (layout: LayoutStore): FakeTerminal => new ScriptedTerminal(layout);

class ScriptedTerminal implements FakeTerminal {
  isEchoing = true;
  isAcknowledging = true;
  ringStart = 0;
  snapshot = '';
  title = '';
  gaps = 0;
  acknowledged = 0;
  size = { columns: 0, rows: 0 };
  readonly attaches: (number | null)[] = [];
  #output = Buffer.alloc(0);
  #input = Buffer.alloc(0);
  readonly #expected = new Map<string, number>();
  readonly #sockets = new Map<WebSocket, { clientId?: string }>();

  readonly #layout: LayoutStore;

  constructor(layout: LayoutStore) {
    this.#layout = layout;
  }

  get input(): string {
    return this.#input.toString();
  }

  get sequence(): number {
    return this.#output.length;
  }

  print(text: string): void {
    const bytes = Buffer.from(text);
    const chunkBytes = 32 * 1024;
    for (let start = 0; start < bytes.length; start += chunkBytes)
      this.printBytes(bytes.subarray(start, start + chunkBytes));
  }

  printBytes(bytes: Buffer): void {
    const sequence = this.#output.length;
    this.#output = Buffer.concat([this.#output, bytes]);
    for (const [socket, { clientId }] of this.#sockets) {
      if (clientId) socket.send(encodeFrame(FrameKind.output, sequence, bytes));
    }
  }

  tell(message: AgentMessage): void {
    for (const socket of this.#sockets.keys()) socket.send(JSON.stringify(message));
  }

  accept(socket: WebSocket): void {
    const attachment: { clientId?: string } = {};
    this.#sockets.set(socket, attachment);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.#receive(socket, attachment.clientId, data);
      else this.#handle(socket, attachment, data.toString());
    });
  }

  cut(): void {
    for (const socket of this.#sockets.keys()) socket.terminate();
  }

  close(code: number): void {
    for (const socket of this.#sockets.keys()) socket.close(code);
  }

  #handle(socket: WebSocket, attachment: { clientId?: string }, text: string): void {
    const message = parseClientMessage(text);
    if (!message) return socket.close(4005);
    if (message.type === 'ping') socket.send(JSON.stringify({ type: 'pong', id: message.id }));
    if (message.type === 'layout') this.#layout.set(message.layout);
    if (message.type === 'ack') this.acknowledged = message.sequence;
    if (message.type === 'attach' || message.type === 'resize') {
      this.size = { columns: message.columns, rows: message.rows };
    }
    if (message.type !== 'attach') return;
    attachment.clientId = message.clientId;
    this.attaches.push(message.from);
    this.#attach(socket, message.clientId, message.from);
    const watch = this.#layout.watch((arranged) => socket.send(JSON.stringify({ type: 'layout', ...arranged })));
    socket.on('close', () => watch.dispose());
  }

  #attach(socket: WebSocket, clientId: string, from: number | null): void {
    const isInRing = from !== null && from >= this.ringStart && from <= this.sequence;
    const answer: AgentMessage = {
      type: 'attached',
      terminal: 'main',
      sequence: isInRing ? from : this.sequence,
      inputSequence: this.#expected.get(clientId) ?? 0,
      windowBytes,
      ...this.size,
    };
    socket.send(JSON.stringify(answer));
    if (isInRing) socket.send(encodeFrame(FrameKind.output, from, this.#output.subarray(from)));
    else socket.send(encodeFrame(FrameKind.snapshot, this.sequence, Buffer.from(this.snapshot || this.#output)));
  }

  #receive(socket: WebSocket, clientId: string | undefined, data: Buffer): void {
    const frame = decodeFrame(data);
    if (!frame || !clientId || frame.kind !== FrameKind.input) return socket.close(4005);
    const expected = this.#expected.get(clientId) ?? 0;
    if (frame.sequence > expected) this.gaps += 1;
    const fresh = Buffer.from(frame.bytes.subarray(Math.max(0, expected - frame.sequence)));
    this.#expected.set(clientId, expected + fresh.length);
    this.#input = Buffer.concat([this.#input, fresh]);
    if (this.isAcknowledging) socket.send(JSON.stringify({ type: 'ack', sequence: expected + fresh.length }));
    if (this.isEchoing && fresh.length) this.print(fresh.toString().replaceAll('\r', '\r\n$ '));
  }
}
