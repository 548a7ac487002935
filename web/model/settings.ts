// What the user chose, kept in this browser and the same in all its windows.
import { type ReadonlySignal, signal } from '@preact/signals';
import * as z from 'zod';

export const themeChoices = ['system', 'light', 'dark', 'contrast'] as const;
export const cursorStyles = ['bar', 'block', 'underline'] as const;
export const clipboardChoices = ['ask', 'allow', 'refuse'] as const;
export const minFontSizePx = 8;
export const maxFontSizePx = 32;

/** Each value on its own: what is not understood is as if it had never been chosen. */
const settingsSchema = z.object({
  theme: z.enum(themeChoices).catch('system'),
  /** null: what suits the window. */
  fontSizePx: z.number().int().min(minFontSizePx).max(maxFontSizePx).nullable().catch(null),
  cursorStyle: z.enum(cursorStyles).catch('bar'),
  isCursorBlinking: z.boolean().catch(false),
  isScreenReaderMode: z.boolean().catch(false),
  /** Ask before a paste that a shell would run line by line. */
  isPasteChecked: z.boolean().catch(true),
  /** What programs may do with the clipboard: put something there, never read it. */
  clipboard: z.enum(clipboardChoices).catch('ask'),
  /** Whether Ctrl-K at a prompt opens the command palette; pressed twice, it is the shell's. */
  isPaletteOnCtrlK: z.boolean().catch(true),
});

export type Settings = z.infer<typeof settingsSchema>;

export const settingsKey = 'playground.settings';

/** Settings from a stored text; whatever is wrong with it, the defaults take its place. */
export function readSettings(text: string | null): Settings {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? '{}');
  } catch {
    stored = {};
  }
  return settingsSchema.catch(() => settingsSchema.parse({})).parse(stored);
}

export interface SettingsStore {
  readonly current: ReadonlySignal<Settings>;
  change(changed: Partial<Settings>): void;
}

/** Storage may be refused (private windows, policies): what is chosen then holds for this page alone. */
export function createSettings(window: Pick<Window, 'localStorage' | 'addEventListener'>): SettingsStore {
  const stored = (): string | null => {
    try {
      return window.localStorage.getItem(settingsKey);
    } catch {
      return null;
    }
  };
  const current = signal(readSettings(stored()));
  window.addEventListener('storage', ({ key, newValue }) => {
    if (key === settingsKey) current.value = readSettings(newValue);
  });
  return {
    current,
    change(changed) {
      current.value = { ...current.value, ...changed };
      try {
        window.localStorage.setItem(settingsKey, JSON.stringify(current.value));
      } catch {
        // The choice holds in this page all the same.
      }
    },
  };
}
