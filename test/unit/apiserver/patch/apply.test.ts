// Tests of server-side apply and of the tracking of ordinary writes.
import assert from 'node:assert/strict';
import { applyServerSide, trackUpdate } from '../../../../server/apiserver/patch/index.ts';
import type { ApiObject, ManagedFieldsEntry } from '../../../../server/apiserver/types.ts';
import { clusterSchemas as schemas, deploymentSchema as schemaName } from '../schemas.ts';

const nowMs = Date.UTC(2026, 0, 1);
const apiVersion = 'apps/v1';

interface Container {
  name: string;
  image?: string;
  args?: string[];
  ports?: object[];
}

const deployment = (containers: Container[], rest: object = {}, metadata: object = {}): ApiObject =>
  ({
    apiVersion,
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'default', ...metadata },
    spec: { ...rest, template: { spec: { containers } } },
  }) as unknown as ApiObject;

const scaled = (spec: object, metadata: object = {}): ApiObject => ({ ...deployment([], {}, metadata), spec });

const apply = (
  manager: string,
  applied: ApiObject,
  live?: ApiObject,
  options: { isForced?: boolean; nowMs?: number } = {},
) =>
  applyServerSide({ manager, isForced: false, applied, live, schemas, schemaName, apiVersion, nowMs, ...options })
    .object;

const entryOf = (object: ApiObject, manager: string): ManagedFieldsEntry | undefined =>
  object.metadata.managedFields?.find((entry) => entry.manager === manager);
const containersOf = (object: ApiObject): Container[] =>
  (object.spec as { template?: { spec?: { containers?: Container[] } } }).template?.spec?.containers ?? [];

describe('server-side apply', () => {
  it('creates an object and claims what was applied', () => {
    const applied = deployment([{ name: 'x', image: 'i', args: ['a'], ports: [{ containerPort: 80 }] }], {
      selector: { matchLabels: { a: 'b' } },
    });
    const object = apply('me', applied);
    assert.deepEqual(object.metadata.managedFields, [
      {
        manager: 'me',
        operation: 'Apply',
        apiVersion,
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:selector': {},
            'f:template': {
              'f:spec': {
                'f:containers': {
                  'k:{"name":"x"}': {
                    '.': {},
                    'f:args': {},
                    'f:image': {},
                    'f:name': {},
                    'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
                  },
                },
              },
            },
          },
        },
      },
    ]);
  });

  it('refuses to take what others manage, and says whose it is', () => {
    const live = apply('me', deployment([{ name: 'x', image: '1' }], { replicas: 1 }));
    assert.throws(() => apply('you', deployment([{ name: 'x', image: '2' }]), live), {
      code: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "me": .spec.template.spec.containers[name="x"].image',
      details: {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "me"',
            field: '.spec.template.spec.containers[name="x"].image',
          },
        ],
      },
    });
    assert.throws(() => apply('you', deployment([{ name: 'x', image: '2' }], { replicas: 2 }), live), {
      message:
        'Apply failed with 2 conflicts: conflicts with "me":\n- .spec.replicas\n- .spec.template.spec.containers[name="x"].image',
    });
  });

  it('takes it when forced, and shares what is equal', () => {
    const live = apply('me', deployment([{ name: 'x', image: '1' }], { replicas: 1 }));
    const shared = apply('you', deployment([], { replicas: 1 }), live);
    assert.deepEqual(entryOf(shared, 'you')?.fieldsV1, { 'f:spec': { 'f:replicas': {} } });
    const forced = apply('you', deployment([{ name: 'x', image: '2' }]), live, { isForced: true });
    assert.equal(containersOf(forced)[0]?.image, '2');
    assert.deepEqual(entryOf(forced, 'me')?.fieldsV1, {
      'f:spec': {
        'f:replicas': {},
        'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"x"}': { '.': {}, 'f:name': {} } } } },
      },
    });
  });

  it('removes what a manager stops applying, unless another holds it', () => {
    const both = [
      { name: 'x', image: '1' },
      { name: 'y', image: '1' },
    ];
    const first = apply('me', deployment(both, { replicas: 3 }, { labels: { a: '1', b: '2' } }));
    const shared = apply('you', deployment([], { replicas: 3 }), first);
    const second = apply('me', deployment(both.slice(1), {}, { labels: { b: '2' } }), shared);
    assert.deepEqual(containersOf(second), [{ name: 'y', image: '1' }]);
    assert.deepEqual(second.metadata.labels, { b: '2' });
    assert.equal((second.spec as { replicas?: number }).replicas, 3);
    const third = apply('me', deployment(both.slice(1)), second);
    assert.equal(third.metadata.labels, undefined);
  });

  it('keeps the name of an object whose last field goes', () => {
    const live = apply('me', deployment([], {}, { labels: { a: '1' } }));
    const { metadata } = apply('me', deployment([]), live);
    assert.deepEqual([metadata.name, metadata.namespace, metadata.labels], ['d', 'default', undefined]);
  });

  it('keeps the elements of others in their places', () => {
    const live = apply('me', deployment([{ name: 'a' }, { name: 'b' }, { name: 'c' }]));
    const merged = apply('you', deployment([{ name: 'new' }, { name: 'b', image: 'x' }]), live);
    assert.deepEqual(containersOf(merged), [{ name: 'a' }, { name: 'new' }, { name: 'b', image: 'x' }, { name: 'c' }]);
  });

  it('replaces atomic lists as one', () => {
    const live = apply('me', deployment([{ name: 'x', args: ['a', 'b'] }]));
    assert.throws(() => apply('you', deployment([{ name: 'x', args: ['a'] }]), live), /containers\[name="x"\]\.args$/);
    assert.deepEqual(containersOf(apply('me', deployment([{ name: 'x', args: ['c'] }]), live))[0]?.args, ['c']);
  });

  it('leaves an object that does not change as it is, times included', () => {
    const applied = deployment([{ name: 'x', image: '1' }]);
    const live = apply('me', applied);
    assert.deepEqual(apply('me', applied, live, { nowMs: nowMs + 5000 }), live);
  });

  it('gives what was there before anybody was tracked to a manager of its own', () => {
    const live = deployment([{ name: 'x', image: '1' }], { replicas: 1 });
    assert.throws(() => apply('me', deployment([], { replicas: 2 }), live), {
      message: 'Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: .spec.replicas',
    });
  });

  it('refuses what does not fit the schema', () => {
    const fault =
      (containers: unknown, rest: object = {}) =>
      () =>
        apply('me', deployment(containers as Container[], rest));
    const id = 'failed to create typed patch object (default/d; apps/v1, Kind=Deployment): ';
    assert.throws(fault([{ name: 'a' }, { name: 'a' }]), {
      code: 500,
      message: `${id}.spec.template.spec.containers: duplicate entries for key [name="a"]`,
    });
    assert.throws(fault([], { replicas: 'x', foo: 1 }), {
      message: `${id}errors:\n  .spec.replicas: expected numeric (int or float), got string\n  .spec.foo: field not declared in schema`,
    });
    const withEntries = deployment([], {}, { managedFields: [{}] });
    assert.throws(() => apply('me', withEntries), { code: 400, message: 'metadata.managedFields must be nil' });
  });
});

