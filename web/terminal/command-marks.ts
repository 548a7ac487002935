// The commands of a terminal's shell, by the marks that it puts around them: where each is, how it ended, what it said.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { IMarker, Terminal } from '@xterm/xterm';
import { type Mark, markOsc, parseMark, parsePlacedMarks, placedMarksOsc } from '../../server/protocol/marks.ts';

interface Point {
  marker: IMarker;
  column: number;
}

export interface Command {
  /** Of the line on which its prompt begins. */
  readonly prompt: IMarker;
  readonly state: 'prompt' | 'running' | 'ok' | 'failed';
  readonly exit?: number;
  input?: Point;
  output?: Point;
  end?: Point;
}

export interface CommandMarks {
  /** Oldest first, the one at whose prompt one stands last; those whose lines are gone are gone. */
  readonly commands: readonly Command[];
  /** Whether a command runs now. */
  readonly isRunning: ReadonlySignal<boolean>;
  /** Called when anything about the commands has changed. */
  onChange(listener: () => void): void;
  /** The text between two marks, without the line ends of wrapped lines. */
  textOf(from: Point, to: Point | undefined): string;
  /** What the last command that said anything has said; undefined without one. */
  lastOutput(): string | undefined;
  /** The command before or behind `from`, or the last one when nothing is said. */
  neighbour(from: Command | undefined, step: -1 | 1): Command | undefined;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export const createCommandMarks = (xterm: Terminal): CommandMarks => new Marks(xterm);

class Marks implements CommandMarks {
  readonly isRunning = signal(false);
  readonly #xterm: Terminal;
  readonly #listeners: (() => void)[] = [];
  #commands: Mutable<Command>[] = [];

  constructor(xterm: Terminal) {
    this.#xterm = xterm;
    const { parser } = xterm;
    parser.registerOscHandler(markOsc, (data) => {
      const mark = parseMark(data);
      if (mark) this.#add(mark, 0, xterm.buffer.active.cursorX);
      this.#changed();
      return true;
    });
    parser.registerOscHandler(placedMarksOsc, (data) => {
      this.#commands = [];
      for (const mark of parsePlacedMarks(data)) this.#add(mark, -mark.up, mark.column);
      this.#changed();
      return true;
    });
    parser.registerEscHandler({ final: 'c' }, () => {
      this.#commands = [];
      this.#changed();
      return false;
    });
  }

  get commands(): readonly Command[] {
    return (this.#commands = this.#commands.filter(({ prompt }) => !prompt.isDisposed));
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  textOf(from: Point, to: Point | undefined): string {
    const buffer = this.#xterm.buffer.normal;
    const last = to ? to.marker.line : buffer.baseY + buffer.cursorY;
    let text = '';
    for (let row = from.marker.line; row <= last; row++) {
      const line = buffer.getLine(row);
      if (!line) continue;
      const start = row === from.marker.line ? from.column : 0;
      const isCut = row === last && to !== undefined;
      const isWrapping = buffer.getLine(row + 1)?.isWrapped ?? false;
      text += line.translateToString(!isWrapping, start, isCut ? to.column : undefined);
      if (!isWrapping && row < last) text += '\n';
    }
    return text;
  }

  lastOutput(): string | undefined {
    const command = this.commands.findLast(({ output }) => output && !output.marker.isDisposed);
    return command?.output && this.textOf(command.output, command.end);
  }

  neighbour(from: Command | undefined, step: -1 | 1): Command | undefined {
    const done = this.commands.filter(({ state }) => state !== 'prompt');
    const index = from ? done.indexOf(from as Mutable<Command>) : -1;
    if (index < 0) return step < 0 ? done.at(-1) : undefined;
    return done[index + step];
  }

  #add({ kind, exit }: Mark, offset: number, column: number): void {
    const { active } = this.#xterm.buffer;
    if (active.type !== 'normal' || active.baseY + active.cursorY + offset < 0) return;
    const marker = this.#xterm.registerMarker(offset);
    const current = this.#commands.at(-1);
    if (kind === 'A') {
      // A prompt that is drawn anew takes the place of the one before.
      if (current?.state === 'prompt') this.#commands.pop();
      this.#commands.push({ prompt: marker, state: 'prompt' });
    } else if (kind === 'B' && current?.state === 'prompt') current.input = { marker, column };
    else if (kind === 'C' && current?.state === 'prompt') {
      current.output = { marker, column };
      current.state = 'running';
    } else if (kind === 'D' && current?.state === 'running') {
      current.end = { marker, column };
      current.state = exit ? 'failed' : 'ok';
      if (exit !== undefined) current.exit = exit;
    }
  }

  #changed(): void {
    this.isRunning.value = this.#commands.at(-1)?.state === 'running';
    for (const listener of this.#listeners) listener();
  }
}
