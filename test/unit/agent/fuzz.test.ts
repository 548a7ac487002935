// A hundred thousand frames of every kind at the agent's end of the protocol: no crash, bounded memory, the right close code.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { createConnection } from '../../../server/agent/connection.ts';
import { createLayoutStore } from '../../../server/agent/layout.ts';
import type { PtyHandlers, StartPty } from '../../../server/agent/pty.ts';
import { createTerminals } from '../../../server/agent/terminals.ts';
import { createManualClock } from '../../../server/common/clock.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import { closeReasons } from '../../../server/protocol/close-codes.ts';
import { decodeFrame, encodeFrame, FrameKind, maxFrameBytes } from '../../../server/protocol/frames.ts';
import { maxControlBytes, parseAgentMessage } from '../../../server/protocol/messages.ts';
import { createRandom, type Random } from '../../support/random.ts';

const frames = 100_000;
const seed = 20_260_731;

/** The agent's end of a socket: what is sent must be of the protocol. */
class FuzzedSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  closeCodes: number[] = [];
  /** Next output byte that the agent has sent. */
  sent = 0;

  send(data: string | Uint8Array): void {
    if (typeof data === 'string') {
      const message = parseAgentMessage(data);
      assert.ok(message, data);
      if (message.type === 'attached') this.sent = message.sequence;
      return;
    }
    const frame = decodeFrame(data);
    assert.ok(frame && frame.kind !== FrameKind.input);
    this.sent = frame.sequence + (frame.kind === FrameKind.output ? frame.bytes.length : 0);
  }

  close(code: number): void {
    this.closeCodes.push(code);
    this.readyState = 2;
  }

  terminate(): void {
    this.readyState = 3;
    this.emit('close');
  }

  ping(): void {}
}

const stream = { cork: () => undefined, uncork: () => undefined };
const attach = (random: Random) => ({
  type: 'attach',
  clientId: random.pick(['client-one', 'client-two', 'client-three']),
  from: random.pick([null, 0, 1_000]),
  columns: 80,
  rows: 1 + random.below(60),
});

/** What a page sends, right or wrong; `names` is the fault that it must be closed with, if any. */
function createFrame(
  random: Random,
  socket: FuzzedSocket,
  isAttached: boolean,
): [data: string | Uint8Array, names: string[]] {
  const good = isAttached ? [] : ['BadMessage'];
  const json = (value: unknown, names = good): [string, string[]] => [JSON.stringify(value), names];
  // Another width would have thousands of lines wrapped anew, each time.
  const size = { columns: 80, rows: 1 + random.below(100) };
  const kinds: (() => [string | Uint8Array, string[]])[] = [
    () => json({ type: 'ping', id: random.below(1000) }, []),
    () => json({ type: 'resize', ...size }),
    () => json({ type: 'ack', sequence: socket.sent, windowBytes: random.pick([0, 16_384, 100_000]) }),
    () => json({ type: 'ack', sequence: socket.sent, windowBytes: random.pick([0, 16_384, 100_000]) }),
    // Seldom right, never a crash: random numbers are mostly gaps.
    () => [encodeFrame(FrameKind.input, 0, random.bytes(random.below(64))), good],
    () => json({ type: 'layout', layout: { tabs: [{ terminal: `t${random.below(9)}` }] } }),
  ];
  const wrong: (() => [string | Uint8Array, string[]])[] = [
    () => json({ type: 'ack', sequence: 2 ** 50 + random.below(1e6), windowBytes: 16_384 }, ['BadMessage']),
    () => json({ type: 'ack', sequence: -1, windowBytes: 16_384 }, ['BadMessage']),
    () => json({ type: 'ack', sequence: 0, windowBytes: random.pick([1, 2 ** 40, '9']) }, ['BadMessage']),
    () => json({ type: 'resize', columns: random.pick([0, 1e9, 1.5, 'x', null]), rows: 5 }, ['BadMessage']),
    () => json({ type: random.pick(['', 'exit', 'attached', '__proto__']) }, ['BadMessage']),
    () => json([[[random.below(9)]]], ['BadMessage']),
    () => [Buffer.from(random.bytes(random.below(200))).toString('latin1'), ['BadMessage']],
    () => ['x'.repeat(maxControlBytes + 1 + random.below(100)), ['TooLarge']],
    () => [random.bytes(random.below(9)), ['BadMessage']],
    () => [encodeFrame(random.pick([FrameKind.output, FrameKind.snapshot]), 0, random.bytes(10)), ['BadMessage']],
    () => [encodeFrame(FrameKind.input, 2 ** 50 + random.below(1000), random.bytes(5)), ['BadMessage']],
    () => [Uint8Array.from([random.pick([0, 4, 255]), ...random.bytes(20)]), ['BadMessage']],
    () => [Uint8Array.from([2, 255, 255, 255, 255, 255, 255, 255, 255, 1]), ['BadMessage']],
    () => [new Uint8Array(maxFrameBytes + 1).fill(2), ['TooLarge']],
  ];
  return random.pick(random.below(400) ? kinds : wrong)();
}