describe('tracking of ordinary writes', () => {
  const track = (
    manager: string,
    before: ApiObject | undefined,
    after: ApiObject,
    subresource?: string,
    ignoredFields?: string[],
  ) => ({
    ...after,
    metadata: {
      ...after.metadata,
      managedFields: trackUpdate({
        manager,
        before,
        after,
        subresource,
        apiVersion,
        schemas,
        schemaName,
        nowMs,
        ignoredFields,
      }),
    },
  });

  it('gives what a write adds or changes to its writer, and nothing that the server decides on', () => {
    const created = track(
      'creator',
      undefined,
      deployment([{ name: 'x', image: '1' }], { replicas: 1 }, { labels: { a: '1' }, uid: 'u' }),
    );
    assert.deepEqual(entryOf(created, 'creator')?.fieldsV1, {
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
      'f:spec': {
        'f:replicas': {},
        'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"x"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } },
      },
    });
    const changed = track('scaler', created, { ...created, spec: { ...(created.spec as object), replicas: 5 } });
    assert.deepEqual(entryOf(changed, 'scaler')?.fieldsV1, { 'f:spec': { 'f:replicas': {} } });
    assert.equal(
      (entryOf(changed, 'creator')?.fieldsV1['f:spec'] as object & { 'f:replicas'?: object })['f:replicas'],
      undefined,
    );
  });

  it('takes what is removed from everybody', () => {
    const created = track('creator', undefined, scaled({ replicas: 1 }, { labels: { a: '1' } }));
    const { labels: _, ...metadata } = created.metadata;
    const without = track('remover', created, { ...created, metadata });
    assert.equal(entryOf(without, 'remover'), undefined);
    assert.deepEqual(entryOf(without, 'creator')?.fieldsV1, { 'f:spec': { 'f:replicas': {} } });
  });

  it('keeps managers of subresources apart, and fields that a way of writing resets', () => {
    const created = track('me', undefined, { ...scaled({ replicas: 1 }), status: { replicas: 1 } }, undefined, [
      'status',
    ]);
    assert.deepEqual(entryOf(created, 'me')?.fieldsV1, { 'f:spec': { 'f:replicas': {} } });
    const updated = track('me', created, { ...created, status: { replicas: 2 } }, 'status');
    assert.deepEqual(
      updated.metadata.managedFields.map(({ subresource }) => subresource),
      [undefined, 'status'],
    );
  });

  it('lets a client write the list itself, and forget it', () => {
    const created = track('me', undefined, scaled({ replicas: 1 }));
    const mine = {
      ...created,
      metadata: {
        ...created.metadata,
        managedFields: created.metadata.managedFields.map((e) => ({ ...e, manager: 'you' })),
      },
    };
    assert.deepEqual(
      track('me', created, mine).metadata.managedFields.map(({ manager }) => manager),
      ['you'],
    );
    const reset = { ...created, metadata: { ...created.metadata, managedFields: [{}] as ManagedFieldsEntry[] } };
    assert.deepEqual(track('me', created, reset).metadata.managedFields, []);
  });

  it('lists appliers before updaters', () => {
    const live = apply('z', scaled({ replicas: 1 }));
    const changed = track('a', live, { ...live, metadata: { ...live.metadata, labels: { a: '1' } } });
    assert.deepEqual(
      changed.metadata.managedFields.map(({ manager }) => manager),
      ['z', 'a'],
    );
  });
});
