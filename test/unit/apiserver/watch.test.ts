// Tests of watches and lists: what a client is told, from when on, and how often it is rendered.
import assert from 'node:assert/strict';
import { createWatchHub, type WatchOptions } from '../../../server/apiserver/watch.ts';
import { listObjects, type ListOptions } from '../../../server/apiserver/list.ts';
import { createMatcher } from '../../../server/apiserver/selectors.ts';
import type { Column } from '../../../server/apiserver/types.ts';
import { configMap, configMaps, createKind, createRest, status } from './fixtures.ts';

type Line = {
  type: string;
  object: { kind: string; metadata: Record<string, unknown>; columnDefinitions?: unknown; rows?: unknown[] };
};

function createSink() {
  const lines: Line[] = [];
  let pendingBytes = 0;
  const sink = {
    ended: 0,
    lines,
    get pendingBytes() {
      return pendingBytes;
    },
    stall: (bytes: number) => (pendingBytes = bytes),
    write: (text: string) =>
      void lines.push(
        ...text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Line),
      ),
    end: () => void sink.ended++,
  };
  return sink;
}

const defaults: WatchOptions = {
  kind: configMaps,
  namespace: undefined,
  matches: undefined,
  resourceVersion: undefined,
  hasInitialEvents: false,
  hasBookmarks: false,
  representation: 'object',
  includeObject: 'Metadata',
  timeoutMs: 60 * 60_000,
};

function setUp(kind = configMaps) {
  const rest = createRest([kind]);
  const hub = createWatchHub(rest);
  const watch = (options: Partial<WatchOptions> = {}) => {
    const sink = createSink();
    return Object.assign(sink, { watch: hub.watch({ ...defaults, kind, ...options }, sink) });
  };
  const told = ({ lines }: { lines: Line[] }) =>
    lines.map(({ type, object }) => `${type} ${String(object.metadata['name'])}`);
  return { ...rest, watch, told };
}

const labelled = (value: string) => ({ metadata: { labels: { stage: value } } });

describe('watch', () => {
  it('begins with what is there, or after a version', () => {
    const { store, watch, told } = setUp();
    store.insert(configMaps, configMap('a'));
    const resourceVersion = store.resourceVersion;
    const all = watch();
    store.insert(configMaps, configMap('b'));
    store.remove(configMaps, 'a', 'default');
    assert.deepEqual(told(all), ['ADDED a', 'ADDED b', 'DELETED a']);
    assert.deepEqual(told(watch({ resourceVersion })), ['ADDED b', 'DELETED a']);
    assert.deepEqual(told(watch({ resourceVersion: store.resourceVersion })), []);
  });

  it('says ADDED and DELETED to a selector when an object comes into it and leaves it', () => {
    const { store, watch, told } = setUp();
    const sink = watch({ matches: createMatcher(configMaps, 'stage=live', '') });
    const first = store.insert(configMaps, configMap('a', labelled('dev')));
    const live = store.replace(configMaps, { ...first, metadata: { ...first.metadata, labels: { stage: 'live' } } });
    const more = store.replace(configMaps, { ...live, data: { x: '1' } });
    store.replace(configMaps, { ...more, metadata: { ...more.metadata, labels: { stage: 'dev' } } });
    assert.deepEqual(told(sink), ['ADDED a', 'MODIFIED a', 'DELETED a']);
    const last = sink.lines[2]?.object.metadata;
    assert.deepEqual([last?.['labels'], last?.['resourceVersion']], [{ stage: 'live' }, String(store.resourceVersion)]);
  });

  it('tells a namespace of its own only', () => {
    const { store, watch, told } = setUp();
    const sink = watch({ namespace: 'x' });
    store.insert(configMaps, configMap('a', {}, 'x'));
    store.insert(configMaps, configMap('b', {}, 'y'));
    assert.deepEqual(told(sink), ['ADDED a']);
  });

  it('ends the initial events with a bookmark, and sends one each minute', async () => {
    const { store, clock, watch } = setUp();
    store.insert(configMaps, configMap('a'));
    const sink = watch({ hasInitialEvents: true, hasBookmarks: true });
    assert.deepEqual(sink.lines[1], {
      type: 'BOOKMARK',
      object: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { resourceVersion: '2', annotations: { 'k8s.io/initial-events-end': 'true' } },
      },
    });
    await clock.advance(120_000);
    assert.equal(sink.lines.filter(({ type }) => type === 'BOOKMARK').length, 3);
    sink.watch.dispose();
    assert.equal(clock.pending, 0);
  });

  it('ends after its time, once', async () => {
    const { store, clock, watch } = setUp();
    const sink = watch({ timeoutMs: 5_000 });
    await clock.advance(6_000);
    store.insert(configMaps, configMap('late'));
    assert.deepEqual([sink.ended, sink.lines.length, clock.pending], [1, 0, 0]);
  });

  it('cuts off a client that does not read', () => {
    const { store, watch } = setUp();
    const sink = watch();
    sink.stall(100 * 1024 * 1024);
    store.insert(configMaps, configMap('a'));
    store.insert(configMaps, configMap('b'));
    assert.deepEqual([sink.ended, sink.lines.length], [1, 1]);
  });

  it('refuses a version that is forgotten', () => {
    const rest = createRest(undefined, { maxHistoryEvents: 1 });
    const hub = createWatchHub(rest);
    for (const name of ['a', 'b', 'c']) rest.store.insert(configMaps, configMap(name));
    const sink = createSink();
    assert.throws(() => hub.watch({ ...defaults, resourceVersion: 1 }, sink), status(410));
  });

  it('renders an event once for all who want it alike, and sends the columns of a table once', () => {
    let rendered = 0;
    const name: Column = {
      name: 'Name',
      type: 'string',
      format: 'name',
      priority: 0,
      description: '',
      cell: (object) => (rendered++, object.metadata.name),
    };
    const { store, watch } = setUp(createKind({ columns: [name] }));
    const sinks = Array.from({ length: 50 }, () => watch({ representation: 'table' }));
    store.insert(configMaps, configMap('a'));
    store.insert(configMaps, configMap('b'));
    assert.equal(rendered, 2);
    for (const { lines } of sinks) {
      assert.ok(lines[0]?.object.columnDefinitions);
      assert.equal(lines[1]?.object.columnDefinitions, null);
    }
  });

  it('needs no columns for the bookmarks of a table', async () => {
    const column: Column = {
      name: 'Phase',
      type: 'string',
      priority: 0,
      description: '',
      cell: (object) => (object.status as { phase: string }).phase,
    };
    const { clock, watch } = setUp(createKind({ columns: [column] }));
    const sink = watch({ representation: 'table', hasBookmarks: true });
    await clock.advance(60_000);
    assert.deepEqual(sink.lines[0]?.object.rows, []);
  });
});

