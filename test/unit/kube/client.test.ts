// The client: paths, queries, content types, errors, retries.
import assert from 'node:assert/strict';
import { createManualClock } from '../../../server/common/clock.ts';
import {
  createKubeClient,
  isNotFound,
  interactivePatience,
  isUnreachable,
  KubeError,
  pathOf,
  resources,
} from '../../../server/kube/index.ts';
import { createScriptedApi, json, type Answer, type ScriptedApi } from '../../support/scripted-api.ts';
import { until } from '../../support/until.ts';

describe('kube client', () => {
  let api: ScriptedApi;
  let answer: Answer;
  const clock = createManualClock();
  const open = () => createKubeClient({ kubeconfig: api.kubeconfig, clock });

  beforeEach(async () => {
    api = await createScriptedApi((request, response) => answer(request, response));
  });
  afterEach(() => api.dispose());

  it('makes the paths of core and group resources, and escapes names', () => {
    assert.equal(pathOf(resources.pods, 'a', 'b', 'log'), '/api/v1/namespaces/a/pods/b/log');
    assert.equal(pathOf(resources.seeds, 'ignored', 'local'), '/apis/core.gardener.cloud/v1beta1/seeds/local');
    assert.equal(
      pathOf(resources.pods, undefined, undefined, undefined, { labelSelector: 'a=b,c' }),
      '/api/v1/pods?labelSelector=a%3Db%2Cc',
    );
    assert.equal(pathOf(resources.pods, 'a', '../x'), '/api/v1/namespaces/a/pods/..%2Fx');
  });

  it('sends credentials, patch type, field manager and force', async () => {
    answer = (_request, response) => json(response, 200, { ok: true });
    const client = open();
    await client.patch(
      resources.shoots,
      's',
      'garden-local',
      'apply',
      { a: 1 },
      { fieldManager: 'me', isForced: true, subresource: 'status' },
    );
    const [request] = api.seen;
    assert.equal(
      request?.url,
      '/apis/core.gardener.cloud/v1beta1/namespaces/garden-local/shoots/s/status?fieldManager=me&force=true',
    );
    assert.equal(request.headers.authorization, 'Bearer secret-token');
    assert.equal(request.headers['content-type'], 'application/apply-patch+yaml');
    assert.equal(request.body, '{"a":1}');
    client.dispose();
  });

  it('reads a list page by page and gives items their kind', async () => {
    answer = (request, response) => {
      const isSecond = request.url.includes('continue=more');
      json(response, 200, {
        apiVersion: 'v1',
        kind: 'PodList',
        metadata: { resourceVersion: '7', continue: isSecond ? '' : 'more' },
        items: [{ metadata: { name: isSecond ? 'b' : 'a' } }],
      });
    };
    const client = open();
    const { items, resourceVersion } = await client.list(resources.pods, { namespace: 'n' });
    assert.deepEqual(items, [
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } },
    ]);
    assert.equal(resourceVersion, '7');
    client.dispose();
  });

  it('turns a Status into a KubeError, and what is no Status too', async () => {
    answer = (request, response) => {
      if (request.url.endsWith('/gone'))
        json(response, 404, { kind: 'Status', code: 404, reason: 'NotFound', message: 'pods "gone" not found' });
      else response.writeHead(502).end('<html>bad gateway</html>');
    };
    const client = open();
    await assert.rejects(
      client.get(resources.pods, 'gone', 'n'),
      (error) => isNotFound(error) && error.message === 'pods "gone" not found',
    );
    await assert.rejects(
      client.get(resources.pods, 'x', 'n'),
      (error) => error instanceof KubeError && error.code === 502,
    );
    client.dispose();
  });

  it('waits as long as a busy server asks, then tries again', async () => {
    let calls = 0;
    answer = (_request, response) =>
      ++calls < 3
        ? json(response, 429, { kind: 'Status', code: 429, reason: 'TooManyRequests' }, { 'retry-after': '2' })
        : json(response, 200, { done: true });
    const client = open();
    const result = client.request<{ done: boolean }>('GET', '/x');
    let isDone = false;
    void result.then(() => (isDone = true));
    await until(
      'an answer',
      () => isDone,
      () => clock.advance(500),
    );
    assert.deepEqual(await result, { done: true });
    assert.equal(calls, 3);
    client.dispose();
  });

  it('waits no longer than somebody would who waits for it, and passes on when to come again', async () => {
    let calls = 0;
    answer = (_request, response) => {
      calls++;
      json(response, 429, { kind: 'Status', code: 429, reason: 'TooManyRequests' }, { 'retry-after': '30' });
    };
    const client = createKubeClient({ kubeconfig: api.kubeconfig, clock, patience: interactivePatience });
    await assert.rejects(
      client.get(resources.pods, 'a', 'n'),
      (error) => error instanceof KubeError && error.code === 429 && error.retryAfterSeconds === 30,
    );
    assert.equal(calls, 1);
    assert.equal(clock.pending, 0);
    client.dispose();
  });

  it('gives a server up that takes the request and says nothing', async () => {
    answer = () => undefined;
    const patience = { ...interactivePatience, readTimeoutMs: 50 };
    const client = createKubeClient({ kubeconfig: api.kubeconfig, clock, patience });
    await assert.rejects(
      client.get(resources.pods, 'a', 'n'),
      (error) => isUnreachable(error) && /no answer within 50 ms/.test(error.message),
    );
    client.dispose();
  });

  it('asks again when a kept connection was closed meanwhile, once', async () => {
    let calls = 0;
    answer = (request, response) => {
      if (++calls % 2 === 0) request.socket.destroy();
      else json(response, 200, { calls });
    };
    const client = open();
    await client.request('GET', '/first');
    assert.deepEqual(await client.request('GET', '/second'), { calls: 3 });
    client.dispose();
  });

  it('says so when nobody answers', async () => {
    await api.dispose();
    const client = open();
    await assert.rejects(
      client.get(resources.pods, 'a', 'n'),
      (error) => isUnreachable(error) && /does not answer/.test(error.message),
    );
    client.dispose();
    api = await createScriptedApi((request, response) => answer(request, response));
  });

  it('refuses a kubeconfig without a cluster', () => {
    assert.throws(
      () => createKubeClient({ kubeconfig: 'current-context: x\nclusters: []\nusers: []\ncontexts: []\n' }),
      /names no cluster/,
    );
  });
});
