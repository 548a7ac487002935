// What each command does here, and how menu and palette show them.
import type { MenuItem } from '../components/menu.tsx';
import { type CommandId, commandInfo, commandTable, keysOf, keyWords } from '../model/commands.ts';
import type { Playground } from '../model/playground.ts';
import { maxFontSizePx, minFontSizePx, type Settings, type SettingsStore } from '../model/settings.ts';
import { isFull, terminalsOf } from '../terminal/layout.ts';
import type { Workspace } from '../terminal/workspace.ts';
import { defaultFontSizePx } from '../terminal/xterm.ts';
import type { PaletteEntry } from './palette.tsx';

/** What lies over the workspace. */
export type Overlay =
  | { name: 'palette' | 'keyboard' | 'end' | 'settings' | 'search' }
  | { name: 'rename'; terminal: string }
  | { name: 'link'; address: string }
  | { name: 'paste'; text: string };

export type Commands = Record<CommandId, () => void>;

interface CommandContext {
  workspace: Workspace;
  playground: Playground;
  settings: SettingsStore;
  show: (overlay: Overlay) => void;
  openMenu: () => void;
}

export function createCommands({ workspace, playground, settings, show, openMenu }: CommandContext): Commands {
  const withActive = (act: (id: string) => void) => () => {
    const active = workspace.active.peek();
    if (active) act(active.id);
  };
  const moveTabBy = (step: number) => () => {
    const index = workspace.activeTab.peek();
    workspace.moveTab(index, index + step);
  };
  const resizeText = (step: number) => () => {
    const sizePx = (settings.current.peek().fontSizePx ?? defaultFontSizePx) + step;
    if (sizePx >= minFontSizePx && sizePx <= maxFontSizePx) settings.change({ fontSizePx: sizePx });
  };
  return {
    previousCommand: () => workspace.active.peek()?.jump(-1),
    nextCommand: () => workspace.active.peek()?.jump(1),
    copyOutput: () => workspace.active.peek()?.copyLastOutput(),
    clear: () => workspace.active.peek()?.clear(),
    search: () => show({ name: 'search' }),
    largerText: resizeText(1),
    smallerText: resizeText(-1),
    normalText: () => settings.change({ fontSizePx: null }),
    settings: () => show({ name: 'settings' }),
    newTerminal: () => void workspace.add(),
    splitRight: () => void workspace.add('row'),
    splitDown: () => void workspace.add('column'),
    closeTerminal: withActive((id) => workspace.close(id)),
    renameTerminal: withActive((terminal) => show({ name: 'rename', terminal })),
    moveTabLeft: moveTabBy(-1),
    moveTabRight: moveTabBy(1),
    resizePane: () => document.querySelector<HTMLElement>('.divider')?.focus(),
    palette: () => show({ name: 'palette' }),
    goLeft: () => workspace.go('left'),
    goRight: () => workspace.go('right'),
    goUp: () => workspace.go('up'),
    goDown: () => workspace.go('down'),
    leave: openMenu,
    keyboard: () => show({ name: 'keyboard' }),
    screenReader: () => settings.change({ isScreenReaderMode: !settings.current.peek().isScreenReaderMode }),
    endSession: () => show({ name: 'end' }),
    signOut: () => void playground.signOut(),
  };
}

const hintOf = (id: CommandId, isMac: boolean): { hint?: string } => {
  const [keys] = keysOf(commandInfo(id), isMac);
  return keys === undefined ? {} : { hint: keyWords(keys, isMac) };
};

const inMenu = [
  'palette',
  'newTerminal',
  'search',
  'settings',
  'screenReader',
  'keyboard',
  'endSession',
  'signOut',
] as const;

export const menuItems = (commands: Commands, { isScreenReaderMode }: Settings, isMac: boolean): MenuItem[] =>
  inMenu.map((id) => ({
    label: commandInfo(id).label,
    ...hintOf(id, isMac),
    ...(id === 'screenReader' ? { isChecked: isScreenReaderMode } : {}),
    onSelect: commands[id],
  }));

/** Commands that have a meaning now. */
function isPossible(id: CommandId, workspace: Workspace): boolean {
  const layout = workspace.layout.value;
  const tab = layout?.tabs[workspace.activeTab.value];
  if (!layout || !tab) return false;
  if (id === 'newTerminal' || id === 'splitRight' || id === 'splitDown') return !isFull(layout);
  if (id === 'moveTabLeft' || id === 'moveTabRight') return layout.tabs.length > 1;
  if (id === 'resizePane' || id === 'goUp' || id === 'goDown') return 'split' in tab;
  if (id === 'goLeft' || id === 'goRight') return 'split' in tab || layout.tabs.length > 1;
  return id !== 'palette';
}

export function paletteEntries(workspace: Workspace, commands: Commands, isMac: boolean): PaletteEntry[] {
  const entries = commandTable
    .filter(({ id }) => isPossible(id, workspace))
    .map(({ id, label }): PaletteEntry => ({ id, label, ...hintOf(id, isMac), run: commands[id] }));
  const layout = workspace.layout.value;
  const others = (layout ? terminalsOf(layout) : []).filter((id) => id !== workspace.active.value?.id);
  const goTo = others.map((id) => ({
    id: `go-${id}`,
    label: `Go to ${workspace.labelOf(id)}`,
    run: () => workspace.activate(id),
  }));
  return [...goTo, ...entries];
}
