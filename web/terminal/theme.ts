// The terminal's colours for each look; each ANSI colour is readable on its background (4.5:1 or more, checked by a test).
import type { ITheme } from '@xterm/xterm';
import type { Look } from '../model/appearance.ts';

export const darkTheme = {
  background: '#0c110e',
  foreground: '#e3ebe5',
  cursor: '#6ddb98',
  cursorAccent: '#0c110e',
  selectionBackground: '#2f5a41',
  selectionInactiveBackground: '#24382c',
  scrollbarSliderBackground: '#7f8f8540',
  scrollbarSliderHoverBackground: '#7f8f8570',
  scrollbarSliderActiveBackground: '#7f8f8590',
  black: '#7d8a82',
  red: '#ff8a80',
  green: '#6ddb98',
  yellow: '#e8c268',
  blue: '#82b4ff',
  magenta: '#d9a3f5',
  cyan: '#67d5d9',
  white: '#d5ded8',
  brightBlack: '#95a39a',
  brightRed: '#ffaba3',
  brightGreen: '#93edb5',
  brightYellow: '#f5d88f',
  brightBlue: '#a8caff',
  brightMagenta: '#e8c4fb',
  brightCyan: '#95e8eb',
  brightWhite: '#ffffff',
} as const satisfies ITheme;

export const lightTheme = {
  background: '#fcfdfb',
  foreground: '#1a231d',
  cursor: '#1b7a45',
  cursorAccent: '#fcfdfb',
  selectionBackground: '#bfe5cd',
  selectionInactiveBackground: '#dcebe1',
  scrollbarSliderBackground: '#5c6b6240',
  scrollbarSliderHoverBackground: '#5c6b6270',
  scrollbarSliderActiveBackground: '#5c6b6290',
  black: '#1a231d',
  red: '#b3261e',
  green: '#1b7a45',
  yellow: '#7a5900',
  blue: '#1d5fc4',
  magenta: '#8a3aa8',
  cyan: '#0b6e75',
  white: '#59655d',
  brightBlack: '#5c6860',
  brightRed: '#c4362d',
  brightGreen: '#177040',
  brightYellow: '#866200',
  brightBlue: '#2a6bd1',
  brightMagenta: '#9a47b8',
  brightCyan: '#0f7880',
  brightWhite: '#3a463f',
} as const satisfies ITheme;

/** 7:1 for every colour. */
export const contrastTheme = {
  background: '#000000',
  foreground: '#ffffff',
  cursor: '#ffff00',
  cursorAccent: '#000000',
  selectionBackground: '#ffffff',
  selectionForeground: '#000000',
  selectionInactiveBackground: '#c0c0c0',
  scrollbarSliderBackground: '#ffffff90',
  scrollbarSliderHoverBackground: '#ffffffc0',
  scrollbarSliderActiveBackground: '#ffffff',
  black: '#b8b8b8',
  red: '#ff9c94',
  green: '#5cff9d',
  yellow: '#ffe14d',
  blue: '#8fc0ff',
  magenta: '#f0a8ff',
  cyan: '#5ff0f5',
  white: '#f2f2f2',
  brightBlack: '#c8c8c8',
  brightRed: '#ffb8b2',
  brightGreen: '#9dffc4',
  brightYellow: '#fff0a0',
  brightBlue: '#b8d8ff',
  brightMagenta: '#f8ccff',
  brightCyan: '#a8f8fb',
  brightWhite: '#ffffff',
} as const satisfies ITheme;

const themes: Record<Look, ITheme> = { light: lightTheme, dark: darkTheme, contrast: contrastTheme };

export const themeFor = (look: Look): ITheme => themes[look];

/** Programs' colours are lifted to so much against their background. */
export const contrastFor = (look: Look): number => (look === 'contrast' ? 7 : 4.5);
