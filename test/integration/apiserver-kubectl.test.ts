// The API server as kubectl sees it: reading, writing, waiting, and asking what one may do.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createApiServer, type ApiServer } from '../../server/apiserver/index.ts';
import { admitNamespaceLifecycle, createKubernetesKinds } from '../../server/apiserver/kubernetes/index.ts';
import type { ApiObject } from '../../server/apiserver/types.ts';
import { createSystemClock } from '../../server/common/clock.ts';
import { ensureKubectl } from '../../scripts/kubectl.ts';
import { clusterDocument } from '../unit/apiserver/schemas.ts';
import { createKubectl, type Kubectl } from '../support/kubectl.ts';

const manifest = (data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: ${JSON.stringify({ a: data })}\n`;

describe('kubectl on the API server', function () {
  this.timeout(60_000);
  let server: ApiServer;
  let kubectl: Kubectl;
  let folder: string;
  let kubeconfig: string;

  before(async () => {
    server = await createApiServer({
      kinds: createKubernetesKinds({ schemas: clusterDocument }),
      schemas: clusterDocument,
      gitVersion: 'v1.34.1',
      clock: createSystemClock(),
      host: '127.0.0.1',
      port: 0,
      admit: admitNamespaceLifecycle,
    });
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'default' },
      status: { phase: 'Active' },
    };
    server.store.load([namespace as unknown as ApiObject]);
    folder = await mkdtemp(path.join(os.tmpdir(), 'playground-apiserver-'));
    kubeconfig = path.join(folder, 'kubeconfig');
    const options = { context: 'test', namespace: 'default' };
    await writeFile(kubeconfig, await server.openKubeconfig({ name: 'admin', groups: ['system:masters'] }, options));
    kubectl = await createKubectl(kubeconfig);
  });

  after(async () => {
    await kubectl.dispose();
    await server.dispose();
    await rm(folder, { recursive: true });
  });

  const ok = async (args: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(args, input);
    assert.equal(code, 0, `${args}: ${stderr}`);
    return stdout;
  };
  const refused = async (args: string, input?: string): Promise<string> => {
    const { code, stderr } = await kubectl(args, input);
    assert.notEqual(code, 0, args);
    return stderr.trim();
  };

  it('creates by protobuf, applies, and knows when nothing changes', async () => {
    assert.equal(await ok('create configmap made --from-literal=a=1'), 'configmap/made created\n');
    assert.equal(await ok('get configmap made -o jsonpath={.data}'), '{"a":"1"}');
    assert.equal(await ok('apply -f -', manifest('1')), 'configmap/one created\n');
    assert.equal(await ok('apply -f -', manifest('1')), 'configmap/one unchanged\n');
    assert.match((await kubectl('diff -f -', manifest('2'))).stdout, /-  a: "1"\n\+  a: "2"/);
    assert.equal(
      await ok('apply --server-side --field-manager=other --force-conflicts -f -', manifest('3')),
      'configmap/one serverside-applied\n',
    );
    assert.match(
      await refused('apply --server-side --field-manager=third -f -', manifest('4')),
      /conflict with "other": .data.a/,
    );
    assert.equal(await ok('label configmap one x=y'), 'configmap/one labeled\n');
    assert.equal(await ok(`patch configmap one -p '{"data":{"b":"1"}}'`), 'configmap/one patched\n');
    assert.equal(await ok('get configmaps -l x=y -o name'), 'configmap/one\n');
  });

  it('edits', async () => {
    const editor = path.join(folder, 'editor');
    await writeFile(editor, '#!/bin/sh\nsed -i "s/b: \\"1\\"/b: edited/" "$1"\n');
    await chmod(editor, 0o700);
    const binary = await ensureKubectl();
    const env = { KUBECONFIG: kubeconfig, HOME: folder, PATH: process.env.PATH ?? '', KUBE_EDITOR: editor };
    const [code] = (await once(spawn(binary, ['edit', 'configmap', 'one'], { env, stdio: 'ignore' }), 'exit')) as [
      number,
    ];
    assert.equal(code, 0);
    assert.equal(await ok('get configmap one -o jsonpath={.data.b}'), 'edited');
  });

  it('watches as a table', async () => {
    const binary = await ensureKubectl();
    const env = { KUBECONFIG: kubeconfig, HOME: folder };
    const child = spawn(binary, ['get', 'configmaps', '-w', '--no-headers'], { env });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async () =>
      String((await lines.next()).value)
        .split(/\s+/)
        .slice(0, 2)
        .join(' ');
    assert.deepEqual([await next(), await next()], ['made 1', 'one 2']);
    await ok('create configmap later');
    assert.equal(await next(), 'later 0');
    child.kill();
    await once(child, 'exit');
  });

  it('deletes and waits until it is gone', async () => {
    await ok('run web --image=nginx');
    assert.equal(await ok('delete pod web --wait --timeout=10s'), 'pod "web" deleted from default namespace\n');
    assert.match(await refused('get pod web'), /\(NotFound\): pods "web" not found$/);
    await ok(`patch configmap one --type=merge -p '{"metadata":{"finalizers":["example.com/hold"]}}'`);
    assert.match(await refused('delete configmap one --timeout=1s'), /timed out waiting for the condition/);
    await ok(`patch configmap one --type=merge -p '{"metadata":{"finalizers":null}}'`);
    assert.equal(await ok('wait configmap/one --for=delete --timeout=5s'), '');
  });

  it('says who one is and what one may do', async () => {
    assert.match(await ok('auth whoami'), /Username +admin\nGroups +\[system:masters system:authenticated\]/);
    await ok('create role reader --verb=get,list --resource=pods');
    await ok('create rolebinding reads --role=reader --user=joe');
    assert.equal(await ok('auth can-i list pods --as joe'), 'yes\n');
    assert.equal((await kubectl('auth can-i delete pods --as joe')).stdout, 'no\n');
    assert.match(
      await refused('delete pod x --as joe'),
      /pods "x" is forbidden: User "joe" cannot delete resource "pods" in API group "" in the namespace "default"$/,
    );
    assert.match(await ok('auth can-i --list --as joe'), /pods +\[\] +\[\] +\[get list\]/);
  });

  it('gives service accounts tokens that work', async () => {
    await ok('create serviceaccount robot');
    await ok('create rolebinding robot-reads --role=reader --serviceaccount=default:robot');
    const token = (await ok('create token robot')).trim();
    const nobody = path.join(folder, 'nobody');
    await writeFile(
      nobody,
      (await server.openKubeconfig({ name: 'x', groups: [] }, { context: 'test', namespace: 'default' })).replace(
        /user:\n {6}client-certificate-data: .*\n {6}client-key-data: .*/,
        `user:\n      token: ${token}`,
      ),
    );
    const robot = await createKubectl(nobody);
    assert.match((await robot('auth whoami')).stdout, /system:serviceaccount:default:robot/);
    assert.equal((await robot('get pods')).stderr, 'No resources found in default namespace.\n');
    assert.match((await robot('get secrets')).stderr, /User "system:serviceaccount:default:robot" cannot list/);
    await robot.dispose();
  });
});
