// Rotation of credentials: phases from start to completion.
import assert from 'node:assert/strict';
import {
  beginRollout,
  beginRotation,
  finishRotation,
  isDue,
  operationsOf,
  rotationPatch,
} from '../../../../server/gardenlet/shoot/rotation.ts';
import type { Rotation } from '../../../../server/gardenlet/types.ts';
import { createShoot, succeeded } from './fixtures.ts';

const withRotation = (rotation: Rotation | undefined) =>
  createShoot({ status: succeeded({ credentials: { rotation } }) });
const begin = (rotation: Rotation | undefined, ...operations: string[]) =>
  beginRotation(withRotation(rotation), operations, 't1');
const phases = (rotation: Rotation | undefined) => ({
  ca: rotation?.certificateAuthorities?.phase,
  sa: rotation?.serviceAccountKey?.phase,
  etcd: rotation?.etcdEncryptionKey?.phase,
});

describe('gardenlet/shoot/rotation', () => {
  it('reads the operations that are its own', () => {
    assert.deepEqual(operationsOf('rotate-ca-start; rotate-ssh-keypair;reconcile;rollout-workers=a'), [
      'rotate-ca-start',
      'rotate-ssh-keypair',
      'rollout-workers=a',
    ]);
    assert.deepEqual(operationsOf(undefined), []);
  });

  it('goes through the phases of all credentials', () => {
    const started = begin(undefined, 'rotate-credentials-start');
    assert.deepEqual(phases(started), { ca: 'Preparing', sa: 'Preparing', etcd: 'Preparing' });
    assert.ok(isDue(started?.sshKeypair) && isDue(started?.observability));
    const prepared = finishRotation(started, 't2');
    assert.deepEqual(phases(prepared), { ca: 'Prepared', sa: 'Prepared', etcd: 'Completed' });
    assert.ok(!isDue(prepared?.sshKeypair));
    assert.equal(prepared?.certificateAuthorities?.lastInitiationFinishedTime, 't2');
    const completing = begin(prepared, 'rotate-credentials-complete');
    assert.deepEqual(phases(completing), { ca: 'Completing', sa: 'Completing', etcd: 'Completed' });
    const completed = finishRotation(completing, 't3');
    assert.deepEqual(phases(completed), { ca: 'Completed', sa: 'Completed', etcd: 'Completed' });
    assert.equal(completed?.certificateAuthorities?.lastCompletionTime, 't3');
  });

  it('waits for the workers when they are not to be rolled at once', () => {
    const started = begin(undefined, 'rotate-ca-start-without-workers-rollout');
    assert.equal(phases(started).ca, 'PreparingWithoutWorkersRollout');
    const waiting = finishRotation(started, 't2');
    assert.equal(phases(waiting).ca, 'WaitingForWorkersRollout');
    assert.deepEqual(waiting?.certificateAuthorities?.pendingWorkersRollouts, [{ name: 'local' }]);
    assert.equal(phases(finishRotation(waiting, 't3')).ca, 'WaitingForWorkersRollout');
    const rolled = begin(waiting, 'rotate-rollout-workers=local');
    assert.equal(phases(finishRotation(rolled, 't4')).ca, 'Prepared');
  });

  it('rotates no SSH key pair of a shoot that has none', () => {
    const shoot = createShoot({ spec: { provider: { type: 'local' } } });
    assert.deepEqual(beginRotation(shoot, ['rotate-ssh-keypair'], 't1'), {});
  });

  it('leaves other rotations alone, and no run turns nothing into something', () => {
    const rotation: Rotation = { serviceAccountKey: { phase: 'Prepared' } };
    assert.deepEqual(phases(begin(rotation, 'rotate-ca-start')), { ca: 'Preparing', sa: 'Prepared', etcd: undefined });
    assert.equal(beginRotation(withRotation(rotation), [], 't1'), undefined);
    assert.equal(finishRotation(undefined, 't1'), undefined);
  });

  it('removes with its patch what a phase has left behind', () => {
    const patch = rotationPatch(
      { certificateAuthorities: { phase: 'Completing', lastCompletionTriggeredTime: 't' } },
      { certificateAuthorities: { phase: 'Completed' } },
    );
    assert.deepEqual(patch, { certificateAuthorities: { phase: 'Completed', lastCompletionTriggeredTime: null } });
  });

  it('adds named pools, or all of them, to the manual rollouts', () => {
    assert.deepEqual(beginRollout(withRotation(undefined), ['rollout-workers=*'], 't1'), [
      { name: 'local', lastInitiationTime: 't1' },
    ]);
    assert.equal(beginRollout(withRotation(undefined), ['rotate-ca-start'], 't1'), undefined);
  });
});
