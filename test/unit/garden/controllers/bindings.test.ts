// Bindings hold their credentials, and are held by shoots.
import assert from 'node:assert/strict';
import { createBindingControllers } from '../../../../server/garden/controllers/bindings.ts';
import type { KubeObject } from '../../../../server/kube/index.ts';
import { createBench, resources, shootObject, type Bench } from '../support.ts';

const secret = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'garden-a' },
});
const binding = (name: string, secretName: string): KubeObject =>
  ({
    apiVersion: 'security.gardener.cloud/v1alpha1',
    kind: 'CredentialsBinding',
    metadata: { name, namespace: 'garden-a' },
    provider: { type: 'local' },
    credentialsRef: { apiVersion: 'v1', kind: 'Secret', name: secretName, namespace: 'garden-a' },
  }) as KubeObject;

describe('binding controllers', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = createBench();
    await bench.run(...createBindingControllers(bench.context));
    bench.put(resources.secrets, secret('s'));
    bench.put(resources.credentialsBindings, binding('b', 's'));
    await bench.settle();
  });
  afterEach(() => bench.dispose());
  const stored = () => bench.get(resources.secrets, 's', 'garden-a')?.metadata;
  const bound = (name: string) => bench.get(resources.credentialsBindings, name, 'garden-a');

  it('give the credentials a finalizer and labels', () => {
    assert.deepEqual(stored()?.finalizers, ['gardener.cloud/credentialsbinding']);
    assert.deepEqual(stored()?.labels, {
      'provider.shoot.gardener.cloud/local': 'true',
      'reference.gardener.cloud/credentialsbinding': 'true',
    });
    assert.deepEqual(bound('b')?.metadata.finalizers, ['gardener']);
  });

  it('take both away with the binding', async () => {
    await bench.client.delete(resources.credentialsBindings, 'b', 'garden-a');
    await bench.settle();
    assert.equal(bound('b'), undefined);
    assert.deepEqual([stored()?.finalizers, stored()?.labels], [[], {}]);
  });

  it('leave them while another binding names the same credentials', async () => {
    bench.put(resources.credentialsBindings, binding('c', 's'));
    await bench.settle();
    await bench.client.delete(resources.credentialsBindings, 'b', 'garden-a');
    await bench.settle();
    assert.equal(bound('b'), undefined);
    assert.deepEqual(stored()?.finalizers, ['gardener.cloud/credentialsbinding']);
  });

  it('keep a binding that shoots use, say who, and let it go with the last of them', async () => {
    bench.put(resources.shoots, shootObject('garden-a/x', { credentialsBindingName: 'b' }));
    await bench.settle();
    await bench.client.delete(resources.credentialsBindings, 'b', 'garden-a');
    await bench.settle();
    assert.deepEqual(bound('b')?.metadata.finalizers, ['gardener']);
    assert.deepEqual(bench.notes.at(-1), {
      reason: 'ResourceReferenced',
      type: 'Warning',
      note: 'Cannot delete CredentialsBinding, because the following Shoots are still referencing it: [garden-a/x]',
      on: 'b',
    });
    await bench.client.delete(resources.shoots, 'x', 'garden-a');
    await bench.settle();
    assert.equal(bound('b'), undefined);
  });

  it('come back to a binding whose credentials appear later', async () => {
    bench.put(resources.credentialsBindings, binding('d', 'later'));
    await bench.settle();
    bench.put(resources.secrets, secret('later'));
    await bench.settle(2000);
    assert.deepEqual(bench.get(resources.secrets, 'later', 'garden-a')?.metadata.finalizers, [
      'gardener.cloud/credentialsbinding',
    ]);
  });
});
