// Where a shell's prompts and commands are on the screen and in the scrollback, so that a snapshot can say it.
import type { IMarker, Terminal } from '@xterm/headless';
import { encodePlacedMarks, markOsc, maxPlacedMarks, parseMark, type Mark } from '../protocol/marks.ts';

export interface ScreenMarks {
  /** The sequence that puts the marks in place, for a terminal with the same lines before the cursor; empty without marks. */
  serialize(): string;
}

interface KeptMark extends Mark {
  marker: IMarker;
  column: number;
}

/** Reads along on `terminal`. Only the normal buffer has marks: full-screen programs have no prompts. */
export function trackMarks(terminal: Terminal): ScreenMarks {
  let marks: KeptMark[] = [];
  terminal.parser.registerOscHandler(markOsc, (data) => {
    const mark = parseMark(data);
    if (!mark || terminal.buffer.active.type !== 'normal') return true;
    // A prompt that is drawn anew, after a resize or a completion, takes the place of the one before.
    if (mark.kind === 'A') while (['A', 'B'].includes(marks.at(-1)?.kind ?? '')) marks.pop()?.marker.dispose();
    const marker = terminal.registerMarker(0);
    if (!marker) return true;
    marks.push({ ...mark, marker, column: terminal.buffer.active.cursorX });
    if (marks.length > maxPlacedMarks) marks.shift()?.marker.dispose();
    return true;
  });
  terminal.parser.registerEscHandler({ final: 'c' }, () => {
    marks = [];
    return false;
  });
  return {
    serialize() {
      marks = marks.filter(({ marker }) => !marker.isDisposed);
      if (marks.length === 0) return '';
      const { baseY, cursorY } = terminal.buffer.normal;
      const placed = marks.map(({ marker, ...mark }) => ({ ...mark, up: baseY + cursorY - marker.line }));
      return encodePlacedMarks(placed.filter(({ up }) => up >= 0));
    },
  };
}
