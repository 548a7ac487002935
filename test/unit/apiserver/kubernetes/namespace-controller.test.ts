// Tests of the namespace controller on a store in memory and a clock that stands still.
import assert from 'node:assert/strict';
import { createManualClock } from '../../../../server/common/clock.ts';
import { createKubernetesKinds, createNamespaceController } from '../../../../server/apiserver/kubernetes/index.ts';
import { createRegistry } from '../../../../server/apiserver/registry.ts';
import { deleteObject } from '../../../../server/apiserver/rest/delete.ts';
import { createStore } from '../../../../server/apiserver/store.ts';
import type { ApiObject } from '../../../../server/apiserver/types.ts';
import { clusterDocument, clusterSchemas } from '../schemas.ts';

const namespaces = { group: '', plural: 'namespaces' };
const configMaps = { group: '', plural: 'configmaps' };
const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'a' },
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
};
const configMap = (name: string, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'a', ...metadata },
});

function setUp(admit?: () => void) {
  const clock = createManualClock();
  const kinds = createKubernetesKinds({ schemas: clusterDocument });
  const registry = createRegistry(kinds);
  const store = createStore({ registry, now: () => clock.now() });
  const controller = createNamespaceController({
    store,
    kinds,
    schemas: clusterDocument,
    clock,
    caCertificate: 'PEM',
    admit,
  });
  const load = (...objects: object[]) => store.load(objects as ApiObject[]);
  const names = (resource = configMaps) => store.list(resource, 'a').map(({ metadata }) => metadata.name);
  const remove = () => {
    const kind = registry.find('', 'v1', 'namespaces');
    assert.ok(kind);
    const request = { user: { name: 'u', groups: [] }, isDryRun: false, fieldManager: 'm', warn: () => undefined };
    deleteObject(
      { registry, store, schemas: clusterSchemas, clock },
      request,
      { kind, name: 'a', namespace: undefined },
      { isDryRun: false },
    );
  };
  return { clock, store, controller, load, names, remove };
}

describe('namespace controller', () => {
  it('gives each namespace its service account and CA bundle, and gives them back', async () => {
    const { clock, store, load, names, controller } = setUp();
    load(namespace);
    await clock.advance(0);
    assert.deepEqual(names({ group: '', plural: 'serviceaccounts' }), ['default']);
    assert.deepEqual(store.get(configMaps, 'kube-root-ca.crt', 'a')?.['data'], { 'ca.crt': 'PEM' });
    store.remove(configMaps, 'kube-root-ca.crt', 'a');
    await clock.advance(0);
    assert.deepEqual(names(), ['kube-root-ca.crt']);
    controller.dispose();
    assert.equal(clock.pending, 0);
  });

  it('empties a namespace before it goes', async () => {
    const { clock, store, load, names, remove } = setUp();
    load(namespace, configMap('one'));
    await clock.advance(0);
    remove();
    assert.equal((store.get(namespaces, 'a')?.status as { phase: string }).phase, 'Terminating');
    await clock.advance(0);
    assert.deepEqual(names(), []);
    assert.equal(store.get(namespaces, 'a'), undefined);
  });

  it('goes on when a write is refused', async () => {
    let isRefused = true;
    const { clock, load, names } = setUp(() => {
      if (isRefused) throw new Error('refused');
    });
    load(namespace);
    await clock.advance(0);
    assert.deepEqual(names(), []);
    isRefused = false;
    await clock.advance(1000);
    assert.deepEqual(names(), ['kube-root-ca.crt']);
  });

  it('waits for what a finalizer holds', async () => {
    const { clock, store, load, names, remove } = setUp();
    load(namespace, configMap('held', { finalizers: ['example.com/x'] }));
    await clock.advance(0);
    remove();
    await clock.advance(5000);
    assert.deepEqual(names(), ['held']);
    assert.ok(store.get(namespaces, 'a'));
    store.remove(configMaps, 'held', 'a');
    await clock.advance(1000);
    assert.equal(store.get(namespaces, 'a'), undefined);
  });
});
