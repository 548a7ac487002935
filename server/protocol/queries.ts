// What programs ask the terminal. The agent's screen answers once for all pages, so a page registers handlers that swallow these.

/** A control function as xterm.js' parser names it. */
export interface ControlFunction {
  prefix?: string;
  intermediates?: string;
  final: string;
}

/** Device attributes (primary, secondary), status reports, mode requests: they only ever ask. */
export const csiQueries: readonly ControlFunction[] = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
];

/** Requests for a setting (DECRQSS). */
export const dcsQueries: readonly ControlFunction[] = [{ intermediates: '$', final: 'q' }];

/** Colours: they ask where their data has a part that is `?`, and set otherwise. Nobody answers: pages differ in theirs. */
export const oscQueries: readonly number[] = [4, 10, 11, 12];

/** Whether the data of an OSC in `oscQueries` asks. */
export const isOscQuery = (data: string): boolean => data.split(';').includes('?');
