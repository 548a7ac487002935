// What the user chose: kept, checked, and the same in all windows of the browser.
import assert from 'node:assert/strict';
import { lookOf } from '../../../../web/model/appearance.ts';
import { createSettings, readSettings, settingsKey } from '../../../../web/model/settings.ts';

const defaults = readSettings(null);

describe('settings', () => {
  it('takes each value on its own, and the default for what it does not understand', () => {
    const text = JSON.stringify({ theme: 'dark', fontSizePx: 900, clipboard: 1, isCursorBlinking: true, more: [] });
    assert.deepEqual(readSettings(text), { ...defaults, theme: 'dark', isCursorBlinking: true });
  });

  for (const text of ['', 'null', '[]', '"text"', '{', '{"theme":{}}', '{"fontSizePx":12.5}']) {
    it(`survives ${text || 'nothing'}`, () => assert.deepEqual(readSettings(text), defaults));
  }

  it('keeps what is chosen, and follows another window', () => {
    const kept = new Map<string, string>();
    let tell: (event: { key: string; newValue: string }) => void = () => assert.fail('nobody listens');
    const window = {
      localStorage: {
        getItem: (key: string) => kept.get(key) ?? null,
        setItem: (key: string, value: string) => void kept.set(key, value),
      },
      addEventListener: (_name: string, listener: typeof tell) => (tell = listener),
    } as unknown as Window;
    const settings = createSettings(window);
    settings.change({ fontSizePx: 20 });
    assert.equal(settings.current.value.fontSizePx, 20);
    assert.equal(createSettings(window).current.value.fontSizePx, 20);
    const second = createSettings(window);
    tell({ key: 'another', newValue: '{"theme":"dark"}' });
    assert.equal(second.current.value.theme, 'system');
    tell({ key: settingsKey, newValue: '{"theme":"light"}' });
    assert.equal(second.current.value.theme, 'light');
  });

  it('holds for this page where the browser keeps nothing', () => {
    const refuse = () => {
      throw new DOMException('no', 'SecurityError');
    };
    const window = {
      get localStorage(): Storage {
        return refuse();
      },
      addEventListener: () => undefined,
    };
    const settings = createSettings(window as unknown as Window);
    settings.change({ theme: 'contrast' });
    assert.equal(settings.current.value.theme, 'contrast');
  });
});

describe('look', () => {
  const system = { isDark: true, wantsContrast: false };
  it('is what the system says, until the user chooses', () => {
    assert.equal(lookOf('system', system), 'dark');
    assert.equal(lookOf('system', { isDark: false, wantsContrast: false }), 'light');
    assert.equal(lookOf('system', { isDark: false, wantsContrast: true }), 'contrast');
    assert.equal(lookOf('light', system), 'light');
    assert.equal(lookOf('contrast', system), 'contrast');
  });
});
