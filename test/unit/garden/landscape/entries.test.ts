// Manifests become objects as an API server holds them.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { assembleObjects, lastApplied, mergePatch, type Entry } from '../../../../server/garden/landscape/entries.ts';
import { readEntries } from '../../../../server/garden/landscape/landscape.ts';

const assemble = (entries: Entry[]) => [
  ...assembleObjects({
    entries,
    now: '2026-01-01T00:00:00Z',
    random: () => 'abcde',
    resourceVersionOf: (reference) => `version of ${reference}`,
  }),
];

describe('entries of the landscape', () => {
  it('are what was applied, as kubectl notes it, with what was added since', () => {
    const applied = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a', namespace: 'n' },
      stringData: { b: 'c' },
    };
    const [object] = assemble([
      { applied, live: { metadata: { finalizers: ['f'] }, stringData: null, data: { b: 'Yw==' } } },
    ]);
    assert.deepEqual(object, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'a',
        namespace: 'n',
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration':
            '{"apiVersion":"v1","kind":"Secret","metadata":{"annotations":{},"name":"a","namespace":"n"},"stringData":{"b":"c"}}\n',
        },
        finalizers: ['f'],
        uid: object?.metadata.uid,
      },
      data: { b: 'Yw==' },
    });
    assert.equal(
      lastApplied({ kind: 'K', metadata: { annotations: { x: 'y' } } }),
      '{"kind":"K","metadata":{"annotations":{"x":"y"}}}\n',
    );
  });

  it('name uids of objects that come earlier or later, times, versions and random names', () => {
    const seed = { apiVersion: 'g', kind: 'Seed', metadata: { name: 'local' } };
    const text = '{uid of Seed/local} {resourceVersion of Seed/local} {now} {random}';
    const [other, first] = assemble([
      { live: { apiVersion: 'g', kind: 'K', metadata: { name: 'k-{random}' }, text } },
      { live: seed },
    ]);
    assert.equal(other?.metadata.name, 'k-abcde');
    assert.equal(other?.text, `${first?.metadata.uid} version of Seed/local 2026-01-01T00:00:00Z abcde`);
  });

  it('merge as RFC 7386 says', () => {
    assert.deepEqual(mergePatch({ a: { b: 1, c: 2 }, d: [1] }, { a: { b: null, e: { f: null } }, d: [2] }), {
      a: { c: 2, e: {} },
      d: [2],
    });
  });

  it('are complete in the manifests: every object once, and no placeholder left', async () => {
    const entries = await readEntries(fileURLToPath(new URL('../../../../manifests/garden', import.meta.url)));
    const objects = assemble(entries);
    const keys = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
    assert.deepEqual(keys, [...new Set(keys)]);
    assert.doesNotMatch(JSON.stringify(objects), /\{(uid|resourceVersion|now|random)/);
    for (const name of [
      'Seed /local',
      'Project /local',
      'CloudProfile /local',
      'CredentialsBinding garden-local/local',
    ])
      assert.ok(keys.includes(name), name);
  });
});
