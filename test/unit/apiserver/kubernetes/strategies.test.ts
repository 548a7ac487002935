// Tests of what the server adds to Kubernetes' own kinds, and what it refuses.
import assert from 'node:assert/strict';
import { fieldErrorMessage } from '../../../../server/apiserver/errors.ts';
import { admitNamespaceLifecycle, createKubernetesKinds } from '../../../../server/apiserver/kubernetes/index.ts';
import type { AdmissionRequest, ApiObject, ConnectRequest, Reader } from '../../../../server/apiserver/types.ts';
import { clusterDocument, clusterSchemas } from '../schemas.ts';

const nowMs = Date.UTC(2026, 0, 1);
const kinds = createKubernetesKinds({ schemas: clusterDocument, serviceCidr: '10.4.0.0/16' });
const kindOf = (path: string) => {
  const [group = '', plural = ''] = path.split('/');
  const kind = kinds.find((other) => other.group === group && other.plural === plural);
  assert.ok(kind, path);
  return kind;
};

const readerOf = (objects: readonly ApiObject[] = []): Reader => ({
  get: (_, name) => objects.find((object) => object.metadata.name === name),
  list: () => objects,
});

interface WriteOptions {
  old?: ApiObject;
  subresource?: string;
  namespace?: string;
  reader?: Reader;
}

/** Runs an object through defaults and strategy as the server does; gives it back with what is refused. */
function write(
  path: string,
  given: object,
  { old, subresource = '', namespace = 'n', reader = readerOf() }: WriteOptions = {},
) {
  const kind = kindOf(path);
  const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version;
  const object = structuredClone({
    apiVersion,
    kind: kind.kind,
    metadata: { name: 'a', uid: 'u' },
    ...given,
  }) as ApiObject;
  clusterSchemas.applyDefaults(kind.schemaName, object);
  const request: AdmissionRequest = {
    operation: old ? 'UPDATE' : 'CREATE',
    kind,
    subresource,
    namespace,
    name: 'a',
    object,
    old,
    user: { name: 'u', groups: [] },
    isDryRun: false,
    nowMs,
    reader,
    warn: () => undefined,
  };
  kind.strategy.default?.(object, request);
  kind.strategy.mutate?.(request);
  kind.strategy.prepare?.(request);
  const faults = (kind.strategy.validate?.(request) ?? []).map(fieldErrorMessage);
  return {
    object,
    faults,
    spec: object.spec as Record<string, unknown>,
    status: object.status as Record<string, unknown>,
  };
}

const container = { name: 'x', image: 'nginx' };
const faultsOf = (path: string, given: object, options?: WriteOptions) => write(path, given, options).faults;

it('no strategy fails on an object that holds nothing, new or updated', () => {
  for (const { group, plural } of kinds) {
    const old = write(`${group}/${plural}`, {}).object;
    assert.doesNotThrow(() => write(`${group}/${plural}`, { spec: {} }, { old }), plural);
  }
});

