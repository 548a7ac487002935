// Tests of tables and human durations.
import assert from 'node:assert/strict';
import { humanDuration, humanSince, toTable } from '../../../server/apiserver/table.ts';
import type { ApiObject, Column } from '../../../server/apiserver/types.ts';

const nowMs = Date.UTC(2026, 0, 2);
const object = {
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'a', uid: 'u', resourceVersion: '5', creationTimestamp: '2026-01-01T00:00:00Z' },
} satisfies ApiObject;
const column: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  priority: 0,
  description: 'd',
  cell: (o) => o.metadata.name,
};

describe('human durations', () => {
  const second = 1000;
  const [minute, hour, day] = [60 * second, 3600 * second, 86_400 * second];
  const cases: [number, string][] = [
    [-5 * second, '<invalid>'],
    [-1 * second, '0s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [9 * minute + 30 * second, '9m30s'],
    [10 * minute + 30 * second, '10m'],
    [179 * minute, '179m'],
    [3 * hour, '3h'],
    [7 * hour + 59 * minute, '7h59m'],
    [47 * hour, '47h'],
    [2 * day, '2d'],
    [3 * day + 5 * hour, '3d5h'],
    [8 * day + 5 * hour, '8d'],
    [729 * day, '729d'],
    [800 * day, '2y70d'],
    [3000 * day, '8y'],
  ];
  for (const [ms, expected] of cases) it(expected, () => assert.equal(humanDuration(ms), expected));

  it('does not know the age of what has no time', () => assert.equal(humanSince(undefined, nowMs), '<unknown>'));
});

describe('tables', () => {
  it('has definitions, cells and metadata of the rows', () => {
    const table = toTable({ columns: [column] }, [object], {
      nowMs,
      includeObject: 'Metadata',
      listMeta: { resourceVersion: '9' },
    });
    assert.deepEqual(table.columnDefinitions, [
      { name: 'Name', type: 'string', format: 'name', description: 'd', priority: 0 },
    ]);
    assert.deepEqual(table.metadata, { resourceVersion: '9' });
    assert.deepEqual(table.rows, [
      {
        cells: ['a'],
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
      },
    ]);
  });

  it('carries whole objects or none when asked', () => {
    const rows = (includeObject: 'None' | 'Object') =>
      toTable({ columns: [column] }, [object], { nowMs, includeObject }).rows;
    assert.deepEqual(rows('None'), [{ cells: ['a'] }]);
    assert.equal(rows('Object')[0]?.object, object);
  });

  it('shows name and creation of kinds without columns', () => {
    const table = toTable({ columns: [] }, [object], { nowMs, includeObject: 'None' });
    assert.deepEqual(
      table.columnDefinitions.map(({ name }) => name),
      ['Name', 'Created At'],
    );
    assert.deepEqual(table.rows[0]?.cells, ['a', '2026-01-01T00:00:00Z']);
  });
});
