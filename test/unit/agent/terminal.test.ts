// One terminal with a fake PTY: who gets which bytes, when the program waits, whose size holds.
import assert from 'node:assert/strict';
import { readAheadBytes, stallMs, type AttachmentSink } from '../../../server/agent/attachment.ts';
import type { PtyHandlers } from '../../../server/agent/pty.ts';
import type { Size } from '../../../server/agent/size.ts';
import { createTerminal, ringBytes, type Attachment } from '../../../server/agent/terminal.ts';
import { createManualClock } from '../../../server/common/clock.ts';
import { closeReasons } from '../../../server/protocol/close-codes.ts';
import {
  FrameKind,
  initialWindowBytes as windowBytes,
  maxInputInFlightBytes,
  maxWindowBytes,
  minWindowBytes,
} from '../../../server/protocol/frames.ts';
import type { AgentMessage } from '../../../server/protocol/messages.ts';

const firstSequence = 5_000;

interface SeenFrame {
  kind: FrameKind;
  sequence: number;
  text: string;
}

class FakeSink implements AttachmentSink {
  bufferedBytes = 0;
  isEnded = false;
  readonly messages: AgentMessage[] = [];
  readonly frames: SeenFrame[] = [];
  sendFrame(kind: FrameKind, sequence: number, bytes: Uint8Array): void {
    this.frames.push({ kind, sequence, text: Buffer.from(bytes).toString() });
  }
  sendMessage(message: AgentMessage): void {
    this.messages.push(message);
  }
  end(): void {
    this.isEnded = true;
  }
  get text(): string {
    return this.frames.map(({ text }) => text).join('');
  }
  of<Type extends AgentMessage['type']>(type: Type): Extract<AgentMessage, { type: Type }>[] {
    return this.messages.filter((message): message is Extract<AgentMessage, { type: Type }> => message.type === type);
  }
  get sentTo(): number {
    const last = this.frames.at(-1);
    return last ? last.sequence + (last.kind === FrameKind.output ? Buffer.byteLength(last.text) : 0) : firstSequence;
  }
}

function setUp() {
  const clock = createManualClock();
  const pty = {
    handlers: undefined as unknown as PtyHandlers,
    isPaused: false,
    isStuck: false,
    typed: '',
    taken: [] as (() => void)[],
    sizes: [] as Size[],
  };
  const terminal = createTerminal({
    id: 'main',
    command: { file: '/bin/sh', args: [], env: {}, cwd: '/' },
    size: { columns: 80, rows: 24 },
    clock,
    firstSequence,
    onExit: () => undefined,
    startPty(_command, _size, handlers) {
      pty.handlers = handlers;
      return {
        write(bytes, onTaken) {
          pty.typed += Buffer.from(bytes).toString();
          if (pty.isStuck && onTaken) pty.taken.push(onTaken);
          else onTaken?.();
        },
        resize: (size) => pty.sizes.push(size),
        setPaused: (isPaused) => (pty.isPaused = isPaused),
        end: () => Promise.resolve(),
      };
    },
  });
  const print = (text: string) => pty.handlers.onOutput(Buffer.from(text));
  const attach = (from: number | null, size: Partial<Size> & { clientId?: string } = {}) => {
    const sink = new FakeSink();
    const request = { type: 'attach' as const, clientId: 'client-1', from, columns: 80, rows: 24, ...size };
    const attachment: Attachment = terminal.attach(request, sink);
    return { sink, attachment };
  };
  return { clock, pty, terminal, print, attach };
}

const acknowledge = (attachment: Attachment, sequence: number) => attachment.acknowledge(sequence, windowBytes);

/** The screen parses on timers of its own. */
async function parsed(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise<void>((resolve) => setImmediate(resolve));
}

