// What a container is started with: paths below mounts, the downward API, expansion, refusals.
import assert from 'node:assert/strict';
import { ConfigError, expand, processSpecOf, type Place } from '../../../server/embedded/kubelet/environment.ts';
import type { Container, Pod } from '../../../server/embedded/types.ts';

const place: Place = {
  podIp: '127.9.0.1',
  hostIp: '127.0.0.1',
  nodeName: 'node',
  volumes: new Map([
    ['garden', '/state/garden'],
    ['tmp', '/state/tmp'],
    ['deep', '/state/deep'],
  ]),
  ownDir: '/state/own',
};

const createPod = (container: Partial<Container>): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p',
    namespace: 'n',
    uid: 'u-1',
    resourceVersion: '1',
    creationTimestamp: '',
    labels: { 'a/b': 'c' },
  },
  spec: { containers: [{ name: 'c', image: 'i', ...container }] },
  status: {},
});

const specOf = (container: Partial<Container>) => {
  const pod = createPod(container);
  return processSpecOf(pod, pod.spec.containers[0]!, ['/usr/bin/node', 'agent.js'], { PATH: '/bin' }, place);
};

describe('environment of a container', () => {
  it('puts the directory of a volume in place of its mount, the deepest mount first, and leaves other paths alone', () => {
    const { env, cwd, command } = specOf({
      volumeMounts: [
        { name: 'garden', mountPath: '/run/garden' },
        { name: 'deep', mountPath: '/run/garden/deep', subPath: 'sub' },
      ],
      env: [
        { name: 'A', value: '/run/garden/kubeconfig' },
        { name: 'B', value: '/run/gardener' },
        { name: 'C', value: '/run/garden/deep/x' },
      ],
      workingDir: '/run/garden',
      args: ['--file', '/run/garden', '/usr/bin/node'],
    });
    assert.deepEqual([env.A, env.B, env.C], ['/state/garden/kubeconfig', '/run/gardener', '/state/deep/sub/x']);
    assert.equal(cwd, '/state/garden');
    assert.deepEqual(command, ['/usr/bin/node', 'agent.js', '--file', '/state/garden', '/usr/bin/node']);
  });

  it('gives every process a home, a working directory and the base environment of its own', () => {
    const { env, cwd } = specOf({});
    assert.deepEqual(env, { PATH: '/bin', HOME: '/state/own' });
    assert.equal(cwd, '/state/own');
  });

  it('makes a volume at /tmp the directory for temporary files', () => {
    assert.equal(specOf({ volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }] }).env.TMPDIR, '/state/tmp');
  });

  it('answers the downward API', () => {
    const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
    const { env } = specOf({
      env: [
        field('UID', 'metadata.uid'),
        field('IP', 'status.podIP'),
        field('LABEL', "metadata.labels['a/b']"),
        field('NONE', "metadata.annotations['x']"),
      ],
    });
    assert.deepEqual([env.UID, env.IP, env.LABEL, env.NONE], ['u-1', '127.9.0.1', 'c', '']);
  });

  it('expands variables that came before, and only those', () => {
    assert.equal(expand('$(A) $$(A) $(B) $A', { A: '1' }), '1 $(A) $(B) $A');
    const { command } = specOf({ command: ['/bin/echo', '$(X)'], env: [{ name: 'X', value: 'y' }] });
    assert.deepEqual(command, ['/bin/echo', 'y']);
  });

  it('refuses what it cannot give', () => {
    const secret = { name: 'S', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } };
    assert.throws(
      () => specOf({ env: [secret] }),
      (e) => e instanceof ConfigError && /secretKeyRef is not served/.test(e.message),
    );
    assert.throws(
      () => specOf({ env: [{ name: 'F', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } }] }),
      ConfigError,
    );
    assert.throws(() => specOf({ volumeMounts: [{ name: 'none', mountPath: '/x' }] }), /volume "none"/);
  });
});
