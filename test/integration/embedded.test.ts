// The embedded cluster with real processes, through its API: start, probes, restarts, logs, deadlines, ends; nothing is left.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '../../server/common/clock.ts';
import { createSilentLogger } from '../../server/common/log.ts';
import { createEmbeddedCluster, type EmbeddedCluster } from '../../server/embedded/index.ts';
import { createProcessTable } from '../../server/embedded/kubelet/processes.ts';
import type { Container, Pod, PodSpec } from '../../server/embedded/types.ts';
import {
  createInformer,
  createKubeClient,
  resources,
  type Informer,
  type KubeClient,
  type KubeObject,
} from '../../server/kube/index.ts';
import { until } from '../support/until.ts';

const processesOf = createProcessTable().of;
const manifestsDir = fileURLToPath(new URL('../../manifests', import.meta.url));
type SeenPod = KubeObject & Pick<Pod, 'spec' | 'status'>;
type SeenEvent = KubeObject & { reason: string; message: string; involvedObject: { name: string } };

const server = `const http = require('node:http'); http.createServer((q, s) => { s.statusCode = q.url === '/broken' ? 500 : 200; s.end('ok'); }).listen(8000, process.env.POD_IP);`;
const podIp = { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } };

describe('embedded cluster', function () {
  this.timeout(60_000);
  let parentDir: string;
  let cluster: EmbeddedCluster;
  let client: KubeClient;
  let pods: Informer<SeenPod>;
  let events: Informer<SeenEvent>;
  const clock = createSystemClock();
  const logger = createSilentLogger();

  const start = () =>
    createEmbeddedCluster({
      manifestsDir,
      parentDir,
      clock,
      logger,
      maxPods: 3,
      baseEnv: { PATH: process.env.PATH ?? '' },
      images: { 'test/shell': ['/bin/bash', '-c'], 'test/node': [process.execPath, '-e'] },
    });
  const create = (name: string, container: Partial<Container>, spec: Partial<PodSpec> = {}) =>
    client.create<KubeObject & { spec: PodSpec }>(resources.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: {
        terminationGracePeriodSeconds: 1,
        ...spec,
        containers: [{ name: 'main', image: 'test/shell:1', ...container }],
      },
    });
  const podWhere = (name: string, what: string, test: (pod: SeenPod) => unknown) =>
    until(`${name} ${what}`, () => {
      const pod = pods.get(name, 'default');
      return pod && test(pod) ? pod : undefined;
    });
  const eventOf = (name: string, reason: string) =>
    until(`event ${reason} of ${name}`, () =>
      events.list().find((e) => e.involvedObject.name === name && e.reason === reason),
    );
  const isReady = ({ status }: SeenPod) => status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True');
  const gone = (name: string) => until(`end of ${name}`, () => !pods.get(name, 'default'));

  before(async () => {
    parentDir = await mkdtemp(path.join(tmpdir(), 'playground-embedded-'));
    cluster = await start();
    client = createKubeClient({ kubeconfig: cluster.kubeconfig });
    pods = createInformer<SeenPod>(client, resources.pods, {}, { clock, logger });
    events = createInformer<SeenEvent>(client, resources.events, {}, { clock, logger });
    await Promise.all([pods.synced, events.synced]);
  });
  afterEach(async () => {
    for (const { metadata } of pods.list())
      await client.delete(resources.pods, metadata.name, 'default', { gracePeriodSeconds: 0 });
    await until('no pods', () => pods.list().length === 0);
  });
  after(async () => {
    pods.dispose();
    events.dispose();
    client.dispose();
    await cluster.dispose();
    assert.equal(existsSync(cluster.stateDir), false);
    assert.deepEqual(await processesOf(cluster.stateDir), []);
    await rm(parentDir, { recursive: true, force: true });
  });

  it('runs a pod to Ready with an address of its own, tells it in events, and ends all of it', async () => {
    await create('web', {
      image: 'test/node',
      args: [server],
      env: [podIp],
      startupProbe: { httpGet: { path: '/', port: 8000 }, periodSeconds: 1 },
      readinessProbe: { httpGet: { path: '/', port: 8000 } },
    });
    const { status, spec } = await podWhere('web', 'ready', isReady);
    assert.equal(status.phase, 'Running');
    assert.match(status.podIP ?? '', /^127\.\d+\.\d+\.\d+$/);
    assert.ok(spec.nodeName);
    assert.equal(await fetch(`http://${status.podIP}:8000/`).then((r) => r.text()), 'ok');
    for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started']) await eventOf('web', reason);
    assert.equal((await processesOf(cluster.stateDir)).length, 1);

    await client.delete(resources.pods, 'web', 'default');
    await podWhere('web', 'terminating', ({ metadata }) => metadata.deletionTimestamp);
    await gone('web');
    assert.deepEqual(await processesOf(cluster.stateDir), []);
    await assert.rejects(fetch(`http://${status.podIP}:8000/`));
  });

  it('ends what a container started in sessions of its own', async () => {
    await create('forks', { args: ['setsid sleep 1000 & echo started; wait'] });
    await podWhere('forks', 'ready', isReady);
    await until('both', async () => (await processesOf(cluster.stateDir)).length >= 2 || undefined);
    await client.delete(resources.pods, 'forks', 'default');
    await gone('forks');
    assert.deepEqual(await processesOf(cluster.stateDir), []);
  });

  it('starts a container again, keeps the log of the run before, and counts', async () => {
    await create('crash', { args: ['echo run $$; sleep 0.2; exit 3'] });
    const { status } = await podWhere(
      'crash',
      'backing off',
      (pod) => pod.status.containerStatuses?.[0]?.state.waiting?.reason === 'CrashLoopBackOff',
    );
    assert.equal(status.phase, 'Running');
    assert.equal(status.containerStatuses?.[0]?.restartCount, 1);
    assert.equal(status.containerStatuses[0].lastState.terminated?.exitCode, 3);
    await eventOf('crash', 'BackOff');
  });

  it('ends with its containers when nothing is to come again', async () => {
    await create('job', { args: ['echo done; exit 0'] }, { restartPolicy: 'Never' });
    const { status } = await podWhere('job', 'over', (pod) => pod.status.phase === 'Succeeded');
    assert.equal(status.containerStatuses?.[0]?.state.terminated?.reason, 'Completed');
  });

  it('says why it does not start: unknown image, no such program, a volume that is not served', async () => {
    await create('image', { image: 'test/none:1' });
    await podWhere(
      'image',
      'without image',
      (pod) => pod.status.containerStatuses?.[0]?.state.waiting?.reason === 'ErrImagePull',
    );
    assert.match((await eventOf('image', 'Failed')).message, /test\/none/);
    await create('program', { command: ['/no/such/program'] });
    await podWhere(
      'program',
      'failed',
      (pod) => pod.status.containerStatuses?.[0]?.state.waiting?.reason === 'RunContainerError',
    );
    await create('volume', {}, { volumes: [{ name: 'v', hostPath: { path: '/' } }] });
    assert.match((await eventOf('volume', 'FailedMount')).message, /only emptyDir/);
  });

  it('kills a container whose liveness probe fails', async () => {
    await create('sick', {
      image: 'test/node',
      args: [server],
      env: [podIp],
      livenessProbe: {
        httpGet: { path: '/broken', port: 8000 },
        periodSeconds: 1,
        failureThreshold: 1,
        initialDelaySeconds: 1,
      },
    });
    await eventOf('sick', 'Unhealthy');
    await podWhere('sick', 'restarted', (pod) => (pod.status.containerStatuses?.[0]?.restartCount ?? 0) >= 1);
  });

  it('holds to the deadline', async () => {
    await create('late', { args: ['sleep 1000'] }, { activeDeadlineSeconds: 1 });
    const { status } = await podWhere('late', 'over', (pod) => pod.status.phase === 'Failed');
    assert.equal(status.reason, 'DeadlineExceeded');
    await until('no process', async () => (await processesOf(cluster.stateDir)).length === 0 || undefined);
  });

  it('waits behind a scheduling gate, and for room', async () => {
    await create('gated', { args: ['sleep 1000'] }, { schedulingGates: [{ name: 'queue' }] });
    const gate = (pod: SeenPod) => pod.status.conditions?.find(({ type }) => type === 'PodScheduled')?.reason;
    await podWhere('gated', 'gated', (pod) => gate(pod) === 'SchedulingGated');
    for (const name of ['a', 'b', 'c']) await create(name, { args: ['sleep 1000'] });
    for (const name of ['a', 'b', 'c']) await podWhere(name, 'running', (pod) => pod.status.phase === 'Running');
    await client.patch(resources.pods, 'gated', 'default', 'json', [{ op: 'remove', path: '/spec/schedulingGates' }]);
    await podWhere('gated', 'unschedulable', (pod) => gate(pod) === 'Unschedulable');
    await client.delete(resources.pods, 'a', 'default', { gracePeriodSeconds: 0 });
    await podWhere('gated', 'running', (pod) => pod.status.phase === 'Running');
  });

  it('keeps volumes within the pod and gives a log', async () => {
    const volumeMounts = [{ name: 'shared', mountPath: '/shared' }];
    await create(
      'volumes',
      {
        args: ['echo first; echo hello > $FILE; echo last; sleep 1000'],
        env: [{ name: 'FILE', value: '/shared/file' }],
        volumeMounts,
      },
      { volumes: [{ name: 'shared', emptyDir: {} }] },
    );
    const { metadata } = await podWhere('volumes', 'ready', isReady);
    const file = path.join(cluster.stateDir, 'pods', metadata.uid ?? '', 'volumes/shared/file');
    await until('the file', () => existsSync(file) || undefined);
    assert.equal(await readFile(file, 'utf8'), 'hello\n');
    const log = path.join(cluster.stateDir, 'pods', metadata.uid ?? '', 'logs/main.log');
    await until('the log', async () => (await readFile(log, 'utf8')).includes('last') || undefined);
  });

  it('ends what a killed playground left behind', async () => {
    const orphan = path.join(parentDir, 'cluster-orphan');
    await mkdir(path.join(orphan, 'pods/x'), { recursive: true });
    await writeFile(path.join(orphan, 'owner'), '1 0');
    const left = spawn('sleep', ['1000'], {
      env: { HOME: path.join(orphan, 'pods/x') },
      detached: true,
      stdio: 'ignore',
    });
    const exited = once(left, 'exit');
    const other = await start();
    await exited;
    assert.equal(existsSync(orphan), false);
    assert.equal(existsSync(cluster.stateDir), true);
    await other.dispose();
  });
});
