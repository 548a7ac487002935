// The API server over real HTTPS: who is let in, what is answered to sense and nonsense, watches, bounds.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:tls';
import { createApiServer, createAuthority, issueCertificate, type ApiServer } from '../../server/apiserver/index.ts';
import { admitNamespaceLifecycle, createKubernetesKinds } from '../../server/apiserver/kubernetes/index.ts';
import type { ApiObject, Kind } from '../../server/apiserver/types.ts';
import { createSystemClock } from '../../server/common/clock.ts';
import { clusterDocument } from '../unit/apiserver/schemas.ts';
import { createHttpsClient, type HttpsClient } from '../support/https-client.ts';

const clock = createSystemClock();
const configMaps = '/api/v1/namespaces/default/configmaps';
const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io';

interface Status {
  kind: string;
  message: string;
  reason: string;
  code: number;
}
interface Stored {
  metadata: { name: string; resourceVersion: string; uid: string; deletionTimestamp?: string };
  data?: Record<string, string>;
}

const configMap = (name: string, rest: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...rest,
});

/** One resource with a handler that fails in a way that nobody foresaw. */
const withFault = (kinds: readonly Kind[]): Kind[] =>
  kinds.map((kind) =>
    kind.plural === 'secrets'
      ? {
          ...kind,
          strategy: {
            ...kind.strategy,
            admit: () => {
              throw new TypeError('secret detail');
            },
          },
        }
      : kind,
  );

