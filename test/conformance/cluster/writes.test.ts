// Writes to every runtime cluster: conflicts, claims, preconditions, dry run, patches and the faults that a program goes by.
import assert from 'node:assert/strict';
import { isConflict, isNotFound, pathOf, resources, type KubeObject } from '../../../server/kube/index.ts';
import { gistOf, onEveryCluster, refusal, type ClusterBench, type SeenPod } from './bench.ts';

type ConfigMap = KubeObject & { data: Record<string, string> };
type Lease = KubeObject & {
  spec: { holderIdentity: string; leaseDurationSeconds: number; renewTime: string; leaseTransitions?: number };
};

onEveryCluster('writes', (bench) => {
  const gate = { schedulingGates: [{ name: 'conformance.example.org/wait' }] };
  const createConfigMap = ({ client, namespace }: ClusterBench, name: string, data: Record<string, string> = {}) =>
    client.create<ConfigMap>(resources.configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, labels: { color: 'red' } },
      data,
    });
  /** Not scheduled, so nothing but the test writes to it. */
  const createGated = ({ createPod }: ClusterBench, name: string) => createPod(name, 'sleep 60', gate);

  it('gives a new object what the server owns', async () => {
    const { client, namespace } = bench();
    const created = await createConfigMap(bench(), 'new', { a: '1' });
    assert.match(created.metadata.uid ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.match(created.metadata.resourceVersion ?? '', /^\d+$/);
    assert.match(created.metadata.creationTimestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual(await client.get(resources.configMaps, 'new', namespace), created);
  });

  it('makes names of a prefix', async () => {
    const { client, namespace } = bench();
    const named = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-', namespace } };
    const names = [];
    for (let i = 0; i < 2; i++) names.push((await client.create(resources.configMaps, named as KubeObject)).metadata);
    for (const { name } of names) assert.match(name, /^made-[a-z0-9]{5}$/);
    assert.notEqual(names[0]?.name, names[1]?.name);
  });

  it('refuses what is there already, what is not there, and a namespace that is not', async () => {
    const { client, namespace, podManifest } = bench();
    await createConfigMap(bench(), 'taken');
    const taken = await refusal(createConfigMap(bench(), 'taken'));
    assert.deepEqual(gistOf(taken), { code: 409, reason: 'AlreadyExists', fields: [] });
    assert.equal(taken.message, 'configmaps "taken" already exists');
    const missing = await refusal(client.get(resources.pods, 'nobody', namespace));
    assert.deepEqual(gistOf(missing), { code: 404, reason: 'NotFound', fields: [] });
    assert.equal(missing.message, 'pods "nobody" not found');
    assert.ok(isNotFound(await refusal(client.delete(resources.pods, 'nobody', namespace))));
    const labels = client.patch(resources.pods, 'nobody', namespace, 'merge', { metadata: { labels: { a: 'b' } } });
    assert.ok(isNotFound(await refusal(labels)));
    const stray = podManifest('stray', 'true');
    stray.metadata.namespace = 'conformance-nowhere';
    const nowhere = await refusal(client.create(resources.pods, stray));
    assert.deepEqual(gistOf(nowhere), { code: 404, reason: 'NotFound', fields: [] });
    assert.equal(nowhere.message, 'namespaces "conformance-nowhere" not found');
  });

  it('names the fields of what is invalid', async () => {
    const { client, podManifest } = bench();
    const noImage = podManifest('invalid', 'true', { restartPolicy: 'Sometimes' as 'Always' }, { image: '' });
    const fault = await refusal(client.create(resources.pods, noImage));
    assert.deepEqual(gistOf(fault), {
      code: 422,
      reason: 'Invalid',
      fields: ['spec.containers[0].image', 'spec.restartPolicy'],
    });
    assert.match(fault.message, /^Pod "invalid" is invalid: \[?spec.containers\[0\].image: Required value/);
    const badName = await refusal(createConfigMap(bench(), 'Not_A_Name'));
    assert.deepEqual(gistOf(badName), { code: 422, reason: 'Invalid', fields: ['metadata.name'] });
    const badLabel = podManifest('label', 'true');
    badLabel.metadata.labels = { a: 'not a value' };
    assert.deepEqual(gistOf(await refusal(client.create(resources.pods, badLabel))).fields, ['metadata.labels']);
  });

  it('refuses an update of a state that has passed', async () => {
    const { client } = bench();
    const read = await createConfigMap(bench(), 'stale', { count: '0' });
    const written = await client.update(resources.configMaps, { ...read, data: { count: '1' } });
    assert.notEqual(written.metadata.resourceVersion, read.metadata.resourceVersion);
    const fault = await refusal(client.update(resources.configMaps, { ...read, data: { count: '2' } }));
    assert.deepEqual(gistOf(fault), { code: 409, reason: 'Conflict', fields: [] });
    assert.match(fault.message, /^Operation cannot be fulfilled on configmaps "stale": the object has been modified/);
    const same = await client.update(resources.configMaps, written);
    assert.equal(same.metadata.resourceVersion, written.metadata.resourceVersion, 'nothing changed');
  });

  it('lets one of two claimers have a pod', async () => {
    const { client, namespace } = bench();
    const { metadata } = await createGated(bench(), 'claimed');
    const claim = (owner: string) =>
      client.patch<SeenPod>(resources.pods, 'claimed', namespace, 'merge', {
        metadata: { resourceVersion: metadata.resourceVersion, labels: { owner } },
      });
    const outcomes = await Promise.allSettled(['ada', 'vera', 'otto'].map(claim));
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    assert.equal(won.length, 1);
    assert.ok(lost.length === 2 && lost.every(({ reason }) => isConflict(reason)));
    const now = await client.get(resources.pods, 'claimed', namespace);
    assert.equal(now.metadata.labels?.owner, won[0]?.value.metadata.labels?.owner);
  });

  it('takes a patch for the object of one uid only', async () => {
    const { client, namespace } = bench();
    const { metadata } = await createGated(bench(), 'one-uid');
    const note = (uid?: string) =>
      client.patch(resources.pods, 'one-uid', namespace, 'merge', { metadata: { uid, annotations: { note: 'it' } } });
    assert.equal((await note(metadata.uid)).metadata.annotations?.note, 'it');
    const fault = await refusal(note('00000000-0000-0000-0000-000000000000'));
    assert.deepEqual({ code: fault.code, reason: fault.reason }, { code: 422, reason: 'Invalid' });
  });

  it('patches in three ways', async () => {
    const { client, namespace } = bench();
    await createConfigMap(bench(), 'patched', { a: '1', b: '2' });
    const patch = (type: 'merge' | 'json' | 'strategic', change: unknown) =>
      client.patch<ConfigMap>(resources.configMaps, 'patched', namespace, type, change);
    assert.deepEqual((await patch('merge', { data: { a: null, c: '3' } })).data, { b: '2', c: '3' });
    assert.deepEqual((await patch('strategic', { data: { d: '4' } })).data, { b: '2', c: '3', d: '4' });
    const ops = [
      { op: 'test', path: '/data/b', value: '2' },
      { op: 'remove', path: '/data/b' },
    ];
    assert.deepEqual((await patch('json', ops)).data, { c: '3', d: '4' });
    const again = await refusal(patch('json', ops));
    assert.deepEqual({ code: again.code, reason: again.reason }, { code: 422, reason: 'Invalid' });
  });

  it('tries without doing', async () => {
    const { client, namespace, podManifest } = bench();
    const dry = (path: string) => `${path}?dryRun=All`;
    const made = await client.request<SeenPod>(
      'POST',
      dry(pathOf(resources.pods, namespace)),
      podManifest('dry', 'true'),
    );
    assert.ok(made.metadata.uid && made.spec.restartPolicy === 'Always');
    assert.ok(isNotFound(await refusal(client.get(resources.pods, 'dry', namespace))));
    const invalid = client.request(
      'POST',
      dry(pathOf(resources.pods, namespace)),
      podManifest('dry', '', {}, { image: '' }),
    );
    assert.equal((await refusal(invalid)).code, 422);
    const { metadata } = await createConfigMap(bench(), 'kept');
    await client.request('DELETE', dry(pathOf(resources.configMaps, namespace, 'kept')));
    const kept = await client.get(resources.configMaps, 'kept', namespace);
    assert.equal(kept.metadata.resourceVersion, metadata.resourceVersion);
  });

  it('deletes only what the preconditions mean', async () => {
    const { client, namespace } = bench();
    const { metadata } = await createConfigMap(bench(), 'guarded');
    const drop = (preconditions: { uid?: string; resourceVersion?: string }) =>
      client.delete(resources.configMaps, 'guarded', namespace, { preconditions });
    const wrong = '00000000-0000-0000-0000-000000000000';
    const fault = await refusal(drop({ uid: wrong }));
    assert.deepEqual(gistOf(fault), { code: 409, reason: 'Conflict', fields: [] });
    assert.equal(
      fault.message,
      `Operation cannot be fulfilled on ConfigMap "guarded": the UID in the precondition (${wrong}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
    assert.ok(isConflict(await refusal(drop({ resourceVersion: '1' }))));
    await drop({ uid: metadata.uid, resourceVersion: metadata.resourceVersion });
    assert.ok(isNotFound(await refusal(client.get(resources.configMaps, 'guarded', namespace))));
  });

  it('keeps an object with a finalizer until that is gone', async () => {
    const { client, namespace } = bench();
    const manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'held', namespace, finalizers: ['conformance.example.org/hold'] },
    };
    await client.create(resources.configMaps, manifest);
    await client.delete(resources.configMaps, 'held', namespace);
    const held = await client.get(resources.configMaps, 'held', namespace);
    assert.ok(held.metadata.deletionTimestamp);
    await client.patch(resources.configMaps, 'held', namespace, 'merge', { metadata: { finalizers: null } });
    assert.ok(isNotFound(await refusal(client.get(resources.configMaps, 'held', namespace))));
  });

  it('gives a lease to the one who writes first', async () => {
    const { client, namespace } = bench();
    const lease = (holderIdentity: string): Lease => ({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'leader', namespace },
      spec: { holderIdentity, leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.123456Z' },
    });
    const created = await client.create(resources.leases, lease('one'));
    assert.equal(created.spec.renewTime, '2026-01-02T03:04:05.123456Z');
    assert.equal((await refusal(client.create(resources.leases, lease('two')))).reason, 'AlreadyExists');
    const take = (holder: string) =>
      client.update(resources.leases, { ...created, spec: { ...lease(holder).spec, leaseTransitions: 1 } });
    const outcomes = await Promise.allSettled([take('two'), take('three')]);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const zero = { ...lease('one'), metadata: { name: 'other', namespace } };
    zero.spec.leaseDurationSeconds = 0;
    assert.deepEqual(gistOf(await refusal(client.create(resources.leases, zero))), {
      code: 422,
      reason: 'Invalid',
      fields: ['spec.leaseDurationSeconds'],
    });
  });

  it('lists by labels and by fields', async () => {
    const { client, namespace } = bench();
    for (const [name, color, shape] of [
      ['sel-a', 'red', 'round'],
      ['sel-b', 'green', ''],
      ['sel-c', 'blue', 'round'],
    ] as const) {
      const { metadata } = await createConfigMap(bench(), name);
      const labels = { color, set: 'sel', ...(shape && { shape }) };
      await client.patch(resources.configMaps, metadata.name, namespace, 'merge', { metadata: { labels } });
    }
    const names = async (labelSelector: string, fieldSelector?: string) =>
      (await client.list(resources.configMaps, { namespace, labelSelector, fieldSelector })).items.map(
        ({ metadata }) => metadata.name,
      );
    assert.deepEqual(await names('set=sel,color in (red,blue)'), ['sel-a', 'sel-c']);
    assert.deepEqual(await names('set=sel,color notin (red)'), ['sel-b', 'sel-c']);
    assert.deepEqual(await names('set=sel,!shape'), ['sel-b']);
    assert.deepEqual(await names('set=sel,shape'), ['sel-a', 'sel-c']);
    assert.deepEqual(await names('set=sel,color!=green'), ['sel-a', 'sel-c']);
    assert.deepEqual(await names('set=sel', 'metadata.name=sel-b'), ['sel-b']);
    assert.deepEqual(await names('set=sel', 'metadata.name!=sel-b'), ['sel-a', 'sel-c']);
    const unknown = await refusal(client.list(resources.pods, { namespace, fieldSelector: 'spec.color=red' }));
    assert.deepEqual({ code: unknown.code, reason: unknown.reason }, { code: 400, reason: 'BadRequest' });
    assert.match(unknown.message, /field label not supported: spec\.color/);
    const broken = await refusal(client.list(resources.pods, { namespace, labelSelector: 'a in (b' }));
    assert.equal(broken.code, 400);
  });

  it('lists page by page as it was when the first was asked for', async () => {
    const { client, namespace } = bench();
    interface Page {
      metadata: { continue?: string; resourceVersion: string };
      items: KubeObject[];
    }
    for (const name of ['page-a', 'page-b', 'page-c']) await createConfigMap(bench(), name);
    const page = (next = '') =>
      client.request<Page>(
        'GET',
        `${pathOf(resources.configMaps, namespace)}?limit=1&labelSelector=color&continue=${next}`,
      );
    const first = await page();
    const [item] = first.items;
    await client.delete(resources.configMaps, 'page-c', namespace);
    const names = [item?.metadata.name];
    for (let next = first.metadata.continue; next;) {
      const { metadata, items } = await page(next);
      assert.equal(metadata.resourceVersion, first.metadata.resourceVersion);
      names.push(...items.map((one) => one.metadata.name));
      next = metadata.continue;
    }
    assert.ok(names.includes('page-c'), names.join());
    const { items } = await client.list(resources.configMaps, { namespace, labelSelector: 'color' });
    assert.ok(!items.some(({ metadata }) => metadata.name === 'page-c'));
  });
});
