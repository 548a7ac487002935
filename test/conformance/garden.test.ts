// What a visitor does with kubectl, and what must come of it in every garden, ours or real.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createKubectl, type Kubectl, type KubectlResult } from '../support/kubectl.ts';
import { targets, type OpenTarget, type Target } from './targets.ts';

const project = 'gardenrun';
const namespace = `garden-${project}`;
const projectManifest = JSON.stringify({
  apiVersion: 'core.gardener.cloud/v1beta1',
  kind: 'Project',
  metadata: { name: project },
  spec: { namespace },
});
const credentialsManifest = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'local', namespace } },
    {
      apiVersion: 'security.gardener.cloud/v1alpha1',
      kind: 'CredentialsBinding',
      metadata: { name: 'local', namespace },
      provider: { type: 'local' },
      credentialsRef: { apiVersion: 'v1', kind: 'Secret', name: 'local', namespace },
    },
  ],
});
const shootManifest = (maximum: number) =>
  JSON.stringify({
    apiVersion: 'core.gardener.cloud/v1beta1',
    kind: 'Shoot',
    metadata: { name: 'a', namespace },
    spec: {
      cloudProfile: { name: 'local' },
      region: 'local',
      credentialsBindingName: 'local',
      networking: { type: 'calico', nodes: '10.0.0.0/16' },
      provider: { type: 'local', workers: [{ name: 'w', machine: { type: 'local' }, minimum: 1, maximum }] },
    },
  });