describe('terminal', () => {
  it('goes on from the ring when the wanted byte is in it', () => {
    const { print, attach } = setUp();
    print('hello world');
    const { sink } = attach(firstSequence + 6);
    assert.deepEqual(sink.frames, [{ kind: FrameKind.output, sequence: firstSequence + 6, text: 'world' }]);
    const [attached] = sink.of('attached');
    assert.deepEqual(
      [attached?.sequence, attached?.inputSequence, attached?.windowBytes],
      [firstSequence + 6, 0, windowBytes],
    );
    print('!');
    assert.equal(sink.text, 'world!');
  });

  for (const [what, from] of [
    ['nothing is wanted', null],
    ['the byte is of an earlier shell', 3],
    ['the byte is not there yet', firstSequence + 999],
  ] as const)
    it(`begins with a snapshot when ${what}`, async () => {
      const { print, attach } = setUp();
      print('hello');
      const { sink } = attach(from);
      print(' world');
      await parsed(() => sink.frames.length >= 2);
      assert.equal(sink.of('attached')[0]?.sequence, firstSequence + 5);
      assert.deepEqual(sink.frames, [
        { kind: FrameKind.snapshot, sequence: firstSequence + 5, text: 'hello' },
        { kind: FrameKind.output, sequence: firstSequence + 5, text: ' world' },
      ]);
    });

  it('sends a window, reads a little ahead, pauses the program, and goes on with acknowledgements', async () => {
    const { clock, pty, print, attach } = setUp();
    const { sink, attachment } = attach(firstSequence);
    print('x'.repeat(windowBytes + readAheadBytes - 2));
    await clock.advance(10);
    assert.equal(pty.isPaused, false);
    print('yz');
    assert.equal(pty.isPaused, true);
    assert.equal(sink.sentTo, firstSequence + windowBytes);
    acknowledge(attachment, firstSequence + 1);
    assert.equal(sink.sentTo, firstSequence + windowBytes + 1);
    acknowledge(attachment, firstSequence + readAheadBytes);
    await clock.advance(10);
    await parsed(() => !pty.isPaused);
    assert.ok(sink.text.endsWith('xyz'));
  });

  it('lets as much be outstanding as the page asks for', async () => {
    const { clock, pty, print, attach } = setUp();
    const { sink, attachment } = attach(firstSequence);
    attachment.acknowledge(firstSequence, minWindowBytes);
    print('x'.repeat(windowBytes));
    assert.equal(sink.sentTo, firstSequence + minWindowBytes);
    assert.equal(pty.isPaused, true);
    attachment.acknowledge(firstSequence, maxWindowBytes);
    await clock.advance(10);
    assert.equal(sink.sentTo, firstSequence + windowBytes);
    await parsed(() => !pty.isPaused);
  });

  it('lets a program run on while the page is away, and shows it all when somebody looks again', async () => {
    const { pty, print, attach } = setUp();
    const { sink, attachment } = attach(firstSequence);
    attachment.acknowledge(firstSequence, 0);
    let printed = 0;
    while (printed < 2 * ringBytes) {
      print('y'.repeat(8000));
      printed += 8000;
      await parsed(() => !pty.isPaused);
    }
    assert.ok(sink.sentTo <= firstSequence + windowBytes);
    attachment.acknowledge(sink.sentTo, 0);
    await parsed(() => !pty.isPaused);
    assert.ok(sink.frames.every(({ kind }) => kind === FrameKind.output));
    attachment.acknowledge(sink.sentTo, windowBytes);
    await parsed(() => sink.frames.at(-1)?.kind === FrameKind.snapshot);
    assert.equal(sink.sentTo, firstSequence + printed);
  });

  it('gathers what follows a large piece of output, for two milliseconds at most; an echo waits for nothing', async () => {
    const { clock, print, attach } = setUp();
    const { sink } = attach(firstSequence);
    print('a'.repeat(4096));
    assert.equal(sink.frames.length, 1);
    print('b'.repeat(4096));
    print('c'.repeat(4096));
    assert.equal(sink.frames.length, 1);
    await clock.advance(2);
    assert.equal(sink.frames.length, 2);
    await clock.advance(2);
    print('x');
    assert.equal(sink.frames.at(-1)?.text, 'x');
    print('y');
    assert.equal(sink.frames.at(-1)?.text, 'y');
    print('d'.repeat(4096));
    print('e'.repeat(40_000));
    assert.ok(sink.text.endsWith('e'));
  });

  it('refuses acknowledgements of what was never sent, and ignores old ones', () => {
    const { print, attach } = setUp();
    const { attachment } = attach(firstSequence);
    print('abc');
    assert.equal(acknowledge(attachment, firstSequence + 3), undefined);
    assert.equal(acknowledge(attachment, firstSequence), undefined);
    assert.equal(acknowledge(attachment, firstSequence + 4), closeReasons.badMessage);
  });

  it('waits for the slowest, but not for one that acknowledges nothing for long; that one gets a snapshot later', async () => {
    const { clock, pty, print, attach } = setUp();
    const fast = attach(firstSequence);
    const slow = attach(firstSequence, { clientId: 'client-2' });
    let printed = 0;
    const printMuch = () => {
      print('a line of output\r\n'.repeat(1000));
      printed += 18_000;
      acknowledge(fast.attachment, fast.sink.sentTo);
    };
    while (!pty.isPaused) printMuch();
    await clock.advance(stallMs - 1);
    assert.equal(pty.isPaused, true);
    await clock.advance(1);
    await parsed(() => !pty.isPaused);
    while (printed < ringBytes * 2) {
      printMuch();
      await clock.advance(3);
      await parsed(() => !pty.isPaused);
    }
    assert.equal(fast.sink.sentTo, firstSequence + printed);
    assert.ok(slow.sink.sentTo < firstSequence + windowBytes + 1);
    acknowledge(slow.attachment, slow.sink.sentTo);
    await parsed(() => slow.sink.frames.at(-1)?.kind === FrameKind.snapshot);
    assert.equal(slow.sink.sentTo, firstSequence + printed);
    print('after');
    assert.equal(slow.sink.frames.at(-1)?.text, 'after');
  });

  it('sends no more than a window to each of a hundred pages that stop reading, and lets the program go on', async () => {
    const { clock, pty, print, attach } = setUp();
    const pages = Array.from({ length: 100 }, (_, index) => attach(firstSequence, { clientId: `client-${index}` }));
    let printed = 0;
    while (printed < 3 * ringBytes) {
      if (pty.isPaused) await clock.advance(stallMs);
      await parsed(() => !pty.isPaused);
      print('a line of output\r\n'.repeat(1000));
      printed += 18_000;
    }
    for (const { sink } of pages) assert.equal(sink.sentTo, firstSequence + windowBytes);
    const [first] = pages;
    acknowledge(first!.attachment, first!.sink.sentTo);
    await parsed(() => first!.sink.frames.at(-1)?.kind === FrameKind.snapshot);
  });

  it('lets the program run with nobody attached, and holds it while the screen lags', async () => {
    const { pty, print, attach } = setUp();
    const { attachment } = attach(firstSequence);
    print('x'.repeat(windowBytes + readAheadBytes));
    assert.equal(pty.isPaused, true);
    attachment.dispose();
    await parsed(() => !pty.isPaused);
    print('y'.repeat(ringBytes));
    assert.equal(pty.isPaused, true);
    await parsed(() => !pty.isPaused);
  });

  it('holds output back while the socket is full', () => {
    const { print, attach } = setUp();
    const { sink, attachment } = attach(firstSequence);
    sink.bufferedBytes = 1024 * 1024;
    print('late');
    assert.equal(sink.text, '');
    sink.bufferedBytes = 0;
    attachment.drained();
    assert.equal(sink.text, 'late');
  });

  it('types each byte once, acknowledges what the program took, refuses gaps and floods', async () => {
    const { clock, pty, attach } = setUp();
    const { sink, attachment } = attach(firstSequence);
    pty.isStuck = true;
    assert.equal(attachment.input(0, Buffer.from('ls')), undefined);
    assert.deepEqual(sink.of('ack'), []);
    await clock.advance(100);
    assert.deepEqual(sink.of('ack'), []);
    pty.taken.shift()?.();
    await clock.advance(20);
    assert.deepEqual(sink.of('ack'), [{ type: 'ack', sequence: 2 }]);
    attachment.input(0, Buffer.from('ls -l'));
    assert.equal(pty.typed, 'ls -l');
    assert.equal(attachment.input(9, Buffer.from('x')), closeReasons.badMessage);
    assert.equal(attachment.input(5, Buffer.alloc(maxInputInFlightBytes)), undefined);
    assert.equal(
      attachment.input(5 + maxInputInFlightBytes, Buffer.alloc(maxInputInFlightBytes)),
      closeReasons.tooLarge,
    );
  });

  it('acknowledges many keys at once, behind the echo when there is one', async () => {
    const { clock, print, attach } = setUp();
    const { sink, attachment } = attach(firstSequence);
    attachment.input(0, Buffer.from('a'));
    attachment.input(1, Buffer.from('b'));
    assert.deepEqual(sink.of('ack'), []);
    print('a');
    assert.deepEqual(sink.of('ack'), [{ type: 'ack', sequence: 2 }]);
    attachment.input(2, Buffer.alloc(40_000));
    assert.deepEqual(sink.of('ack').at(-1), { type: 'ack', sequence: 40_002 });
    attachment.dispose();
    await clock.advance(100);
    assert.equal(sink.of('ack').length, 2);
    assert.equal(clock.pending, 0);
  });

  it('knows a client that comes back, by its id', () => {
    const { pty, attach } = setUp();
    const before = attach(firstSequence);
    before.attachment.input(0, Buffer.from('abc'));
    before.attachment.dispose();
    const after = attach(firstSequence);
    assert.equal(after.sink.of('attached')[0]?.inputSequence, 3);
    after.attachment.input(1, Buffer.from('bcd'));
    assert.equal(pty.typed, 'abcd');
    assert.equal(attach(firstSequence, { clientId: 'client-2' }).sink.of('attached')[0]?.inputSequence, 0);
  });

  it('has the size of the attachment used last, and tells all behind the output before it', async () => {
    const { clock, pty, print, attach } = setUp();
    const laptop = attach(firstSequence, { columns: 120, rows: 40 });
    const told = (sink: FakeSink) => sink.of('size').map(({ columns, rows }) => `${columns}x${rows}`);
    // What went before was printed for the size that the terminal had.
    assert.deepEqual([laptop.sink.of('attached')[0]?.columns, told(laptop.sink)], [80, ['120x40']]);
    const phone = attach(firstSequence, { columns: 40, rows: 20, clientId: 'client-2' });
    assert.deepEqual(pty.sizes, [
      { columns: 120, rows: 40 },
      { columns: 40, rows: 20 },
    ]);
    assert.deepEqual([phone.sink.of('attached')[0]?.columns, told(phone.sink)], [120, ['40x20']]);
    assert.deepEqual(told(laptop.sink), ['120x40', '40x20']);
    laptop.attachment.input(0, Buffer.from('x'));
    assert.deepEqual([told(laptop.sink).at(-1), told(phone.sink).at(-1)], ['120x40', '120x40']);
    print('x'.repeat(windowBytes + 1));
    phone.attachment.resize({ columns: 41, rows: 20 });
    assert.deepEqual([told(laptop.sink).at(-1), told(phone.sink).at(-1)], ['120x40', '120x40']);
    acknowledge(laptop.attachment, firstSequence + 100);
    await clock.advance(3);
    assert.deepEqual([told(laptop.sink).at(-1), told(phone.sink).at(-1)], ['41x20', '120x40']);
    phone.attachment.dispose();
    assert.deepEqual(pty.sizes.at(-1), { columns: 120, rows: 40 });
  });

  it('goes on from the ring only with what was printed for the present size', async () => {
    const { print, attach } = setUp();
    print('for 80 columns');
    const laptop = attach(firstSequence, { columns: 120 });
    assert.ok(laptop.sink.frames.every(({ kind }) => kind === FrameKind.output));
    print('|');
    const late = attach(firstSequence + 3, { columns: 120, clientId: 'client-2' });
    await parsed(() => late.sink.frames.length > 0);
    assert.equal(late.sink.frames[0]?.kind, FrameKind.snapshot);
    const recent = attach(firstSequence + 14, { columns: 120, clientId: 'client-3' });
    assert.deepEqual(recent.sink.frames, [{ kind: FrameKind.output, sequence: firstSequence + 14, text: '|' }]);
  });

  it('sends the rest of the output, then the exit, then the end', async () => {
    const { pty, print, attach } = setUp();
    const { sink } = attach(firstSequence);
    const waiting = attach(null, { clientId: 'client-2' });
    print(`${'x'.repeat(windowBytes)}bye`);
    pty.handlers.onExit({ code: 7 });
    assert.ok(sink.text.endsWith('bye'));
    assert.deepEqual(sink.messages.at(-1), { type: 'exit', code: 7 });
    assert.ok(sink.isEnded);
    await parsed(() => waiting.sink.isEnded);
    assert.ok(waiting.sink.text.endsWith('bye'));
    assert.deepEqual(waiting.sink.messages.at(-1), { type: 'exit', code: 7 });
  });

  it('tells of itself: title, attachments, when something was typed last', async () => {
    const { clock, terminal, print, attach } = setUp();
    assert.equal(terminal.summary.lastInputAt, undefined);
    const { attachment } = attach(firstSequence);
    print('\x1b]0;building\x07');
    await parsed(() => terminal.summary.title === 'building');
    await clock.advance(60_000);
    attachment.input(0, Buffer.from('x'));
    assert.deepEqual(terminal.summary, {
      id: 'main',
      createdAt: '2026-01-01T00:00:00.000Z',
      columns: 80,
      rows: 24,
      title: 'building',
      attachments: 1,
      lastInputAt: '2026-01-01T00:01:00.000Z',
    });
    attachment.dispose();
    assert.equal(terminal.summary.attachments, 0);
  });
});
