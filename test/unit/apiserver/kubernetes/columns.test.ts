// Tests of the columns: what kubectl shows of pods, nodes, events and the rest.
import assert from 'node:assert/strict';
import { createKubernetesKinds } from '../../../../server/apiserver/kubernetes/index.ts';
import { toTable } from '../../../../server/apiserver/table.ts';
import type { ApiObject } from '../../../../server/apiserver/types.ts';
import { clusterDocument } from '../schemas.ts';

const nowMs = Date.UTC(2026, 0, 1, 1);
const kinds = createKubernetesKinds({ schemas: clusterDocument });

/** The cells of one object by the names of their columns. */
function cellsOf(path: string, object: object): Record<string, unknown> {
  const [group = '', version = '', plural = ''] = path.split('/');
  const kind = kinds.find((other) => other.group === group && other.version === version && other.plural === plural);
  assert.ok(kind, path);
  const metadata = { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' };
  const full = {
    apiVersion: group ? `${group}/${version}` : version,
    kind: kind.kind,
    metadata,
    ...object,
  } as ApiObject;
  const table = toTable(kind, [full], { nowMs, includeObject: 'None' });
  return Object.fromEntries(table.columnDefinitions.map(({ name }, i) => [name, table.rows[0]?.cells[i]]));
}

interface PodParts {
  spec?: object;
  status?: object;
  metadata?: object;
}
const pod = ({ spec, status, metadata }: PodParts) =>
  cellsOf('/v1/pods', {
    ...(metadata && { metadata: { name: 'a', ...metadata } }),
    spec: { containers: [{ name: 'x' }, { name: 'y' }], ...spec },
    status: { phase: 'Pending', ...status },
  });
const running = { ready: true, state: { running: {} } };

describe('columns of pods', () => {
  const cases: [string, PodParts, [ready: string, status: string, restarts: string]][] = [
    ['a pod that waits', {}, ['0/2', 'Pending', '0']],
    [
      'a gated pod',
      { status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] } },
      ['0/2', 'SchedulingGated', '0'],
    ],
    ['a running pod', { status: { phase: 'Running', containerStatuses: [running, running] } }, ['2/2', 'Running', '0']],
    [
      'a pod whose container crashes',
      {
        status: {
          phase: 'Running',
          containerStatuses: [
            running,
            {
              restartCount: 3,
              state: { waiting: { reason: 'CrashLoopBackOff' } },
              lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:55:00Z' } },
            },
          ],
        },
      },
      ['1/2', 'CrashLoopBackOff', '3 (5m ago)'],
    ],
    [
      'a pod that is done',
      {
        status: {
          phase: 'Succeeded',
          containerStatuses: [{ state: { terminated: { reason: 'Completed', exitCode: 0 } } }],
        },
      },
      ['0/2', 'Completed', '0'],
    ],
    [
      'a pod of which one container is done',
      {
        status: {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'True' }],
          containerStatuses: [{ state: { terminated: { reason: 'Completed' } } }, running],
        },
      },
      ['1/2', 'Running', '0'],
    ],
    [
      'a container killed by a signal',
      { status: { containerStatuses: [{ state: { terminated: { signal: 9, exitCode: 137 } } }] } },
      ['0/2', 'Signal:9', '0'],
    ],
    [
      'a pod that is being deleted',
      { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
      ['0/2', 'Terminating', '0'],
    ],
    ['an evicted pod', { status: { phase: 'Failed', reason: 'Evicted' } }, ['0/2', 'Evicted', '0']],
    [
      'the second of three init containers',
      {
        spec: { initContainers: [{ name: 'i' }, { name: 'j' }, { name: 'k' }] },
        status: {
          initContainerStatuses: [
            { name: 'i', state: { terminated: { exitCode: 0 } } },
            { name: 'j', state: { running: {} } },
          ],
        },
      },
      ['0/2', 'Init:1/3', '0'],
    ],
    [
      'an init container that fails',
      {
        spec: { initContainers: [{ name: 'i' }] },
        status: {
          initContainerStatuses: [
            { name: 'i', restartCount: 2, state: { terminated: { exitCode: 1, reason: 'Error' } } },
          ],
        },
      },
      ['0/2', 'Init:Error', '2'],
    ],
    [
      'a sidecar',
      {
        spec: { initContainers: [{ name: 's', restartPolicy: 'Always' }] },
        status: {
          phase: 'Running',
          initContainerStatuses: [{ name: 's', started: true, ...running }],
          containerStatuses: [running, running],
        },
      },
      ['3/3', 'Running', '0'],
    ],
  ];
  for (const [what, parts, expected] of cases)
    it(what, () => {
      const { Ready, Status, Restarts } = pod(parts);
      assert.deepEqual([Ready, Status, Restarts], expected);
    });

  it('shows where it runs with -o wide', () => {
    const cells = pod({ spec: { nodeName: 'n' }, status: { podIPs: [{ ip: '10.0.0.1' }] } });
    assert.deepEqual(
      [cells['IP'], cells['Node'], cells['Nominated Node'], cells['Readiness Gates']],
      ['10.0.0.1', 'n', '<none>', '<none>'],
    );
  });
});

