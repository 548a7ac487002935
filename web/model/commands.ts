// All that the workspace can do: one list for keys, palette and help.

export const commandGroups = ['Terminals', 'Find your way', 'Text', 'Look', 'Session'] as const;

export interface CommandInfo {
  id: string;
  label: string;
  group: (typeof commandGroups)[number];
  /** As `keysFor` reads them; the first is shown. On a Mac, `macKeys` come before them. */
  keys?: readonly string[];
  macKeys?: readonly string[];
}

/**
 * Ctrl-Shift with a letter: terminals have no code for it, so no shell waits for it, and browsers let a page have it, but for
 * T, N, W, P and Q. Browsers' zoom stays theirs.
 */
export const commandTable = [
  { id: 'newTerminal', label: 'New terminal', group: 'Terminals', keys: ['Ctrl+Shift+Enter'] },
  { id: 'splitRight', label: 'Split: new terminal at the right', group: 'Terminals', keys: ['Ctrl+Shift+E'] },
  { id: 'splitDown', label: 'Split: new terminal below', group: 'Terminals', keys: ['Ctrl+Shift+O'] },
  { id: 'closeTerminal', label: 'Close this terminal', group: 'Terminals', keys: ['Ctrl+Shift+X'] },
  { id: 'renameTerminal', label: 'Name this terminal…', group: 'Terminals', keys: ['Ctrl+Shift+L'] },
  { id: 'moveTabLeft', label: 'Move this tab to the left', group: 'Terminals', keys: ['Alt+Shift+ArrowLeft'] },
  { id: 'moveTabRight', label: 'Move this tab to the right', group: 'Terminals', keys: ['Alt+Shift+ArrowRight'] },
  { id: 'resizePane', label: 'Resize the panes with the arrow keys', group: 'Terminals', keys: ['Ctrl+Shift+G'] },
  { id: 'palette', label: 'All commands', group: 'Find your way', keys: ['Ctrl+Shift+K'], macKeys: ['Meta+K'] },
  { id: 'goLeft', label: 'Go to the pane or tab at the left', group: 'Find your way', keys: ['Ctrl+Shift+ArrowLeft'] },
  {
    id: 'goRight',
    label: 'Go to the pane or tab at the right',
    group: 'Find your way',
    keys: ['Ctrl+Shift+ArrowRight'],
  },
  { id: 'goUp', label: 'Go to the pane above', group: 'Find your way', keys: ['Ctrl+Shift+ArrowUp'] },
  { id: 'goDown', label: 'Go to the pane below', group: 'Find your way', keys: ['Ctrl+Shift+ArrowDown'] },
  {
    id: 'previousCommand',
    label: 'Go to the command before',
    group: 'Find your way',
    keys: ['Ctrl+Shift+PageUp'],
    macKeys: ['Meta+ArrowUp'],
  },
  {
    id: 'nextCommand',
    label: 'Go to the next command',
    group: 'Find your way',
    keys: ['Ctrl+Shift+PageDown'],
    macKeys: ['Meta+ArrowDown'],
  },
  { id: 'search', label: 'Search', group: 'Text', keys: ['Ctrl+Shift+F'], macKeys: ['Meta+F'] },
  { id: 'copyOutput', label: 'Copy what the last command said', group: 'Text', keys: ['Ctrl+Shift+Y'] },
  { id: 'clear', label: 'Clear the scrollback', group: 'Text', keys: ['Ctrl+Shift+Backspace'] },
  { id: 'largerText', label: 'Larger text', group: 'Look', keys: ['Ctrl+Shift+Period'] },
  { id: 'smallerText', label: 'Smaller text', group: 'Look', keys: ['Ctrl+Shift+Comma'] },
  { id: 'normalText', label: 'Text of normal size', group: 'Look', keys: ['Ctrl+Shift+Digit0'] },
  { id: 'settings', label: 'Settings…', group: 'Look', keys: ['Ctrl+Comma'], macKeys: ['Meta+Comma'] },
  { id: 'leave', label: 'Leave the terminal, to the menu', group: 'Find your way', keys: ['Ctrl+Shift+Space'] },
  { id: 'keyboard', label: 'Keyboard', group: 'Find your way', keys: ['Ctrl+Shift+H'] },
  { id: 'screenReader', label: 'Screen reader mode', group: 'Look' },
  { id: 'endSession', label: 'End session…', group: 'Session' },
  { id: 'signOut', label: 'Sign out', group: 'Session' },
] as const satisfies readonly CommandInfo[];

export type CommandId = (typeof commandTable)[number]['id'];

const infos: readonly (CommandInfo & { id: CommandId })[] = commandTable;

export const commandInfo = (id: CommandId): CommandInfo => {
  const info = infos.find((candidate) => candidate.id === id);
  if (!info) throw new Error(`There is no command ${id}.`);
  return info;
};

/** The keys of a command, the one to show first. */
export const keysOf = ({ keys = [], macKeys = [] }: CommandInfo, isMac: boolean): readonly string[] =>
  isMac ? [...macKeys, ...keys] : keys;

const macNames: Record<string, string> = { Meta: '⌘', Ctrl: '⌃', Shift: '⇧', Alt: '⌥' };
const names: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Period: '.',
  Comma: ',',
};

/** Keys as one reads them: "Ctrl Shift E". */
export const keyWords = (keys: string, isMac: boolean): string =>
  keys
    .split('+')
    .map((key) => (isMac ? macNames[key] : undefined) ?? names[key] ?? key.replace(/^Digit/, ''))
    .join(' ');

export interface KeyPress {
  type: string;
  key: string;
  /** The key's place on the keyboard, for layouts without Latin letters. */
  code?: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** The name of the pressed key as the table has it, whatever Shift and the layout make of it. */
function nameOf({ key, code = '' }: KeyPress): string {
  if (/^[a-z]$/i.test(key)) return key.toUpperCase();
  if (key === ' ') return 'Space';
  if (/^Key[A-Z]$/.test(code)) return code.slice(3);
  if (/^(Digit\d|Period|Comma)$/.test(code)) return code;
  return key;
}

/** The keys of a press, in the table's words. */
export const pressedKeys = (press: KeyPress): string =>
  [press.ctrlKey && 'Ctrl', press.altKey && 'Alt', press.shiftKey && 'Shift', press.metaKey && 'Meta', nameOf(press)]
    .filter(Boolean)
    .join('+');

/** The command of these keys. */
export function commandFor(press: KeyPress, isMac: boolean): CommandId | undefined {
  const pressed = pressedKeys(press);
  return infos.find((info) => keysOf(info, isMac).includes(pressed))?.id;
}

/** Ctrl-Shift-1 to -8: the number of the tab, from 0. */
export function tabNumberFor(press: KeyPress): number | undefined {
  const digit = /^Ctrl\+Shift\+Digit([1-8])$/.exec(pressedKeys(press))?.[1];
  return digit === undefined ? undefined : Number(digit) - 1;
}
