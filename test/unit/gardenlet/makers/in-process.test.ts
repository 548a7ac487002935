// The clusters of the in-process maker, asked as any client asks them: nodes, workloads, machines, sleep, rotation.
import assert from 'node:assert/strict';
import path from 'node:path';
import {
  createAuthority,
  issueCertificate,
  renderKubeconfig,
  type KeyPair,
} from '../../../../server/apiserver/index.ts';
import { createManualClock, type ManualClock } from '../../../../server/common/clock.ts';
import { createSilentLogger } from '../../../../server/common/log.ts';
import {
  createKubeClient,
  isForbidden,
  isUnreachable,
  type KubeClient,
  type KubeObject,
} from '../../../../server/kube/index.ts';
import type { ClusterSpec, Maker } from '../../../../server/gardenlet/makers/maker.ts';
import { createInProcessMaker } from '../../../../server/gardenlet/makers/in-process/index.ts';
import type { Node, Pod } from '../../../../server/gardenlet/makers/in-process/objects.ts';

const signal = new AbortController().signal;
const of = (group: string, plural: string, kind: string, isNamespaced = true) => ({
  group,
  version: 'v1',
  plural,
  kind,
  isNamespaced,
});
const kinds = {
  nodes: of('', 'nodes', 'Node', false),
  pods: of('', 'pods', 'Pod'),
  namespaces: of('', 'namespaces', 'Namespace', false),
  services: of('', 'services', 'Service'),
  endpoints: of('', 'endpoints', 'Endpoints'),
  configMaps: of('', 'configmaps', 'ConfigMap'),
  secrets: of('', 'secrets', 'Secret'),
  deployments: of('apps', 'deployments', 'Deployment'),
  replicaSets: of('apps', 'replicasets', 'ReplicaSet'),
  daemonSets: of('apps', 'daemonsets', 'DaemonSet'),
  statefulSets: of('apps', 'statefulsets', 'StatefulSet'),
  jobs: of('batch', 'jobs', 'Job'),
};
type Any = KubeObject & { spec?: Record<string, unknown>; status?: Record<string, unknown> };

const worker = { name: 'local', minimum: 1, maximum: 2, maxSurge: 1, machine: { type: 'local' } };
const template = (labels: Record<string, string>, more: object = {}, container: object = {}) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image: 'nginx:1.27', ...container }], ...more },
});

