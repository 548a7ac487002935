// xterm with the page's font, colours and addons.
import { FitAddon } from '@xterm/addon-fit';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal as Xterm } from '@xterm/xterm';
import type { Look } from '../model/appearance.ts';
import type { Settings } from '../model/settings.ts';
import { swallowQueries } from './queries.ts';
import { contrastFor, themeFor } from './theme.ts';

export const fontFamily = "'JetBrains Mono Variable', ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
/** A phone is narrow: 48 columns instead of 41. */
export const defaultFontSizePx = window.innerWidth < 640 ? 12 : 14;
const scrollbackLines = 10_000;

export interface XtermParts {
  xterm: Xterm;
  fit: FitAddon;
}

/** Brings `xterm` to look as chosen. Cells may change their size by it. */
export function dress({ options }: Xterm, settings: Settings, look: Look): void {
  options.cursorBlink = settings.isCursorBlinking;
  options.cursorStyle = settings.cursorStyle;
  options.fontSize = settings.fontSizePx ?? defaultFontSizePx;
  options.minimumContrastRatio = contrastFor(look);
  options.screenReaderMode = settings.isScreenReaderMode;
  options.theme = themeFor(look);
}

/** `openLink` is for addresses that a program hid behind a text (OSC 8). */
export function createXterm(openLink: (address: string) => void): XtermParts {
  const xterm = new Xterm({
    // For the width of characters.
    allowProposedApi: true,
    cursorInactiveStyle: 'outline',
    cursorWidth: 2,
    drawBoldTextInBrightColors: false,
    fontFamily,
    fontWeightBold: '700',
    lineHeight: 1.15,
    linkHandler: { activate: (_event, address) => openLink(address) },
    macOptionIsMeta: true,
    scrollback: scrollbackLines,
  });
  const fit = new FitAddon();
  xterm.loadAddon(fit);
  xterm.loadAddon(new WebLinksAddon());
  // The agent's screen has the same: both must agree on what a character is.
  xterm.loadAddon(new UnicodeGraphemesAddon());
  swallowQueries(xterm);
  return { xterm, fit };
}
