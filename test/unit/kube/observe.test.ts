// Tests of what is told about requests to the Kubernetes API.
import assert from 'node:assert/strict';
import { createManualClock } from '../../../server/common/clock.ts';
import { createKubeClient, resources, type ObservedRequest } from '../../../server/kube/index.ts';
import { requestInfoOf } from '../../../server/kube/observe.ts';
import { createScriptedApi, json } from '../../support/scripted-api.ts';
import { until } from '../../support/until.ts';

describe('kube observation', () => {
  it('names requests as RBAC does', () => {
    const info = (method: string, path: string) => Object.values(requestInfoOf(method, path)).join(' ');
    assert.equal(info('GET', '/api/v1/namespaces/a/pods/b'), 'get pods');
    assert.equal(info('GET', '/api/v1/namespaces/a/pods?limit=500'), 'list pods');
    assert.equal(info('GET', '/api/v1/namespaces/a/pods?watch=true&resourceVersion=1'), 'watch pods');
    assert.equal(info('GET', '/api/v1/pods'), 'list pods');
    assert.equal(info('GET', '/api/v1/namespaces/a/pods/b/log'), 'get pods/log');
    assert.equal(info('POST', '/api/v1/namespaces'), 'create namespaces');
    assert.equal(info('GET', '/api/v1/namespaces/a'), 'get namespaces');
    assert.equal(info('PUT', '/apis/coordination.k8s.io/v1/namespaces/a/leases/b'), 'update leases');
    assert.equal(info('PATCH', '/api/v1/namespaces/a/pods/b?fieldManager=me'), 'patch pods');
    assert.equal(info('DELETE', '/api/v1/namespaces/a/pods/b'), 'delete pods');
    assert.equal(info('GET', '/version'), 'get other');
  });

  it('tells every request once it is over, with its status, also those that are sent again', async () => {
    const seen: string[] = [];
    const clock = createManualClock();
    const onRequest = ({ verb, resource, code }: ObservedRequest) => void seen.push(`${verb} ${resource} ${code}`);
    let answers = 0;
    const api = await createScriptedApi((request, response) => {
      if (request.method === 'GET') return request.socket.destroy();
      if (answers++ === 0) return json(response, 429, { reason: 'TooManyRequests' }, { 'retry-after': '1' });
      return json(response, 201, { metadata: { name: 'p' } });
    });
    const client = createKubeClient({ kubeconfig: api.kubeconfig, clock, onRequest });
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n' } };
    const created = client.create(resources.pods, pod);
    await until('a wait', () => clock.pending === 1);
    await clock.advance(30_000);
    await created;
    await assert.rejects(client.get(resources.pods, 'p', 'n'));
    assert.deepEqual(seen, ['create pods 429', 'create pods 201', 'get pods 0']);
    client.dispose();
    await api.dispose();
  });

  it('tells of a watch when it begins, and not of one that we end before', async () => {
    const seen: ObservedRequest[] = [];
    const api = await createScriptedApi((request, response) => {
      if (request.url.includes('resourceVersion=2')) return;
      response.writeHead(200).flushHeaders();
    });
    const client = createKubeClient({ kubeconfig: api.kubeconfig, onRequest: (request) => void seen.push(request) });
    const watch = (resourceVersion: string) =>
      client.watch(
        resources.pods,
        { namespace: 'n', resourceVersion },
        () => undefined,
        () => undefined,
      );
    const open = watch('1');
    await until('a watch', () => seen.length === 1);
    assert.equal(seen[0]?.verb, 'watch');
    open.dispose();
    const early = watch('2');
    await until('the second request', () => api.seen.length === 2);
    early.dispose();
    client.dispose();
    await api.dispose();
    assert.equal(seen.length, 1);
  });
});
