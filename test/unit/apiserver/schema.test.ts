// Tests of schemas: strict decoding in Kubernetes' words, defaults and zero values, pruning.
import assert from 'node:assert/strict';
import { createSchemas } from '../../../server/apiserver/schema.ts';
import { clusterDocument, clusterSchemas, configMapSchema, gardenSchemas, podSchema, shootSchema } from './schemas.ts';

const pod = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec });
const faultsOf = (spec: object) => clusterSchemas.check(podSchema, pod(spec)).typeErrors;

describe('strict decoding', () => {
  it('names unknown fields by their path, in order', () => {
    const { unknown, typeErrors } = clusterSchemas.check(podSchema, {
      ...pod({ containers: [{ name: 'x', foo: 1, ports: [{ x: 1 }] }, { bar: 2 }], nodeSelecto: {} }),
      metadata: { Labels: {} },
    });
    assert.deepEqual(typeErrors, []);
    assert.deepEqual(unknown, [
      'unknown field "metadata.Labels"',
      'unknown field "spec.containers[0].foo"',
      'unknown field "spec.containers[0].ports[0].x"',
      'unknown field "spec.containers[1].bar"',
      'unknown field "spec.nodeSelecto"',
    ]);
  });

  it('names types as the decoder of Go does', () => {
    const field = 'json: cannot unmarshal';
    assert.deepEqual(faultsOf({ containers: { name: 'x' } }), [
      `${field} object into Go struct field PodSpec.spec.containers of type []v1.Container`,
    ]);
    assert.deepEqual(faultsOf({ containers: ['a'] }), [
      `${field} string into Go struct field PodSpec.spec.containers of type v1.Container`,
    ]);
    assert.deepEqual(faultsOf({ nodeSelector: { a: {} } }), [
      `${field} object into Go struct field PodSpec.spec.nodeSelector of type string`,
    ]);
    assert.deepEqual(faultsOf({ activeDeadlineSeconds: '1' }), [
      `${field} string into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64`,
    ]);
    assert.deepEqual(faultsOf({ containers: [{ ports: [{ containerPort: 1.5 }] }] }), [
      `${field} number 1.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32`,
    ]);
    assert.deepEqual(faultsOf({ containers: [{ livenessProbe: { httpGet: { port: {} } } }] }), [
      `${field} object into Go struct field HTTPGetAction.spec.containers.livenessProbe.httpGet.port of type int32`,
    ]);
    assert.deepEqual(clusterSchemas.check(configMapSchema, { data: 'x' }).typeErrors, [
      `${field} string into Go struct field ConfigMap.data of type map[string]string`,
    ]);
  });

  it('knows values with a syntax of their own', () => {
    assert.match(
      faultsOf({ containers: [{ resources: { requests: { cpu: 'foo' } } }] })[0] ?? '',
      /^quantities must match/,
    );
    assert.deepEqual(clusterSchemas.check(configMapSchema, { binaryData: { a: '###' } }).typeErrors, [
      'illegal base64 data at input byte 0',
    ]);
    assert.deepEqual(clusterSchemas.check(configMapSchema, { metadata: { creationTimestamp: 'foo' } }).typeErrors, [
      'parsing time "foo" as "2006-01-02T15:04:05Z07:00": cannot parse "foo" as "2006"',
    ]);
    const lease = { spec: { renewTime: '2020-01-01T00:00:00Z' } };
    assert.deepEqual(clusterSchemas.check('io.k8s.api.coordination.v1.Lease', lease).typeErrors, [
      'parsing time "2020-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
    ]);
    const shoot = { spec: { kubernetes: { kubelet: { imageMinimumGCAge: 'x' } } } };
    assert.deepEqual(gardenSchemas.check(shootSchema, shoot).typeErrors, ['time: invalid duration "x"']);
  });

  it('leaves opaque values alone, and null anywhere', () => {
    const shoot = { spec: { provider: { infrastructureConfig: { any: ['thing'] }, workers: null } } };
    assert.deepEqual(gardenSchemas.check(shootSchema, shoot), { unknown: [], typeErrors: [] });
  });
});

