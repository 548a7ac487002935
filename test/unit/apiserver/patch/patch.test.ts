// Tests of JSON, merge and strategic merge patches.
import assert from 'node:assert/strict';
import { applyPatch } from '../../../../server/apiserver/patch/index.ts';
import { clusterSchemas, configMapSchema, deploymentSchema } from '../schemas.ts';

type Json = Record<string, unknown>;
const patchWith = (type: string, schemaName: string) => (object: Json, patch: unknown) =>
  applyPatch(`application/${type}+json`, typeof patch === 'string' ? patch : JSON.stringify(patch), object, {
    schemas: clusterSchemas,
    schemaName,
  });
const json = patchWith('json-patch', configMapSchema);
const merge = patchWith('merge-patch', configMapSchema);
const strategic = patchWith('strategic-merge-patch', deploymentSchema);

const rejected = { code: 422, message: 'the server rejected our request due to an error in our request' };

describe('JSON patch', () => {
  const object = () => ({ data: { a: '1' }, list: ['x', 'y'] });

  it('does all operations and leaves the object as it was', () => {
    const before = object();
    const patch = [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'add', path: '/list/1', value: 'z' },
      { op: 'add', path: '/list/-', value: 'end' },
      { op: 'move', from: '/data/a', path: '/data/b' },
      { op: 'remove', path: '/list/0' },
    ];
    assert.deepEqual(json(before, patch), { data: { b: '1' }, list: ['z', 'y', 'end'] });
    assert.deepEqual(before, object());
  });

  it('takes the liberties of the Go library', () => {
    assert.deepEqual(json(object(), [{ op: 'replace', path: '/data/new', value: '2' }])['data'], { a: '1', new: '2' });
    assert.deepEqual(json(object(), [{ op: 'copy', from: '/data/q', path: '/data/b' }])['data'], { a: '1', b: null });
    assert.deepEqual(json(object(), [{ op: 'add', path: '/a~1b', value: 1 }])['a/b'], 1);
  });

  const faulty: [string, object][] = [
    ['a test that fails', { op: 'test', path: '/data/a', value: '2' }],
    ['removing what is not there', { op: 'remove', path: '/data/x' }],
    ['adding below nothing', { op: 'add', path: '/foo/a/b', value: 1 }],
    ['an index beyond the end', { op: 'add', path: '/list/9', value: 1 }],
    ['an operation that does not exist', { op: 'frob', path: '/data/a' }],
    ['a prototype', { op: 'add', path: '/__proto__/x', value: 1 }],
  ];
  for (const [what, operation] of faulty)
    it(`refuses ${what}`, () => assert.throws(() => json(object(), [operation]), rejected));

  it('refuses what is no list', () => {
    assert.throws(() => json({}, {}), {
      code: 400,
      message: 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    });
  });
});

describe('merge patch', () => {
  it('merges maps, replaces lists, removes by null', () => {
    const object = { data: { a: '1', b: '2' }, list: [1] };
    assert.deepEqual(merge(object, { data: { a: null, c: '3' }, list: [2, 3] }), {
      data: { b: '2', c: '3' },
      list: [2, 3],
    });
  });

  it('takes nulls out of what is new', () => {
    assert.deepEqual(merge({}, { data: { a: null, b: { c: null } } }), { data: { b: {} } });
  });

  it('keeps a key named __proto__ a key', () => {
    const patched = merge({}, '{"data":{"__proto__":{"polluted":"yes"}}}') as { data: object };
    assert.deepEqual(Object.keys(patched.data), ['__proto__']);
    assert.equal(({} as Json)['polluted'], undefined);
  });

  it('refuses what is no map, and what is no JSON', () => {
    const fault = 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}';
    assert.throws(() => merge({}, []), { code: 400, message: fault });
    assert.throws(() => strategic({}, '{"spec":'), { code: 400, message: 'unexpected end of JSON input' });
    assert.throws(() => strategic({}, ''), { code: 400, message: 'unexpected end of JSON input' });
    assert.throws(() => strategic({}, 'x{'), { code: 400, message: /^invalid character 'x'/ });
  });
});

describe('strategic merge patch', () => {
  const withContainers = (...containers: object[]) => ({ spec: { template: { spec: { containers } } } });
  const [a, b] = [
    { name: 'a', image: 'a:1', args: ['x'] },
    { name: 'b', image: 'b:1' },
  ];

  it('merges lists by key, puts new elements first, replaces lists without a key', () => {
    const patched = strategic(
      withContainers(a, b),
      withContainers({ name: 'new', image: 'n' }, { name: 'a', args: ['y'] }),
    );
    assert.deepEqual(patched, withContainers({ name: 'new', image: 'n' }, { ...a, args: ['y'] }, b));
  });

  it('removes elements by directive, and orders them', () => {
    assert.deepEqual(
      strategic(withContainers(a, b), withContainers({ name: 'a', $patch: 'delete' })),
      withContainers(b),
    );
    const order = { spec: { template: { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] } } } };
    assert.deepEqual(strategic(withContainers(a, b), order), withContainers(b, a));
  });

  it('replaces whole lists and maps by directive', () => {
    assert.deepEqual(
      strategic(withContainers(a, b), withContainers({ $patch: 'replace' }, { name: 'c' })),
      withContainers({ name: 'c' }),
    );
    const selector = { spec: { selector: { matchLabels: { a: '1' } } } };
    const replaced = strategic(selector, { spec: { selector: { $patch: 'replace', matchLabels: { b: '2' } } } });
    assert.deepEqual(replaced, { spec: { selector: { matchLabels: { b: '2' } } } });
  });

  it('merges lists of plain values, and takes from them', () => {
    const object = { metadata: { finalizers: ['a', 'b'] } };
    assert.deepEqual(strategic(object, { metadata: { finalizers: ['c', 'a'] } }), {
      metadata: { finalizers: ['c', 'a', 'b'] },
    });
    const removal = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } };
    assert.deepEqual(strategic(object, removal), { metadata: { finalizers: ['b'] } });
  });

  it('keeps only what it is told to keep', () => {
    const object = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    assert.deepEqual(strategic(object, patch), { spec: { strategy: { type: 'Recreate' } } });
  });

  it('leaves no directive behind in what is new', () => {
    const patch = withContainers({
      name: 'c',
      '$setElementOrder/ports': [],
      ports: [{ $patch: 'delete', containerPort: 1 }],
    });
    assert.deepEqual(strategic({}, patch), withContainers({ name: 'c', ports: [] }));
  });

  it('refuses unknown directives and elements without their key', () => {
    assert.throws(() => strategic({ spec: {} }, { spec: { $patch: 'foo' } }), {
      code: 500,
      message: 'unknown patch type: foo in map: map[$patch:foo]',
    });
    assert.throws(() => strategic(withContainers(a), withContainers({ image: 'x' })), {
      message: 'map: map[image:x] does not contain declared merge key: name',
    });
  });
});

it('refuses other media types', () => {
  const patch = () =>
    applyPatch('application/json', '{}', {}, { schemas: clusterSchemas, schemaName: configMapSchema });
  assert.throws(patch, { code: 415, message: '415: Unsupported Media Type' });
});
