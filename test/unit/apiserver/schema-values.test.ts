// Tests of quantities, durations, times and base64 as Go reads and writes them.
import assert from 'node:assert/strict';
import {
  base64Fault,
  canonicalDuration,
  canonicalQuantity,
  canonicalTime,
  durationMs,
  isQuantity,
  quantityValue,
  timeFault,
} from '../../../server/apiserver/schema-values.ts';

describe('quantities', () => {
  const canonical = {
    '1000m': '1',
    '0.5': '500m',
    '1024Mi': '1Gi',
    '1.5Gi': '1536Mi',
    '0.5Ki': '512',
    '20k': '20k',
    '1000k': '1M',
    '0': '0',
    '0Gi': '0',
    '-1500m': '-1500m',
    '1e3': '1e3',
    '0.1n': '1n',
    '100': '100',
  };
  for (const [text, expected] of Object.entries(canonical))
    it(`writes ${text} as ${expected}`, () => assert.equal(canonicalQuantity(text), expected));

  it('knows what is one', () => {
    for (const good of ['1', '.5', '5.', '1Ei', '1E3', 12]) assert.ok(isQuantity(good), String(good));
    for (const bad of ['', '.', 'x', '1 Gi', '1Kib', true, null]) assert.ok(!isQuantity(bad), String(bad));
  });

  it('reads amounts', () => {
    assert.equal(quantityValue('1500m'), 1.5);
    assert.equal(quantityValue('1Ki'), 1024);
    assert.ok(Number.isNaN(quantityValue('x')));
  });
});

describe('durations', () => {
  const canonical = {
    '1h': '1h0m0s',
    '90m': '1h30m0s',
    '5m': '5m0s',
    '0': '0s',
    '1.5s': '1.5s',
    '300ms': '300ms',
    '-2m': '-2m0s',
    '672h': '672h0m0s',
  };
  for (const [text, expected] of Object.entries(canonical))
    it(`writes ${text} as ${expected}`, () => assert.equal(canonicalDuration(text), expected));

  it('refuses what Go refuses', () => {
    for (const bad of ['', 'x', '5', '5 m', 'm5', '1h-5m']) assert.equal(durationMs(bad), undefined, bad);
    assert.equal(durationMs('1m30s'), 90_000);
  });
});

describe('times and base64', () => {
  it('writes times in UTC to the second', () => {
    assert.equal(canonicalTime('2026-01-01T01:00:00.75+01:00'), '2026-01-01T00:00:00Z');
  });

  it('says where a time goes wrong', () => {
    assert.equal(timeFault('2026-01-01T00:00:00.5Z', false), undefined);
    assert.match(timeFault('2026-13-01T00:00:00Z', false) ?? '', /cannot parse "13-01T00:00:00Z" as "01"$/);
    assert.match(timeFault('2026-01-01', false) ?? '', /cannot parse "" as "T"$/);
  });

  it('says where base64 goes wrong', () => {
    assert.equal(base64Fault('YQ=='), undefined);
    assert.equal(base64Fault(''), undefined);
    assert.equal(base64Fault('YWJj'), undefined);
    assert.equal(base64Fault('YW!j'), 'illegal base64 data at input byte 2');
    assert.equal(base64Fault('YWJjZ'), 'illegal base64 data at input byte 4');
  });
});
