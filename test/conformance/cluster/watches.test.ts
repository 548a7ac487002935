// Watches of every runtime cluster: order, resourceVersions, selectors, bookmarks, ends, and versions that are forgotten.
import assert from 'node:assert/strict';
import { isExpired, resources, type KubeObject, type WatchEvent } from '../../../server/kube/index.ts';
import { onEveryCluster, type ClusterBench } from './bench.ts';

onEveryCluster('watches', (bench) => {
  const create = ({ client, namespace }: ClusterBench, name: string, labels: Record<string, string> = {}) =>
    client.create<KubeObject & { data?: Record<string, string> }>(resources.configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, labels },
    });
  const versionNow = async ({ client, namespace }: ClusterBench) =>
    (await client.list(resources.configMaps, { namespace })).resourceVersion;
  const gist = ({ type, object }: WatchEvent<KubeObject>) => `${type} ${object.metadata.name}`;
  const any = () => true;

  it('tells all that happened after a version, in order, and each with a later version', async () => {
    const { client, namespace, watch } = bench();
    const resourceVersion = await versionNow(bench());
    const { metadata } = await create(bench(), 'told');
    await client.patch(resources.configMaps, 'told', namespace, 'merge', { data: { a: '1' } });
    const live = watch(resources.configMaps, { resourceVersion });
    await client.delete(resources.configMaps, 'told', namespace);
    const events = [];
    for (let i = 0; i < 3; i++) events.push(await live.next('an event', any));
    live.dispose();
    assert.deepEqual(events.map(gist), ['ADDED told', 'MODIFIED told', 'DELETED told']);
    const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
    assert.ok(Number(resourceVersion) < (versions[0] ?? 0));
    assert.deepEqual(
      versions,
      [...versions].sort((a, b) => a - b),
    );
    assert.equal(new Set(versions).size, 3);
    assert.equal(events[2]?.object.metadata.uid, metadata.uid);
  });

  it('begins with what is there when no version is given', async () => {
    await create(bench(), 'there', { set: 'there' });
    const live = bench().watch(resources.configMaps, { labelSelector: 'set=there' });
    assert.equal(gist(await live.next('what is there', any)), 'ADDED there');
    await create(bench(), 'there-too', { set: 'there' });
    assert.equal(gist(await live.next('what comes', any)), 'ADDED there-too');
    live.dispose();
  });

  it('tells of an object that begins or ends to match a selector', async () => {
    const { client, namespace, watch } = bench();
    const live = watch(resources.configMaps, {
      resourceVersion: await versionNow(bench()),
      labelSelector: 'state=ready',
    });
    await create(bench(), 'changing', { state: 'new' });
    const become = (state: string) =>
      client.patch(resources.configMaps, 'changing', namespace, 'merge', { metadata: { labels: { state } } });
    await become('ready');
    const left = await become('done');
    assert.equal(gist(await live.next('begins to match', any)), 'ADDED changing');
    const end = await live.next('ends to match', any);
    assert.equal(gist(end), 'DELETED changing');
    assert.equal(end.object.metadata.resourceVersion, left.metadata.resourceVersion);
    live.dispose();
  });

  it('ends in good order when its time is over, after a bookmark', async () => {
    const live = bench().watch(resources.configMaps, {
      resourceVersion: await versionNow(bench()),
      allowWatchBookmarks: true,
      timeoutSeconds: 5,
      labelSelector: 'set=bookmark',
    });
    // A bookmark is owed only for what happens while the watch is open.
    await create(bench(), 'seen', { set: 'bookmark' });
    await live.next('the watch is open', any);
    const { metadata } = await create(bench(), 'passed-by');
    assert.equal(await live.ended, undefined);
    assert.deepEqual([...new Set(live.events.map(({ type }) => type))], ['ADDED', 'BOOKMARK']);
    const last = live.events.at(-1)?.object;
    assert.equal(last?.kind, 'ConfigMap');
    assert.ok(Number(last.metadata.resourceVersion) >= Number(metadata.resourceVersion), 'it moves the version on');
  });

  it('says where the list ends when a watch begins with one', async () => {
    await create(bench(), 'first', { set: 'initial' });
    const live = bench().watch(resources.configMaps, {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
      labelSelector: 'set=initial',
    });
    const bookmark = await live.next('bookmark', ({ type }) => type === 'BOOKMARK');
    assert.deepEqual(
      live.events.map(({ type }) => type),
      ['ADDED', 'BOOKMARK'],
    );
    assert.equal(bookmark.object.metadata.annotations?.['k8s.io/initial-events-end'], 'true');
    live.dispose();
  });

  it('refuses a version that it has forgotten (skipped where the first is still known)', async function () {
    const { client, namespace, watch } = bench();
    await create(bench(), 'heavy');
    // More than the embedded cluster remembers. A real one forgets by age, and when its API server begins anew.
    for (let i = 0; i < 12; i++) {
      const data = { text: String(i).padEnd(900_000, '.') };
      await client.patch(resources.configMaps, 'heavy', namespace, 'merge', { data });
    }
    await client.delete(resources.configMaps, 'heavy', namespace);
    const live = watch(resources.configMaps, { resourceVersion: '1', timeoutSeconds: 3, labelSelector: 'set=nothing' });
    const fault = await live.ended;
    if (!fault && bench().isReal) this.skip();
    assert.ok(isExpired(fault), String(fault));
    assert.equal((fault as { code?: number }).code, 410);
    assert.deepEqual(live.events, []);
  });
});
