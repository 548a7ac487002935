// Tests of create, update and delete as operations on the store.
import assert from 'node:assert/strict';
import { createObject } from '../../../server/apiserver/rest/create.ts';
import { deleteObject, parseDeleteOptions } from '../../../server/apiserver/rest/delete.ts';
import { updateObject } from '../../../server/apiserver/rest/update.ts';
import { deepCopy } from '../../../server/apiserver/objects.ts';
import { invalid } from '../../../server/apiserver/errors.ts';
import type { ApiObject, Kind, Subresource } from '../../../server/apiserver/types.ts';
import { configMap, configMaps, createKind, createRest, pod, pods, status } from './fixtures.ts';

type Rest = ReturnType<typeof createRest>;
const now = { isDryRun: false };

const create = ({ context, request }: Rest, kind: Kind, object: ApiObject, isDryRun = false) =>
  createObject(context, { ...request, isDryRun }, kind, object, 'default');

function change(
  { context, request }: Rest,
  kind: Kind,
  name: string,
  edit: (object: ApiObject) => void,
  options: { subresource?: Subresource; isPut?: boolean } = {},
) {
  const edited = (old: ApiObject) => {
    const copy = deepCopy(old);
    edit(copy);
    return copy;
  };
  return updateObject(context, request, { kind, name, namespace: 'default' }, edited, { isPut: true, ...options });
}

const remove = ({ context, request }: Rest, kind: Kind, name: string, options = {}) =>
  deleteObject(context, request, { kind, name, namespace: 'default' }, { ...now, ...options });

