// Characters are as wide for the agent's screen as they are for the page.
import assert from 'node:assert/strict';
import { Terminal } from '@xterm/headless/lib-headless/xterm-headless.mjs';
import { useGraphemes } from '../../../server/agent/unicode.ts';

const widths: Record<string, number> = {
  a: 1,
  ä: 1,
  'a\u0308': 1,
  漢: 2,
  '🌱': 2,
  '👍🏽': 2,
  '👨‍👩‍👧': 2,
  '🇩🇪': 2,
  '☸️': 2,
  '✓': 1,
  '─': 1,
};

describe('widths of characters', () => {
  for (const [text, columns] of Object.entries(widths)) {
    it(`${text} takes ${columns}`, async () => {
      const terminal = new Terminal({ allowProposedApi: true });
      useGraphemes(terminal);
      await new Promise<void>((resolve) => terminal.write(text, resolve));
      assert.equal(terminal.buffer.active.cursorX, columns);
      terminal.dispose();
    });
  }
});
