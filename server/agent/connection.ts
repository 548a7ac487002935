// One WebSocket: checks what comes in, hands it to an attachment, and closes with a reason.
import { nextTick } from 'node:process';
import type { Writable } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../common/clock.ts';
import type { Logger } from '../common/log.ts';
import type { AsyncDisposable, Disposable } from '../common/lifecycle.ts';
import { closeReasons, type CloseReason } from '../protocol/close-codes.ts';
import { decodeFrame, encodeFrame, FrameKind, maxFrameBytes } from '../protocol/frames.ts';
import { maxControlBytes, parseClientMessage, type AgentMessage, type ClientMessage } from '../protocol/messages.ts';
import type { AttachmentSink } from './attachment.ts';
import type { ArrangedLayout, LayoutStore } from './layout.ts';
import { createRateLimit } from './rate-limit.ts';
import type { Attachment } from './terminal.ts';
import { isTerminal, type Terminals } from './terminals.ts';

export interface ConnectionOptions {
  socket: WebSocket;
  /** The stream below the socket. */
  stream: Pick<Writable, 'cork' | 'uncork'>;
  terminalId: string;
  terminals: Terminals;
  layout: LayoutStore;
  clock: Clock;
  logger: Logger;
  onClose(): void;
}

export interface Connection extends AsyncDisposable {
  close(reason: CloseReason): void;
}

/** How long a socket may be open without `attach`. */
export const attachTimeoutMs = 10_000;
/** A peer that answers no ping for two periods is gone, whatever TCP thinks. */
const pingPeriodMs = 15_000;
const closeGraceMs = 500;
/** Far above what typing, pasting and acknowledging need. */
const messageBurst = 10_000;
const messagesPerSecond = 5_000;
/** Answers to a peer that asks and does not read. */
const maxBufferedBytes = 32 * 1024 * 1024;

export function createConnection(options: ConnectionOptions): Connection {
  const { socket, stream, terminals, terminalId, clock, logger } = options;
  const rate = createRateLimit(messageBurst, messagesPerSecond, clock);
  let attachment: Attachment | undefined;
  let layoutWatch: Disposable | undefined;
  let isAlive = true;
  let closeTimer: Disposable | undefined;

  const close = (reason: CloseReason) => {
    if (closeTimer) return;
    attachment?.dispose();
    layoutWatch?.dispose();
    socket.close(reason.code, reason.sentence);
    closeTimer = clock.after(closeGraceMs, () => socket.terminate());
  };
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  // What is said in one turn goes out in one piece: each costs the gateway and the browser a wake-up.
  let isCorked = false;
  const cork = () => {
    if (isCorked) return;
    isCorked = true;
    stream.cork();
    nextTick(() => {
      isCorked = false;
      stream.uncork();
    });
  };
  const send = (data: string | Uint8Array) => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > maxBufferedBytes) return socket.terminate();
    cork();
    socket.send(data, () => attachment?.drained());
  };
  const sink: AttachmentSink = {
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    sendFrame: (kind, sequence, bytes) => send(encodeFrame(kind, sequence, bytes)),
    sendMessage: (message: AgentMessage) => send(JSON.stringify(message)),
    end: () => close(closeReasons.shellExited),
  };

  const tellLayout = (arranged: ArrangedLayout) => sink.sendMessage({ type: 'layout', ...arranged });
  const attach = (message: Extract<ClientMessage, { type: 'attach' }>): CloseReason | undefined => {
    const terminal = terminals.open(terminalId, message);
    if (!isTerminal(terminal)) return terminal;
    attachTimer.dispose();
    attachment = terminal.attach(message, sink);
    layoutWatch = options.layout.watch(tellLayout);
    return undefined;
  };
  const handle = (message: ClientMessage): CloseReason | undefined => {
    if (message.type === 'ping') return void sink.sendMessage({ type: 'pong', id: message.id });
    if (message.type === 'attach') return attachment ? closeReasons.badMessage : attach(message);
    if (!attachment) return closeReasons.badMessage;
    if (message.type === 'ack') return attachment.acknowledge(message.sequence, message.windowBytes);
    if (message.type === 'layout') return void options.layout.set(message.layout);
    return void attachment.resize({ columns: message.columns, rows: message.rows });
  };
  const receiveText = (text: Buffer): CloseReason | undefined => {
    if (text.length > maxControlBytes) return closeReasons.tooLarge;
    const message = parseClientMessage(text.toString());
    return message ? handle(message) : closeReasons.badMessage;
  };
  const receiveFrame = (data: Buffer): CloseReason | undefined => {
    if (data.length > maxFrameBytes) return closeReasons.tooLarge;
    const frame = decodeFrame(data);
    if (!attachment || frame?.kind !== FrameKind.input) return closeReasons.badMessage;
    return attachment.input(frame.sequence, frame.bytes);
  };
  const receive = (data: RawData, isBinary: boolean) => {
    isAlive = true;
    if (closeTimer) return;
    const bytes = data as Buffer;
    const fault = rate.take() ? (isBinary ? receiveFrame(bytes) : receiveText(bytes)) : closeReasons.tooLarge;
    if (!fault) return;
    logger.warn({ terminal: terminalId, reason: fault.name }, 'socket closed');
    close(fault);
  };

  const attachTimer = clock.after(attachTimeoutMs, () => close(closeReasons.notAttached));
  const heartbeat = clock.every(pingPeriodMs, () => {
    if (!isAlive) return socket.terminate();
    isAlive = false;
    socket.ping();
  });
  socket.on('message', receive);
  socket.on('pong', () => (isAlive = true));
  // Faults of the protocol itself, such as a message beyond the limit: ws closes the socket.
  socket.on('error', (fault) => logger.warn({ terminal: terminalId, fault: fault.message }, 'socket failed'));
  socket.once('close', () => {
    for (const member of [attachTimer, heartbeat, closeTimer, attachment, layoutWatch]) member?.dispose();
    options.onClose();
  });

  return {
    close,
    dispose() {
      close(closeReasons.shuttingDown);
      return closed;
    },
  };
}