describe('columns of other kinds', () => {
  it('nodes', () => {
    const cells = cellsOf('/v1/nodes', {
      metadata: {
        name: 'n',
        labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '' },
      },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        nodeInfo: { kubeletVersion: 'v1.34.0' },
      },
    });
    assert.deepEqual(cells, {
      Name: 'n',
      Status: 'Ready,SchedulingDisabled',
      Roles: 'control-plane,worker',
      Age: '<unknown>',
      Version: 'v1.34.0',
      'Internal-IP': '10.0.0.1',
      'External-IP': '<none>',
      'OS-Image': '<unknown>',
      'Kernel-Version': '<unknown>',
      'Container-Runtime': '<unknown>',
    });
  });

  it('events, the same in both groups', () => {
    const core = {
      involvedObject: { kind: 'Pod', name: 'p' },
      lastTimestamp: '2026-01-01T00:59:00Z',
      firstTimestamp: '2026-01-01T00:30:00Z',
      count: 4,
      type: 'Normal',
      reason: 'Pulled',
      message: 'done\n',
      source: { component: 'kubelet', host: 'n' },
    };
    const modern = {
      regarding: { kind: 'Pod', name: 'p' },
      deprecatedLastTimestamp: core.lastTimestamp,
      deprecatedFirstTimestamp: core.firstTimestamp,
      deprecatedCount: 4,
      type: 'Normal',
      reason: 'Pulled',
      note: 'done\n',
      deprecatedSource: core.source,
    };
    const expected = {
      'Last Seen': '60s',
      Type: 'Normal',
      Reason: 'Pulled',
      Object: 'pod/p',
      Subobject: '',
      Source: 'kubelet, n',
      Message: 'done',
      'First Seen': '30m',
      Count: 4,
      Name: 'a',
    };
    assert.deepEqual(cellsOf('/v1/events', core), expected);
    assert.deepEqual(cellsOf('events.k8s.io/v1/events', modern), expected);
    assert.equal(cellsOf('/v1/events', { eventTime: '2026-01-01T00:59:00.000000Z' })['Count'], 1);
  });

  it('workloads', () => {
    const template = {
      spec: {
        containers: [
          { name: 'x', image: 'i' },
          { name: 'y', image: 'j' },
        ],
      },
    };
    const deployment = cellsOf('apps/v1/deployments', {
      spec: {
        replicas: 3,
        selector: { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'In', values: ['e', 'd'] }] },
        template,
      },
      status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 },
    });
    assert.equal(deployment['Ready'], '2/3');
    assert.deepEqual(
      [deployment['Containers'], deployment['Images'], deployment['Selector']],
      ['x,y', 'i,j', 'a=b,c in (d,e)'],
    );
    const job = cellsOf('batch/v1/jobs', {
      spec: { completions: 2, template },
      status: {
        succeeded: 2,
        startTime: '2026-01-01T00:00:00Z',
        completionTime: '2026-01-01T00:00:30Z',
        conditions: [{ type: 'Complete', status: 'True' }],
      },
    });
    assert.deepEqual([job['Status'], job['Completions'], job['Duration']], ['Complete', '2/2', '30s']);
    assert.equal(cellsOf('batch/v1/cronjobs', { spec: { suspend: false } })['Suspend'], 'False');
  });

  it('services', () => {
    const ports = [
      { port: 80, nodePort: 30001, protocol: 'TCP' },
      { port: 53, protocol: 'UDP' },
    ];
    const service = cellsOf('/v1/services', { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1', ports } });
    assert.deepEqual(
      [service['External-IP'], service['Port(s)'], service['Selector']],
      ['<pending>', '80:30001/TCP,53/UDP', '<none>'],
    );
    const status = { loadBalancer: { ingress: [{ ip: '1.2.3.4' }, { hostname: 'h' }] } };
    assert.equal(cellsOf('/v1/services', { spec: { type: 'LoadBalancer' }, status })['External-IP'], '1.2.3.4,h');
    const endpoints = {
      subsets: [{ addresses: [{ ip: '1' }, { ip: '2' }, { ip: '3' }, { ip: '4' }], ports: [{ port: 80 }] }],
    };
    assert.equal(cellsOf('/v1/endpoints', endpoints)['Endpoints'], '1:80,2:80,3:80 + 1 more...');
  });

  it('configuration and storage', () => {
    assert.equal(cellsOf('/v1/configmaps', { data: { a: '1' }, binaryData: { b: '' } })['Data'], 2);
    const quota = { status: { hard: { pods: '3', 'limits.cpu': '2' }, used: { pods: '1' } } };
    const { Request, Limit } = cellsOf('/v1/resourcequotas', quota);
    assert.deepEqual([Request, Limit], ['pods: 1/3', 'limits.cpu: 0/2']);
    const binding = {
      roleRef: { kind: 'Role', name: 'r' },
      subjects: [
        { kind: 'ServiceAccount', namespace: 'n', name: 's' },
        { kind: 'User', name: 'u' },
      ],
    };
    const cells = cellsOf('rbac.authorization.k8s.io/v1/rolebindings', binding);
    assert.deepEqual([cells['Role'], cells['Users'], cells['ServiceAccounts']], ['Role/r', 'u', 'n/s']);
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    assert.equal(
      cellsOf('storage.k8s.io/v1/storageclasses', { metadata: { name: 's', annotations } })['Name'],
      's (default)',
    );
    assert.deepEqual(Object.keys(cellsOf('rbac.authorization.k8s.io/v1/roles', {})), ['Name', 'Created At']);
  });

  it('never fails on objects of which only the name is known', () => {
    for (const { group, version, plural, verbs } of kinds)
      if (verbs.includes('list')) assert.doesNotThrow(() => cellsOf(`${group}/${version}/${plural}`, {}), plural);
  });
});
