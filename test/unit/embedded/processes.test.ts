// Which processes belong to a directory, and how few looks at all of them that takes.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { nodeNameOf } from '../../../server/embedded/index.ts';
import { createProcessTable, processesOf, startTimeOf } from '../../../server/embedded/kubelet/processes.ts';
import { removeOrphans } from '../../../server/embedded/kubelet/state-dir.ts';

const sleeper = async (env: Record<string, string>, cwd = '/'): Promise<ChildProcess> => {
  const child = spawn(process.execPath, ['-e', 'console.log("up"); setInterval(() => {}, 1000)'], {
    env,
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
};

describe('processes of a directory', () => {
  let parent: string;
  let children: ChildProcess[];
  beforeEach(async () => {
    children = [];
    parent = await mkdtemp(path.join(os.tmpdir(), 'playground-processes-'));
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await rm(parent, { recursive: true, force: true });
  });

  it('are those whose environment names it, not those that work in it', async () => {
    const dir = path.join(parent, 'pod');
    await mkdir(dir);
    const own = await sleeper({ HOME: `${dir}/home` });
    const neighbour = await sleeper({ HOME: `${dir}-2/home` });
    const visitor = await sleeper({ HOME: parent }, dir);
    children.push(own, neighbour, visitor);
    assert.deepEqual(await processesOf(dir), [own.pid]);
    const ended = once(own, 'exit');
    await createProcessTable().killAll(dir);
    await ended;
    assert.deepEqual(
      [neighbour.exitCode, visitor.exitCode, neighbour.signalCode, visitor.signalCode],
      [null, null, null, null],
    );
  });

  it('of a killed playground end at the next start, but not the shell of an administrator who watched it', async () => {
    const dir = path.join(parent, 'cluster-1');
    await mkdir(path.join(dir, 'pods/uid'), { recursive: true });
    // The pid is alive, and of another process than the one that wrote it.
    await writeFile(path.join(dir, 'owner'), `${process.pid} 1`);
    const orphan = await sleeper({ HOME: `${dir}/pods/uid/home` });
    const shell = await sleeper({ KUBECONFIG: `${dir}/kubeconfig` });
    children.push(orphan, shell);
    const ended = once(orphan, 'exit');
    assert.equal(await removeOrphans(parent), 1);
    await ended;
    assert.equal(shell.exitCode ?? shell.signalCode, null);
    assert.equal(await removeOrphans(parent), 0);
  });

  it('of a playground that lives are left alone', async () => {
    const dir = path.join(parent, 'cluster-1');
    await mkdir(dir);
    await writeFile(path.join(dir, 'owner'), `${process.pid} ${await startTimeOf(process.pid)}`);
    const child = await sleeper({ HOME: `${dir}/pods/uid/home` });
    children.push(child);
    assert.equal(await removeOrphans(parent), 0);
    assert.deepEqual(await processesOf(dir), [child.pid]);
  });

  it('are looked for once for all who ask at the same time, and again for those who ask later', async () => {
    let looks = 0;
    let release = (): void => undefined;
    const table = createProcessTable(async () => {
      const look = ++looks;
      if (look === 1) await new Promise<void>((resolve) => (release = resolve));
      return [{ pid: look, environment: ['HOME=/state/pods/a/home'] }];
    });
    const first = [table.of('/state/pods/a'), table.of('/state/pods/b')];
    await new Promise<void>((resolve) => setImmediate(resolve));
    const later = [table.of('/state/pods/a'), table.of('/state/pods/a')];
    release();
    assert.deepEqual(await Promise.all(first), [[1], []]);
    assert.deepEqual(await Promise.all(later), [[2], [2]]);
    assert.equal(looks, 2);
  });

  it('run on a node whose name may be a name of an object', () => {
    assert.equal(nodeNameOf('My_Laptop.local'), 'my-laptop.local');
    assert.equal(nodeNameOf('__'), 'localhost');
  });
});
