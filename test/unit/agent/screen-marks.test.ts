// Where prompts and commands are, as a snapshot says it.
import assert from 'node:assert/strict';
import { createScreen, type Screen } from '../../../server/agent/screen.ts';
import {
  encodePlacedMarks,
  maxPlacedMarks,
  parseMark,
  parsePlacedMarks,
  type PlacedMark,
} from '../../../server/protocol/marks.ts';

const command = '\x1b]133;A\x07$ \x1b]133;B\x07ls\r\n\x1b]133;C\x07a\r\nb\r\n\x1b]133;D;3\x07';
const prompt = '\x1b]133;A\x07$ \x1b]133;B\x07';

function open(): Screen {
  return createScreen({
    size: { columns: 20, rows: 5 },
    first: 0,
    scrollbackLines: 100,
    onAnswer: () => undefined,
    onParsed: () => undefined,
    readOutput: () => undefined,
  });
}

async function snapshotOf(screen: Screen, output: string): Promise<string> {
  screen.write(Buffer.from(output));
  const bytes = await new Promise<Uint8Array>((resolve) => screen.snapshot((snapshot) => resolve(snapshot.bytes)));
  return Buffer.from(bytes).toString();
}

const marksIn = (snapshot: string): PlacedMark[] => {
  const [, data] = /\x1b\]7133;([^\x07]*)\x07/.exec(snapshot) ?? [];
  return data === undefined ? [] : parsePlacedMarks(data);
};

describe('command marks of a screen', () => {
  it('are said by a snapshot, counted from the cursor', async () => {
    const snapshot = await snapshotOf(open(), command + prompt);
    assert.deepEqual(marksIn(snapshot), [
      { kind: 'A', up: 3, column: 0 },
      { kind: 'B', up: 3, column: 2 },
      { kind: 'C', up: 2, column: 0 },
      { kind: 'D', up: 0, column: 0, exit: 3 },
      { kind: 'A', up: 0, column: 0 },
      { kind: 'B', up: 0, column: 2 },
    ]);
  });

  it('move with the lines, through scrollback and a new size', async () => {
    const screen = open();
    screen.write(Buffer.from(command.repeat(3)));
    screen.resize({ columns: 30, rows: 4 });
    const first = marksIn(await snapshotOf(screen, prompt))[0];
    assert.deepEqual(first, { kind: 'A', up: 9, column: 0 });
  });

  it('come before a full-screen program, in the buffer that they belong to', async () => {
    const snapshot = await snapshotOf(open(), `${command}${prompt}vim\r\n\x1b]133;C\x07\x1b[?1049h\x1b[Htext`);
    assert.ok(snapshot.indexOf('\x1b]7133;') < snapshot.indexOf('\x1b[?1049h'));
    assert.equal(marksIn(snapshot).length, 7);
    const again = open();
    const [there, back] = [await snapshotOf(again, snapshot), marksIn(snapshot)];
    assert.ok(there.includes('text'));
    assert.equal(back.at(-1)?.kind, 'C');
  });

  it('take the place of a prompt that is drawn anew, and are gone with the terminal’s reset', async () => {
    const screen = open();
    assert.equal(marksIn(await snapshotOf(screen, prompt + prompt + prompt)).length, 2);
    assert.equal(marksIn(await snapshotOf(screen, '\x1bc')).length, 0);
  });

  it('are read from what a shell says, and nothing else', () => {
    assert.deepEqual(parseMark('A'), { kind: 'A' });
    assert.deepEqual(parseMark('D;1'), { kind: 'D', exit: 1 });
    assert.deepEqual(parseMark('D;1;aid=5'), { kind: 'D', exit: 1 });
    assert.deepEqual(parseMark('D'), { kind: 'D' });
    assert.deepEqual(parseMark('D;-1'), { kind: 'D' });
    for (const data of ['', 'P;k=s', 'AA', 'Z']) assert.equal(parseMark(data), undefined);
    assert.deepEqual(parsePlacedMarks('A,1,2,;nonsense;B,99999999,1,;C,0,0,;D,0,0,7'), [
      { kind: 'A', up: 1, column: 2 },
      { kind: 'C', up: 0, column: 0 },
      { kind: 'D', up: 0, column: 0, exit: 7 },
    ]);
  });

  it('are bounded: the latest are kept', () => {
    const many = Array.from({ length: maxPlacedMarks + 5 }, (_, up): PlacedMark => ({ kind: 'A', up, column: 0 }));
    const data = encodePlacedMarks(many).slice('\x1b]7133;'.length, -1);
    assert.equal(parsePlacedMarks(data).length, maxPlacedMarks);
    assert.equal(parsePlacedMarks(data)[0]?.up, 5);
  });
});
