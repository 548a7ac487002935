// A snapshot makes an empty terminal look and behave like the one it was taken of.
import { Terminal } from '@xterm/headless/lib-headless/xterm-headless.mjs';
import assert from 'node:assert/strict';
import { createRing } from '../../../server/agent/ring.ts';
import { createScreen, type Screen, type Snapshot } from '../../../server/agent/screen.ts';
import { csiQueries, dcsQueries } from '../../../server/protocol/queries.ts';

const first = 1_000;

interface Watched {
  screen: Screen;
  answers: string[];
  write(bytes: Uint8Array | string): void;
}

function createWatched(): Watched {
  const answers: string[] = [];
  const ring = createRing(256 * 1024, first);
  const screen = createScreen({
    size: { columns: 40, rows: 10 },
    first,
    scrollbackLines: 100,
    onAnswer: (bytes) => answers.push(Buffer.from(bytes).toString()),
    onParsed: () => undefined,
    readOutput: (from, to) => (from >= ring.start ? ring.read(from, to) : undefined),
  });
  const write = (data: Uint8Array | string) => {
    const bytes = Buffer.from(data);
    ring.push(bytes);
    screen.write(bytes);
  };
  return { screen, answers, write };
}

const snapshotOf = (screen: Screen) => new Promise<Snapshot>((resolve) => screen.snapshot(resolve));

const createTerminal = () => new Terminal({ cols: 40, rows: 10, scrollback: 100, allowProposedApi: true });
const writeTo = (terminal: Terminal, bytes: Uint8Array | string) =>
  new Promise<void>((resolve) => terminal.write(bytes, resolve));

/** All that a terminal shows, with its cursor and modes. */
function look(terminal: Terminal) {
  const { active } = terminal.buffer;
  const lines = Array.from(
    { length: active.length },
    (_, index) => active.getLine(index)?.translateToString(true) ?? '',
  );
  return { lines, cursor: [active.cursorX, active.cursorY + active.baseY], type: active.type, modes: terminal.modes };
}

/** Output before the snapshot, and after it: the copy must go on as the original does. */
async function ensureSameAfter(
  before: Uint8Array | string,
  after = 'next \x1b[1mbold\x1b[0m\r\nline',
): Promise<string> {
  const { screen, write } = createWatched();
  write(before);
  const snapshot = await snapshotOf(screen);
  assert.equal(snapshot.sequence, first + Buffer.from(before).length);
  const [copy, original] = [createTerminal(), createTerminal()];
  await writeTo(copy, snapshot.bytes);
  await writeTo(original, Buffer.from(before));
  assert.deepEqual(look(copy), look(original));
  await writeTo(copy, after);
  await writeTo(original, after);
  assert.deepEqual(look(copy), look(original));
  screen.dispose();
  return Buffer.from(snapshot.bytes).toString();
}

describe('screen', () => {
  it('writes down text, colours, wide characters and scrollback', async () => {
    await ensureSameAfter('one\r\ntwo \x1b[31mred\x1b[0m 漢字 😀\r\n');
    await ensureSameAfter(Array.from({ length: 60 }, (_, index) => `line ${index}\r\n`).join(''));
    await ensureSameAfter(`${'x'.repeat(95)}\r\nwrapped`);
  });

  it('writes down the alternate screen, modes and where the cursor stands', async () => {
    await ensureSameAfter('shell\r\n\x1b[?1049h\x1b[2J\x1b[5;7Heditor\x1b[?2004h\x1b[?1h', '\x1b[?1049lback');
  });

  it('writes down scroll margins, with origin mode', async () => {
    const lines = Array.from({ length: 9 }, (_, index) => `row ${index}\r\n`).join('');
    await ensureSameAfter(`${lines}\x1b[3;6r\x1b[6;1H`, 'scroll\r\nscroll\r\nscroll');
    await ensureSameAfter(`${lines}\x1b[3;6r\x1b[?6h\x1b[2;5H`, 'here\r\n\r\n\r\n\r\nscroll');
  });

  it('writes down title, hidden cursor and cursor style', async () => {
    const text = await ensureSameAfter('\x1b]0;a title\x07\x1b[?25l\x1b[5 q');
    assert.ok(text.startsWith('\x1b]0;a title\x07'));
    assert.ok(text.endsWith('\x1b[5 q\x1b[?25l'));
    assert.doesNotMatch(await ensureSameAfter('\x1b[?25l\x1b[5 q\x1b[?25h\x1bc'), /\x1b\[\?25l| q/);
  });

  it('goes on inside a character and inside an escape sequence', async () => {
    const euro = Buffer.from('€');
    await ensureSameAfter(Buffer.concat([Buffer.from('price 5 '), euro.subarray(0, 2)]), '');
    const { screen, write } = createWatched();
    write(Buffer.concat([Buffer.from('5 '), euro.subarray(0, 2)]));
    const copy = createTerminal();
    await writeTo(copy, (await snapshotOf(screen)).bytes);
    await writeTo(copy, Buffer.concat([euro.subarray(2), Buffer.from('!')]));
    assert.equal(look(copy).lines[0], '5 €!');
    await ensureSameAfter('before \x1b[3', '1mred\x1b[0m');
    await ensureSameAfter('before \x1b]0;half a', ' title\x07text');
  });

  it('answers every question that the protocol says it does, once', async () => {
    const { screen, answers, write } = createWatched();
    const ask = async (query: string) => {
      answers.length = 0;
      write(query);
      await snapshotOf(screen);
      return answers.length;
    };
    // A parameter that asks: 6 is the cursor's place, 0 the attributes, 4 the insert mode.
    const parameters: Record<string, string> = { n: '6', c: '0', p: '4' };
    for (const { prefix = '', intermediates = '', final } of csiQueries)
      assert.equal(await ask(`\x1b[${prefix}${parameters[final]}${intermediates}${final}`), 1, prefix + final);
    for (const { intermediates = '', final } of dcsQueries)
      assert.equal(await ask(`\x1bP${intermediates}${final}m\x1b\\`), 1, final);
  });

  it('asks nothing of the one that shows a snapshot', async () => {
    const { screen, write } = createWatched();
    write('\x1b[6n\x1b[c prompt');
    const copy = createTerminal();
    const answers: string[] = [];
    copy.onData((data) => answers.push(data));
    await writeTo(copy, (await snapshotOf(screen)).bytes);
    assert.deepEqual(answers, []);
  });

  it('takes on a new size behind what came before, and cuts long titles', async () => {
    const { screen, write } = createWatched();
    write('x'.repeat(40));
    screen.resize({ columns: 20, rows: 5 });
    write(`\x1b]2;${'t'.repeat(5000)}\x07`);
    const snapshot = await snapshotOf(screen);
    assert.deepEqual([snapshot.columns, snapshot.rows], [20, 5]);
    assert.equal(screen.title.length, 256);
    assert.equal(screen.backlogBytes, 0);
  });
});
