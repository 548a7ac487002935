// Which keys the page takes from the shell, and what they do.

export interface KeyPress {
  type: string;
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

export type KeyAction =
  /** Copy the selection. */
  | 'copy'
  /** Let the browser paste: it asks nobody for permission when the user pressed the keys. */
  | 'paste'
  | 'interrupt'
  /** Move the focus out of the terminal, which otherwise keeps Tab for the shell. */
  | 'leave'
  /** The browser's or the system's key. */
  | 'ignore'
  /** The shell's key. */
  | 'shell';

/** Ctrl-C (Cmd-C on a Mac) copies when something is selected and interrupts when not; Ctrl-Shift-C, -V and -Space never reach the shell. */
export function keyAction(press: KeyPress, context: { hasSelection: boolean; isMac: boolean }): KeyAction {
  if (press.type !== 'keydown' || press.altKey) return 'shell';
  const key = press.key.toLowerCase();
  if (press.ctrlKey && press.shiftKey && !press.metaKey) {
    if (key === 'c') return 'copy';
    if (key === 'v') return 'paste';
    if (key === ' ') return 'leave';
    return 'shell';
  }
  if (key === 'c' && !press.shiftKey) {
    if (context.isMac && press.metaKey) return context.hasSelection ? 'copy' : 'interrupt';
    if (press.ctrlKey && !press.metaKey && context.hasSelection) return 'copy';
  }
  if (context.isMac && press.metaKey) return key === 'v' ? 'paste' : 'ignore';
  return 'shell';
}
