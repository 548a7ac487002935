// What programs may put on the clipboard.
import assert from 'node:assert/strict';
import { wantedText } from '../../../../web/terminal/clipboard.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64');

describe('OSC 52', () => {
  it('puts text on the clipboard', () => {
    for (const text of ['hello', 'ä漢🌱', 'two\nlines']) {
      assert.equal(wantedText(`c;${encoded(text)}`), text);
      assert.equal(wantedText(`;${encoded(text)}`), text);
    }
  });

  it('reads nothing, and takes nothing else', () => {
    for (const data of [
      'c;?',
      'c;',
      'c',
      '',
      'p;aGk=',
      'c;not base64!',
      `c;${Buffer.from([0xff, 0xfe]).toString('base64')}`,
    ]) {
      assert.equal(wantedText(data), undefined, data);
    }
    assert.equal(wantedText(`c;${encoded('x'.repeat(1024 * 1024 + 1))}`), undefined);
  });
});
