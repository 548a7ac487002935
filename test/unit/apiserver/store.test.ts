// Tests of the store: versions, conflicts, history, limits.
import assert from 'node:assert/strict';
import { configMap, configMaps, createKind, createRest, status } from './fixtures.ts';
import { createRegistry } from '../../../server/apiserver/registry.ts';
import type { StoreEvent } from '../../../server/apiserver/store.ts';

describe('store', () => {
  it('gives every write a greater version, and every object back in the order of its key', () => {
    const { store } = createRest();
    for (const [name, namespace] of [
      ['b', 'x'],
      ['a', 'x-y'],
      ['a', 'x'],
    ] as const)
      store.insert(configMaps, configMap(name, {}, namespace));
    const listed = store.list(configMaps).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    assert.deepEqual(listed, ['x-y/a', 'x/a', 'x/b']);
    assert.deepEqual(
      store.list(configMaps, 'x').map(({ metadata }) => Number(metadata.resourceVersion)),
      [4, 2],
    );
    assert.equal(store.resourceVersion, 4);
  });

  it('refuses what is there, what is not, and what is old', () => {
    const { store } = createRest();
    const first = store.insert(configMaps, configMap('a'));
    assert.throws(() => store.insert(configMaps, configMap('a')), status(409, 'already exists'));
    store.replace(configMaps, { ...first, data: { x: '1' } });
    assert.throws(() => store.replace(configMaps, { ...first }), status(409, 'the object has been modified'));
    assert.throws(() => store.remove(configMaps, 'b', 'default'), status(404));
  });

  it('freezes what it holds', () => {
    const { store } = createRest();
    const stored = store.insert(configMaps, configMap('a', { data: { x: '1' } }));
    assert.throws(() => Object.assign(stored['data'] as object, { x: '2' }), TypeError);
  });

  it('tells writes with the state before, and deletions with a version of their own', () => {
    const { store } = createRest();
    const events: StoreEvent[] = [];
    const subscription = store.subscribe(configMaps, (event) => events.push(event));
    const first = store.insert(configMaps, configMap('a'));
    store.replace(configMaps, { ...first, data: { x: '1' } });
    store.remove(configMaps, 'a', 'default');
    subscription.dispose();
    store.insert(configMaps, configMap('b'));
    assert.deepEqual(
      events.map(({ type, object, old }) => [type, object.metadata.resourceVersion, old?.metadata.resourceVersion]),
      [
        ['ADDED', '2', undefined],
        ['MODIFIED', '3', '2'],
        ['DELETED', '4', '3'],
      ],
    );
  });

  it('remembers the past as far as its bounds, and says when it forgot', () => {
    const { store } = createRest(undefined, { maxHistoryEvents: 4 });
    store.insert(configMaps, configMap('old'));
    const before = store.resourceVersion;
    store.remove(configMaps, 'old', 'default');
    store.insert(configMaps, configMap('new'));
    const names = (at: number) => store.listAt(configMaps, undefined, at).map(({ metadata }) => metadata.name);
    assert.deepEqual(names(before), ['old']);
    assert.deepEqual(names(store.resourceVersion), ['new']);
    assert.deepEqual(
      store.eventsSince(configMaps, before).map(({ type }) => type),
      ['DELETED', 'ADDED'],
    );
    for (let i = 0; i < 6; i++) store.insert(configMaps, configMap(`n${i}`));
    assert.throws(() => store.eventsSince(configMaps, before), status(410, `too old resource version: ${before} (`));
  });

  it('forgets by weight, too', () => {
    const { store } = createRest(undefined, { maxHistoryBytes: 1_000 });
    const before = store.resourceVersion;
    store.insert(configMaps, configMap('a', { data: { x: 'x'.repeat(600) } }));
    store.insert(configMaps, configMap('b', { data: { x: 'x'.repeat(600) } }));
    assert.throws(() => store.eventsSince(configMaps, before), status(410));
  });

  it('is full at its bounds, with a sentence that says so', () => {
    const { store } = createRest(undefined, { maxObjects: 1 });
    store.insert(configMaps, configMap('a'));
    assert.throws(() => store.insert(configMaps, configMap('b')), status(403, 'holds at most 1 objects'));
    const { store: light } = createRest(undefined, { maxBytes: 200 });
    const big = configMap('a', { data: { x: 'x'.repeat(300) } });
    assert.throws(() => light.insert(configMaps, big), status(403, 'delete some first'));
    store.remove(configMaps, 'a', 'default');
    store.insert(configMaps, configMap('b'));
    assert.equal(store.size, 1);
  });

  it('loads objects as they are and fills in what is missing', () => {
    const { store, clock } = createRest();
    store.load([configMap('a', { metadata: { uid: 'given' } }), configMap('b')]);
    const [a, b] = store.list(configMaps);
    assert.equal(a?.metadata.uid, 'given');
    assert.match(b?.metadata.uid ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(b?.metadata.creationTimestamp, new Date(clock.now()).toISOString().replace('.000', ''));
    assert.throws(() => store.load([{ ...configMap('c'), kind: 'Nope' }]), /Nope is not served/);
  });
});

describe('registry', () => {
  const stored = createKind({ group: 'g', version: 'v1' });
  const other = createKind({
    group: 'g',
    version: 'v2',
    conversion: {
      storageVersion: 'v1',
      fromStorage: (object) => ({ ...object, extra: true }),
      toStorage: ({ extra: _extra, ...object }) =>
        object as typeof object & { apiVersion: string; kind: string; metadata: never },
    },
  });

  it('keeps one object for all versions and gives each its view, the same for the same object', () => {
    const { store, registry } = createRest([stored, other]);
    const object = store.insert(
      other,
      registry.toStorage(other, { ...configMap('a'), apiVersion: 'g/v2', extra: true }),
    );
    assert.equal(object.apiVersion, 'g/v1');
    assert.equal(object['extra'], undefined);
    const view = registry.fromStorage(other, object);
    assert.deepEqual([view.apiVersion, view['extra']], ['g/v2', true]);
    assert.equal(registry.fromStorage(other, object), view);
    assert.equal(store.get(stored, 'a', 'default'), object);
  });

  it('refuses a kind whose stored version is not served', () => {
    assert.throws(() => createRegistry([other]), /is stored as g\/configmaps, which is not served/);
  });
});
