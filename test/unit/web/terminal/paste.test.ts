// What a paste sends, and when to ask first.
import assert from 'node:assert/strict';
import { isRisky, pasteText } from '../../../../web/terminal/paste.ts';

describe('paste', () => {
  it('is risky where a shell would run its lines', () => {
    for (const text of ['a\nb', 'a\n', '\r', 'a\r\nb']) {
      assert.equal(isRisky(text, false), true, JSON.stringify(text));
      assert.equal(isRisky(text, true), false);
    }
    assert.equal(isRisky('one line', false), false);
  });

  it('sends line ends as Enter does, and all else as it is', () => {
    assert.equal(pasteText('a\r\nb\nc\rd\te', false), 'a\rb\rc\rd\te');
    assert.equal(pasteText('\x1b[A', false), '\x1b[A');
  });

  it('lets nothing close the brackets', () => {
    assert.equal(pasteText('a\x1b[201~b', true), '\x1b[200~a\u241b[201~b\x1b[201~');
  });
});
