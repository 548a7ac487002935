// Command marks: what a shell says of its prompts and commands (OSC 133), and how a snapshot says where they are.

/** A: a prompt begins. B: it ends, the command line begins. C: the command's output begins. D: the command is done. */
export type MarkKind = 'A' | 'B' | 'C' | 'D';

export interface Mark {
  kind: MarkKind;
  /** Exit status of the command, with D, where the shell says it. */
  exit?: number;
}

export interface PlacedMark extends Mark {
  /** Rows above the cursor's. */
  up: number;
  column: number;
}

/** The shell's own: OSC 133 ; kind [; …] */
export const markOsc = 133;
/** Ours, at the end of a snapshot: the marks of the lines before the cursor. */
export const placedMarksOsc = 7133;
/** In one snapshot; the latest are the ones that are wanted. */
export const maxPlacedMarks = 2000;

const exitOf = (text: string | undefined): { exit?: number } =>
  /^\d{1,3}$/.test(text ?? '') ? { exit: Number(text) } : {};

/** The mark in the data of an OSC 133, or undefined for what else terminals say with it. */
export function parseMark(data: string): Mark | undefined {
  const [kind = '', first] = data.split(';');
  if (!/^[ABCD]$/.test(kind)) return undefined;
  return { kind: kind as MarkKind, ...(kind === 'D' ? exitOf(first) : {}) };
}

/** The sequence that puts marks in place, to be sent when the cursor is where it was when they were counted. */
export const encodePlacedMarks = (marks: readonly PlacedMark[]): string => {
  const written = marks
    .slice(-maxPlacedMarks)
    .map(({ kind, up, column, exit }) => `${kind},${up},${column},${exit ?? ''}`);
  return `\x1b]${placedMarksOsc};${written.join(';')}\x07`;
};

/** The marks in the data of an OSC 7133; what is none is left out. */
export const parsePlacedMarks = (data: string): PlacedMark[] =>
  data
    .split(';')
    .slice(0, maxPlacedMarks)
    .flatMap((text) => {
      const [, kind, up, column, exit] = /^([ABCD]),(\d{1,6}),(\d{1,4}),(\d{0,3})$/.exec(text) ?? [];
      if (!kind) return [];
      return [{ kind: kind as MarkKind, up: Number(up), column: Number(column), ...exitOf(exit) }];
    });
