// Every colour of the terminal can be read.
import assert from 'node:assert/strict';
import { contrastTheme, darkTheme, lightTheme } from '../../../../web/terminal/theme.ts';

/** Relative luminance after WCAG 2. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe('terminal colours', () => {
  for (const [name, theme] of Object.entries({ darkTheme, lightTheme, contrastTheme })) {
    const least = theme === contrastTheme ? 7 : 4.5;
    const { background, foreground, selectionBackground } = theme;
    const ansi = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
    const bright = ansi.map((colour) => `bright${colour[0]?.toUpperCase()}${colour.slice(1)}` as keyof typeof theme);
    for (const colour of [...ansi, ...bright]) {
      it(`${name} ${colour} has ${least}:1 on the background`, () => {
        const ratio = contrast(theme[colour], background);
        assert.ok(ratio >= least, `${theme[colour]} has ${ratio.toFixed(2)}:1`);
      });
    }
    it(`${name} text is readable, also when selected`, () => {
      assert.ok(contrast(foreground, background) >= 7);
      const selected = 'selectionForeground' in theme ? theme.selectionForeground : foreground;
      assert.ok(contrast(selected, selectionBackground) >= 4.5);
    });
  }
});
