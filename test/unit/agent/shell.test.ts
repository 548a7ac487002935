// The visitor's home: how it is filled from a skeleton, which may be a directory or a mounted ConfigMap.
import assert from 'node:assert/strict';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { prepareShell } from '../../../server/agent/shell.ts';
import { StartError } from '../../../server/common/errors.ts';

describe("the visitor's home", () => {
  let root: string;
  let home: string;
  let skeletonDir: string;
  const prepare = () =>
    prepareShell({ home, skeletonDir, path: process.env['PATH'] ?? '', kubeconfig: '/run/garden/kubeconfig' });

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'playground-shell-'));
    home = path.join(root, 'home');
    skeletonDir = path.join(root, 'skeleton');
    await mkdir(skeletonDir);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('begins with the files of the skeleton', async () => {
    await mkdir(path.join(skeletonDir, '.playground'));
    await writeFile(path.join(skeletonDir, '.playground/prompt.bash'), 'prompt');
    await prepare();
    assert.equal(await readFile(path.join(home, '.playground/prompt.bash'), 'utf8'), 'prompt');
  });

  it('keeps what the visitor made of a file', async () => {
    await writeFile(path.join(skeletonDir, '.bashrc'), 'ours');
    await prepare();
    await writeFile(path.join(home, '.bashrc'), "the visitor's");
    await prepare();
    assert.equal(await readFile(path.join(home, '.bashrc'), 'utf8'), "the visitor's");
  });

  it('takes the files of a mounted ConfigMap, not its links', async () => {
    const version = path.join(skeletonDir, '..2026_01_02_03');
    await mkdir(path.join(version, 'lessons'), { recursive: true });
    await writeFile(path.join(version, '.bashrc'), 'mounted');
    await writeFile(path.join(version, 'lessons/first.yaml'), 'first');
    await symlink('..2026_01_02_03', path.join(skeletonDir, '..data'));
    await symlink('..data/.bashrc', path.join(skeletonDir, '.bashrc'));
    await symlink('..data/lessons', path.join(skeletonDir, 'lessons'));
    await prepare();
    assert.deepEqual((await readdir(home)).sort(), ['.bashrc', '.local', 'lessons']);
    assert.ok((await lstat(path.join(home, '.bashrc'))).isFile());
    assert.equal(await readFile(path.join(home, 'lessons/first.yaml'), 'utf8'), 'first');
  });

  it('says both places when there is no skeleton', async () => {
    skeletonDir = path.join(root, 'nowhere');
    await assert.rejects(prepare(), (fault) => {
      assert.ok(fault instanceof StartError);
      assert.ok(fault.message.includes(home) && fault.message.includes(skeletonDir), fault.message);
      return true;
    });
  });
});
