// One terminal's line to the agent: carries out what the connection's states say, numbers both directions, measures latency.
import {
  decodeFrame,
  encodeFrame,
  frameHeaderBytes,
  FrameKind,
  maxFrameBytes,
  maxInputInFlightBytes,
} from '../../server/protocol/frames.ts';
import type { Layout } from '../../server/protocol/layout.ts';
import type { AgentMessage, ClientMessage } from '../../server/protocol/messages.ts';
import { parseAgentMessage, subprotocol } from '../../server/protocol/messages.ts';
import type { Timers } from '../model/timers.ts';
import type { Connection, ConnectionEvent } from './connection.ts';
import { transition } from './connection.ts';
import { type Acknowledgement, createFlowControl, type Visibility } from './flow-control.ts';
import { createInputQueue } from './input-queue.ts';
import { acceptFrame } from './output-order.ts';

export interface Size {
  columns: number;
  rows: number;
}

/** Where output goes. `parsed` is called when the terminal has worked through the bytes. */
export interface TerminalSink {
  write(bytes: Uint8Array, parsed: () => void): void;
  /** Forgets all that is shown and shows `bytes` instead. */
  replace(bytes: Uint8Array, parsed: () => void): void;
  /** Takes effect behind what was written before. */
  resize(size: Size): void;
}

export type LayoutMessage = Extract<AgentMessage, { type: 'layout' }>;

export interface TerminalSocketOptions {
  url: string;
  /** Names this page to the agent, so that it knows which input it has seen. */
  clientId: string;
  timers: Timers;
  random: () => number;
  createWebSocket: (url: string, protocol: string) => WebSocket;
  sink: TerminalSink;
  size: () => Size;
  onConnection: (connection: Connection) => void;
  onLatency: (latencyMs: number) => void;
  onExit: (code: number) => void;
  /** Input for a shell that is gone was dropped. */
  onInputLost: () => void;
  /** Somebody arranged the session's terminals, or had when this line was attached. */
  onLayout: (message: LayoutMessage) => void;
}

export interface TerminalSocket {
  start(): void;
  /** Tries at once when waiting; makes sure that the line still works when live. */
  wake(): void;
  /** Queues input; false when nothing was taken: there is no room, or no shell. */
  send(bytes: Uint8Array): boolean;
  /** Asks for the size that the page has now. The terminal takes it on when the agent says so, at the right byte of the output. */
  resize(): void;
  /** How fast output is parsed, drawing not counted: the window follows. */
  setSpeed(bytesPerMs: number): void;
  /** Programs in hidden terminals wait more, so that they cost little here; when the page is away, they do not wait at all. */
  setVisibility(visibility: Visibility): void;
  /** Tells the agent how the terminals are arranged; false when the line is not live. */
  arrange(layout: Layout): boolean;
  dispose(): void;
}

/** Opening and attaching take longer only where nobody answers. */
const answerTimeoutMs = 10_000;
const pingPeriodMs = 5_000;
const pongTimeoutMs = 8_000;
/** After a sleep the line is most likely dead: it gets less time to prove otherwise. */
const wakePongTimeoutMs = 2_000;
const lineLost = 1006;

export function createTerminalSocket(options: TerminalSocketOptions): TerminalSocket {
  return new Line(options);
}