describe('agent, fuzzed', function () {
  this.timeout(120_000);

  it(`takes ${frames} frames from pages that lie (seed ${seed})`, async () => {
    const random = createRandom(seed);
    const clock = createManualClock();
    const logger = createSilentLogger();
    let pty: PtyHandlers | undefined;
    let typed = 0;
    let isPaused = false;
    const startPty: StartPty = (_command, _size, handlers) => {
      pty = handlers;
      return {
        write(bytes, onTaken) {
          typed += bytes.length;
          onTaken?.();
        },
        resize: () => undefined,
        setPaused: (wanted) => (isPaused = wanted),
        end: () => Promise.resolve(),
      };
    };
    const command = { file: 'none', args: [], env: {}, cwd: '/' };
    const terminals = createTerminals({ command, startPty, clock, logger });
    const layout = createLayoutStore();
    const heapBefore = process.memoryUsage().heapUsed;
    const codes = new Map<string, number>();
    let sockets = 0;
    for (let count = 0; count < frames;) {
      const socket = new FuzzedSocket();
      sockets += 1;
      createConnection({
        socket: socket as unknown as WebSocket,
        stream,
        terminalId: 'main',
        terminals,
        layout,
        clock,
        logger,
        onClose: () => undefined,
      });
      const receive = (data: string | Uint8Array) =>
        socket.emit('message', Buffer.from(data), typeof data !== 'string');
      let isAttached = false;
      while (!socket.closeCodes.length && count < frames) {
        count += 1;
        if (!isAttached && random.below(10)) {
          receive(JSON.stringify(attach(random)));
          isAttached = true;
        } else {
          const [data, names] = createFrame(random, socket, isAttached);
          receive(data);
          const expected = names.map(
            (name) => Object.values(closeReasons).find((reason) => reason.name === name)?.code,
          );
          assert.deepEqual(socket.closeCodes, expected, `frame ${count}: ${String(data).slice(0, 200)}`);
          for (const name of names) codes.set(name, (codes.get(name) ?? 0) + 1);
        }
        if (random.below(8) === 0 && !isPaused) pty?.onOutput(random.bytes(random.below(300)));
        if (random.below(20) === 0) await clock.advance(30);
        if (random.below(200) === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      receive('after the end');
      assert.ok(socket.closeCodes.length <= 1);
      socket.terminate();
    }
    assert.ok(sockets > 100 && typed > 0);
    assert.deepEqual([...codes.keys()].sort(), ['BadMessage', 'TooLarge']);
    assert.equal(terminals.list()[0]?.attachments, 0);
    assert.ok(process.memoryUsage().heapUsed - heapBefore < 150 * 1024 * 1024);
  });
});
