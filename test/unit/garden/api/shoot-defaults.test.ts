// What a Shoot looks like after it was created, and that doing it again changes nothing.
import assert from 'node:assert/strict';
import {
  defaultNodeCidrMaskSize,
  defaultShoot,
  randomTimeWindow,
} from '../../../../server/garden/api/shoot/defaults.ts';
import { change, shoot, write } from './fixtures.ts';

describe('garden/api: defaults of a Shoot', () => {
  it('completes the smallest one as the garden does', () => {
    const { spec, metadata, status } = write(shoot()).object;
    assert.equal(spec.kubernetes.version, '1.36.0');
    assert.deepEqual(spec.cloudProfile, { name: 'local', kind: 'CloudProfile' });
    assert.equal(spec.purpose, 'evaluation');
    assert.deepEqual(spec.provider.workers, [
      {
        name: 'local',
        machine: { type: 'local', architecture: 'amd64', image: { name: 'local', version: '1.0.0' } },
        minimum: 1,
        maximum: 2,
        cri: { name: 'containerd' },
        updateStrategy: 'AutoRollingUpdate',
        systemComponents: { allow: true },
        maxSurge: 1,
        maxUnavailable: 0,
      },
    ]);
    assert.deepEqual(spec.kubernetes.kubelet?.kubeReserved, { cpu: '80m', memory: '1Gi', pid: '20k' });
    assert.equal(spec.kubernetes.verticalPodAutoscaler?.enabled, true);
    assert.equal(spec.kubernetes.kubeControllerManager?.nodeCIDRMaskSize, 24);
    assert.equal(spec.maintenance?.autoRotation?.credentials?.['etcdEncryptionKey']?.rotationPeriod, '672h0m0s');
    assert.equal(metadata.generation, 1);
    assert.deepEqual(metadata.labels, {
      'provider.extensions.gardener.cloud/local': 'true',
      'networking.extensions.gardener.cloud/calico': 'true',
    });
    assert.equal(metadata.annotations?.['gardener.cloud/created-by'], 'admin');
    assert.match(
      metadata.annotations?.['shoot.gardener.cloud/tasks'] ?? '',
      /^deployInfrastructure,deployDNSRecordInternal/,
    );
    assert.deepEqual(status, {
      gardener: { id: '', name: '', version: '' },
      hibernated: false,
      technicalID: '',
      uid: '',
    });
  });

  it('gives a Shoot without workers nothing that needs nodes', () => {
    const workerless = change(shoot(), ({ spec }) => {
      delete spec.provider.workers;
      delete spec.credentialsBindingName;
      delete spec.networking;
    });
    const { spec } = write(workerless).object;
    assert.deepEqual(Object.keys(spec.kubernetes).sort(), ['kubeAPIServer', 'version']);
    assert.deepEqual(spec.networking, { ipFamilies: ['IPv4'] });
    assert.equal(spec.maintenance?.autoUpdate?.machineImageVersion, undefined);
    assert.equal(spec.provider.workersSettings, undefined);
  });

  it('changes nothing of a Shoot that has been defaulted', () => {
    const once = write(shoot()).object;
    const again = structuredClone(once);
    defaultShoot(again, () => 0.9);
    assert.deepEqual(again, once);
    assert.deepEqual(write(once, once).object.spec, once.spec);
  });

  it('keeps what the visitor has set', () => {
    const { spec } = write(
      change(shoot(), ({ spec: given }) => {
        given.kubernetes = { version: '1.35', kubeProxy: { enabled: false }, kubelet: { maxPods: 250 } };
        given.maintenance = { timeWindow: { begin: '220000+0100', end: '230000+0100' } };
        given.provider.workers![0]!.maxSurge = '20%';
      }),
    ).object;
    assert.equal(spec.kubernetes.version, '1.35.4');
    assert.deepEqual(spec.kubernetes.kubeProxy, { enabled: false, mode: 'IPTables' });
    assert.equal(spec.kubernetes.kubeControllerManager?.nodeCIDRMaskSize, 23);
    assert.deepEqual(spec.maintenance?.timeWindow, { begin: '220000+0100', end: '230000+0100' });
    assert.equal(spec.provider.workers?.[0]?.maxSurge, '20%');
  });

  it('draws a maintenance window of one hour', () => {
    assert.deepEqual(
      randomTimeWindow(() => 0),
      { begin: '000000+0000', end: '010000+0000' },
    );
    assert.deepEqual(
      randomTimeWindow(() => 0.999),
      { begin: '220000+0000', end: '230000+0000' },
    );
  });

  it('sizes the range of a node for twice its pods', () => {
    const { spec } = shoot();
    const sizeFor = (maxPods: number) => defaultNodeCidrMaskSize({ ...spec, kubernetes: { kubelet: { maxPods } } });
    assert.deepEqual([64, 110, 128, 250].map(sizeFor), [25, 24, 24, 23]);
  });

  it('lets a Shoot of the garden namespace use protected seeds', () => {
    const own = change(shoot(), ({ metadata }) => (metadata.namespace = 'garden'));
    defaultShoot(own, () => 0);
    assert.deepEqual(own.spec.tolerations, [{ key: 'seed.gardener.cloud/protected' }]);
  });
});