describe('pods', () => {
  it('get what Kubernetes gives them', () => {
    const { spec, status, object, faults } = write('/pods', {
      spec: {
        containers: [{ ...container, resources: { limits: { cpu: '1' } }, readinessProbe: { httpGet: { port: 80 } } }],
        volumes: [{ name: 'v' }],
      },
    });
    assert.deepEqual(faults, []);
    assert.deepEqual(status, { phase: 'Pending', qosClass: 'Burstable' });
    assert.equal(object.metadata.generation, 1);
    assert.equal(spec['restartPolicy'], 'Always');
    assert.equal(spec['serviceAccountName'], 'default');
    assert.equal((spec['tolerations'] as object[]).length, 2);
    assert.deepEqual(spec['volumes'], [{ name: 'v', emptyDir: {} }]);
    assert.deepEqual((spec['containers'] as object[])[0], {
      ...container,
      imagePullPolicy: 'Always',
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      resources: { limits: { cpu: '1' }, requests: { cpu: '1' } },
      readinessProbe: {
        httpGet: { port: 80, path: '/', scheme: 'HTTP' },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 3,
      },
    });
  });

  it('wait behind their gates', () => {
    const { status } = write('/pods', { spec: { containers: [container], schedulingGates: [{ name: 'g' }] } });
    const [condition] = status['conditions'] as { reason: string; status: string }[];
    assert.deepEqual([condition?.reason, condition?.status], ['SchedulingGated', 'False']);
  });

  it('are refused in Kubernetes words', () => {
    assert.deepEqual(faultsOf('/pods', { spec: {} }), ['spec.containers: Required value']);
    const spec = {
      restartPolicy: 'foo',
      containers: [
        { image: 'x' },
        { name: 'x' },
        { ...container, ports: [{ containerPort: 0 }], volumeMounts: [{ name: 'q', mountPath: '/q' }] },
      ],
      volumes: [{ name: 'v' }, { name: 'v', emptyDir: {}, secret: {} }],
    };
    assert.deepEqual(faultsOf('/pods', { spec }), [
      'spec.volumes[1].secret: Forbidden: may not specify more than 1 volume type',
      'spec.volumes[1].name: Duplicate value: "v"',
      'spec.containers[0].name: Required value',
      'spec.containers[1].image: Required value',
      'spec.containers[2].ports[0].containerPort: Required value',
      'spec.containers[2].volumeMounts[0].name: Not found: "q"',
      'spec.containers[2].name: Duplicate value: "x"',
      'spec.restartPolicy: Unsupported value: "foo": supported values: "Always", "OnFailure", "Never"',
    ]);
  });

  it('let an update change images, deadlines downwards and gates away, and nothing else', () => {
    const old = write('/pods', {
      spec: { containers: [container], activeDeadlineSeconds: 100, schedulingGates: [{ name: 'g' }] },
    }).object;
    const changed = (change: object) => faultsOf('/pods', { spec: { ...(old.spec as object), ...change } }, { old });
    assert.deepEqual(changed({ activeDeadlineSeconds: 50, schedulingGates: [] }), []);
    assert.deepEqual(changed({ containers: [{ ...container, image: 'other' }] }), []);
    assert.deepEqual(changed({ activeDeadlineSeconds: 200 }), [
      'spec.activeDeadlineSeconds: Invalid value: 200: must be less than or equal to previous value',
    ]);
    assert.deepEqual(changed({ activeDeadlineSeconds: undefined }), [
      'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value',
    ]);
    assert.deepEqual(changed({ schedulingGates: [{ name: 'h' }] }), [
      "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'h'",
    ]);
    assert.match(changed({ nodeName: 'x' })[0] ?? '', /^spec: Forbidden: pod updates may not change fields other than/);
  });

  it('end at once when nothing runs, and gracefully when something does', () => {
    const { gracePeriodSeconds } = kindOf('/pods').strategy;
    const grace = (spec: object, status: object, seconds?: number) =>
      gracePeriodSeconds?.({ spec, status } as unknown as ApiObject, seconds);
    assert.equal(grace({}, { phase: 'Pending' }), 0);
    assert.equal(grace({ nodeName: 'n', terminationGracePeriodSeconds: 7 }, { phase: 'Running' }), 7);
    assert.equal(grace({ nodeName: 'n', terminationGracePeriodSeconds: 7 }, { phase: 'Running' }, 3), 3);
    assert.equal(grace({ nodeName: 'n' }, { phase: 'Succeeded' }), 0);
  });

  const connect = (name: string, request: Partial<ConnectRequest>) => {
    const kind = kindOf('/pods');
    return kind.subresources
      .find((view) => view.name === name)
      ?.connect?.({ kind, nowMs, ...request } as ConnectRequest);
  };

  it('are bound to a node once', () => {
    const { object } = write('/pods', { spec: { containers: [container] } });
    let stored = object;
    const update = (changed: ApiObject) => (stored = changed);
    connect('binding', { object, body: { target: { name: 'n' } }, update });
    assert.equal((stored.spec as { nodeName: string }).nodeName, 'n');
    assert.throws(() => connect('binding', { object: stored, body: { target: { name: 'm' } }, update }), {
      code: 409,
      message: /already assigned to node "n"/,
    });
  });

  it('have no logs where there is no kubelet', () => {
    const { object } = write('/pods', { spec: { containers: [container] } });
    assert.throws(() => connect('log', { object }), { code: 400, message: 'pod a does not have a host assigned' });
  });
});

