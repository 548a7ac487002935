// The browser's end of a terminal for tests: a real WebSocket that remembers what it saw and waits for what it is told to.
import { EventEmitter, once } from 'node:events';
import { WebSocket } from 'ws';
import { decodeFrame, encodeFrame, FrameKind, initialWindowBytes, type Frame } from '../../server/protocol/frames.ts';
import {
  parseAgentMessage,
  subprotocol,
  type AgentMessage,
  type ClientMessage,
} from '../../server/protocol/messages.ts';

export interface TerminalClientOptions {
  url: string;
  token?: string;
  headers?: Record<string, string>;
  protocol?: string;
  /** Acknowledge output as it comes; without it the test does. */
  isAcknowledging?: boolean;
}

export class TerminalClient {
  readonly socket: WebSocket;
  readonly messages: AgentMessage[] = [];
  readonly frames: Frame[] = [];
  /** Number of the next output byte. */
  next: number | null = null;
  /** What it lets be outstanding. */
  windowBytes = initialWindowBytes;
  #bytes: Buffer[] = [];
  #text: string | undefined;
  #inputSequence = 0;
  readonly #changes = new EventEmitter().setMaxListeners(100);
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor({ url, token, headers = {}, protocol = subprotocol, isAcknowledging = true }: TerminalClientOptions) {
    const authorization = token ? { authorization: `Bearer ${token}` } : {};
    this.socket = new WebSocket(url, protocol ? [protocol] : [], { headers: { ...authorization, ...headers } });
    this.closed = new Promise((resolve) =>
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => this.#changes.emit('change'));
    this.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.#receive(data, isAcknowledging);
      else this.#tell(data.toString());
      this.#changes.emit('change');
    });
  }

  /** Opens, attaches and waits for the answer. */
  static async attach(
    options: TerminalClientOptions,
    request: Partial<Extract<ClientMessage, { type: 'attach' }>> = {},
  ): Promise<TerminalClient> {
    const client = new TerminalClient(options);
    await client.opened();
    client.send({ type: 'attach', clientId: 'client-00', from: null, columns: 80, rows: 24, ...request });
    await client.message('attached');
    return client;
  }

  /** All output so far as text; a snapshot begins it anew. */
  get output(): string {
    return (this.#text ??= Buffer.concat(this.#bytes).toString());
  }

  /** The output as one reads it, without the shell's marks around prompts and commands (OSC 133). */
  get text(): string {
    return this.output.replace(/\x1b\]133;[^\x07]*\x07/g, '');
  }

  async opened(): Promise<void> {
    await once(this.socket, 'open');
  }

  /** The status of an upgrade that was refused. */
  async refused(): Promise<number> {
    const [, response] = (await once(this.socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    return response.statusCode;
  }

  send(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  type(text: string): void {
    const bytes = Buffer.from(text);
    this.socket.send(encodeFrame(FrameKind.input, this.#inputSequence, bytes));
    this.#inputSequence += bytes.length;
  }

  /** Sends input with a number of the test's choice. */
  sendInput(sequence: number, bytes: Uint8Array): void {
    this.socket.send(encodeFrame(FrameKind.input, sequence, bytes));
  }

  acknowledge(): void {
    if (this.next !== null) this.send({ type: 'ack', sequence: this.next, windowBytes: this.windowBytes });
  }

  /** Waits until `find` finds something; fails when the socket closes before. */
  async until<T>(what: string, find: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = find();
      if (found) return found;
      if (this.socket.readyState === WebSocket.CLOSED)
        throw new Error(`closed before ${what}; output: ${JSON.stringify(this.output.slice(-500))}`);
      await once(this.#changes, 'change');
    }
  }

  message<Type extends AgentMessage['type']>(type: Type): Promise<Extract<AgentMessage, { type: Type }>> {
    type Wanted = Extract<AgentMessage, { type: Type }>;
    return this.until(type, () => this.messages.find((message): message is Wanted => message.type === type));
  }

  /** Waits for `text` in the output, or in what one reads of it. */
  shows(text: string | RegExp): Promise<true> {
    const isIn = (output: string) => (typeof text === 'string' ? output.includes(text) : text.test(output));
    return this.until(`output ${text}`, () => isIn(this.output) || isIn(this.text)) as Promise<true>;
  }

  close(): Promise<unknown> {
    this.socket.close();
    return this.closed;
  }

  #receive(data: Buffer, isAcknowledging: boolean): void {
    const frame = decodeFrame(data);
    if (!frame) throw new Error('not a frame');
    this.frames.push(frame);
    if (frame.kind === FrameKind.snapshot) {
      this.#bytes = [];
      this.next = frame.sequence;
    } else {
      if (this.next !== null && frame.sequence !== this.next)
        throw new Error(`expected byte ${this.next}, got ${frame.sequence}`);
      this.next = frame.sequence + frame.bytes.length;
    }
    this.#bytes.push(Buffer.from(frame.bytes));
    this.#text = undefined;
    if (isAcknowledging) this.acknowledge();
  }

  #tell(text: string): void {
    const message = parseAgentMessage(text);
    if (!message) throw new Error(`not a message: ${text}`);
    this.messages.push(message);
  }
}
