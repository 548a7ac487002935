// Which keys are the page's.
import assert from 'node:assert/strict';
import { keyAction, type KeyPress } from '../../../../web/terminal/keys.ts';

function press(keys: string, type = 'keydown'): KeyPress {
  const parts = keys.split('-');
  return {
    type,
    key: parts.at(-1) === 'Space' ? ' ' : (parts.at(-1) ?? ''),
    ctrlKey: parts.includes('Ctrl'),
    metaKey: parts.includes('Cmd'),
    shiftKey: parts.includes('Shift'),
    altKey: parts.includes('Alt'),
  };
}

const linux = { hasSelection: false, isMac: false };
const mac = { hasSelection: false, isMac: true };

describe('keys of the terminal', () => {
  const cases: [string, { hasSelection: boolean; isMac: boolean }, string][] = [
    ['Ctrl-c', linux, 'shell'],
    ['Ctrl-c', { ...linux, hasSelection: true }, 'copy'],
    ['Ctrl-Shift-C', linux, 'copy'],
    ['Ctrl-Shift-V', linux, 'paste'],
    ['Ctrl-v', linux, 'shell'],
    ['Ctrl-Shift-Space', linux, 'leave'],
    ['Cmd-c', mac, 'interrupt'],
    ['Cmd-c', { ...mac, hasSelection: true }, 'copy'],
    ['Ctrl-c', mac, 'shell'],
    ['Cmd-v', mac, 'paste'],
    ['Cmd-t', mac, 'ignore'],
    ['c', { ...linux, hasSelection: true }, 'shell'],
    ['Ctrl-Alt-c', { ...linux, hasSelection: true }, 'shell'],
    ['Tab', linux, 'shell'],
  ];
  for (const [keys, context, action] of cases) {
    const where = `${context.isMac ? 'a Mac' : 'others'}${context.hasSelection ? ' with a selection' : ''}`;
    it(`${keys} on ${where}: ${action}`, () => assert.equal(keyAction(press(keys), context), action));
  }

  it('acts once, when the key goes down', () => {
    assert.equal(keyAction(press('Ctrl-Shift-C', 'keyup'), linux), 'shell');
  });
});