describe('workloads', () => {
  const labels = { a: 'b' };
  const spec = {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [container] } },
  };

  it('get their defaults', () => {
    const { spec: given } = write('apps/deployments', { spec });
    assert.deepEqual(
      [given['replicas'], given['strategy'], given['progressDeadlineSeconds']],
      [1, { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } }, 600],
    );
    const job = write('batch/jobs', {
      spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
    });
    assert.deepEqual(job.faults, []);
    assert.deepEqual(job.spec['selector'], { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } });
  });

  it('must fit together', () => {
    const template = { metadata: { labels: { a: 'c' } }, spec: { restartPolicy: 'Never', containers: [container] } };
    assert.deepEqual(faultsOf('apps/deployments', { spec: { ...spec, replicas: -1, template } }), [
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      'spec.template.metadata.labels: Invalid value: {"a":"c"}: `selector` does not match template `labels`',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ]);
  });

  it('keep their selector', () => {
    const old = write('apps/deployments', { spec }).object;
    const changed = { ...spec, selector: { matchLabels: { a: 'b', c: 'd' } } };
    assert.match(
      faultsOf('apps/deployments', { spec: changed }, { old }).at(-1) ?? '',
      /^spec\.selector: .*field is immutable$/,
    );
  });

  it('are scaled through a view', () => {
    const kind = kindOf('apps/deployments');
    const view = kind.subresources.find(({ name }) => name === 'scale')?.view;
    const { object } = write('apps/deployments', { spec });
    const scale = view?.read(object);
    assert.deepEqual(scale?.spec, { replicas: 1 });
    assert.deepEqual(scale?.status, { replicas: 0, selector: 'a=b' });
    view?.write(object, { ...scale, spec: { replicas: 5 } } as ApiObject);
    assert.equal((object.spec as { replicas: number }).replicas, 5);
  });
});

describe('services', () => {
  const ports = [{ port: 80 }];

  it('get an address of the range that no other has, and node ports', () => {
    const first = write('/services', { spec: { ports } });
    assert.equal(first.spec['clusterIP'], '10.4.0.10');
    const second = write('/services', { spec: { type: 'NodePort', ports } }, { reader: readerOf([first.object]) });
    assert.equal(second.spec['clusterIP'], '10.4.0.11');
    assert.equal((second.spec['ports'] as { nodePort: number }[])[0]?.nodePort, 30000);
    assert.equal(write('/services', { spec: { clusterIP: 'None', ports } }).spec['clusterIP'], 'None');
  });

  it('keep it, whether or not an update names it', () => {
    const old = write('/services', { spec: { ports } }).object;
    const update = write('/services', { spec: { ports: [{ port: 81 }] } }, { old });
    assert.deepEqual([update.faults, update.spec['clusterIP']], [[], '10.4.0.10']);
    assert.deepEqual(faultsOf('/services', { spec: { ports, clusterIP: '10.4.0.99' } }, { old }), [
      'spec.clusterIPs[0]: Invalid value: ["10.4.0.99"]: may not change once set',
    ]);
  });

  it('lose it when they become a name', () => {
    const old = write('/services', { spec: { ports } }).object;
    const { spec, faults } = write(
      '/services',
      { spec: { ...(old.spec as object), type: 'ExternalName', externalName: 'a.b' } },
      { old },
    );
    assert.deepEqual([faults, spec['clusterIP'], spec['clusterIPs']], [[], undefined, undefined]);
  });

  it('need ports, and names when there are several', () => {
    assert.deepEqual(faultsOf('/services', { spec: {} }), ['spec.ports: Required value']);
    assert.deepEqual(faultsOf('/services', { spec: { ports: [{ port: 80 }, { port: 81 }] } }), [
      'spec.ports[0].name: Required value',
      'spec.ports[1].name: Required value',
    ]);
  });
});

