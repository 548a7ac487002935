// How healthy a shoot is said to be.
import assert from 'node:assert/strict';
import {
  computeShootHealth,
  createShootStatusLabelController,
  shootStatusLabel,
} from '../../../../server/garden/controllers/shoot-status-label.ts';
import type { ConditionStatus, Shoot } from '../../../../server/garden/types.ts';
import { createBench, resources, shootObject } from '../support.ts';

const statusOf = (type: string, state: string, conditions: ConditionStatus[] = [], lastErrors: unknown[] = []) =>
  ({
    lastOperation: { type, state, progress: 1, description: '', lastUpdateTime: '' },
    conditions: conditions.map((status) => ({ type: 'x', status, reason: '', message: '' })),
    lastErrors,
  }) as Shoot['status'];

describe('health of a shoot', () => {
  const cases: [string, Shoot['status'], string][] = [
    ['new', undefined, 'healthy'],
    ['being created, whatever its conditions', statusOf('Create', 'Processing', ['Unknown']), 'healthy'],
    ['created with errors', statusOf('Create', 'Error', [], [{}]), 'unhealthy'],
    ['succeeded', statusOf('Create', 'Succeeded', ['True', 'True']), 'healthy'],
    [
      'succeeded, one condition in its grace period',
      statusOf('Create', 'Succeeded', ['True', 'Progressing']),
      'progressing',
    ],
    ['worst condition wins', statusOf('Reconcile', 'Succeeded', ['Unknown', 'False', 'Progressing']), 'unhealthy'],
    ['reconciled, unknown', statusOf('Reconcile', 'Processing', ['Unknown', 'True']), 'unknown'],
    ['reconcile failed', statusOf('Reconcile', 'Failed', ['True']), 'unhealthy'],
    ['deleting, conditions do not matter', statusOf('Delete', 'Processing', ['False']), 'healthy'],
    ['delete with errors', statusOf('Delete', 'Error', [], [{}]), 'unhealthy'],
  ];
  for (const [name, status, health] of cases)
    it(`${name}: ${health}`, () => assert.equal(computeShootHealth(status), health));

  it('becomes a label, written when it changes and only then', async () => {
    const bench = createBench();
    await bench.run(createShootStatusLabelController(bench.context));
    bench.put(resources.shoots, shootObject('garden-a/a'));
    await bench.settle();
    const label = () => bench.get(resources.shoots, 'a', 'garden-a')?.metadata.labels?.[shootStatusLabel];
    assert.equal(label(), 'healthy');
    await bench.client.patch(resources.shoots, 'a', 'garden-a', 'merge', { status: statusOf('Reconcile', 'Failed') });
    await bench.settle();
    assert.equal(label(), 'unhealthy');
    assert.deepEqual(bench.writes, ['patch shoots garden-a/a', 'patch shoots garden-a/a', 'patch shoots garden-a/a']);
    bench.dispose();
  });
});
