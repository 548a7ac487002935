// Tests of loading environments.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadEnvironments } from '../../../server/session/index.ts';
import { environmentsDir } from '../../support/session-environment.ts';

const about = 'title: T\ndescription: D\nfeatures: [one]\nstartSeconds: 3\nidleMinutes: 5\nlifeMinutes: 10\n';
const pod = [
  'apiVersion: v1',
  'kind: Pod',
  'spec:',
  '  activeDeadlineSeconds: 600',
  '  containers:',
  '    - name: terminal',
  '      image: example.org/terminal',
  '      ports: [{ name: agent, containerPort: 8022 }]',
  '',
].join('\n');

describe('environments', () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(path.join(tmpdir(), 'environments-'))));
  afterEach(() => rm(directory, { recursive: true }));

  async function write(name: string, files: Record<string, string>): Promise<void> {
    await mkdir(path.join(directory, name), { recursive: true });
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(directory, name, file), text);
  }
  const load = async () => {
    const { environments, faults } = await loadEnvironments(directory);
    return { names: [...environments.keys()], faults: faults.map((fault) => fault.replace(`${directory}/`, '')) };
  };

  it('loads those that come with the program without a fault', async () => {
    const { environments, faults } = await loadEnvironments(environmentsDir);
    assert.deepEqual(faults, []);
    assert.ok(environments.has('lite'));
  });

  it('tells all faults with file and path, and goes on with the others', async () => {
    await write('good', { 'environment.yaml': about, 'pod.yaml': pod });
    await write('odd', {
      'environment.yaml': `${about}tittle: x\n`,
      'pod.yaml': pod.replace('name: terminal', 'name: shell'),
    });
    await write('half', { 'environment.yaml': 'title: [' });
    const { names, faults } = await load();
    assert.deepEqual(names, ['good']);
    assert.match(faults.join('\n'), /^odd\/environment\.yaml: Unrecognized key: "tittle"$/m);
    assert.match(faults.join('\n'), /^odd\/pod\.yaml: spec\.containers: must have a container named terminal$/m);
    assert.match(faults.join('\n'), /^half\/pod\.yaml: there is no such file$/m);
    assert.match(faults.join('\n'), /^half\/environment\.yaml: /m);
  });

  it('refuses a session without an end, a name of its own and a terminal without a port', async () => {
    await write('endless', { 'environment.yaml': about, 'pod.yaml': pod.replace(/ {2}active.*\n/, '') });
    await write('named', { 'environment.yaml': about, 'pod.yaml': `${pod}metadata: { name: mine }\n` });
    await write('deaf', { 'environment.yaml': about, 'pod.yaml': pod.replace('name: agent', 'name: http') });
    await write('Bad_Name', { 'environment.yaml': about, 'pod.yaml': pod });
    const { names, faults } = await load();
    assert.deepEqual(names, []);
    assert.equal(faults.length, 4);
    assert.match(
      faults.join('\n'),
      /^deaf\/pod\.yaml: spec\.containers: container terminal must have a port named agent$/m,
    );
  });

  it('refuses a life that is longer than the deadline of the pod, and one too short to warn in', async () => {
    await write('long', { 'environment.yaml': about.replace('lifeMinutes: 10', 'lifeMinutes: 11'), 'pod.yaml': pod });
    await write('short', { 'environment.yaml': about.replace('idleMinutes: 5', 'idleMinutes: 1'), 'pod.yaml': pod });
    const { names, faults } = await load();
    assert.deepEqual(names, []);
    assert.match(
      faults.join('\n'),
      /^long\/environment\.yaml: lifeMinutes: 11 is more than the 10 minutes of activeDeadlineSeconds \(600\) in pod\.yaml/m,
    );
    assert.match(faults.join('\n'), /^short\/environment\.yaml: idleMinutes: /m);
  });

  it('reads a mounted ConfigMap, whose items are links beside hidden directories', async () => {
    await write('..data', {});
    await write('good', { 'environment.yaml': about, 'pod.yaml': pod });
    assert.deepEqual(await load(), { names: ['good'], faults: [] });
  });

  it('says so when there is none', async () => {
    assert.match((await load()).faults.join(), /there is no environment$/);
  });
});
