// Conditions of shoots and how they follow from each other.
import assert from 'node:assert/strict';
import {
  checkConditions,
  checkConstraints,
  conditionTypesOf,
  mergeConditions,
  toProgressing,
  transition,
} from '../../../../server/gardenlet/shoot/conditions.ts';
import type { ClusterHealth } from '../../../../server/gardenlet/makers/maker.ts';
import { condition, createShoot, succeeded } from './fixtures.ts';

const nowMs = Date.UTC(2026, 0, 1, 1);
const options = { nowMs, thresholdMs: 60_000 };
const well: ClusterHealth = {
  isApiServerAvailable: true,
  nodes: [{ name: 'n', isReady: true }],
  unhealthySystemPods: [],
};
const statuses = (shoot: ReturnType<typeof createShoot>, health?: ClusterHealth) =>
  checkConditions(shoot, health).map(({ type, status, reason }) => `${type} ${status} ${reason}`);

describe('gardenlet/shoot/conditions', () => {
  it('are five, four without workers, in the order in which they are shown', () => {
    const five = [
      'APIServerAvailable',
      'ControlPlaneHealthy',
      'ObservabilityComponentsHealthy',
      'EveryNodeReady',
      'SystemComponentsHealthy',
    ];
    assert.deepEqual(conditionTypesOf(createShoot()), five);
    const workerless = createShoot({ spec: { provider: { type: 'local' } } });
    assert.deepEqual(
      conditionTypesOf(workerless),
      five.filter((type) => type !== 'EveryNodeReady'),
    );
  });

  it('say what is wrong with the cluster', () => {
    const shoot = createShoot({ status: succeeded() });
    assert.ok(statuses(shoot, well).every((line) => line.includes(' True ')));
    const sick = { ...well, nodes: [{ name: 'n', isReady: false }], unhealthySystemPods: ['coredns-x'] };
    assert.ok(statuses(shoot, sick).includes('EveryNodeReady False NodeUnhealthy'));
    assert.ok(statuses(shoot, sick).includes('SystemComponentsHealthy False PodUnhealthy'));
    assert.ok(statuses(shoot, { ...well, nodes: [] }).includes('EveryNodeReady False MissingNodes'));
    assert.ok(statuses(shoot, undefined).every((line) => line.endsWith('Unknown ConditionCheckError')));
  });

  it('are not checked while the cluster sleeps, and neither are constraints', () => {
    const shoot = createShoot({ status: succeeded({ hibernated: true }) });
    assert.ok(statuses(shoot).every((line) => line.endsWith('True ConditionNotChecked')));
    assert.deepEqual(
      checkConstraints(shoot, undefined).map(({ type, reason }) => `${type} ${reason}`),
      ['HibernationPossible ConstraintNotChecked', 'MaintenancePreconditionsSatisfied ConstraintNotChecked'],
    );
  });

  it('become False by way of Progressing, when the threshold is over', () => {
    const fault = { type: 'T', status: 'False' as const, reason: 'Bad', message: 'bad' };
    const progressing = transition(condition('T', 'True'), fault, options);
    assert.deepEqual([progressing.status, progressing.reason], ['Progressing', 'Bad']);
    assert.equal(transition(progressing, fault, { ...options, nowMs: nowMs + 59_000 }).status, 'Progressing');
    assert.equal(transition(progressing, fault, { ...options, nowMs: nowMs + 60_000 }).status, 'False');
    assert.equal(transition(undefined, fault, options).status, 'False');
  });

  it('keep their times while nothing changes', () => {
    const old = condition('T', 'True');
    const same = { type: 'T', status: 'True' as const, reason: old.reason, message: old.message };
    assert.deepEqual(transition(old, same, options), old);
    const reworded = transition(old, { ...same, message: 'other' }, options);
    assert.equal(reworded.lastTransitionTime, old.lastTransitionTime);
    assert.equal(reworded.lastUpdateTime, '2026-01-01T01:00:00Z');
  });

  it('of others are carried along, and what was True has to prove itself after an operation', () => {
    const merged = mergeConditions(
      [condition('Foreign', 'False'), condition('T', 'Unknown')],
      [{ type: 'T', status: 'True', reason: 'r', message: 'm' }],
      options,
    );
    assert.deepEqual(
      merged.map(({ type, status }) => [type, status]),
      [
        ['T', 'True'],
        ['Foreign', 'False'],
      ],
    );
    assert.deepEqual(
      toProgressing(merged, nowMs).map(({ status }) => status),
      ['Progressing', 'False'],
    );
  });
});
