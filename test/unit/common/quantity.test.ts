// Kubernetes quantities as numbers.
import assert from 'node:assert/strict';
import { parseQuantity } from '../../../server/common/quantity.ts';

describe('common/quantity', () => {
  it('reads plain, decimal, binary and scientific quantities', () => {
    const cases: [string | number | undefined, number][] = [
      ['100m', 0.1],
      ['-5', -5],
      ['1e3', 1000],
      ['2.5Gi', 2.5 * 2 ** 30],
      ['3M', 3e6],
      [undefined, 0],
      [7, 7],
    ];
    for (const [text, expected] of cases) assert.equal(parseQuantity(text), expected, String(text));
  });

  it('takes nothing else for a number', () => {
    for (const text of ['', 'many', '1Zz', '1 Gi', 'Gi']) assert.ok(Number.isNaN(parseQuantity(text)), text);
  });
});