describe('list', () => {
  const all: ListOptions = {
    kind: configMaps,
    namespace: undefined,
    matches: undefined,
    limit: 0,
    continueToken: '',
    resourceVersion: '',
    resourceVersionMatch: '',
  };
  const names = ({ items }: { items: readonly { metadata: { name: string } }[] }) =>
    items.map(({ metadata }) => metadata.name);

  it('gives pages of one moment, with how many are left', () => {
    const { registry, store } = createRest();
    for (const name of ['a', 'b', 'c', 'd', 'e']) store.insert(configMaps, configMap(name));
    const first = listObjects({ store, registry }, { ...all, limit: 2 });
    store.remove(configMaps, 'd', 'default');
    store.insert(configMaps, configMap('cc'));
    const second = listObjects({ store, registry }, { ...all, limit: 2, continueToken: first.listMeta.continue ?? '' });
    const third = listObjects({ store, registry }, { ...all, limit: 2, continueToken: second.listMeta.continue ?? '' });
    assert.deepEqual([names(first), names(second), names(third)], [['a', 'b'], ['c', 'd'], ['e']]);
    assert.deepEqual([first.listMeta.remainingItemCount, third.listMeta], [3, { resourceVersion: '6' }]);
  });

  it('counts no rest under a selector', () => {
    const { registry, store } = createRest();
    for (const name of ['a', 'b', 'c'])
      store.insert(configMaps, configMap(name, labelled(name === 'b' ? 'dev' : 'live')));
    const matches = createMatcher(configMaps, 'stage=live', '');
    const { items, listMeta } = listObjects({ store, registry }, { ...all, matches, limit: 1 });
    assert.deepEqual([names({ items }), listMeta.remainingItemCount], [['a'], undefined]);
    const rest = listObjects(
      { store, registry },
      { ...all, matches, limit: 1, continueToken: listMeta.continue ?? '' },
    );
    assert.deepEqual([names(rest), rest.listMeta.continue], [['c'], undefined]);
  });

  it('gives the past exactly, and no future', () => {
    const { registry, store } = createRest();
    store.insert(configMaps, configMap('a'));
    store.insert(configMaps, configMap('b'));
    const past = { ...all, resourceVersion: '2', resourceVersionMatch: 'Exact' };
    assert.deepEqual(names(listObjects({ store, registry }, past)), ['a']);
    const refuse = (options: Partial<ListOptions>) => () => listObjects({ store, registry }, { ...all, ...options });
    assert.throws(refuse({ resourceVersion: '99' }), status(504, 'Too large resource version: 99, current: 3'));
    assert.throws(refuse({ resourceVersion: 'x' }), status(400, 'invalid resource version'));
    assert.throws(refuse({ resourceVersionMatch: 'Exact' }), status(422, 'unless resourceVersion is provided'));
    assert.throws(refuse({ resourceVersion: '1', resourceVersionMatch: 'No' }), status(422, 'Unsupported value: "No"'));
    for (const token of ['%%%', 'bnVsbA', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ']) {
      assert.throws(refuse({ continueToken: token }), status(400, 'continue key is not valid'));
    }
  });

  it('says that a page token is too old', () => {
    const { registry, store } = createRest(undefined, { maxHistoryEvents: 1 });
    for (const name of ['a', 'b']) store.insert(configMaps, configMap(name));
    const { listMeta } = listObjects({ store, registry }, { ...all, limit: 1 });
    for (const name of ['c', 'd', 'e']) store.insert(configMaps, configMap(name));
    const next = () => listObjects({ store, registry }, { ...all, continueToken: listMeta.continue ?? '' });
    assert.throws(next, status(410, 'The provided continue parameter is too old'));
  });
});
