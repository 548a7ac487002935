// One terminal's line, against a socket and a clock that the test moves.
import assert from 'node:assert/strict';
import { createManualClock } from '../../../../server/common/clock.ts';
import { decodeFrame, encodeFrame, FrameKind, initialWindowBytes } from '../../../../server/protocol/frames.ts';
import { type ClientMessage, parseClientMessage } from '../../../../server/protocol/messages.ts';
import type { Connection } from '../../../../web/terminal/connection.ts';
import { createTerminalSocket } from '../../../../web/terminal/socket.ts';

class StubSocket {
  readyState = 0;
  binaryType = '';
  onopen: ((event: unknown) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly messages: ClientMessage[] = [];
  readonly input: [number, string][] = [];

  send(data: string | Uint8Array): void {
    if (typeof data === 'string') {
      const message = parseClientMessage(data);
      assert.ok(message, `not of the protocol: ${data}`);
      this.messages.push(message);
      return;
    }
    const frame = decodeFrame(data);
    assert.ok(frame);
    this.input.push([frame.sequence, new TextDecoder().decode(frame.bytes)]);
  }

  close(): void {
    this.readyState = 3;
  }

  opens(): void {
    this.readyState = 1;
    this.onopen?.({});
  }

  closes(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  tells(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  prints(sequence: number, text: string, kind: FrameKind = FrameKind.output): void {
    this.onmessage?.({ data: encodeFrame(kind, sequence, new TextEncoder().encode(text)).buffer });
  }

  attaches(inputSequence = 0, sequence = 0): void {
    this.opens();
    const size = { columns: 80, rows: 24 };
    this.tells({ type: 'attached', terminal: 'main', sequence, inputSequence, windowBytes: 400, ...size });
  }
}

function setUp() {
  const clock = createManualClock();
  const sockets: StubSocket[] = [];
  const states: Connection[] = [];
  const screen = { text: '', lost: 0, latencies: [] as number[], exits: [] as number[], layouts: [] as number[] };
  const pendingParses: (() => void)[] = [];
  const line = createTerminalSocket({
    url: '/api/session/terminals/main',
    clientId: 'client-1234',
    timers: clock,
    random: () => 0.5,
    createWebSocket: () => {
      const socket = new StubSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    sink: {
      write(bytes, parsed) {
        screen.text += new TextDecoder().decode(bytes);
        pendingParses.push(parsed);
      },
      replace(bytes, parsed) {
        screen.text = new TextDecoder().decode(bytes);
        pendingParses.push(parsed);
      },
      resize: () => undefined,
    },
    size: () => ({ columns: 80, rows: 24 }),
    onConnection: (state) => states.push(state),
    onLatency: (ms) => screen.latencies.push(ms),
    onExit: (code) => screen.exits.push(code),
    onLayout: (message) => screen.layouts.push(message.revision),
    onInputLost: () => (screen.lost += 1),
  });
  const last = (): StubSocket => sockets.at(-1) ?? assert.fail('no socket');
  const parseAll = () => pendingParses.splice(0).forEach((parsed) => parsed());
  const type = (text: string) => line.send(new TextEncoder().encode(text));
  return { clock, sockets, states, screen, line, last, parseAll, type, state: () => states.at(-1)?.name };
}

/** From which byte the page wanted to go on. */
function wished(socket: StubSocket): number | null {
  const [first] = socket.messages;
  assert.ok(first?.type === 'attach');
  return first.from;
}

before(() => {
  Object.assign(globalThis, { WebSocket: { OPEN: 1 } });
});

describe('terminal socket', () => {
  it('attaches with nothing, then goes on from where it was', async () => {
    const { clock, line, last, screen } = setUp();
    line.start();
    last().attaches();
    assert.equal(wished(last()), null);
    last().prints(0, 'hello');
    last().closes(1006);
    await clock.advance(100);
    last().attaches(0, 5);
    assert.deepEqual(last().messages[0], { type: 'attach', clientId: 'client-1234', from: 5, columns: 80, rows: 24 });
    last().prints(5, ' world');
    assert.equal(screen.text, 'hello world');
  });

  it('keeps what is typed while the line is down and sends it once, in order', async () => {
    const { clock, line, last, type } = setUp();
    line.start();
    last().attaches();
    type('a');
    last().tells({ type: 'ack', sequence: 1 });
    type('b');
    last().closes(1006);
    type('c');
    await clock.advance(100);
    last().attaches(1);
    assert.deepEqual(last().input, [
      [1, 'b'],
      [2, 'c'],
    ]);
    last().tells({ type: 'ack', sequence: 3 });
    last().closes(1006);
    await clock.advance(100);
    last().attaches(3);
    assert.deepEqual(last().input, []);
  });

  it('sends nothing before the agent has said what it expects', () => {
    const { line, last, type } = setUp();
    line.start();
    type('early');
    last().opens();
    assert.deepEqual(last().input, []);
    last().attaches();
    assert.deepEqual(last().input, [[0, 'early']]);
  });

  it('says so when input was typed for a shell that is gone', async () => {
    const { clock, line, last, type, screen } = setUp();
    line.start();
    last().attaches();
    type('abc');
    last().tells({ type: 'ack', sequence: 3 });
    last().closes(1006);
    type('rm -rf x\r');
    await clock.advance(100);
    last().attaches(0);
    assert.deepEqual(last().input, []);
    assert.equal(screen.lost, 1);
  });

  it('asks for a snapshot when bytes are missing', async () => {
    const { clock, line, last, screen } = setUp();
    line.start();
    last().attaches();
    last().prints(0, 'abc');
    last().prints(10, 'xyz');
    await clock.advance(1000);
    const [attach] = last().messages;
    last().attaches();
    assert.equal(wished(last()), null);
    assert.equal(attach, undefined);
    last().prints(13, 'whole screen', FrameKind.snapshot);
    last().prints(13, '!');
    assert.equal(screen.text, 'whole screen!');
  });

  it('acknowledges what was parsed, not what arrived', () => {
    const { line, last, parseAll } = setUp();
    line.start();
    last().attaches();
    last().prints(0, 'x'.repeat(250));
    const acks = () => last().messages.filter(({ type }) => type === 'ack');
    assert.deepEqual(acks(), []);
    parseAll();
    assert.deepEqual(acks(), [{ type: 'ack', sequence: 250, windowBytes: initialWindowBytes }]);
  });

  it('acknowledges nothing of a line that is gone on the next one', async () => {
    const { clock, line, last, parseAll } = setUp();
    line.start();
    last().attaches(0, 9000);
    last().prints(9000, 'x'.repeat(300));
    last().closes(1006);
    await clock.advance(100);
    last().attaches(0, 10);
    parseAll();
    last().prints(10, 'new shell', FrameKind.snapshot);
    assert.deepEqual(
      last().messages.filter(({ type }) => type === 'ack'),
      [],
    );
  });

  it('tells how the terminals are arranged, both ways, as long as the line is live', () => {
    const { line, last, screen } = setUp();
    const layout = { tabs: [{ terminal: 'main' }] };
    line.start();
    assert.equal(line.arrange(layout), false);
    last().attaches();
    assert.equal(line.arrange(layout), true);
    assert.deepEqual(last().messages.at(-1), { type: 'layout', layout });
    last().tells({ type: 'layout', revision: 3, isOwn: false, layout });
    assert.deepEqual(screen.layouts, [3]);
  });

  it('measures the round trip', async () => {
    const { clock, line, last, screen } = setUp();
    line.start();
    last().attaches();
    const ping = last().messages.find(({ type }) => type === 'ping');
    await clock.advance(42);
    last().tells({ type: 'pong', id: ping?.type === 'ping' ? ping.id : -1 });
    assert.deepEqual(screen.latencies, [42]);
  });

  it('gives up a line that does not answer, and hears it no more', async () => {
    const { clock, line, last, sockets, screen, state } = setUp();
    line.start();
    last().attaches();
    await clock.advance(20_000);
    assert.ok(sockets.length > 1);
    assert.equal(sockets[0]?.readyState, 3);
    sockets[0]?.prints(0, 'ghost');
    sockets[0]?.closes(4001);
    assert.equal(screen.text, '');
    assert.notEqual(state(), 'closed');
  });

  it('gives up a socket that never opens', async () => {
    const { clock, line, sockets } = setUp();
    line.start();
    await clock.advance(10_500);
    assert.equal(sockets.length, 2);
  });

  it('checks a live line when woken, with less patience', async () => {
    const { clock, line, last, sockets } = setUp();
    line.start();
    last().attaches();
    const first = last();
    first.tells({ type: 'pong', id: 1 });
    line.wake();
    await clock.advance(2_200);
    assert.equal(sockets.length, 2);
    assert.equal(first.readyState, 3);
  });

  it('opens at once when woken while waiting', () => {
    const { line, last, sockets } = setUp();
    line.start();
    last().closes(1006);
    line.wake();
    assert.equal(sockets.length, 2);
  });

  it('stays closed when refused, takes no input, and starts a new shell when asked', () => {
    const { line, last, type, state, screen, sockets } = setUp();
    line.start();
    last().attaches();
    last().prints(0, 'bye');
    last().tells({ type: 'exit', code: 3 });
    last().closes(4000);
    assert.equal(state(), 'closed');
    assert.deepEqual(screen.exits, [3]);
    assert.equal(type('x'), false);
    line.start();
    last().attaches();
    assert.equal(sockets.length, 2);
    assert.equal(wished(last()), null);
  });

  it('ignores messages and frames that are none', () => {
    const { line, last, state, screen } = setUp();
    line.start();
    last().attaches();
    last().onmessage?.({ data: '{"type":"nonsense"}' });
    last().onmessage?.({ data: 'not json' });
    last().onmessage?.({ data: new Uint8Array([9, 9, 9]).buffer });
    assert.equal(state(), 'live');
    assert.equal(screen.text, '');
  });

  it('leaves no timer behind', () => {
    const { clock, line, last } = setUp();
    line.start();
    last().attaches();
    line.dispose();
    assert.equal(clock.pending, 0);
    assert.equal(last().readyState, 3);
  });
});