describe('secrets and config maps', () => {
  it('take plain text and keep it encoded', () => {
    const { object } = write('/secrets', { stringData: { a: 'x' }, data: { b: 'eQ==' } });
    assert.deepEqual(
      [object['data'], object['stringData'], object['type']],
      [{ a: 'eA==', b: 'eQ==' }, undefined, 'Opaque'],
    );
  });

  it('must hold the keys of their type, and valid ones', () => {
    assert.deepEqual(faultsOf('/secrets', { type: 'kubernetes.io/tls' }), [
      'data[tls.crt]: Required value',
      'data[tls.key]: Required value',
    ]);
    assert.match(
      faultsOf('/configmaps', { data: { 'a b': '' } })[0] ?? '',
      /^data\[a b\]: Invalid value: "a b": a valid config key/,
    );
  });

  it('do not change once they are immutable, nor their type ever', () => {
    const old = write('/secrets', { immutable: true, data: { a: 'eA==' } }).object;
    assert.deepEqual(faultsOf('/secrets', { data: { a: 'eQ==' } }, { old }), [
      'immutable: Forbidden: field is immutable when `immutable` is set',
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
    const plain = write('/secrets', {}).object;
    assert.deepEqual(faultsOf('/secrets', { type: 'x' }, { old: plain }), [
      'type: Invalid value: "x": field is immutable',
    ]);
  });
});

describe('namespaces', () => {
  const namespace = (metadata: object = {}) => write('/namespaces', { metadata: { name: 'a', ...metadata } }).object;

  it('are labelled, active and held by a finalizer', () => {
    const object = namespace();
    assert.deepEqual(object.metadata.labels, { 'kubernetes.io/metadata.name': 'a' });
    assert.deepEqual([object.spec, object.status], [{ finalizers: ['kubernetes'] }, { phase: 'Active' }]);
    assert.equal(object.metadata.generation, undefined);
    assert.equal(kindOf('/namespaces').strategy.isDeletionHeld?.(object), true);
  });

  it('take nothing new that does not exist or is ending', () => {
    const kind = kindOf('/configmaps');
    const admit = (reader: Reader) =>
      admitNamespaceLifecycle({ kind, namespace: 'a', name: 'x', operation: 'CREATE', reader } as AdmissionRequest);
    assert.doesNotThrow(() => admit(readerOf([namespace()])));
    assert.throws(() => admit(readerOf()), { code: 404, message: 'namespaces "a" not found' });
    assert.throws(() => admit(readerOf([namespace({ deletionTimestamp: '2026-01-01T00:00:00Z' })])), {
      code: 403,
      message:
        'configmaps "x" is forbidden: unable to create new content in namespace a because it is being terminated',
    });
  });
});

describe('bindings, leases and events', () => {
  it('complete and keep the role of a binding', () => {
    const roleRef = { kind: 'Role', name: 'r' };
    const { object } = write('rbac.authorization.k8s.io/rolebindings', {
      roleRef,
      subjects: [{ kind: 'User', name: 'u' }],
    });
    assert.deepEqual(object['roleRef'], { apiGroup: 'rbac.authorization.k8s.io', ...roleRef });
    const changed = { roleRef: { ...roleRef, name: 's' } };
    assert.deepEqual(faultsOf('rbac.authorization.k8s.io/rolebindings', changed, { old: object }), [
      'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"s"}: cannot change roleRef',
    ]);
  });

  it('want leases that last', () => {
    assert.deepEqual(faultsOf('coordination.k8s.io/leases', { spec: { leaseDurationSeconds: 0 } }), [
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    ]);
  });

  it('show one event in both groups', () => {
    const event = { involvedObject: { kind: 'Pod', name: 'p', namespace: 'n' }, message: 'm', reason: 'R', count: 2 };
    const { object } = write('/events', event);
    const kind = kindOf('events.k8s.io/events');
    const seen = kind.conversion?.fromStorage(object);
    assert.deepEqual([seen?.apiVersion, seen?.['note'], seen?.['deprecatedCount']], ['events.k8s.io/v1', 'm', 2]);
    assert.deepEqual(kind.conversion?.toStorage(seen as ApiObject), object);
    assert.equal(kind.selectableFields['regarding.name']?.(seen as ApiObject), 'p');
  });
});