describe('gardenlet/makers/in-process', () => {
  let ca: KeyPair;
  let clock: ManualClock;
  let maker: Maker;
  let spec: ClusterSpec;
  let url: string;
  let clients: KubeClient[];

  const clientOf = async (groups: string[], authority = ca, trusted = ca.certificate): Promise<KubeClient> => {
    const user = 'gardener.cloud:admin:somebody';
    const nowMs = clock.now();
    const credentials = await issueCertificate(authority, {
      subject: { commonName: user, organizations: groups },
      usages: ['clientAuth'],
      nowMs,
    });
    const client = createKubeClient({
      kubeconfig: renderKubeconfig({ server: url, caCertificate: trusted, context: 'a', user, credentials }),
    });
    clients.push(client);
    return client;
  };
  const admin = () => clientOf(['gardener.cloud:system:admins']);
  /** Lets time pass until it is so; answers over the network take time that is not the clock's. */
  const until = async (isDone: () => Promise<boolean>) => {
    while (!(await isDone())) await clock.advance(500);
  };
  const passing = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = work.finally(() => (isOver = true));
    while (!isOver) {
      await clock.advance(500);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return over;
  };
  const up = async (next: ClusterSpec = spec) => {
    ({ url } = await maker.ensureControlPlane(next, signal));
    await maker.ensureSystemComponents(next, signal);
    await passing(maker.ensureWorkers(next, signal));
  };
  const podsOf = async (client: KubeClient, labelSelector: string) =>
    (await client.list<Pod & KubeObject>(kinds.pods, { namespace: 'default', labelSelector })).items;
  const nodesOf = async (client: KubeClient) => (await client.list<Node & KubeObject>(kinds.nodes)).items;
  const isRunning = ({ status }: Pod) =>
    status?.phase === 'Running' && status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True');
  const create = (client: KubeClient, kind: keyof typeof kinds, name: string, body: object) => {
    const { group, version, kind: kindName } = kinds[kind];
    const object = { apiVersion: group ? `${group}/${version}` : version, kind: kindName, ...body };
    return client.create(kinds[kind], { ...object, metadata: { name, namespace: 'default' } } as KubeObject);
  };
  const deployment = (replicas: number, more: object = {}, container: object = {}) => ({
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template({ app: 'web' }, more, container) },
  });

  before(async () => {
    ca = await createAuthority({ commonName: 'kubernetes', algorithm: 'rsa', nowMs: Date.now() });
  });
  beforeEach(() => {
    // Certificates are judged by the time of the machine.
    clock = createManualClock(Date.now());
    clients = [];
    maker = createInProcessMaker({
      host: '127.0.0.1',
      manifestsDir: path.resolve('manifests'),
      clock,
      logger: createSilentLogger(),
      speed: 1,
    });
    spec = {
      technicalId: 'shoot--local--a',
      uid: 'uid',
      shootName: 'a',
      namespace: 'garden-local',
      projectName: 'local',
      region: 'local',
      providerType: 'local',
      kubernetesVersion: '1.35.4',
      networks: { type: 'calico', pods: '10.3.0.0/16', nodes: '10.0.0.0/16', services: '10.4.0.0/16' },
      workers: [worker],
      workerHashes: { local: 'aaaaa' },
      ca: { ...ca, bundle: ca.certificate },
      serverNames: ['api.a.local.internal.local.gardener.cloud'],
      shootInfo: { shootName: 'a', kubernetesVersion: '1.35.4' },
    };
  });
  afterEach(async () => {
    for (const client of clients) client.dispose();
    await maker.dispose();
    assert.equal(clock.pending, 0, 'a timer was left behind');
  });

  it('starts with nodes that join, become Ready and carry the system pods', async () => {
    ({ url } = await maker.ensureControlPlane(spec, signal));
    await maker.ensureSystemComponents(spec, signal);
    const client = await admin();
    assert.equal((await nodesOf(client)).length, 0);
    const joined = maker.ensureWorkers(spec, signal);
    await until(async () => (await nodesOf(client)).length === 1);
    const [joining] = await nodesOf(client);
    assert.equal(joining?.status.conditions.find(({ type }) => type === 'Ready')?.status, 'False');
    assert.equal((await maker.health(spec.technicalId))?.nodes[0]?.isReady, false);
    await passing(joined);
    const [node] = await nodesOf(client);
    assert.match(node?.metadata.name ?? '', /^machine-shoot--local--a-local-z1-aaaaa-[a-z0-9]{5}$/);
    assert.equal(node?.status.nodeInfo.kubeletVersion, 'v1.35.4');
    assert.equal(node?.metadata.labels?.['worker.gardener.cloud/pool'], 'local');
    await until(async () => {
      const { items } = await client.list<Pod & KubeObject>(kinds.pods, { namespace: 'kube-system' });
      return items.length > 0 && items.every(isRunning);
    });
    const names = (await client.list(kinds.pods, { namespace: 'kube-system' })).items.map(
      ({ metadata }) => metadata.name,
    );
    for (const part of ['calico-node-', 'coredns-', 'kube-proxy-local-v1.35.4-', 'vpn-shoot-', 'node-exporter-'])
      assert.ok(
        names.some((name) => name.startsWith(part)),
        part,
      );
    assert.deepEqual((await maker.health(spec.technicalId))?.unhealthySystemPods, []);
    const info = await client.get<KubeObject & { data: object }>(kinds.configMaps, 'shoot-info', 'kube-system');
    assert.deepEqual(info.data, spec.shootInfo);
    assert.equal((await client.request<{ gitVersion: string }>('GET', '/version')).gitVersion, 'v1.35.4');
  });

  it('lets viewers look, but not at secrets, and strangers not in', async () => {
    ({ url } = await maker.ensureControlPlane(spec, signal));
    const viewer = await clientOf(['gardener.cloud:system:viewers']);
    await viewer.list(kinds.nodes);
    await assert.rejects(viewer.list(kinds.secrets), isForbidden);
    await assert.rejects(viewer.delete(kinds.namespaces, 'default'), isForbidden);
    await assert.rejects((await clientOf(['nobody'])).list(kinds.nodes), isForbidden);
  });

  it('runs a deployment: pods, scaling, rollout, endpoints, removal', async () => {
    await up();
    const client = await admin();
    await create(client, 'deployments', 'web', deployment(3));
    const service = { spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } };
    await create(client, 'services', 'web', service);
    const get = () => client.get<Any>(kinds.deployments, 'web', 'default');
    await until(async () => (await get()).status?.availableReplicas === 3);
    const [pod] = await podsOf(client, 'app=web');
    assert.match(pod?.metadata.name ?? '', /^web-[a-z0-9]+-[a-z0-9]{5}$/);
    assert.match(pod?.status?.podIP ?? '', /^10\.3\./);
    const addresses = async () => {
      const { subsets = [] } = await client.get<
        Any & { subsets?: { addresses?: unknown[]; ports: { port: number }[] }[] }
      >(kinds.endpoints, 'web', 'default');
      return [subsets[0]?.addresses?.length, subsets[0]?.ports[0]?.port];
    };
    assert.deepEqual(await addresses(), [3, 8080]);

    const image = { spec: { template: { spec: { containers: [{ name: 'c', image: 'nginx:1.28' }] } } } };
    await client.patch(kinds.deployments, 'web', 'default', 'strategic', image);
    let fewest = 3;
    await until(async () => {
      const { status, metadata } = await get();
      if (status?.observedGeneration !== metadata.generation) return false;
      fewest = Math.min(fewest, Number(status?.availableReplicas ?? 0));
      return status?.updatedReplicas === 3 && status.replicas === 3 && status.availableReplicas === 3;
    });
    assert.ok(fewest >= 3, `${fewest} were left during the rollout`);
    assert.equal((await client.list(kinds.replicaSets, { namespace: 'default' })).items.length, 2);

    await client.patch(kinds.deployments, 'web', 'default', 'merge', { spec: { replicas: 1 } });
    await until(async () => (await podsOf(client, 'app=web')).length === 1);
    await client.delete(kinds.deployments, 'web', 'default', { propagationPolicy: 'Background' });
    await until(async () => (await podsOf(client, 'app=web')).length === 0);
    assert.deepEqual(await addresses(), [undefined, undefined]);
  });

  it('numbers the pods of a StatefulSet and starts one after the other', async () => {
    await up();
    const client = await admin();
    await create(client, 'statefulSets', 'db', {
      spec: {
        replicas: 2,
        serviceName: 'db',
        selector: { matchLabels: { app: 'db' } },
        template: template({ app: 'db' }),
      },
    });
    await until(async () => (await podsOf(client, 'app=db')).length === 1);
    assert.deepEqual(
      (await podsOf(client, 'app=db')).map(({ metadata }) => metadata.name),
      ['db-0'],
    );
    await until(async () => (await podsOf(client, 'app=db')).filter(isRunning).length === 2);
    await client.patch(kinds.statefulSets, 'db', 'default', 'merge', { spec: { replicas: 1 } });
    await until(async () => (await podsOf(client, 'app=db')).length === 1);
    assert.equal((await podsOf(client, 'app=db'))[0]?.metadata.name, 'db-0');
  });

  it('completes jobs, and fails those whose pods fail too often', async () => {
    await up();
    const client = await admin();
    const job = (command: string[], backoffLimit: number) => ({
      spec: { backoffLimit, template: template({}, { restartPolicy: 'Never' }, { command }) },
    });
    await create(client, 'jobs', 'good', job(['sleep', '30'], 0));
    await create(client, 'jobs', 'bad', job(['sh', '-c', 'exit 3'], 1));
    const outcome = async (name: string) => {
      const { status } = await client.get<Any & { status?: { conditions?: { type: string }[] } }>(
        kinds.jobs,
        name,
        'default',
      );
      return status?.conditions?.map(({ type }) => type) ?? [];
    };
    await until(async () => (await outcome('good')).includes('Complete') && (await outcome('bad')).includes('Failed'));
    assert.equal((await client.get<Any>(kinds.jobs, 'bad', 'default')).status?.failed, 2);
    const failed = (await podsOf(client, 'job-name=bad'))[0];
    assert.equal(failed?.status?.containerStatuses?.[0]?.state.terminated?.exitCode, 3);
  });

  it('tells why a pod cannot run, and adds a machine when there is no room', async () => {
    await up();
    const client = await admin();
    await create(client, 'pods', 'picky', { spec: { ...template({}).spec, nodeSelector: { disk: 'gold' } } });
    const message = async () => {
      const { status } = await client.get<Pod & KubeObject>(kinds.pods, 'picky', 'default');
      return status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message;
    };
    await until(async () => (await message()) !== undefined);
    assert.equal(await message(), "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.");
    await create(client, 'deployments', 'web', deployment(2, {}, { resources: { requests: { cpu: '60' } } }));
    await until(async () => (await podsOf(client, 'app=web')).filter(isRunning).length === 2);
    assert.equal((await nodesOf(client)).length, 2);
    await client.delete(kinds.deployments, 'web', 'default');
    await until(async () => (await nodesOf(client)).length === 1);
  });

  it('rolls machines one by one: the new one is Ready before the old one is drained', async () => {
    await up({ ...spec, workers: [{ ...worker, minimum: 2 }] });
    const client = await admin();
    await create(client, 'deployments', 'web', deployment(2));
    await until(async () => (await podsOf(client, 'app=web')).filter(isRunning).length === 2);
    const counts = new Set<number>();
    let isOver = false;
    const next = { ...spec, workers: [{ ...worker, minimum: 2 }], workerHashes: { local: 'bbbbb' } };
    void maker.ensureWorkers(next, signal).then(() => (isOver = true));
    await until(async () => {
      const nodes = await nodesOf(client);
      counts.add(nodes.length);
      return isOver;
    });
    assert.deepEqual([...counts].sort(), [2, 3]);
    assert.ok((await nodesOf(client)).every(({ metadata }) => metadata.name.includes('-bbbbb-')));
    await until(async () => (await podsOf(client, 'app=web')).filter(isRunning).length === 2);
  });

  it('follows labels, taints and the number of workers without new machines', async () => {
    await up();
    const client = await admin();
    const before = (await nodesOf(client))[0]?.metadata.uid;
    const taints = [{ key: 'dedicated', value: 'x', effect: 'NoSchedule' }];
    await up({ ...spec, workers: [{ ...worker, labels: { team: 'a' }, taints, minimum: 2 }] });
    const nodes = await nodesOf(client);
    assert.equal(nodes.length, 2);
    assert.ok(nodes.some(({ metadata }) => metadata.uid === before));
    for (const { metadata, spec: nodeSpec } of nodes) {
      assert.equal(metadata.labels?.team, 'a');
      assert.deepEqual(nodeSpec.taints, taints);
    }
  });

  it('keeps what it held while it sleeps, and wakes at the same address', async () => {
    await up();
    const client = await admin();
    await create(client, 'deployments', 'web', deployment(1));
    await create(client, 'configMaps', 'kept', { data: { a: 'b' } });
    await until(async () => (await podsOf(client, 'app=web')).filter(isRunning).length === 1);
    await passing(maker.destroyWorkers(spec.technicalId, signal));
    assert.equal((await nodesOf(client)).length, 0);
    await maker.hibernate(spec.technicalId, signal);
    assert.equal(await maker.health(spec.technicalId), undefined);
    await assert.rejects(client.list(kinds.nodes), isUnreachable);
    const before = url;
    await up();
    assert.equal(url, before);
    assert.deepEqual((await client.get<Any & { data: object }>(kinds.configMaps, 'kept', 'default')).data, { a: 'b' });
    await until(async () => (await podsOf(client, 'app=web')).filter(isRunning).length === 1);
  });

  it('is upgraded without its pods noticing, then its machines are rolled', async () => {
    await up();
    const client = await admin();
    await create(client, 'deployments', 'web', deployment(1));
    await until(async () => (await podsOf(client, 'app=web')).filter(isRunning).length === 1);
    const [pod] = await podsOf(client, 'app=web');
    const next = { ...spec, kubernetesVersion: '1.36.0', workerHashes: { local: 'bbbbb' } };
    ({ url } = await maker.ensureControlPlane(next, signal));
    await clock.advance(5000);
    const [after] = await podsOf(client, 'app=web');
    assert.deepEqual([after?.metadata.name, after?.status?.phase], [pod?.metadata.name, 'Running']);
    assert.equal((await client.request<{ gitVersion: string }>('GET', '/version')).gitVersion, 'v1.36.0');
    await up(next);
    assert.equal((await nodesOf(client))[0]?.status.nodeInfo.kubeletVersion, 'v1.36.0');
    const sets = (await client.list(kinds.daemonSets, { namespace: 'kube-system' })).items.map(
      ({ metadata }) => metadata.name,
    );
    assert.deepEqual(
      sets.filter((name) => name.startsWith('kube-proxy')),
      ['kube-proxy-local-v1.36.0'],
    );
  });

  it('takes clients of both authorities during a rotation, and only new ones after it', async () => {
    ({ url } = await maker.ensureControlPlane(spec, signal));
    // A client of its own for each question: those of the server that was stopped are cut off.
    const canList = async (authority: KeyPair, trusted: string) => {
      const client = await clientOf(['gardener.cloud:system:admins'], authority, trusted);
      return client.list(kinds.nodes).then(
        () => true,
        () => false,
      );
    };
    const next = await createAuthority({ commonName: 'kubernetes', algorithm: 'rsa', nowMs: clock.now() });
    const both = ca.certificate + next.certificate;
    assert.equal(await canList(ca, ca.certificate), true);
    assert.equal(await canList(next, both), false);
    await maker.ensureControlPlane({ ...spec, ca: { ...next, bundle: both } }, signal);
    assert.equal(await canList(ca, ca.certificate), true);
    assert.equal(await canList(next, both), true);
    await maker.ensureControlPlane({ ...spec, ca: { ...next, bundle: next.certificate } }, signal);
    assert.equal(await canList(ca, both), false);
    assert.equal(await canList(next, next.certificate), true);
  });

  it('empties a namespace before it goes', async () => {
    await up();
    const client = await admin();
    await client.create(kinds.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } });
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', ...deployment(1) };
    await client.create(kinds.deployments, { ...object, metadata: { name: 'web', namespace: 'demo' } } as KubeObject);
    await until(async () => (await client.list(kinds.pods, { namespace: 'demo' })).items.length === 1);
    await client.delete(kinds.namespaces, 'demo');
    await until(
      async () => !(await client.list(kinds.namespaces)).items.some(({ metadata }) => metadata.name === 'demo'),
    );
    assert.equal((await client.list(kinds.pods, { namespace: 'demo' })).items.length, 0);
  });

  it('forgets a cluster that is destroyed, twice without harm', async () => {
    await up();
    const client = await admin();
    await maker.destroy(spec.technicalId);
    await maker.destroy(spec.technicalId);
    await assert.rejects(client.list(kinds.nodes), isUnreachable);
    assert.equal(await maker.health(spec.technicalId), undefined);
  });
});
