// Widths of characters: grapheme clusters after Unicode 15, as the page has them.
import type { Terminal } from '@xterm/headless';

/*
 * Imported while Buffer gives no slices of a pool: the addon (0.4.0) reads its table from the start of the buffer behind what
 * Buffer.from() returns, and with another's bytes there it takes every emoji for narrow.
 */
const { poolSize } = Buffer;
Buffer.poolSize = 0;
const { UnicodeGraphemesAddon } = await import('@xterm/addon-unicode-graphemes');
Buffer.poolSize = poolSize;

/** `terminal` must allow proposed API. */
export const useGraphemes = (terminal: Terminal): void => terminal.loadAddon(new UnicodeGraphemesAddon());
