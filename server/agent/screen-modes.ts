// What a snapshot must carry and the serializer leaves out: hidden cursor, cursor style, scroll margins.
import type { Terminal } from '@xterm/headless';

export interface ScreenModes {
  /** The sequences that bring an empty terminal there; the cursor stays where it is. */
  serialize(): string;
  /** The terminal was resized: margins are gone. */
  reset(): void;
}

const first = (params: (number | number[])[], index: number): number => {
  const param = params[index];
  return (Array.isArray(param) ? param[0] : param) ?? 0;
};

/** Reads along on `terminal`, whose own handlers still run. */
export function trackModes(terminal: Terminal): ScreenModes {
  let isCursorHidden = false;
  let cursorStyle = 0;
  // Each of the two buffers has margins of its own.
  const margins: Record<'normal' | 'alternate', string> = { normal: '', alternate: '' };
  const resetMargins = () => (margins.normal = margins.alternate = '');
  const resetAll = () => {
    isCursorHidden = false;
    cursorStyle = 0;
    resetMargins();
    return false;
  };
  const { parser } = terminal;
  const onMode = (isSet: boolean) => (params: (number | number[])[]) => {
    for (let index = 0; index < params.length; index++) {
      const mode = first(params, index);
      if (mode === 25) isCursorHidden = !isSet;
      // Entering the alternate buffer makes a new one.
      if ([47, 1047, 1049].includes(mode)) margins.alternate = '';
    }
    return false;
  };
  parser.registerCsiHandler({ prefix: '?', final: 'h' }, onMode(true));
  parser.registerCsiHandler({ prefix: '?', final: 'l' }, onMode(false));
  parser.registerCsiHandler({ intermediates: ' ', final: 'q' }, (params) => {
    cursorStyle = first(params, 0);
    return false;
  });
  parser.registerCsiHandler({ final: 'r' }, (params) => {
    const top = Math.max(1, first(params, 0));
    const bottom = Math.min(first(params, 1) || terminal.rows, terminal.rows);
    const isWhole = top === 1 && bottom === terminal.rows;
    if (bottom > top) margins[terminal.buffer.active.type] = isWhole ? '' : `${top};${bottom}`;
    return false;
  });
  parser.registerCsiHandler({ intermediates: '!', final: 'p' }, resetAll);
  parser.registerEscHandler({ final: 'c' }, resetAll);

  return {
    serialize() {
      const margin = margins[terminal.buffer.active.type];
      const { cursorX, cursorY } = terminal.buffer.active;
      const { originMode } = terminal.modes;
      // Both margins and origin mode move the cursor home, and origin mode counts rows from the margin.
      const row = originMode && margin ? cursorY + 2 - Number.parseInt(margin) : cursorY + 1;
      const back = margin || originMode ? `\x1b[${row};${cursorX + 1}H` : '';
      return [margin && `\x1b[${margin}r`, back, cursorStyle && `\x1b[${cursorStyle} q`, isCursorHidden && '\x1b[?25l']
        .filter(Boolean)
        .join('');
    },
    reset: resetMargins,
  };
}