function conformance(target: Target): void {
  let garden: OpenTarget;
  let kubectl: Kubectl;
  let directory: string;

  /** Standard output of a command that must succeed. */
  const succeed = async (args: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await kubectl(args, input);
    assert.equal(code, 0, `kubectl ${args}: ${stderr}`);
    return stdout;
  };
  const refused = async (args: string, input?: string): Promise<string> => {
    const { code, stderr } = await kubectl(args, input);
    assert.equal(code, 1, `kubectl ${args} should be refused`);
    return stderr;
  };
  const field = (name: string) => succeed(`get shoot a -n ${namespace} -o jsonpath='{${name}}'`);
  const wait = (condition: string, what: string) =>
    succeed(`wait --for=${condition} ${what} -n ${namespace} --timeout=60s`);
  const succeeded = () => wait("jsonpath='{.status.lastOperation.state}'=Succeeded", 'shoot/a');
  const conditions = ['APIServerAvailable', 'ControlPlaneHealthy', 'EveryNodeReady', 'SystemComponentsHealthy'];

  before(async function () {
    this.timeout(60_000);
    directory = await mkdtemp(path.join(os.tmpdir(), 'playground-conformance-'));
    garden = await target.open();
    kubectl = await createKubectl(garden.kubeconfig);
  });
  after(async function () {
    this.timeout(60_000);
    await kubectl?.dispose();
    await garden?.dispose();
    await rm(directory, { recursive: true, force: true });
  });

  it('has a landscape that is alive', async () => {
    assert.match(await succeed('get seeds --no-headers'), /^local +Ready +Reconcile Succeeded \(100%\) +local +local /);
    assert.match(
      await succeed('get projects local --no-headers'),
      /^local +garden-local +Ready +admin-user +admin-user /,
    );
    const types = await succeed(`get cloudprofile local -o jsonpath='{.spec.kubernetes.versions[*].version}'`);
    assert.equal(types, '1.36.0 1.35.4 1.34.3 1.33.0 1.32.0');
  });

  it('gives a project its namespace and roles', async () => {
    assert.equal(await succeed('create -f -', projectManifest), `project.core.gardener.cloud/${project} created\n`);
    await succeed(`wait --for=jsonpath='{.status.phase}'=Ready project/${project} --timeout=30s`);
    assert.equal(await succeed(`auth can-i create shoots -n ${namespace} --as admin-user`), 'yes\n');
    const stranger = await kubectl(`auth can-i create shoots -n ${namespace} --as carol`);
    assert.equal(stranger.stdout, 'no\n');
  });

  it('schedules a shoot and brings it to Succeeded', async function () {
    this.timeout(90_000);
    await succeed('create -f -', credentialsManifest);
    assert.equal(await succeed('apply -f -', shootManifest(1)), 'shoot.core.gardener.cloud/a created\n');
    await wait("jsonpath='{.spec.seedName}'=local", 'shoot/a');
    await succeeded();
    for (const condition of conditions) await wait(`condition=${condition}`, 'shoot/a');
    assert.equal(await field('.status.technicalID'), `shoot--${project}--a`);
    assert.equal(await field('.status.lastOperation.type'), 'Create');
    assert.match(await succeed(`get events -n ${namespace}`), /SchedulingSuccessful .*Scheduled to seed "local"/);
  });

  it('finds nothing to change when the same is applied again', async () => {
    assert.equal(await succeed('apply -f -', shootManifest(1)), 'shoot.core.gardener.cloud/a unchanged\n');
    const { code }: KubectlResult = await kubectl('diff -f -', shootManifest(1));
    assert.equal(code, 0);
  });

  it('reconciles a change of the spec', async function () {
    this.timeout(90_000);
    const generation = Number(await field('.metadata.generation'));
    assert.equal(await succeed('apply -f -', shootManifest(2)), 'shoot.core.gardener.cloud/a configured\n');
    assert.equal(Number(await field('.metadata.generation')), generation + 1);
    await wait(`jsonpath='{.status.observedGeneration}'=${generation + 1}`, 'shoot/a');
    await succeeded();
    assert.equal(await field('.status.lastOperation.type'), 'Reconcile');
  });

  it('gives out an admin kubeconfig', async () => {
    const resource = `/apis/core.gardener.cloud/v1beta1/namespaces/${namespace}/shoots/a/adminkubeconfig`;
    const request = { apiVersion: 'authentication.gardener.cloud/v1alpha1', kind: 'AdminKubeconfigRequest', spec: {} };
    const file = path.join(directory, 'request.json');
    await writeFile(file, JSON.stringify(request));
    const answer = JSON.parse(await succeed(`create --raw ${resource} -f ${file}`)) as {
      status: { kubeconfig: string };
    };
    const kubeconfig = Buffer.from(answer.status.kubeconfig, 'base64').toString('utf8');
    assert.match(kubeconfig, new RegExp(`current-context: ${namespace}--a-external`));
    // The kind of key that gardenlogin asks for.
    const key = Buffer.from(/client-key-data: (\S+)/.exec(kubeconfig)?.[1] ?? '', 'base64').toString();
    assert.match(key, /^-----BEGIN RSA PRIVATE KEY-----/);
  });

  it('refuses what cannot be', async () => {
    const invalid = await refused(
      `patch shoot a -n ${namespace} --type=json -p '[{"op":"replace","path":"/spec/provider/workers/0/minimum","value":5}]'`,
    );
    assert.match(invalid, /^The Shoot "a" is invalid: spec.provider.workers\[0\].maximum: Forbidden: /);
    const unknown = await refused(`patch shoot a -n ${namespace} -p '{"spec":{"kubernetes":{"version":"1.34.3"}}}'`);
    assert.match(unknown, /spec.kubernetes.version: Forbidden: /);
  });

  it('deletes a shoot only when that is confirmed, and a project only when it is empty', async function () {
    this.timeout(90_000);
    const confirmation = 'confirmation.gardener.cloud/deletion';
    const refusal = `must have a "${confirmation}" annotation to delete`;
    assert.match(await refused(`delete shoot a -n ${namespace}`), new RegExp(refusal));
    await succeed(`annotate project ${project} ${confirmation}=true`);
    await succeed(`delete project ${project} --wait=false`);
    await succeed(`wait --for=jsonpath='{.status.phase}'=Terminating project/${project} --timeout=30s`);
    await succeed(`annotate shoot a -n ${namespace} ${confirmation}=true`);
    await succeed(`delete shoot a -n ${namespace} --timeout=60s`);
    assert.match(await refused(`get shoot a -n ${namespace}`), /NotFound/);
    await succeed(`wait --for=delete project/${project} --timeout=30s`);
    await succeed(`wait --for=delete namespace/${namespace} --timeout=30s`);
    assert.match(await refused(`get namespace ${namespace}`), /NotFound/);
  });
}

for (const target of targets)
  describe(`conformance: ${target.name}`, function () {
    this.timeout(30_000);
    if (target.skipReason) it.skip(`needs a garden: ${target.skipReason}`);
    else conformance(target);
  });