class Line implements TerminalSocket {
  readonly #options: TerminalSocketOptions;
  readonly #flow = createFlowControl();
  readonly #input = createInputQueue({
    chunkBytes: maxFrameBytes - frameHeaderBytes,
    inFlightBytes: maxInputInFlightBytes,
    pendingBytes: 8 * 1024 * 1024,
  });
  #connection: Connection = { name: 'idle' };
  #socket: WebSocket | undefined;
  /** What the state waits for: an answer, or the next try. */
  #deadline: { dispose(): void } | undefined;
  #pinging: { dispose(): void } | undefined;
  #pingId = 0;
  #pingSentMs = 0;
  #next: number | null = null;

  constructor(options: TerminalSocketOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#connection.name === 'closed') this.#next = null;
    this.#go({ type: 'start' });
  }

  wake(): void {
    if (this.#connection.name === 'live') this.#ping(wakePongTimeoutMs);
    else this.#go({ type: 'wake' });
  }

  send(bytes: Uint8Array): boolean {
    if (this.#connection.name === 'closed') return false;
    const isTaken = this.#input.offer(bytes);
    this.#flush();
    return isTaken;
  }

  resize(): void {
    if (this.#connection.name === 'live') this.#tell({ type: 'resize', ...this.#options.size() });
  }

  setSpeed(bytesPerMs: number): void {
    this.#flow.measured(bytesPerMs);
  }

  setVisibility(visibility: Visibility): void {
    this.#acknowledge(this.#flow.setVisibility(visibility));
  }

  arrange(layout: Layout): boolean {
    if (this.#connection.name !== 'live') return false;
    this.#tell({ type: 'layout', layout });
    return true;
  }

  dispose(): void {
    this.#go({ type: 'stop' });
  }

  #go(event: ConnectionEvent): void {
    const before = this.#connection;
    const after = transition(before, event, this.#options.random());
    if (after === before) return;
    this.#connection = after;
    this.#clearDeadline();
    if (before.name === 'live') this.#stopPinging();
    this.#enter(after);
    this.#options.onConnection(after);
  }

  #enter(state: Connection): void {
    if (state.name === 'connecting') this.#open();
    else if (state.name === 'attaching') this.#attach();
    else if (state.name === 'live') this.#startPinging();
    else this.#drop();
    if (state.name === 'connecting' || state.name === 'attaching') this.#expectAnswerWithin(answerTimeoutMs);
    if (state.name === 'waiting') {
      this.#deadline = this.#options.timers.after(state.retryInMs, () => this.#go({ type: 'due' }));
    }
  }

  #clearDeadline(): void {
    this.#deadline?.dispose();
    this.#deadline = undefined;
  }

  #expectAnswerWithin(timeoutMs: number): void {
    this.#clearDeadline();
    this.#deadline = this.#options.timers.after(timeoutMs, () => this.#go({ type: 'closed', code: lineLost }));
  }

  #open(): void {
    const socket = this.#options.createWebSocket(this.#options.url, subprotocol);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    // A socket that was given up may still report: only the current one is heard.
    const heard =
      <E>(listener: (event: E) => void) =>
      (event: E) => {
        if (this.#socket === socket) listener(event);
      };
    socket.onopen = heard(() => this.#go({ type: 'opened' }));
    socket.onclose = heard<CloseEvent>((event) => this.#go({ type: 'closed', code: event.code }));
    socket.onmessage = heard<MessageEvent<string | ArrayBuffer>>((event) => this.#receive(event.data));
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
  }

  #attach(): void {
    const { clientId, size } = this.#options;
    this.#tell({ type: 'attach', clientId, from: this.#next, ...size() });
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data === 'string') {
      const message = parseAgentMessage(data);
      if (message) this.#handle(message);
      return;
    }
    const frame = decodeFrame(new Uint8Array(data));
    if (!frame) return;
    const accepted = acceptFrame(this.#next, frame);
    if (accepted.kind === 'nothing') return;
    if (accepted.kind === 'gap') {
      this.#next = null;
      this.#go({ type: 'closed', code: lineLost });
      return;
    }
    this.#next = accepted.next;
    // Numbers of a line that is gone may mean nothing to the shell on this one.
    const socket = this.#socket;
    const parsed = () => {
      if (socket === this.#socket) this.#parsed(accepted.next);
    };
    if (accepted.kind === 'replace') this.#options.sink.replace(accepted.bytes, parsed);
    else this.#options.sink.write(accepted.bytes, parsed);
  }

  #handle(message: AgentMessage): void {
    switch (message.type) {
      case 'attached':
        return this.#attached(message);
      case 'size':
        return this.#options.sink.resize({ columns: message.columns, rows: message.rows });
      case 'ack':
        this.#input.acknowledge(message.sequence);
        return this.#flush();
      case 'pong':
        if (message.id !== this.#pingId) return;
        this.#clearDeadline();
        return this.#options.onLatency(this.#options.timers.now() - this.#pingSentMs);
      case 'layout':
        return this.#options.onLayout(message);
      case 'exit':
        return this.#options.onExit(message.code);
    }
  }

  #attached(message: Extract<AgentMessage, { type: 'attached' }>): void {
    if (this.#connection.name !== 'attaching') return;
    this.#flow.attach(Math.min(message.sequence, this.#next ?? message.sequence), message.windowBytes);
    if (this.#input.rewind(message.inputSequence) > 0) this.#options.onInputLost();
    this.#options.sink.resize({ columns: message.columns, rows: message.rows });
    this.#go({ type: 'attached' });
    this.#flush();
  }

  #parsed(sequence: number): void {
    this.#acknowledge(this.#flow.parsed(sequence));
  }

  #acknowledge(acknowledgement: Acknowledgement | undefined): void {
    if (acknowledgement && this.#connection.name === 'live') this.#tell({ type: 'ack', ...acknowledgement });
  }

  #flush(): void {
    if (this.#connection.name !== 'live') return;
    for (let chunk = this.#input.take(); chunk; chunk = this.#input.take()) {
      this.#socket?.send(encodeFrame(FrameKind.input, chunk.sequence, chunk.bytes));
    }
  }

  #tell(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #startPinging(): void {
    this.#pinging = this.#options.timers.every(pingPeriodMs, () => {
      // An answer that is still awaited keeps its deadline.
      if (!this.#deadline) this.#ping(pongTimeoutMs);
    });
    this.#ping(pongTimeoutMs);
  }

  #stopPinging(): void {
    this.#pinging?.dispose();
    this.#pinging = undefined;
  }

  #ping(timeoutMs: number): void {
    this.#pingId += 1;
    this.#pingSentMs = this.#options.timers.now();
    this.#tell({ type: 'ping', id: this.#pingId });
    this.#expectAnswerWithin(timeoutMs);
  }
}
