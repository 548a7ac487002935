// xterm with the page's font, colours and addons.
import { ClipboardAddon, type ClipboardSelectionType, type IClipboardProvider } from '@xterm/addon-clipboard';
import { FitAddon } from '@xterm/addon-fit';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal as Xterm } from '@xterm/xterm';
import { swallowQueries } from './queries.ts';
import { themeFor } from './theme.ts';

export const fontFamily = "'JetBrains Mono Variable', ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
/** A phone is narrow: 48 columns instead of 41. */
export const fontSizePx = window.innerWidth < 640 ? 12 : 14;
const scrollbackLines = 10_000;

/** Resolves whether or not the browser grants it: copying is a convenience. */
export function copyText(text: string): Promise<void> {
  return navigator.clipboard?.writeText(text).catch(() => undefined) ?? Promise.resolve();
}

/** Programs may set the clipboard (OSC 52), never read it. */
const writeOnlyClipboard: IClipboardProvider = {
  readText: () => '',
  writeText: (selection: ClipboardSelectionType, text: string) =>
    selection === 'c' ? copyText(text) : Promise.resolve(),
};

export interface XtermParts {
  xterm: Xterm;
  fit: FitAddon;
}

export function createXterm(options: { isScreenReaderMode: boolean; isDark: boolean }): XtermParts {
  const xterm = new Xterm({
    cursorInactiveStyle: 'outline',
    cursorStyle: 'bar',
    cursorWidth: 2,
    drawBoldTextInBrightColors: false,
    fontFamily,
    linkHandler: { activate: (_event, address) => void window.open(address, '_blank', 'noopener') },
    fontSize: fontSizePx,
    fontWeightBold: '700',
    lineHeight: 1.15,
    macOptionIsMeta: true,
    minimumContrastRatio: 4.5,
    screenReaderMode: options.isScreenReaderMode,
    scrollback: scrollbackLines,
    theme: themeFor(options.isDark),
  });
  const fit = new FitAddon();
  xterm.loadAddon(fit);
  xterm.loadAddon(new WebLinksAddon());
  xterm.loadAddon(new ClipboardAddon(undefined, writeOnlyClipboard));
  swallowQueries(xterm);
  return { xterm, fit };
}
