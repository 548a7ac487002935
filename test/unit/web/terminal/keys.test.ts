// Which keys are the page's.
import assert from 'node:assert/strict';
import { commandTable, keysOf, keyWords, type KeyPress } from '../../../../web/model/commands.ts';
import { keyAction, type KeyContext } from '../../../../web/terminal/keys.ts';

function press(keys: string, more: Partial<KeyPress> = {}): KeyPress {
  const parts = keys.split('-');
  return {
    type: 'keydown',
    key: parts.at(-1) === 'Space' ? ' ' : (parts.at(-1) ?? ''),
    ctrlKey: parts.includes('Ctrl'),
    metaKey: parts.includes('Cmd'),
    shiftKey: parts.includes('Shift'),
    altKey: parts.includes('Alt'),
    ...more,
  };
}

const linux: KeyContext = { hasSelection: false, isMac: false, isFullScreen: false, isPaletteOnCtrlK: true };
const mac: KeyContext = { ...linux, isMac: true };
const selected = { hasSelection: true };

/** Actions in a word: commands by their id. */
const actionOf = (keys: KeyPress, context: KeyContext): string | number => {
  const action = keyAction(keys, context);
  if (typeof action === 'string') return action;
  return 'command' in action ? action.command : action.tab;
};

describe('keys of the terminal', () => {
  const cases: [string, KeyContext, string | number][] = [
    ['Ctrl-c', linux, 'shell'],
    ['Ctrl-c', { ...linux, ...selected }, 'copy'],
    ['Ctrl-Shift-C', linux, 'copy'],
    ['Ctrl-Shift-V', linux, 'paste'],
    ['Ctrl-v', linux, 'shell'],
    ['Ctrl-Shift-Space', linux, 'leave'],
    ['Cmd-c', mac, 'interrupt'],
    ['Cmd-c', { ...mac, ...selected }, 'copy'],
    ['Ctrl-c', mac, 'shell'],
    ['Cmd-v', mac, 'paste'],
    ['Cmd-t', mac, 'ignore'],
    ['c', { ...linux, ...selected }, 'shell'],
    ['Ctrl-Alt-c', { ...linux, ...selected }, 'shell'],
    ['Tab', linux, 'shell'],
    ['Ctrl-k', linux, 'palette'],
    ['Ctrl-k', { ...linux, isFullScreen: true }, 'shell'],
    ['Ctrl-k', { ...linux, isPaletteOnCtrlK: false }, 'shell'],
    ['Ctrl-k', mac, 'shell'],
    ['Cmd-k', mac, 'palette'],
    ['Ctrl-Shift-K', { ...linux, isFullScreen: true }, 'palette'],
    ['Ctrl-Shift-Enter', linux, 'newTerminal'],
    ['Ctrl-Shift-E', linux, 'splitRight'],
    ['Ctrl-e', linux, 'shell'],
    ['Ctrl-Shift-ArrowUp', linux, 'goUp'],
    ['Ctrl-ArrowUp', linux, 'shell'],
    ['Alt-Shift-ArrowLeft', linux, 'moveTabLeft'],
    ['Alt-ArrowLeft', linux, 'shell'],
    ['Ctrl-w', linux, 'shell'],
  ];
  for (const [keys, context, action] of cases) {
    const { hasSelection, isMac, isFullScreen, isPaletteOnCtrlK } = context;
    const where = [
      isMac ? 'a Mac' : 'others',
      hasSelection && 'with a selection',
      isFullScreen && 'in a full-screen program',
      !isPaletteOnCtrlK && 'with Ctrl-K for the shell',
    ];
    it(`${keys} on ${where.filter(Boolean).join(' ')}: ${action}`, () =>
      assert.equal(actionOf(press(keys), context), action));
  }

  it('goes by the place of a key where the layout has no Latin letters, and where Shift makes another sign', () => {
    assert.equal(actionOf(press('Ctrl-Shift-У', { code: 'KeyE' }), linux), 'splitRight');
    assert.equal(actionOf(press('Ctrl-Shift-@', { code: 'Digit2' }), linux), 1);
    assert.equal(actionOf(press('Ctrl-2', { code: 'Digit2' }), linux), 'shell');
  });

  it('acts once, when the key goes down', () => {
    assert.equal(actionOf(press('Ctrl-Shift-C', { type: 'keyup' }), linux), 'shell');
  });

  it('gives no two commands the same keys', () => {
    for (const isMac of [false, true]) {
      const all = commandTable.flatMap((info) => keysOf(info, isMac));
      assert.equal(new Set(all).size, all.length);
    }
  });

  it('leaves browsers the keys that they keep from pages', () => {
    const kept = ['T', 'N', 'W', 'P', 'Q'].flatMap((letter) => [`Ctrl+Shift+${letter}`, `Meta+${letter}`]);
    for (const info of commandTable) for (const keys of keysOf(info, true)) assert.ok(!kept.includes(keys), keys);
  });

  it('writes keys as one reads them', () => {
    assert.equal(keyWords('Ctrl+Shift+ArrowLeft', false), 'Ctrl Shift ←');
    assert.equal(keyWords('Meta+K', true), '⌘ K');
  });
});
