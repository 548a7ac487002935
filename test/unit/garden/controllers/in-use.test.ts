// CloudProfiles, Quotas and ExposureClasses stay while they are used; profiles say in their status how their versions stand.
import assert from 'node:assert/strict';
import {
  classificationAt,
  mergeProfiles,
  nextTransitionMs,
} from '../../../../server/garden/controllers/cloudprofile-status.ts';
import { createInUseControllers } from '../../../../server/garden/controllers/in-use.ts';
import type { CloudProfile, CloudProfileSpec, NamespacedCloudProfile } from '../../../../server/garden/types.ts';
import type { KubeObject } from '../../../../server/kube/index.ts';
import { createBench, resources, shootObject, type Bench } from '../support.ts';

const spec: CloudProfileSpec = {
  kubernetes: { versions: [{ version: '1.36.0' }, { version: '1.35.4', expirationDate: '2026-01-01T12:00:00Z' }] },
  machineImages: [
    { name: 'local', versions: [{ version: '2.0.0', classification: 'preview', architectures: ['amd64'] }] },
  ],
  machineTypes: [{ name: 'local', architecture: 'amd64' }],
};
const core = 'core.gardener.cloud/v1beta1';
const profile: CloudProfile = { apiVersion: core, kind: 'CloudProfile', metadata: { name: 'local' }, spec };

describe('objects in use', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = createBench();
    await bench.run(...createInUseControllers(bench.context));
    bench.put(resources.cloudProfiles, profile);
    await bench.settle();
  });
  afterEach(() => bench.dispose());
  const stored = () => bench.get<CloudProfile>(resources.cloudProfiles, 'local');

  it('classify the versions of a profile, and again when one expires', async () => {
    const versions = () => (stored()?.status?.kubernetes as { versions: unknown[] } | undefined)?.versions;
    assert.deepEqual(versions(), [
      { classification: 'supported', version: '1.36.0' },
      { classification: 'supported', version: '1.35.4' },
    ]);
    await bench.settle(12 * 60 * 60_000);
    assert.deepEqual(versions()?.[1], { classification: 'expired', version: '1.35.4' });
  });

  it('keep a profile while shoots or namespaced profiles use it', async () => {
    bench.put(resources.shoots, shootObject('garden-a/a'));
    const namespaced = {
      apiVersion: core,
      kind: 'NamespacedCloudProfile',
      metadata: { name: 'n', namespace: 'garden-a' },
    };
    bench.put(resources.namespacedCloudProfiles, {
      ...namespaced,
      spec: { parent: { kind: 'CloudProfile', name: 'local' }, machineTypes: [{ name: 'big' }] },
    } as KubeObject);
    await bench.settle();
    const merged = bench.get<NamespacedCloudProfile>(resources.namespacedCloudProfiles, 'n', 'garden-a')?.status;
    assert.deepEqual(
      merged?.cloudProfileSpec?.machineTypes.map(({ name }) => name),
      ['local', 'big'],
    );
    await bench.client.delete(resources.cloudProfiles, 'local');
    await bench.settle();
    const message = 'Cannot delete CloudProfile, because the following';
    assert.equal(bench.notes.at(-1)?.note, `${message} NamespacedCloudProfiles are still referencing it: [garden-a/n]`);
    await bench.client.delete(resources.namespacedCloudProfiles, 'n', 'garden-a');
    await bench.settle();
    assert.equal(bench.notes.at(-1)?.note, `${message} Shoots are still referencing it: [garden-a/a]`);
    assert.ok(stored());
    await bench.client.delete(resources.shoots, 'a', 'garden-a');
    await bench.settle();
    assert.equal(stored(), undefined);
  });

  it('keep a quota while bindings name it', async () => {
    const quota = { apiVersion: core, kind: 'Quota', metadata: { name: 'q', namespace: 'garden-a' } };
    bench.put(resources.quotas, quota);
    bench.put(resources.secretBindings, {
      apiVersion: core,
      kind: 'SecretBinding',
      metadata: { name: 'b', namespace: 'garden-a' },
      quotas: [{ name: 'q', namespace: 'garden-a' }],
    } as KubeObject);
    await bench.settle();
    await bench.client.delete(resources.quotas, 'q', 'garden-a');
    await bench.settle();
    assert.equal(
      bench.notes.at(-1)?.note,
      'Cannot delete Quota, because the following resources are still referencing it: SecretBindings - [garden-a/b], CredentialsBindings - []',
    );
  });
});

describe('versions of a profile', () => {
  const nowMs = Date.UTC(2026, 0, 1);
  it('follow their lifecycle where they have one', () => {
    const lifecycle = [
      { classification: 'preview', startTime: '2025-12-01T00:00:00Z' },
      { classification: 'supported', startTime: '2026-02-01T00:00:00Z' },
    ];
    assert.equal(classificationAt({ version: '1', lifecycle } as never, nowMs), 'preview');
    assert.equal(nextTransitionMs([{ version: '1', lifecycle } as never], nowMs), Date.UTC(2026, 1, 1));
    assert.equal(classificationAt({ version: '1', lifecycle: lifecycle.slice(1) } as never, nowMs), 'unavailable');
  });

  it('may be prolonged by a namespaced profile, not added', () => {
    const merged = mergeProfiles(spec, {
      parent: { kind: 'CloudProfile', name: 'local' },
      kubernetes: { versions: [{ version: '1.35.4', expirationDate: '2027-01-01T00:00:00Z' }, { version: '1.99.0' }] },
      machineImages: [
        {
          name: 'local',
          versions: [{ version: '2.0.0', expirationDate: '2027-01-01T00:00:00Z' }, { version: '3.0.0' }],
        },
      ],
    });
    assert.deepEqual(merged.kubernetes.versions, [
      { version: '1.36.0' },
      { version: '1.35.4', expirationDate: '2027-01-01T00:00:00Z' },
    ]);
    assert.deepEqual(merged.machineImages[0]?.versions, [
      { version: '2.0.0', classification: 'preview', architectures: ['amd64'], expirationDate: '2027-01-01T00:00:00Z' },
      { version: '3.0.0', architectures: ['amd64'] },
    ]);
  });
});
