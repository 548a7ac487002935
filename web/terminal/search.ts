// Finds text in all that a terminal holds, scrollback included; wrapped lines count as one.
import type { IBuffer, IBufferLine, Terminal } from '@xterm/xterm';

export interface Wanted {
  text: string;
  isRegex: boolean;
  isCaseSensitive: boolean;
}

/** Where a match begins, and how many cells it takes. */
export interface Match {
  row: number;
  column: number;
  cells: number;
}

/** More is told as "so many and more". */
export const maxMatches = 10_000;

/** The pattern of what is wanted. Throws SyntaxError when a regular expression is none. */
export function patternOf({ text, isRegex, isCaseSensitive }: Wanted): RegExp {
  const source = isRegex ? text : text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return new RegExp(source, isCaseSensitive ? 'gu' : 'giu');
}

/** The cell of each character of a line's text: wide characters take two, and some cells hold several. */
function cellsOf(line: IBufferLine): number[] {
  const cells: number[] = [];
  for (let column = 0; column < line.length; column++) {
    const cell = line.getCell(column);
    if (!cell || cell.getWidth() === 0) continue;
    for (let count = Math.max(1, cell.getChars().length); count > 0; count--) cells.push(column);
  }
  cells.push(line.length);
  return cells;
}

/** A line with those that it is wrapped into. */
function joined(buffer: IBuffer, first: number): { lines: IBufferLine[]; texts: string[] } {
  const lines: IBufferLine[] = [];
  const texts: string[] = [];
  for (let row = first; ; row++) {
    const line = buffer.getLine(row);
    if (!line || (row > first && !line.isWrapped)) break;
    lines.push(line);
    texts.push(line.translateToString(!buffer.getLine(row + 1)?.isWrapped));
  }
  return { lines, texts };
}

/** All matches from the top; at most `maxMatches`. Matches of nothing do not count. */
export function findMatches({ buffer, cols }: Pick<Terminal, 'buffer' | 'cols'>, pattern: RegExp): Match[] {
  const matches: Match[] = [];
  const { active } = buffer;
  for (let first = 0; first < active.length;) {
    const { lines, texts } = joined(active, first);
    const text = texts.join('');
    for (const { 0: found, index } of text.matchAll(pattern)) {
      if (found === '') continue;
      if (matches.length === maxMatches) return matches;
      const from = placeAt(lines, texts, index);
      const to = placeAt(lines, texts, index + found.length);
      const cells = (to.line - from.line) * cols + to.column - from.column;
      matches.push({ row: first + from.line, column: from.column, cells });
    }
    first += Math.max(1, lines.length);
  }
  return matches;
}

function placeAt(lines: IBufferLine[], texts: string[], index: number): { line: number; column: number } {
  let rest = index;
  let line = 0;
  while (line < texts.length - 1 && rest >= (texts[line]?.length ?? 0)) rest -= texts[line++]?.length ?? 0;
  const at = lines[line];
  const cells = at ? cellsOf(at) : [];
  return { line, column: cells[Math.min(rest, cells.length - 1)] ?? 0 };
}

/**
 * The match to show: for a new search the last one, since what is wanted is mostly near the prompt; else the one above (-1) or below (1)
 * `shown`, and around at the ends.
 */
export function choose(matches: Match[], shown: Match | undefined, step: -1 | 0 | 1): number {
  if (matches.length === 0) return -1;
  if (!shown) return matches.length - 1;
  const isBefore = (match: Match) => match.row < shown.row || (match.row === shown.row && match.column < shown.column);
  const at = matches.findIndex((match) => match.row === shown.row && match.column === shown.column);
  const before = matches.filter(isBefore).length;
  if (step === 0) return at >= 0 ? at : Math.max(0, before - 1);
  const next = step < 0 ? before - 1 : at >= 0 ? at + 1 : before;
  return (next + matches.length) % matches.length;
}

/** Scrolls to a match and selects it. */
export function showMatch(xterm: Terminal, { row, column, cells }: Match): void {
  xterm.select(column, row, cells);
  const { viewportY } = xterm.buffer.active;
  if (row < viewportY || row >= viewportY + xterm.rows)
    xterm.scrollToLine(Math.max(0, row - Math.floor(xterm.rows / 2)));
}
