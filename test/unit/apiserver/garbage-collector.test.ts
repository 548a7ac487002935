// Tests of what follows an owner that is deleted, and of objects that live for a time only.
import assert from 'node:assert/strict';
import { createGarbageCollector } from '../../../server/apiserver/garbage-collector.ts';
import { createExpiry } from '../../../server/apiserver/expiry.ts';
import { createObject } from '../../../server/apiserver/rest/create.ts';
import { deleteObject, type PropagationPolicy } from '../../../server/apiserver/rest/delete.ts';
import { updateObject } from '../../../server/apiserver/rest/update.ts';
import { deepCopy } from '../../../server/apiserver/objects.ts';
import type { ApiObject } from '../../../server/apiserver/types.ts';
import { configMap, configMaps, createKind, createRest } from './fixtures.ts';

const ownedBy = ({ metadata }: ApiObject, extra = {}) => ({
  metadata: {
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: metadata.name, uid: metadata.uid, ...extra }],
  },
});

function setUp() {
  const rest = createRest();
  const { context, request, store, clock } = rest;
  const collector = createGarbageCollector(context, undefined);
  const create = (name: string, extra = {}) =>
    createObject(context, request, configMaps, configMap(name, extra), 'default');
  const remove = (name: string, propagationPolicy?: PropagationPolicy) =>
    deleteObject(
      context,
      request,
      { kind: configMaps, name, namespace: 'default' },
      { propagationPolicy, isDryRun: false },
    );
  const names = () => store.list(configMaps).map(({ metadata }) => metadata.name);
  const settle = () => clock.advance(1);
  return { ...rest, collector, create, remove, names, settle };
}

describe('garbage collector', () => {
  it('deletes what an owner leaves behind, through all generations', async () => {
    const { create, remove, names, settle } = setUp();
    const owner = create('owner');
    const child = create('child', ownedBy(owner));
    create('grandchild', ownedBy(child));
    create('stranger');
    await settle();
    remove('owner', 'Background');
    await settle();
    assert.deepEqual(names(), ['stranger']);
  });

  it('keeps what another owner still holds', async () => {
    const { create, remove, names, settle } = setUp();
    const owners = [create('one'), create('two')];
    const references = owners.flatMap((owner) => ownedBy(owner).metadata.ownerReferences);
    create('child', { metadata: { ownerReferences: references } });
    remove('one');
    await settle();
    assert.deepEqual(names(), ['child', 'two']);
    remove('two');
    await settle();
    assert.deepEqual(names(), []);
  });

  it('lets go of what is to be orphaned', async () => {
    const { create, remove, names, settle, store } = setUp();
    create('child', ownedBy(create('owner')));
    assert.equal(remove('owner', 'Orphan').isGone, false);
    await settle();
    assert.deepEqual(names(), ['child']);
    assert.equal(store.get(configMaps, 'child', 'default')?.metadata.ownerReferences, undefined);
  });

  it('keeps an owner in the foreground until what blocks it is gone', async () => {
    const { create, remove, names, settle, context, request } = setUp();
    const owner = create('owner');
    const held = ownedBy(owner, { blockOwnerDeletion: true });
    create('child', { metadata: { ...held.metadata, finalizers: ['x.y/z'] } });
    remove('owner', 'Foreground');
    await settle();
    assert.deepEqual(names(), ['child', 'owner']);
    const release = (old: ApiObject) => {
      const copy = deepCopy(old);
      copy.metadata.finalizers = copy.metadata.finalizers?.filter((name) => name !== 'x.y/z');
      return copy;
    };
    updateObject(context, request, { kind: configMaps, name: 'child', namespace: 'default' }, release, { isPut: true });
    await settle();
    assert.deepEqual(names(), []);
  });

  it('collects what names an owner that never was, but not what names a kind that is not served', async () => {
    const { create, names, settle } = setUp();
    const lost = { metadata: { name: 'gone', uid: 'gone' } } as ApiObject;
    create('lost', ownedBy(lost));
    create('foreign', ownedBy(lost, { kind: 'Foreign' }));
    await settle();
    assert.deepEqual(names(), ['foreign']);
  });

  it('leaves no timer', async () => {
    const { create, collector, clock } = setUp();
    create('child', ownedBy({ metadata: { name: 'gone', uid: 'gone' } } as ApiObject));
    collector.dispose();
    assert.equal(clock.pending, 0);
  });
});

describe('expiry', () => {
  it('removes objects that long after their last write', async () => {
    const events = createKind({ strategy: { timeToLiveMs: 60 * 60_000 } });
    const { store, clock, context } = createRest([events]);
    const expiry = createExpiry(context);
    store.insert(events, configMap('a'));
    const b = store.insert(events, configMap('b'));
    await clock.advance(40 * 60_000);
    store.replace(events, { ...b, data: { seen: 'again' } });
    await clock.advance(30 * 60_000);
    assert.deepEqual(
      store.list(events).map(({ metadata }) => metadata.name),
      ['b'],
    );
    expiry.dispose();
    assert.equal(clock.pending, 0);
  });
});