describe('create', () => {
  it('fills in what the server owns and takes away what a client may not set', () => {
    const rest = createRest();
    const sent = { ...pod('a'), status: { phase: 'Running' } };
    Object.assign(sent.metadata, { uid: 'mine', deletionTimestamp: '2020-01-01T00:00:00Z', selfLink: '/x' });
    const { metadata, status: stored } = create(rest, pods(), sent);
    assert.notEqual(metadata.uid, 'mine');
    assert.equal(metadata.deletionTimestamp, undefined);
    assert.equal('selfLink' in metadata, false);
    assert.equal(metadata.generation, 1);
    assert.deepEqual(stored, {});
    assert.deepEqual(
      metadata.managedFields?.map(({ manager, operation }) => [manager, operation]),
      [['test', 'Update']],
    );
  });

  it('makes names from generateName until one is free', () => {
    const rest = createRest();
    const made = create(rest, configMaps, configMap('', { metadata: { generateName: 'x-' } }));
    assert.match(made.metadata.name, /^x-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('refuses names, labels, namespaces and versions that cannot be', () => {
    const rest = createRest();
    assert.throws(() => create(rest, configMaps, configMap('A')), status(422, 'a lowercase RFC 1123 subdomain'));
    assert.throws(() => create(rest, configMaps, configMap('')), status(422, 'name or generateName is required'));
    assert.throws(
      () => create(rest, configMaps, configMap('a', { metadata: { labels: { 'a b': 'c' } } })),
      status(422, 'metadata.labels: Invalid value: "a b"'),
    );
    assert.throws(() => create(rest, configMaps, configMap('a', {}, 'other')), status(400, 'does not match'));
    const versioned = configMap('a', { metadata: { resourceVersion: '7' } });
    assert.throws(() => create(rest, configMaps, versioned), status(500, 'resourceVersion should not be set'));
  });

  it('tells all faults of metadata and strategy at once', () => {
    const kind = createKind({
      strategy: { validate: () => [invalid('data.x', 1, 'bad'), invalid('data.y', 2, 'worse')] },
    });
    const rest = createRest([kind]);
    assert.throws(
      () => create(rest, kind, configMap('A')),
      (error: { details: { causes: { field: string }[] } }) => {
        assert.deepEqual(
          error.details.causes.map(({ field }) => field),
          ['metadata.name', 'data.x', 'data.y'],
        );
        return true;
      },
    );
  });

  it('tells once what the strategy finds in the metadata again', () => {
    const required = {
      type: 'FieldValueRequired',
      path: 'metadata.name',
      detail: 'name or generateName is required',
    } as const;
    const kind = createKind({ strategy: { validate: () => [required] } });
    const unnamed = { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} } as unknown as ApiObject;
    assert.throws(
      () => create(createRest([kind]), kind, unnamed),
      (error: { details: { causes: unknown[] } }) => error.details.causes.length === 1,
    );
  });

  it('runs the strategy in its order, admission of all kinds after the defaults', () => {
    const order: string[] = [];
    const step = (name: string) => () => void order.push(name);
    const kind = createKind({
      strategy: {
        default: step('default'),
        mutate: step('mutate'),
        prepare: step('prepare'),
        validate: () => (order.push('validate'), []),
        admit: step('admit'),
      },
    });
    const rest = createRest([kind]);
    rest.context.admit = step('all');
    create(rest, kind, configMap('a'));
    assert.deepEqual(order, ['default', 'all', 'mutate', 'prepare', 'validate', 'admit']);
  });

  it('stores nothing in a dry run, but refuses what would be refused', () => {
    const rest = createRest();
    create(rest, configMaps, configMap('a'), true);
    assert.equal(rest.store.size, 0);
    create(rest, configMaps, configMap('a'));
    assert.throws(() => create(rest, configMaps, configMap('a'), true), status(409));
  });
});

describe('managed fields', () => {
  const owners = ({ metadata }: ApiObject) =>
    metadata.managedFields?.map(({ manager, subresource, fieldsV1 }) => [manager, subresource, fieldsV1]);
  const mutate = ({ object }: { object?: ApiObject }) => {
    if (object) object.metadata.labels = { ...object.metadata.labels, set: 'by-server' };
  };

  it('belong to the client for what it sent and what defaulting made of it, not for what admission added', () => {
    const kind = createKind({ strategy: { mutate } });
    const rest = createRest([kind]);
    const created = create(rest, kind, configMap('a', { data: { x: '1' } }));
    assert.equal(created.metadata.labels?.['set'], 'by-server');
    assert.deepEqual(owners(created), [['test', undefined, { 'f:data': { '.': {}, 'f:x': {} } }]]);
  });

  it('leave out the status that a built-in kind throws away, and keep it for extension API servers', () => {
    for (const [group, expected] of [
      ['', 0],
      ['core.gardener.cloud', 1],
    ] as const) {
      const kind: Kind = { ...pods(), group };
      const rest = createRest([kind]);
      create(rest, kind, pod('a'));
      const other = { ...rest, request: { ...rest.request, fieldManager: 'other' } };
      const updated = change(other, kind, 'a', (object) => void (object.status = { phase: 'Running' }));
      assert.deepEqual(updated.status, {});
      assert.equal(owners(updated)?.filter(([manager]) => manager === 'other').length, expected, group);
    }
  });
});

describe('update', () => {
  it('raises the generation when spec changes, and only then', () => {
    const rest = createRest();
    const kind = pods();
    create(rest, kind, pod('a'));
    const labelled = change(rest, kind, 'a', (object) => Object.assign(object.metadata, { labels: { x: 'y' } }));
    assert.equal(labelled.metadata.generation, 1);
    const scheduled = change(rest, kind, 'a', (object) => Object.assign(object.spec as object, { nodeName: 'n' }));
    assert.equal(scheduled.metadata.generation, 2);
  });

  it('keeps spec and status apart', () => {
    const rest = createRest();
    const kind = pods();
    create(rest, kind, pod('a'));
    const edit = (object: ApiObject) => {
      object.status = { phase: 'Running' };
      Object.assign(object.spec as object, { nodeName: 'n' });
    };
    const updated = change(rest, kind, 'a', edit);
    assert.deepEqual([updated.status, (updated.spec as { nodeName: string }).nodeName], [{}, 'n']);
    const [subresource] = kind.subresources;
    const reported = change(
      rest,
      kind,
      'a',
      (object) => {
        object.status = { phase: 'Running' };
        Object.assign(object.spec as object, { nodeName: 'other' });
      },
      { subresource },
    );
    assert.deepEqual([reported.status, (reported.spec as { nodeName: string }).nodeName], [{ phase: 'Running' }, 'n']);
  });

  it('takes what shares parts with the stored object', () => {
    const rest = createRest();
    const { context, request, store } = rest;
    const stored = create(rest, configMaps, configMap('a', { data: { x: '1' }, metadata: { finalizers: ['a/b'] } }));
    const share = (old: ApiObject) => ({ ...old, data: { ...(old['data'] as object), y: '2' } });
    updateObject(context, request, { kind: configMaps, name: 'a', namespace: 'default' }, share, { isPut: true });
    assert.deepEqual(store.get(configMaps, 'a', 'default')?.['data'], { x: '1', y: '2' });
    assert.deepEqual(stored['data'], { x: '1' });
  });

  it('leaves the version when nothing changes', () => {
    const rest = createRest();
    const first = create(rest, configMaps, configMap('a', { data: { x: '1' } }));
    const again = change(rest, configMaps, 'a', () => {});
    assert.equal(again.metadata.resourceVersion, first.metadata.resourceVersion);
  });

  it('is refused for an old version, another name, another uid', () => {
    const rest = createRest();
    create(rest, configMaps, configMap('a'));
    const meta = (values: object) => (object: ApiObject) => void Object.assign(object.metadata, values);
    assert.throws(
      () => change(rest, configMaps, 'a', meta({ resourceVersion: '1' })),
      status(409, 'has been modified'),
    );
    assert.throws(() => change(rest, configMaps, 'a', meta({ resourceVersion: 'x' })), status(500, 'ParseUint'));
    assert.throws(() => change(rest, configMaps, 'a', meta({ name: 'b' })), status(400, 'does not match the name'));
    assert.throws(() => change(rest, configMaps, 'a', meta({ uid: 'b' })), status(409, 'Precondition failed: UID'));
    assert.throws(() => change(rest, configMaps, 'a', meta({ uid: 'b' }), { isPut: false }), status(422, 'immutable'));
    assert.throws(() => change(rest, configMaps, 'z', () => {}), status(404, 'configmaps "z" not found'));
  });

  it('asks for a version where the kind wants one', () => {
    const kind = createKind({ strategy: { isUnconditionalUpdateForbidden: true } });
    const rest = createRest([kind]);
    create(rest, kind, configMap('a'));
    const forget = (object: ApiObject) => void delete (object.metadata as { resourceVersion?: string }).resourceVersion;
    assert.throws(() => change(rest, kind, 'a', forget), status(422, 'must be specified for an update'));
    change(rest, kind, 'a', forget, { isPut: false });
  });

  it('writes through a view of another kind', () => {
    const scale: Subresource = {
      name: 'scale',
      verbs: ['get', 'update'],
      view: {
        read: (object) => ({ ...object, kind: 'Scale', spec: { replicas: 1 } }),
        write: (object, view) =>
          Object.assign(object, { data: { replicas: String((view.spec as { replicas: number }).replicas) } }),
      },
    };
    const kind = createKind({ subresources: [scale] });
    const rest = createRest([kind]);
    create(rest, kind, configMap('a', { data: { other: 'x' } }));
    const edit = (object: ApiObject) => void (object.spec = { replicas: 3 });
    assert.deepEqual(change(rest, kind, 'a', edit, { subresource: scale })['data'], { replicas: '3' });
  });
});

describe('delete', () => {
  it('takes an object away that nothing holds', () => {
    const rest = createRest();
    create(rest, configMaps, configMap('a'));
    assert.equal(remove(rest, configMaps, 'a').isGone, true);
    assert.throws(() => remove(rest, configMaps, 'a'), status(404));
  });

  it('waits for finalizers, takes no new ones, and ends with the last', () => {
    const rest = createRest();
    create(rest, configMaps, configMap('a', { metadata: { finalizers: ['x.y/z'] } }));
    const { object, isGone } = remove(rest, configMaps, 'a');
    assert.equal(isGone, false);
    assert.ok(object.metadata.deletionTimestamp);
    const version = object.metadata.resourceVersion;
    assert.equal(
      remove(rest, configMaps, 'a').object.metadata.resourceVersion,
      version,
      'a second delete changes nothing',
    );
    const add = (meta: ApiObject) => void meta.metadata.finalizers?.push('x.y/new');
    assert.throws(() => change(rest, configMaps, 'a', add), status(422, 'no new finalizers can be added'));
    change(rest, configMaps, 'a', ({ metadata }) => void delete metadata.finalizers);
    assert.equal(rest.store.size, 0);
  });

  it('gives a pod its grace, shortens it when asked, and ends it at zero', async () => {
    const kind = pods({ gracePeriodSeconds: (_object, requested) => requested ?? 30 });
    const rest = createRest([kind]);
    create(rest, kind, pod('a'));
    const begun = rest.clock.now();
    const { metadata } = remove(rest, kind, 'a').object;
    assert.deepEqual(
      [Date.parse(metadata.deletionTimestamp ?? '') - begun, metadata.deletionGracePeriodSeconds, metadata.generation],
      [30_000, 30, 2],
    );
    await rest.clock.advance(5_000);
    const shorter = remove(rest, kind, 'a', { gracePeriodSeconds: 10 }).object.metadata;
    assert.equal(Date.parse(shorter.deletionTimestamp ?? '') - begun, 10_000);
    assert.equal(remove(rest, kind, 'a', { gracePeriodSeconds: 20 }).object.metadata.deletionGracePeriodSeconds, 10);
    assert.equal(remove(rest, kind, 'a', { gracePeriodSeconds: 0 }).isGone, true);
  });

  it('is held by the kind itself as a namespace is', () => {
    const kind = createKind({
      strategy: {
        isDeletionHeld: (object) => (object['data'] as { held?: string }).held === 'yes',
        beginDeletion: (object) => void Object.assign(object['data'] as object, { phase: 'Terminating' }),
      },
    });
    const rest = createRest([kind]);
    create(rest, kind, configMap('a', { data: { held: 'yes' } }));
    assert.deepEqual(remove(rest, kind, 'a').object['data'], { held: 'yes', phase: 'Terminating' });
    change(rest, kind, 'a', (object) => void Object.assign(object, { data: { held: 'no' } }));
    assert.equal(rest.store.size, 0);
  });

  it('looks at preconditions and admission', () => {
    const kind = createKind({
      strategy: {
        admit: ({ operation }) => {
          if (operation === 'DELETE') throw new Error('refused');
        },
      },
    });
    const rest = createRest([kind]);
    create(rest, kind, configMap('a'));
    assert.throws(
      () => remove(rest, kind, 'a', { preconditions: { uid: 'x' } }),
      status(409, 'the UID in the precondition (x)'),
    );
    assert.throws(
      () => remove(rest, kind, 'a', { preconditions: { resourceVersion: '1' } }),
      status(409, 'might have been modified'),
    );
    assert.throws(() => remove(rest, kind, 'a'), /refused/);
  });

  it('changes nothing in a dry run', () => {
    const rest = createRest();
    create(rest, configMaps, configMap('a'));
    assert.equal(remove(rest, configMaps, 'a', { isDryRun: true }).isGone, true);
    assert.equal(rest.store.size, 1);
  });

  it('reads its options from body or query and refuses nonsense', () => {
    const query = (text: string) => new URLSearchParams(text);
    assert.deepEqual(parseDeleteOptions({ gracePeriodSeconds: 5, propagationPolicy: 'Orphan' }, query('')), {
      gracePeriodSeconds: 5,
      propagationPolicy: 'Orphan',
      preconditions: { uid: undefined, resourceVersion: undefined },
      isDryRun: false,
    });
    assert.equal(parseDeleteOptions(undefined, query('orphanDependents=true')).propagationPolicy, 'Orphan');
    assert.equal(parseDeleteOptions(undefined, query('dryRun=All')).isDryRun, true);
    assert.throws(() => parseDeleteOptions(undefined, query('gracePeriodSeconds=x')), status(400, 'ParseInt'));
    assert.throws(() => parseDeleteOptions({ propagationPolicy: 'Foo' }, query('')), status(422, '"Foreground"'));
    assert.throws(() => parseDeleteOptions({ dryRun: ['Foo'] }, query('')), status(422, 'dryRun'));
    assert.throws(() => parseDeleteOptions({ gracePeriodSeconds: 'x' }, query('')), status(400));
    assert.throws(() => parseDeleteOptions({ kind: 'Pod' }, query('')), status(500, 'no kind "Pod"'));
  });
});