describe('API server over HTTPS', () => {
  let server: ApiServer;
  let kubeconfig: string;
  let admin: HttpsClient;

  before(async () => {
    server = await createApiServer({
      kinds: withFault(createKubernetesKinds({ schemas: clusterDocument })),
      schemas: clusterDocument,
      gitVersion: 'v1.34.1',
      clock,
      host: '127.0.0.1',
      port: 0,
      admit: admitNamespaceLifecycle,
      authenticateToken: (token) => (token === 'known' ? { name: 'by-token', groups: ['system:masters'] } : undefined),
      limits: { maxHistoryEvents: 200 },
    });
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'default' },
      status: { phase: 'Active' },
    };
    server.store.load([namespace as unknown as ApiObject]);
    kubeconfig = await server.openKubeconfig({ name: 'admin', groups: ['system:masters'] }, { context: 'test' });
    admin = createHttpsClient(kubeconfig);
  });

  after(async () => {
    admin.dispose();
    await server.dispose();
  });

  describe('who asks', () => {
    const ask = async (client: HttpsClient, headers: Record<string, string> = {}) => {
      const answer = await client('GET', '/api/v1/nodes', { headers });
      return [answer.code, answer.code === 200 ? '' : answer.json<Status>().message] as const;
    };

    it('knows a client by its certificate, on every request of a connection', async () => {
      assert.equal((await ask(admin))[0], 200);
      assert.equal((await ask(admin))[0], 200);
      const text = await server.openKubeconfig({ name: 'joe', groups: ['guests'] }, { context: 'test' });
      const joe = createHttpsClient(text);
      assert.deepEqual(await ask(joe), [
        403,
        'nodes is forbidden: User "joe" cannot list resource "nodes" in API group "" at the cluster scope',
      ]);
      joe.dispose();
    });

    it('takes who has no certificate for anonymous, and a known token for its user', async () => {
      const nobody = createHttpsClient(kubeconfig, {});
      assert.match((await ask(nobody))[1], /User "system:anonymous" cannot list/);
      assert.deepEqual(await ask(nobody, { authorization: 'Bearer unknown' }), [401, 'Unauthorized']);
      assert.deepEqual(await ask(nobody, { authorization: 'Basic known' }), [401, 'Unauthorized']);
      assert.equal((await ask(nobody, { authorization: 'Bearer known' }))[0], 200);
      assert.equal((await nobody('GET', '/readyz')).text, 'ok');
      nobody.dispose();
    });

    it('refuses a certificate of another authority that has the same name', async () => {
      const nowMs = clock.now();
      const foreign = await createAuthority({ commonName: 'kubernetes', nowMs });
      const subject = { commonName: 'admin', organizations: ['system:masters'] };
      const { certificate, key } = await issueCertificate(foreign, { subject, usages: ['clientAuth'], nowMs });
      const client = createHttpsClient(kubeconfig, { cert: certificate, key });
      assert.deepEqual(await ask(client), [401, 'Unauthorized']);
      client.dispose();
    });

    it('lets those impersonate who may', async () => {
      const headers = { 'impersonate-user': 'ann', 'impersonate-group': 'g', 'impersonate-extra-a%zz': 'x' };
      const answer = await admin('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { headers, body: {} });
      assert.deepEqual(answer.json<{ status: object }>().status, {
        userInfo: { username: 'ann', groups: ['g', 'system:authenticated'], extra: { 'a%zz': ['x'] } },
      });
      const joe = createHttpsClient(await server.openKubeconfig({ name: 'joe', groups: [] }, { context: 'test' }));
      assert.deepEqual(await ask(joe, { 'impersonate-user': 'admin' }), [
        403,
        'users "admin" is forbidden: User "joe" cannot impersonate resource "users" in API group "" at the cluster scope',
      ]);
      assert.equal((await ask(admin, { 'impersonate-group': 'g' }))[0], 500);
      joe.dispose();
    });
  });

  describe('objects', () => {
    it('are created, read, changed and deleted', async () => {
      const created = await admin('POST', configMaps, { body: configMap('life', { data: { a: '1' } }) });
      assert.equal(created.code, 201);
      const { metadata } = created.json<Stored>();
      const again = await admin('POST', configMaps, { body: configMap('life') });
      assert.deepEqual([again.code, again.json<Status>().reason], [409, 'AlreadyExists']);
      const path = `${configMaps}/life`;
      const stale = configMap('life', { metadata: { name: 'life', resourceVersion: '1' } });
      assert.equal((await admin('PUT', path, { body: stale })).code, 409);
      const put = await admin('PUT', path, { body: configMap('life', { data: { a: '2' } }) });
      assert.deepEqual(put.json<Stored>().data, { a: '2' });
      const headers = { 'content-type': 'application/json-patch+json' };
      const patch = [{ op: 'add', path: '/data/b', value: '3' }];
      const patched = await admin('PATCH', path, { headers, body: patch });
      assert.deepEqual(patched.json<Stored>().data, { a: '2', b: '3' });
      const deleted = await admin('DELETE', path);
      assert.deepEqual(deleted.json(), {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name: 'life', kind: 'configmaps', uid: metadata.uid },
      });
      assert.equal((await admin('GET', path)).json<Status>().message, 'configmaps "life" not found');
    });

    it('come as YAML, as tables and as metadata', async () => {
      const headers = { 'content-type': 'application/yaml', accept: 'application/yaml' };
      const body = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: forms}\ndata: {a: "1"}\n';
      const created = await admin('POST', configMaps, { headers, body });
      assert.match(created.text, /^apiVersion: v1\ndata:\n {2}a: "1"\nkind: ConfigMap\n/);
      const table = await admin('GET', `${configMaps}/forms`, { headers: { accept: tableType } });
      assert.deepEqual(table.json<{ rows: { cells: unknown[] }[] }>().rows[0]?.cells.slice(0, 2), ['forms', 1]);
      const accept = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
      const metadata = await admin('GET', `${configMaps}/forms`, { headers: { accept } });
      assert.deepEqual(Object.keys(metadata.json()), ['kind', 'apiVersion', 'metadata']);
    });

    it('are told of unknown fields as the client wants it', async () => {
      const body = { ...configMap('strict'), foo: 1 };
      const strict = await admin('POST', `${configMaps}?fieldValidation=Strict`, { body });
      assert.match(strict.json<Status>().message, /strict decoding error: unknown field "foo"$/);
      const warned = await admin('POST', `${configMaps}?dryRun=All`, { body });
      assert.equal(warned.headers['warning'], '299 - "unknown field \\"foo\\""');
      assert.equal(warned.json()['foo'], undefined);
      const twice = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","name":"b"}}';
      const duplicate = await admin('POST', `${configMaps}?fieldValidation=Strict`, { body: twice });
      assert.match(duplicate.json<Status>().message, /duplicate field "metadata.name"$/);
    });

    it('answer to what is no request with a Status, and the server lives', async () => {
      const cases: [method: string, path: string, options: Parameters<HttpsClient>[2], code: number][] = [
        ['POST', configMaps, { body: '{' }, 400],
        ['POST', configMaps, { body: '[]' }, 400],
        ['POST', configMaps, { body: '{"a":'.repeat(20_000) }, 400],
        ['POST', configMaps, { body: '['.repeat(50_000) + ']'.repeat(50_000) }, 400],
        ['POST', configMaps, { body: configMap('x', { data: 'x' }) }, 400],
        ['POST', configMaps, { body: { ...configMap('x'), kind: 'Pod' } }, 400],
        ['POST', configMaps, { headers: { 'content-type': 'text/plain' }, body: 'x' }, 415],
        ['PATCH', `${configMaps}/x`, { headers: { 'content-type': 'text/plain' }, body: 'x' }, 415],
        ['GET', configMaps, { headers: { accept: 'text/html' } }, 406],
        ['PUT', configMaps, { body: configMap('x') }, 405],
        ['POST', `${configMaps}/x`, { body: configMap('x') }, 405],
        ['OPTIONS', configMaps, {}, 405],
        ['GET', `${configMaps}/x/nope`, {}, 404],
        ['GET', '/api/v1/namespaces/default/nopes', {}, 404],
        ['GET', `${configMaps}?labelSelector=a%20b%20c`, {}, 400],
        ['GET', `${configMaps}?watch=1&resourceVersion=x`, {}, 500],
        ['GET', '/api/v1/namespaces/%zz/pods', {}, 400],
      ];
      for (const [method, path, options, code] of cases) {
        const answer = await admin(method, path, options);
        const { kind, code: told } = answer.json<Status>();
        assert.deepEqual([answer.code, kind, told], [code, 'Status', code], `${method} ${path}`);
      }
      assert.equal((await admin('GET', '/nope')).text, '404 page not found\n');
      assert.equal((await admin('GET', '/livez?verbose')).code, 200);
    });

    it('tell nothing of a fault inside', async () => {
      const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } };
      const answer = await admin('POST', '/api/v1/namespaces/default/secrets', { body });
      assert.equal(answer.code, 500);
      assert.doesNotMatch(answer.text, /secret detail|TypeError| at /);
    });

    it('may not be larger than etcd takes them, and the connection serves on', async () => {
      const body = configMap('big', { data: { x: 'x'.repeat(1.6 * 1024 * 1024) } });
      const answer = await admin('POST', configMaps, { body });
      assert.deepEqual([answer.code, answer.json<Status>().reason], [413, 'RequestEntityTooLarge']);
      assert.equal((await admin('GET', '/readyz')).code, 200);
    });

    it('survives bytes that are no HTTP', async () => {
      const { port } = new URL(server.url);
      const closed = new Promise<void>((resolve) => {
        const socket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false }, () =>
          socket.write('\0\x01nonsense\r\n\r\n'),
        );
        socket.on('error', () => {}).on('close', () => resolve());
      });
      await closed;
      assert.equal((await admin('GET', '/readyz')).code, 200);
    });
  });

  describe('over HTTP/2', () => {
    let session: ClientHttp2Session;

    before(async () => {
      const { certificate, key } = await server.certificates.issueClient({ name: 'ann', groups: ['system:masters'] });
      const ca = server.certificates.ca.certificate;
      session = connectHttp2(server.url, { ca, cert: certificate, key });
      await once(session, 'connect');
    });
    after(() => session.destroy());

    const ask = async (headers: OutgoingHttpHeaders, body?: string) => {
      const stream = session.request(headers, { endStream: body === undefined });
      if (body !== undefined) stream.end(body);
      const [answer] = (await once(stream, 'response')) as [Record<string, unknown>];
      let text = '';
      for await (const chunk of stream.setEncoding('utf8')) text += chunk as string;
      return { answer, text };
    };

    it('knows who asks, answers in parallel, and gives warnings', async () => {
      const review = { ':method': 'POST', ':path': '/apis/authentication.k8s.io/v1/selfsubjectreviews' };
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => ask({ ...review, 'content-type': 'application/json' }, '{}')),
      );
      for (const { text } of answers) assert.match(text, /"username":"ann"/);
      const create = { ':method': 'POST', ':path': `${configMaps}?dryRun=All`, 'content-type': 'application/json' };
      const { answer } = await ask(create, JSON.stringify({ ...configMap('w'), foo: 1, bar: 2 }));
      assert.equal(answer['warning'], '299 - "unknown field \\"foo\\"", 299 - "unknown field \\"bar\\""');
    });

    it('refuses a body that is too large, and serves on', async () => {
      const create = { ':method': 'POST', ':path': configMaps, 'content-type': 'application/json' };
      const { answer } = await ask(create, 'x'.repeat(1.6 * 1024 * 1024));
      assert.equal(answer[':status'], 413);
      assert.equal((await ask({ ':path': '/readyz' })).text, 'ok');
    });

    it('lives through streams that are reset: while sending, and while watching', async () => {
      const sending = session.request({ ':method': 'POST', ':path': configMaps, 'content-type': 'application/json' });
      sending.on('error', () => {}).write('{');
      const watching = session.request({ ':path': `${configMaps}?watch=1` });
      watching.on('error', () => {});
      await once(watching, 'response');
      for (const stream of [sending, watching]) {
        stream.close(constants.NGHTTP2_CANCEL);
        await once(stream, 'close');
      }
      const resource = { group: '', plural: 'configmaps' };
      server.store.insert(resource, {
        ...configMap('after-reset'),
        metadata: { name: 'after-reset', namespace: 'default' },
      } as ApiObject);
      assert.equal((await ask({ ':path': '/readyz' })).text, 'ok');
    });
  });

  describe('watch', () => {
    it('streams what happens from a version on, and ends in time', async () => {
      const { metadata } = (await admin('GET', configMaps)).json<Stored>();
      const path = `${configMaps}?watch=1&timeoutSeconds=1&resourceVersion=${metadata.resourceVersion}`;
      const stream = await admin.stream(path);
      await admin('POST', configMaps, { body: configMap('seen') });
      await admin('DELETE', `${configMaps}/seen`);
      const told = [];
      for (let line = await stream.next(); line; line = await stream.next()) {
        told.push(`${line.type} ${(line.object as unknown as Stored).metadata.name}`);
      }
      assert.deepEqual(told, ['ADDED seen', 'DELETED seen']);
    });

    it('tells in the stream that a version is too old', async () => {
      for (let i = 0; i < 260; i++) server.store.insert({ group: '', plural: 'events' }, event(`e${i}`));
      const stream = await admin.stream(`${configMaps}?watch=1&resourceVersion=2`);
      const line = await stream.next<{ type: string; object: Status }>();
      assert.deepEqual(
        [stream.code, line?.type, line?.object.code, line?.object.reason],
        [200, 'ERROR', 410, 'Expired'],
      );
      assert.equal(await stream.next(), undefined);
    });

    it('reaches many watchers through many writes, each event once and in order', async () => {
      const streams = await Promise.all(
        Array.from({ length: 50 }, () => admin.stream(`${configMaps}?watch=1&fieldSelector=metadata.name%3Dbusy`)),
      );
      await admin('POST', configMaps, { body: configMap('busy', { data: { n: '0' } }) });
      const resource = { group: '', plural: 'configmaps' };
      for (let n = 1; n < 200; n++) {
        const old = server.store.get(resource, 'busy', 'default');
        if (old) server.store.replace(resource, { ...old, data: { n: String(n) } });
      }
      for (const stream of streams) {
        for (let n = 0; n < 200; n++) {
          const line = await stream.next<{ object: Stored }>();
          assert.equal(line?.object.data?.['n'], String(n));
        }
        stream.dispose();
      }
    });
  });

  it('ends every connection when it is disposed', async () => {
    const other = await createApiServer({
      kinds: createKubernetesKinds({ schemas: clusterDocument }),
      schemas: clusterDocument,
      gitVersion: 'v1.34.1',
      clock,
      host: '127.0.0.1',
      port: 0,
    });
    const text = await other.openKubeconfig({ name: 'admin', groups: ['system:masters'] }, { context: 'test' });
    const client = createHttpsClient(text);
    const stream = await client.stream('/api/v1/pods?watch=1');
    const end = stream.next().catch(() => undefined);
    await other.dispose();
    assert.equal(await end, undefined);
    await assert.rejects(client('GET', '/readyz'), /ECONNREFUSED|ECONNRESET|socket hang up/);
    client.dispose();
  });
});

const event = (name: string): ApiObject =>
  ({ apiVersion: 'v1', kind: 'Event', metadata: { name, namespace: 'default', uid: name } }) as unknown as ApiObject;