describe('decoding and encoding again', () => {
  it('fills in the zero values that are not omitted, and real defaults', () => {
    const shoot: Record<string, unknown> = { spec: { provider: { type: 'local' } } };
    gardenSchemas.applyDefaults(shootSchema, shoot);
    assert.deepEqual(shoot['status'], {
      gardener: { id: '', name: '', version: '' },
      hibernated: false,
      technicalID: '',
      uid: '',
    });
    const service = { spec: { ports: [{ port: 80 }] } };
    clusterSchemas.applyDefaults('io.k8s.api.core.v1.Service', service);
    assert.deepEqual(service.spec.ports, [{ port: 80, protocol: 'TCP' }]);
  });

  it('drops nulls and empty optional lists and maps, and keeps empty structs', () => {
    const object = {
      metadata: { labels: {}, finalizers: [], annotations: { a: null } },
      spec: { containers: [{ name: 'x', env: [], command: null }], volumes: [{ name: 'v', emptyDir: {} }] },
    };
    clusterSchemas.applyDefaults(podSchema, object);
    assert.deepEqual(object.metadata, { annotations: { a: '' } });
    assert.deepEqual(object.spec, {
      containers: [{ name: 'x', resources: {} }],
      volumes: [{ name: 'v', emptyDir: {} }],
    });
  });

  it('writes quantities, durations and times in their canonical form', () => {
    const shoot = {
      metadata: { creationTimestamp: '2026-01-01T01:00:00+01:00' },
      spec: { kubernetes: { kubelet: { imageMinimumGCAge: '90m', kubeReserved: { cpu: '1000m', memory: '1024Mi' } } } },
    };
    gardenSchemas.applyDefaults(shootSchema, shoot);
    const { kubelet } = shoot.spec.kubernetes;
    assert.equal(shoot.metadata.creationTimestamp, '2026-01-01T00:00:00Z');
    assert.equal(kubelet.imageMinimumGCAge, '1h30m0s');
    assert.deepEqual(kubelet.kubeReserved, { cpu: '1', memory: '1Gi' });
  });

  it('prunes what the schema does not know, and nothing in opaque values', () => {
    const shoot = {
      colour: 1,
      spec: { colour: 'blue', provider: { infrastructureConfig: { any: 1 }, workers: [{ size: 3 }] } },
    };
    gardenSchemas.prune(shootSchema, shoot);
    assert.deepEqual(shoot, { spec: { provider: { infrastructureConfig: { any: 1 }, workers: [{}] } } });
  });
});

describe('schema nodes', () => {
  it('knows list and merge keys at the place of use', () => {
    const containers = clusterSchemas.nodeAt(podSchema).field('spec')?.field('containers');
    assert.deepEqual(containers?.listKeys, ['name']);
    assert.equal(containers?.listType, 'map');
    assert.equal(containers?.patchMergeKey, 'name');
    assert.equal(containers?.items?.goType, 'v1.Container');
    assert.equal(clusterSchemas.nodeAt(podSchema).field('spec')?.field('nodeSelector')?.isAtomicMap, true);
  });

  it('finds components by group, version and kind', () => {
    assert.equal(clusterSchemas.schemaNameOf('', 'v1', 'Pod'), podSchema);
    assert.equal(clusterSchemas.schemaNameOf('', 'v1', 'Nothing'), undefined);
  });

  it('does not take what objects inherit for fields', () => {
    assert.equal(clusterSchemas.nodeAt(podSchema).field('constructor'), undefined);
  });

  it('says which component is missing', () => {
    const partial = createSchemas({ [podSchema]: clusterDocument[podSchema] ?? {} });
    assert.throws(() => partial.check(podSchema, { spec: {} }), /There is no schema io\.k8s\.api\.core\.v1\.PodSpec/);
  });
});
