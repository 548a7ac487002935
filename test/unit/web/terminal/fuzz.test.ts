// A hundred thousand frames of every kind at the page's end of the protocol: no crash, nothing sent that is not of the protocol, no timer left.
import assert from 'node:assert/strict';
import { createManualClock } from '../../../../server/common/clock.ts';
import { closeReasonOf } from '../../../../server/protocol/close-codes.ts';
import {
  decodeFrame,
  encodeFrame,
  FrameKind,
  maxFrameBytes,
  maxInputInFlightBytes,
} from '../../../../server/protocol/frames.ts';
import { parseClientMessage } from '../../../../server/protocol/messages.ts';
import type { Connection } from '../../../../web/terminal/connection.ts';
import { createTerminalSocket } from '../../../../web/terminal/socket.ts';
import { createRandom, type Random } from '../../../support/random.ts';

const frames = 100_000;
const seed = 20_260_801;

/** The page's end of a socket: what is sent must be of the protocol. */
class FuzzedSocket {
  readyState = 0;
  onopen: ((event: unknown) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  attaches = 0;
  inputEnd: number | undefined;

  send(data: string | Uint8Array): void {
    assert.equal(this.readyState, 1);
    if (typeof data === 'string') {
      const message = parseClientMessage(data);
      assert.ok(message, data);
      if (message.type === 'attach') this.attaches += 1;
      assert.equal(this.attaches, 1);
      return;
    }
    const frame = decodeFrame(data);
    assert.ok(frame?.kind === FrameKind.input && data.length <= maxFrameBytes);
    // On one line, input never goes back.
    assert.ok(frame.sequence >= (this.inputEnd ?? 0));
    this.inputEnd = frame.sequence + frame.bytes.length;
  }

  close(): void {
    this.readyState = 3;
  }
}

const anyNumber = (random: Random) => random.pick([0, 1, 50, random.below(5000), -1, 2 ** 53, 1.5, NaN]);

/** What an agent might say, right or wrong. */
function createSaying(random: Random): unknown {
  const size = { columns: 80, rows: 24 };
  const sequence = random.below(3000);
  return random.pick<() => unknown>([
    () =>
      JSON.stringify({
        type: 'attached',
        terminal: 'main',
        sequence,
        inputSequence: random.below(60),
        windowBytes: 400,
        ...size,
      }),
    () =>
      JSON.stringify({
        type: 'attached',
        terminal: 'main',
        sequence: anyNumber(random),
        inputSequence: 0,
        windowBytes: anyNumber(random),
        ...size,
      }),
    () => JSON.stringify({ type: 'ack', sequence: anyNumber(random) }),
    () => JSON.stringify({ type: 'pong', id: random.below(300) }),
    () => JSON.stringify({ type: 'size', columns: anyNumber(random), rows: 10 }),
    () => JSON.stringify({ type: random.pick(['exit', 'layout', 'dance', '']), code: 0 }),
    () => Buffer.from(random.bytes(random.below(100))).toString('latin1'),
    () => encodeFrame(FrameKind.output, sequence, random.bytes(random.below(500))).buffer,
    () => encodeFrame(FrameKind.output, sequence, random.bytes(random.below(500))).buffer,
    () => encodeFrame(FrameKind.snapshot, sequence, random.bytes(random.below(500))).buffer,
    () => encodeFrame(FrameKind.input, sequence, random.bytes(9)).buffer,
    () => random.bytes(random.below(40)).buffer,
  ])();
}

describe('terminal socket, fuzzed', function () {
  this.timeout(60_000);

  it(`takes ${frames} frames from agents that lie (seed ${seed})`, async () => {
    Object.assign(globalThis, { WebSocket: { OPEN: 1 } });
    const random = createRandom(seed);
    const clock = createManualClock();
    let socket: FuzzedSocket | undefined;
    let state = { name: 'idle' } as Connection;
    const unparsed: (() => void)[] = [];
    let seen = 0;
    const take = (bytes: Uint8Array, parsed: () => void) => {
      seen += bytes.length;
      unparsed.push(parsed);
    };
    const line = createTerminalSocket({
      url: '/',
      clientId: 'client-1234',
      timers: clock,
      random: () => random.below(1000) / 1000,
      createWebSocket: () => (socket = new FuzzedSocket()) as unknown as WebSocket,
      sink: { write: take, replace: take, resize: () => undefined },
      size: () => ({ columns: 80, rows: 24 }),
      onConnection: (connection) => (state = connection),
      onLatency: (latencyMs) => assert.ok(latencyMs >= 0),
      onExit: () => undefined,
      onInputLost: () => undefined,
      onLayout: () => undefined,
    });
    const codes = [1000, 1006, 4000, 4005, 4008, 4009, 4999, 0];
    const acts: (() => unknown)[] = [
      () => line.send(random.bytes(random.below(20))),
      () => line.resize(),
      () => line.setVisibility(random.pick(['shown', 'hidden', 'away'])),
      () => line.setSpeed(random.below(100_000)),
      () => line.wake(),
      () => clock.advance(random.below(3000)),
      () => unparsed.splice(0).forEach((parsed) => parsed()),
    ];
    const lost = new Set<number>();
    for (let count = 0; count < frames; count++) {
      if (state.name === 'idle' || state.name === 'closed') line.start();
      if (socket?.readyState === 0 && random.below(4)) {
        socket.readyState = 1;
        socket.onopen?.({});
      }
      socket?.onmessage?.({ data: createSaying(random) });
      if (random.below(5) === 0) await random.pick(acts)();
      if (random.below(100) === 0 && socket) {
        const code = random.pick(codes);
        const { isRetryable } = closeReasonOf(code);
        const wasConnected = ['connecting', 'attaching', 'live'].includes(state.name);
        socket.readyState = 3;
        socket.onclose?.({ code });
        if (wasConnected) assert.equal(state.name, isRetryable ? 'waiting' : 'closed');
        lost.add(code);
      }
      assert.ok(clock.pending <= 2, `${clock.pending} timers`);
    }
    assert.equal(lost.size, codes.length);
    assert.ok(seen > 100_000 && maxInputInFlightBytes > 0);
    line.dispose();
    assert.equal(clock.pending, 0);
  });
});
