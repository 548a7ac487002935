// Which keys the page takes from the shell, and what they do.
import { commandFor, type CommandId, type KeyPress, tabNumberFor } from '../model/commands.ts';

export type KeyAction =
  /** Copy the selection. */
  | 'copy'
  /** Let the browser paste: it asks nobody for permission when the user pressed the keys. */
  | 'paste'
  | 'interrupt'
  /** The browser's or the system's key. */
  | 'ignore'
  /** The shell's key. */
  | 'shell'
  | { command: CommandId }
  /** Show the tab of this number, from 0. */
  | { tab: number };

export interface KeyContext {
  hasSelection: boolean;
  isMac: boolean;
  /** A program has the whole screen (vim, nano, htop). */
  isFullScreen: boolean;
  isPaletteOnCtrlK: boolean;
}

/**
 * Ctrl-C (Cmd-C on a Mac) copies when something is selected and interrupts when not. Ctrl-K opens the palette at a prompt, where the
 * palette hands a second Ctrl-K to the shell; programs that have the whole screen keep theirs, nano cuts lines with it.
 */
export function keyAction(press: KeyPress, context: KeyContext): KeyAction {
  if (press.type !== 'keydown') return 'shell';
  const command = commandFor(press, context.isMac);
  if (command) return { command };
  const tab = tabNumberFor(press);
  if (tab !== undefined) return { tab };
  if (press.altKey) return 'shell';
  return withoutAlt(press, context);
}

function withoutAlt(press: KeyPress, { hasSelection, isMac, isFullScreen, isPaletteOnCtrlK }: KeyContext): KeyAction {
  const key = press.key.toLowerCase();
  if (press.ctrlKey && press.shiftKey && !press.metaKey) {
    if (key === 'c') return 'copy';
    if (key === 'v') return 'paste';
    return 'shell';
  }
  if (key === 'c' && !press.shiftKey) {
    if (isMac && press.metaKey) return hasSelection ? 'copy' : 'interrupt';
    if (press.ctrlKey && !press.metaKey && hasSelection) return 'copy';
  }
  const isCtrlK = key === 'k' && press.ctrlKey && !press.shiftKey && !press.metaKey;
  if (isCtrlK && !isMac && isPaletteOnCtrlK && !isFullScreen) return { command: 'palette' };
  if (isMac && press.metaKey) return key === 'v' ? 'paste' : 'ignore';
  return 'shell';
}
