// What an administrator is told when the playground cannot work: one sentence in the log and at /readyz, and no crash.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createKubeClient, resources, type KubeClient, type KubeObject } from '../../server/kube/index.ts';
import type { Playground } from '../../server/playground.ts';
import { openEmbeddedCluster, startGateway, type OpenedCluster } from '../support/embedded-playground.ts';
import { createScriptedApi } from '../support/scripted-api.ts';
import { until } from '../support/until.ts';

const namespace = 'playground-sessions';
const root = fileURLToPath(new URL('../..', import.meta.url));

const kubeconfigWith = (server: string, token: string) =>
  JSON.stringify(
    {
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    },
    null,
    1,
  );

describe('startup faults', function () {
  this.timeout(60_000);
  let cluster: OpenedCluster;
  const running: Playground[] = [];
  const clients: KubeClient[] = [];
  before(async () => (cluster = await openEmbeddedCluster()));
  after(() => cluster?.dispose());
  afterEach(async () => {
    await Promise.all(running.splice(0).map((playground) => playground.dispose()));
    for (const client of clients.splice(0)) client.dispose();
  });

  async function start(kubeconfig: string): Promise<() => Promise<string>> {
    const client = createKubeClient({ kubeconfig });
    clients.push(client);
    const playground = await startGateway(client);
    running.push(playground);
    return async () => {
      const answer = await fetch(`${playground.ownUrl}/readyz`);
      return `${answer.status} ${(await answer.text()).trim()}`;
    };
  }
  const serverOf = () => /server: "?([^"\s]+)/.exec(cluster.cluster.kubeconfig)?.[1] ?? '';
  const says = (readyz: () => Promise<string>, pattern: RegExp) =>
    until(String(pattern), async () => pattern.test(await readyz()));

  it('no right to create pods: says so, and goes on when it is granted', async () => {
    const create = (resource: (typeof resources)['roles' | 'roleBindings' | 'serviceAccounts'], object: object) =>
      cluster.client.create(resource, object as KubeObject);
    const rbac = 'rbac.authorization.k8s.io';
    const metadata = { name: 'gateway', namespace };
    await create(resources.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    const rule = (group: string, plural: string, verbs: string[]) => ({
      apiGroups: [group],
      resources: [plural],
      verbs,
    });
    const rules = [
      rule('', 'pods', ['get', 'list', 'watch', 'patch', 'delete']),
      rule('', 'events', ['list', 'watch']),
      rule('coordination.k8s.io', 'leases', ['get', 'create', 'update']),
    ];
    await create(resources.roles, { apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules });
    await create(resources.roleBindings, {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'gateway' },
      subjects: [{ kind: 'ServiceAccount', name: 'gateway', namespace }],
    });
    const { status } = await cluster.client.request<{ status: { token: string } }>(
      'POST',
      `/api/v1/namespaces/${namespace}/serviceaccounts/gateway/token`,
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } },
    );
    const readyz = await start(kubeconfigWith(serverOf(), status.token));
    await says(
      readyz,
      /^503 The playground may not create pods in namespace playground-sessions: its ServiceAccount needs a Role there with these verbs\.$/,
    );
    rules[0]?.verbs.push('create');
    await cluster.client.patch(resources.roles, 'gateway', namespace, 'merge', { rules });
    await says(readyz, /^200 ok$/);
  });

  it('an API server that does not answer, one that is none, and credentials that it does not take', async () => {
    const nobody = await createScriptedApi(() => undefined);
    const closed = nobody.kubeconfig;
    await nobody.dispose();
    await says(
      await start(closed),
      /^503 The API server at http:\/\/127\.0\.0\.1:\d+ does not answer: .*ECONNREFUSED.*\.$/,
    );
    const page = await createScriptedApi((_request, response) => response.writeHead(404).end('<html>not here</html>'));
    await says(
      await start(page.kubeconfig),
      /^503 What answers at the address of the API server is no Kubernetes API: it said 404\.$/,
    );
    await says(
      await start(kubeconfigWith(serverOf(), 'nonsense')),
      /^503 The cluster does not take the credentials of the playground/,
    );
    await Promise.all(running.splice(0).map((playground) => playground.dispose()));
    await page.dispose();
  });

  describe('in a pod', () => {
    let child: ChildProcess | undefined;
    afterEach(() => child?.kill('SIGKILL'));

    const cases: [string, Record<string, string>, RegExp][] = [
      [
        'without the OAuth secret',
        { LISTEN_HOST: '0.0.0.0', GITHUB_CLIENT_ID: 'id' },
        /GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET belong together: give both or neither\./,
      ],
      [
        'with a kubeconfig that cannot be read',
        { CLUSTER: 'kubeconfig', KUBECONFIG: '/nowhere' },
        /The kubeconfig \/nowhere cannot be used: .*no such file/,
      ],
    ];
    for (const [name, env, sentence] of cases)
      it(`${name}: stays, unready, says why, and ends when it is told`, async () => {
        child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
          cwd: root,
          env: {
            PATH: process.env['PATH'],
            PORT: '0',
            METRICS_PORT: '0',
            KUBERNETES_SERVICE_HOST: '127.0.0.1',
            ...env,
          },
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let said = '';
        child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
        const findPort = () => /http:\/\/0\.0\.0\.0:(\d+)\/readyz says so/.exec(said)?.[1];
        // A process that reads all its sources first takes its time on a busy machine.
        const port = await until('an address', findPort, undefined, 50_000);
        assert.match(said, sentence);
        assert.doesNotMatch(said, / at .*\.ts/);
        const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
        assert.equal(answer.status, 503);
        assert.match(await answer.text(), sentence);
        assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
        const page = await fetch(`http://127.0.0.1:${port}/`);
        assert.deepEqual([page.status, sentence.test(await page.text())], [503, false]);
        const exit = once(child, 'exit');
        child.kill('SIGTERM');
        assert.deepEqual(await exit, [0, null]);
      });
  });
});
