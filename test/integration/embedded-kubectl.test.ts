// An administrator's kubectl on the embedded cluster: watch, describe, logs, delete.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '../../server/common/clock.ts';
import { createSilentLogger } from '../../server/common/log.ts';
import { createEmbeddedCluster, type EmbeddedCluster } from '../../server/embedded/index.ts';
import { processesOf } from '../../server/embedded/kubelet/processes.ts';
import { createKubectl, type Kubectl } from '../support/kubectl.ts';

const pod = (name: string, script: string, spec = '') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec: {${spec}containers: [{name: main, image: "test/shell:1", args: ['${script}']}]}
`;
const deaf = 'trap "" TERM; echo one; echo two; while :; do sleep 1; done';

describe('kubectl on the embedded cluster', function () {
  this.timeout(60_000);
  let parentDir: string;
  let cluster: EmbeddedCluster;
  let kubectl: Kubectl;
  before(async () => {
    parentDir = await mkdtemp(path.join(os.tmpdir(), 'playground-embedded-'));
    cluster = await createEmbeddedCluster({
      manifestsDir: fileURLToPath(new URL('../../manifests', import.meta.url)),
      parentDir,
      clock: createSystemClock(),
      logger: createSilentLogger(),
      baseEnv: { PATH: process.env.PATH ?? '' },
      images: { 'test/shell': ['/bin/bash', '-c'] },
    });
    kubectl = await createKubectl(cluster.kubeconfigPath);
  });
  after(async () => {
    await kubectl.dispose();
    await cluster.dispose();
    await rm(parentDir, { recursive: true, force: true });
  });

  const succeed = async (args: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(args, input);
    assert.equal(code, 0, `${args}: ${stderr}`);
    return stdout;
  };

  it('shows node and pods, their events in order, and their logs', async () => {
    assert.match(await succeed('get nodes'), /\sReady\s/);
    const watch = kubectl('get pods --watch --output-watch-events --request-timeout=4s');
    await succeed('apply -f -', pod('deaf', deaf));
    await succeed('wait --for=condition=Ready pod/deaf --timeout=20s');
    assert.match(await succeed('get pods -o wide'), /deaf +1\/1 +Running +0 .* 127\.\d+\.\d+\.\d+ /);
    const described = await succeed('describe pod deaf');
    assert.match(described, /Scheduled[^]*Pulled[^]*Created[^]*Started/);
    assert.match(described, /State: +Running/);
    assert.equal(await succeed('logs deaf --tail=1'), 'two\n');
    assert.match((await kubectl('logs deaf -c other')).stderr, /container other is not valid for pod deaf/);
    const { stdout } = await watch;
    assert.match(stdout, /ADDED +deaf +0\/1 +Pending[^]*ContainerCreating[^]*MODIFIED +deaf +1\/1 +Running/);
  });

  it('takes a shorter grace for a pod that is ending, and ends processes of one that is deleted by force', async () => {
    await succeed('apply -f -', pod('deaf', deaf));
    await succeed('wait --for=condition=Ready pod/deaf --timeout=20s');
    await succeed('delete pod deaf --wait=false');
    assert.match(await succeed('get pod deaf'), /Terminating/);
    await succeed('delete pod deaf --grace-period=1 --timeout=10s');
    assert.deepEqual(await processesOf(cluster.stateDir), []);

    await succeed('apply -f -', pod('forced', deaf));
    await succeed('wait --for=condition=Ready pod/forced --timeout=20s');
    await succeed('delete pod forced --grace-period=0 --force');
    await succeed('apply -f -', pod('forced', 'echo another', 'restartPolicy: Never, '));
    await succeed('wait --for=jsonpath={.status.phase}=Succeeded pod/forced --timeout=20s');
    assert.deepEqual(await processesOf(cluster.stateDir), []);
  });

  it('gives the log of the run before, and follows one to its end', async () => {
    await succeed('apply -f -', pod('crash', 'echo run; sleep 0.3; echo over; exit 3'));
    await succeed('wait --for=jsonpath={.status.containerStatuses[0].restartCount}=1 pod/crash --timeout=20s');
    assert.equal(await succeed('logs crash --previous'), 'run\nover\n');
    assert.equal(await succeed('logs crash --follow'), 'run\nover\n');
    await succeed('delete pod crash');
  });
});
