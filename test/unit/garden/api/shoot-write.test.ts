// Generations, bindings, operations and finalizers of Shoots.
import assert from 'node:assert/strict';
import type { Shoot } from '../../../../server/garden/api/types.ts';
import { change, faultsOf, landscape, remove, shoot, write } from './fixtures.ts';

const created = () => write(shoot()).object;
const succeeded = (edit: (shoot: Shoot) => void = () => undefined) =>
  change(created(), (one) => {
    one.status.technicalID = 'shoot--local--small';
    one.status.lastOperation = { type: 'Create', state: 'Succeeded', progress: 100, description: '' };
    edit(one);
  });
const annotate = (one: Shoot, key: string, value: string) =>
  change(one, ({ metadata }) => (metadata.annotations = { ...metadata.annotations, [key]: value }));
const operate = (one: Shoot, operation: string) => annotate(one, 'gardener.cloud/operation', operation);

describe('garden/api: writes of a Shoot', () => {
  it('raises the generation for the spec, not for metadata', () => {
    const old = created();
    const labelled = write(
      change(old, ({ metadata }) => (metadata.labels = { ...metadata.labels, a: 'b' })),
      old,
    ).object;
    assert.equal(labelled.metadata.generation, 1);
    assert.equal(labelled.metadata.labels?.['operatingsystemconfig.extensions.gardener.cloud/local'], 'true');
    assert.equal(
      write(
        change(old, ({ spec }) => (spec.purpose = 'testing')),
        old,
      ).object.metadata.generation,
      2,
    );
  });

  it('confines the roll-out to the maintenance window, but for hibernation', () => {
    const old = change(created(), ({ spec }) => (spec.maintenance!.confineSpecUpdateRollout = true));
    assert.equal(
      write(
        change(old, ({ spec }) => (spec.purpose = 'testing')),
        old,
      ).object.metadata.generation,
      1,
    );
    const asleep = change(old, ({ spec }) => (spec.hibernation = { enabled: true }));
    assert.equal(write(asleep, old).object.metadata.generation, 2);
  });

  it('gives a Shoot that is bound to a seed its domain, networks and label', () => {
    const old = change(created(), ({ status }) => {
      status.lastOperation = { type: 'Create', state: 'Pending', progress: 0, description: 'no seed' };
    });
    const bound = write(
      change(old, ({ spec }) => (spec.seedName = 'local')),
      old,
      { subresource: 'binding' },
    ).object;
    assert.equal(bound.spec.dns?.domain, 'small.local.external.local.gardener.cloud');
    assert.equal(bound.spec.networking?.pods, '10.3.0.0/16');
    assert.equal(bound.spec.networking?.services, '10.4.0.0/16');
    assert.equal(bound.metadata.labels?.['name.seed.gardener.cloud/local'], 'true');
    assert.equal(bound.metadata.generation, 2);
    assert.equal(bound.status.lastOperation, undefined);
  });

  it('lets nobody change the seed but through the binding', () => {
    const old = created();
    const moved = change(old, ({ spec }) => (spec.seedName = 'local'));
    assert.match(
      faultsOf(() => write(moved, old))[0]!,
      /403 .*spec.seedName 'nil' cannot be changed to 'local' by patching/,
    );
    const unset = () =>
      write(
        change(moved, ({ spec }) => delete spec.seedName),
        moved,
      );
    assert.match(faultsOf(unset)[0]!, /spec.seedName is already set to 'local' and cannot be changed to 'nil'/);
  });

  it('says 500 without a reason for a seed that is not there', () => {
    const lost = change(shoot(), ({ spec }) => (spec.seedName = 'nope'));
    assert.deepEqual(
      faultsOf(() => write(lost)),
      [
        '500 error retrieving default domains: Internal error occurred: could not get seed nope: seed.core.gardener.cloud "nope" not found',
      ],
    );
  });

  it('serves reconcile at once', () => {
    const old = succeeded();
    const { metadata } = write(operate(old, 'reconcile'), old).object;
    assert.equal(metadata.generation, 2);
    assert.equal(metadata.annotations?.['gardener.cloud/operation'], undefined);
  });

  it('leaves operations standing while nothing has run yet', () => {
    const old = created();
    const { metadata } = write(operate(old, 'reconcile'), old).object;
    assert.equal(metadata.generation, 1);
    assert.equal(metadata.annotations?.['gardener.cloud/operation'], 'reconcile');
  });

  it('retries what has failed, and nothing else', () => {
    const old = succeeded();
    assert.equal(write(operate(old, 'retry'), old).object.metadata.annotations?.['gardener.cloud/operation'], 'retry');
    const failed = succeeded(({ status }) => (status.lastOperation!.state = 'Failed'));
    const { metadata } = write(operate(failed, 'retry'), failed).object;
    assert.equal(metadata.generation, 2);
    assert.equal(metadata.annotations?.['gardener.cloud/operation'], undefined);
  });

  it('drops operations that a rotation of all credentials covers', () => {
    const old = succeeded();
    const { metadata } = write(operate(old, 'rotate-ca-start; rotate-credentials-start'), old).object;
    assert.equal(metadata.annotations?.['gardener.cloud/operation'], 'rotate-credentials-start');
    assert.equal(metadata.generation, 2);
    assert.match(metadata.annotations?.['shoot.gardener.cloud/tasks'] ?? '', /deployInfrastructure/);
  });

  it('refuses operations that do not fit', () => {
    const old = succeeded();
    const faults = (operation: string) => faultsOf(() => write(operate(old, operation), old));
    assert.match(
      faults('explode')[0]!,
      /^metadata.annotations\[gardener.cloud\/operation\]: NotSupported: supported values: "force-in-place-update", "maintain"/,
    );
    assert.match(faults('retry;maintain')[0]!, /'retry' is not permitted to be run in parallel/);
    assert.match(
      faults('rotate-ca-complete')[0]!,
      /cannot complete CA rotation if .*certificateAuthorities.phase is not 'Prepared'/,
    );
    assert.equal(faults('rotate-credentials-complete').length, 2);
    assert.equal(faults('rotate-rollout-workers=nope').length, 2);
    assert.match(faults('rollout-workers=nope')[0]!, /worker pool name nope does not exist/);
    assert.deepEqual(faults('rollout-workers=local'), []);
    assert.match(
      faults('rotate-etcd-encryption-key-start')[0]!,
      /no longer supported, please use 'rotate-etcd-encryption-key'/,
    );
  });

  it('refuses rotations while the cluster sleeps', () => {
    const old = succeeded(({ spec, status }) => {
      spec.hibernation = { enabled: true };
      status.hibernated = true;
    });
    const faults = faultsOf(() => write(operate(old, 'rotate-serviceaccount-key-start'), old));
    assert.match(faults[0]!, /not permitted when shoot is hibernated or is waking up/);
    assert.deepEqual(
      faultsOf(() => write(operate(old, 'rotate-ca-start'), old)),
      [],
    );
  });

  it('lets a cluster sleep only when that is possible', () => {
    const condition = {
      type: 'HibernationPossible',
      status: 'False' as const,
      reason: 'R',
      message: 'a webhook is in the way',
    };
    const old = succeeded(({ status }) => (status.constraints = [condition]));
    const asleep = (from: Shoot) =>
      write(
        change(from, ({ spec }) => (spec.hibernation = { enabled: true })),
        from,
      );
    assert.deepEqual(
      faultsOf(() => asleep(old)),
      [
        `403 shoots.core.gardener.cloud "small" is forbidden: 'HibernationPossible' constraint is 'False': a webhook is in the way`,
      ],
    );
    assert.doesNotThrow(() => asleep(change(old, ({ status }) => (status.constraints![0]!.status = 'True'))));
  });

  it('asks for the tasks of a wake-up', () => {
    const old = succeeded(({ spec, metadata }) => {
      spec.hibernation = { enabled: true };
      delete metadata.annotations?.['shoot.gardener.cloud/tasks'];
    });
    const awake = write(
      change(old, ({ spec }) => (spec.hibernation = { enabled: false })),
      old,
    ).object;
    assert.match(awake.metadata.annotations?.['shoot.gardener.cloud/tasks'] ?? '', /deployDNSRecordIngress/);
  });

  it('deletes only what was confirmed', () => {
    const confirmation = 'confirmation.gardener.cloud/deletion';
    const refused =
      '403 shoots.core.gardener.cloud "small" is forbidden: must have a "confirmation.gardener.cloud/deletion" annotation to delete';
    assert.deepEqual(
      faultsOf(() => remove(created())),
      [refused],
    );
    assert.deepEqual(
      faultsOf(() => remove(annotate(created(), confirmation, 'maybe'))),
      [refused],
    );
    assert.deepEqual(
      faultsOf(() => remove(annotate(created(), confirmation, 'true'))),
      [],
    );
  });

  it('asks for a second person where the project wants two', () => {
    const objects = landscape();
    const project = objects.find(({ kind }) => kind === 'Project') as { spec: Record<string, unknown> } | undefined;
    project!.spec['dualApprovalForDeletion'] = [{ resource: 'shoots', selector: {} }];
    const old = created();
    const confirmed = write(annotate(old, 'confirmation.gardener.cloud/deletion', 'true'), old).object;
    assert.equal(confirmed.metadata.annotations?.['deletion.gardener.cloud/confirmed-by'], 'admin');
    assert.match(
      faultsOf(() => remove(confirmed, { objects }))[0]!,
      /both confirm the deletion and send the actual DELETE request/,
    );
    const other = { name: 'bob', groups: [] };
    assert.deepEqual(
      faultsOf(() => remove(confirmed, { objects, user: other })),
      [],
    );
  });

  it('keeps the finalizer of the gardenlet until the deletion has succeeded', () => {
    const old = succeeded(({ metadata }) => (metadata.finalizers = ['gardener']));
    const released = (from: Shoot) =>
      write(
        change(from, ({ metadata }) => delete metadata.finalizers),
        from,
      );
    assert.match(faultsOf(() => released(old))[0]!, /finalizer "gardener" cannot be removed/);
    const gone = change(old, ({ status }) => {
      status.lastOperation = { type: 'Delete', state: 'Succeeded', progress: 100, description: '' };
    });
    assert.doesNotThrow(() => released(gone));
  });

  it('does not change the spec of what is being deleted', () => {
    const old = succeeded(({ metadata }) => (metadata.deletionTimestamp = '2026-01-01T00:00:00Z'));
    const faults = faultsOf(() =>
      write(
        change(old, ({ spec }) => (spec.purpose = 'testing')),
        old,
      ),
    );
    assert.deepEqual(faults, [
      'spec: Forbidden: cannot update shoot spec if deletion timestamp is set. Requested changes: Purpose: testing != evaluation',
    ]);
  });

  it('writes the identities in the status once', () => {
    const old = succeeded(({ status }) => (status.uid = 'a'));
    const faults = faultsOf(() =>
      write(
        change(old, ({ status }) => (status.uid = 'b')),
        old,
        { subresource: 'status' },
      ),
    );
    assert.deepEqual(faults, ['status.uid: Invalid: field is immutable']);
  });
});
