// What gardenlet does with a shoot as it stands.
import assert from 'node:assert/strict';
import { decide } from '../../../../server/gardenlet/shoot/decide.ts';
import type { LastOperation } from '../../../../server/gardenlet/types.ts';
import { createShoot, succeeded } from './fixtures.ts';

const last = (type: LastOperation['type'], state: LastOperation['state'], progress = 40): LastOperation => ({
  type,
  state,
  progress,
  description: '',
  lastUpdateTime: '',
});
const brief = (shoot: ReturnType<typeof createShoot>) => {
  const decision = decide(shoot, 'local');
  return decision.action === 'run' ? [decision.type, decision.scenario, decision.resumeAtProgress] : decision.action;
};
const leaving = { deletionTimestamp: '2026-01-01T00:00:00Z', generation: 3 };

describe('gardenlet/shoot/decide', () => {
  it('creates what has just been scheduled to its seed, and nothing else', () => {
    assert.deepEqual(brief(createShoot()), ['Create', 'create', 0]);
    assert.equal(brief(createShoot({ spec: { seedName: undefined } })), 'none');
    assert.equal(brief(createShoot({ spec: { seedName: 'other' } })), 'none');
    const annotations = { 'shoot.gardener.cloud/ignore': 'true' };
    assert.equal(brief(createShoot({ metadata: { annotations } })), 'none');
  });

  it('is content with a shoot that succeeded, until its generation grows', () => {
    assert.equal(brief(createShoot({ status: succeeded() })), 'none');
    assert.deepEqual(brief(createShoot({ metadata: { generation: 3 }, status: succeeded() })), [
      'Reconcile',
      'reconcile',
      0,
    ]);
  });

  it('stays with Create until one succeeded', () => {
    const status = succeeded({ lastOperation: last('Create', 'Error') });
    assert.deepEqual(brief(createShoot({ status })), ['Create', 'create', 0]);
  });

  it('goes on with what was broken off, from where it was', () => {
    const status = succeeded({ lastOperation: last('Create', 'Processing', 43) });
    assert.deepEqual(brief(createShoot({ status })), ['Create', 'create', 43]);
    assert.deepEqual(brief(createShoot({ metadata: { generation: 3 }, status })), ['Create', 'create', 0]);
  });

  it('leaves what failed alone until its generation grows', () => {
    const status = succeeded({ lastOperation: last('Reconcile', 'Failed') });
    assert.equal(brief(createShoot({ status })), 'none');
    assert.deepEqual(brief(createShoot({ metadata: { generation: 3 }, status })), ['Reconcile', 'reconcile', 0]);
  });

  it('hibernates, wakes up and knows shoots without workers', () => {
    const spec = { hibernation: { enabled: true } };
    const metadata = { generation: 3 };
    assert.deepEqual(brief(createShoot({ metadata, spec, status: succeeded() })), ['Reconcile', 'hibernate', 0]);
    const status = succeeded({ hibernated: true });
    assert.deepEqual(brief(createShoot({ metadata, status })), ['Reconcile', 'wakeUp', 0]);
    const provider = { type: 'local' };
    assert.deepEqual(brief(createShoot({ spec: { provider } })), ['Create', 'createWorkerless', 0]);
    assert.deepEqual(brief(createShoot({ metadata, spec: { ...spec, provider }, status })), [
      'Reconcile',
      'hibernateWorkerless',
      0,
    ]);
  });

  it('deletes what it has begun and releases what it has not', () => {
    assert.deepEqual(brief(createShoot({ metadata: leaving, status: succeeded() })), ['Delete', 'delete', 0]);
    assert.equal(brief(createShoot({ metadata: leaving })), 'release');
    const status = succeeded({ lastOperation: last('Delete', 'Succeeded', 100), observedGeneration: 3 });
    assert.equal(brief(createShoot({ metadata: leaving, status })), 'release');
    assert.equal(brief(createShoot({ metadata: { ...leaving, finalizers: ['other'] }, status: succeeded() })), 'none');
  });
});
