// Which look the page has: what the user chose, or what the system says.
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Settings } from './settings.ts';

export type Look = 'light' | 'dark' | 'contrast';

/** What the system asks for. */
export interface SystemLook {
  isDark: boolean;
  wantsContrast: boolean;
}

export function lookOf(choice: Settings['theme'], { isDark, wantsContrast }: SystemLook): Look {
  if (choice !== 'system') return choice;
  if (wantsContrast) return 'contrast';
  return isDark ? 'dark' : 'light';
}

const barColours: Record<Look, string> = { light: '#f4f7f3', dark: '#111813', contrast: '#000000' };

/** Follows the choice and the system, and dresses the document. */
export function createAppearance(settings: ReadonlySignal<Settings>, window: Window): ReadonlySignal<Look> {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const contrast = window.matchMedia('(prefers-contrast: more)');
  const read = (): SystemLook => ({ isDark: dark.matches, wantsContrast: contrast.matches });
  const system = signal(read());
  for (const query of [dark, contrast]) query.addEventListener('change', () => (system.value = read()));
  const look = computed(() => lookOf(settings.value.theme, system.value));
  const { document } = window;
  effect(() => {
    document.documentElement.dataset['theme'] = look.value;
    for (const bar of document.querySelectorAll('meta[name="theme-color"]')) {
      bar.setAttribute('content', barColours[look.value]);
    }
  });
  return look;
}
