// gardenlet as a whole, on a clock that stands still: the life of a seed and of shoots as the garden sees it.
import assert from 'node:assert/strict';
import path from 'node:path';
import { createManualClock, type ManualClock } from '../../../server/common/clock.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import { createGardenlet, loadFlowData, type Gardenlet } from '../../../server/gardenlet/index.ts';
import { decode } from '../../../server/gardenlet/shoot/credentials/objects.ts';
import type { Condition, Shoot } from '../../../server/gardenlet/types.ts';
import { KubeError, resources, type KubeObject } from '../../../server/kube/index.ts';
import { FakeGarden } from './fake-garden.ts';
import { FakeMaker } from './fake-maker.ts';
import { createShoot } from './shoot/fixtures.ts';

const flows = loadFlowData(path.resolve('manifests/garden'));
const namespace = 'garden-local';
const minuteMs = 60_000;

const seed = {
  apiVersion: 'core.gardener.cloud/v1beta1',
  kind: 'Seed',
  metadata: { name: 'local', uid: 'seed-uid' },
  spec: {
    provider: { type: 'local', region: 'local' },
    backup: { provider: 'local', region: 'local', credentialsRef: { name: 'backup-local' } },
    dns: { internal: { domain: 'internal.local.gardener.cloud' } },
    ingress: { domain: 'ingress.local.seed.local.gardener.cloud' },
  },
};
const project = {
  apiVersion: 'core.gardener.cloud/v1beta1',
  kind: 'Project',
  metadata: { name: 'local' },
  spec: { namespace },
};
const newShoot = (name = 'a', spec: Partial<Shoot['spec']> = {}): Shoot => {
  const shoot = createShoot({ metadata: { name, uid: `uid-${name}`, finalizers: ['other'] }, spec });
  delete shoot.metadata.resourceVersion;
  return { ...shoot, status: { technicalID: '', uid: '', hibernated: false } };
};

describe('gardenlet', () => {
  let clock: ManualClock;
  let garden: FakeGarden;
  let maker: FakeMaker;
  let gardenlet: Gardenlet;
  let authorities: number;

  const start = (options: { retryPeriodMs?: number } = {}) =>
    createGardenlet({
      ...options,
      garden: { client: garden },
      clock,
      speed: 1,
      logger: createSilentLogger(),
      maker,
      flows,
      createAuthority: async () => {
        const count = ++authorities;
        return {
          certificate: `-----BEGIN CERTIFICATE-----\n${count}\n-----END CERTIFICATE-----\n`,
          key: `key-${count}`,
        };
      },
    });
  // Making an SSH key pair takes time that is not the clock's: between the steps there is room for it.
  const until = async (isDone: () => boolean, stepMs = 5000) => {
    while (!isDone()) {
      await clock.advance(stepMs);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const shoot = (name = 'a') => garden.find<Shoot>(resources.shoots, name, namespace)!;
  const last = (name = 'a') => {
    const operation = shoot(name)?.status?.lastOperation;
    return operation && `${operation.type} ${operation.state} ${operation.progress}`;
  };
  const hasSettled =
    (name = 'a') =>
    () => {
      const { metadata, status } = shoot(name);
      return status?.observedGeneration === metadata.generation && status?.lastOperation?.state === 'Succeeded';
    };
  const create = async (name = 'a', spec: Partial<Shoot['spec']> = {}) => {
    garden.add(resources.shoots, newShoot(name, spec));
    await until(hasSettled(name));
  };

  beforeEach(async () => {
    clock = createManualClock();
    garden = new FakeGarden(() => clock.now());
    maker = new FakeMaker();
    authorities = 0;
    garden.add(resources.seeds, seed);
    garden.add(resources.projects, project);
    gardenlet = start();
    await gardenlet.synced;
    await clock.advance(0);
  });
  afterEach(() => gardenlet.dispose());

  it('makes its seed Ready, keeps its lease and takes up again what was lost', async () => {
    await clock.advance(2000);
    const status = () =>
      garden.find<typeof seed & { status?: { conditions: { type: string; status: string }[] } }>(
        resources.seeds,
        'local',
      )?.status;
    assert.deepEqual(
      status()?.conditions.map(({ type, status: is }) => `${type} ${is}`),
      ['GardenletReady True', 'SeedSystemComponentsHealthy True'],
    );
    assert.deepEqual(garden.find(resources.seeds, 'local')?.metadata.finalizers, ['gardener']);
    const bucket = garden.find<KubeObject & { status?: { lastOperation?: { state: string } } }>(
      resources.backupBuckets,
      'seed-uid',
    );
    assert.equal(bucket?.status?.lastOperation?.state, 'Succeeded');

    const renewals = () => garden.writes.filter((write) => write === 'PATCH leases/local').length;
    const before = renewals();
    await clock.advance(20_000);
    assert.equal(renewals() - before, 4);

    const foreign = { type: 'ExtensionsReady', status: 'True' };
    const lost = { type: 'GardenletReady', status: 'Unknown' };
    await garden.patch(
      resources.seeds,
      'local',
      undefined,
      'merge',
      { status: { conditions: [foreign, lost] } },
      { subresource: 'status' },
    );
    await clock.advance(1000);
    assert.deepEqual(
      status()?.conditions.map(({ type, status: is }) => `${type} ${is}`),
      ['ExtensionsReady True', 'GardenletReady True', 'SeedSystemComponentsHealthy True'],
    );
  });

  it('reports installed extensions and lets them go', async () => {
    const installation = {
      apiVersion: 'core.gardener.cloud/v1beta1',
      kind: 'ControllerInstallation',
      metadata: { name: 'networking-calico-abcde' },
      spec: { seedRef: { name: 'local' }, registrationRef: { name: 'networking-calico' } },
      status: { conditions: [{ type: 'Required', status: 'True' }] },
    };
    garden.add(resources.controllerInstallations, installation);
    await clock.advance(1000);
    const found = garden.find<typeof installation>(resources.controllerInstallations, 'networking-calico-abcde');
    assert.deepEqual(
      found?.status.conditions.map(({ type, status }) => `${type} ${status}`),
      ['Required True', 'Valid True', 'Installed True', 'Healthy True', 'Progressing False'],
    );
    garden.remove(resources.controllerInstallations, 'networking-calico-abcde');
    await clock.advance(1000);
    assert.equal(garden.find(resources.controllerInstallations, 'networking-calico-abcde'), undefined);
  });

  it('creates a shoot: progress, status, credentials, conditions', async () => {
    const seen: string[] = [];
    // The next look at the shoot's health may come at the very moment at which it is there.
    let atEnd: Condition[] | undefined;
    const note = () => {
      seen.push(last() ?? '');
      if (last() === 'Create Succeeded 100') atEnd ??= shoot().status?.conditions;
    };
    garden.onWrite = note;
    await create();
    note();
    assert.ok(seen.includes('Create Processing 0') && seen.includes('Create Processing 25'));
    assert.equal(last(), 'Create Succeeded 100');
    const { status, metadata } = shoot();
    assert.deepEqual(metadata.finalizers, ['other', 'gardener']);
    assert.equal(status?.technicalID, 'shoot--local--a');
    assert.equal(status?.uid, 'uid-a');
    assert.equal(status?.clusterIdentity, 'shoot--local--a-uid-a-gardener-local');
    assert.deepEqual(
      status?.advertisedAddresses?.slice(0, 3).map(({ name, url }) => `${name} ${url}`),
      [
        'external https://127.0.0.1:41',
        'internal https://api.a.local.internal.local.gardener.cloud',
        'service-account-issuer https://api.a.local.internal.local.gardener.cloud',
      ],
    );
    assert.deepEqual(status?.networking, { pods: ['10.3.0.0/16'], nodes: ['10.0.0.0/16'], services: ['10.4.0.0/16'] });
    assert.equal(status?.constraints?.[0]?.type, 'HibernationPossible');
    assert.equal(status?.constraints?.[0]?.status, 'True');
    assert.ok(atEnd?.length && atEnd.every(({ status: is }) => is === 'Progressing'));

    await clock.advance(minuteMs);
    assert.ok(shoot().status?.conditions?.every(({ status: is }) => is === 'True'));

    const authority = decode(
      garden.find<KubeObject & { data: Record<string, string> }>(resources.internalSecrets, 'a.ca-client', namespace)
        ?.data,
    );
    assert.equal(authority['ca.key'], 'key-1');
    const ssh = decode(
      garden.find<KubeObject & { data: Record<string, string> }>(resources.secrets, 'a.ssh-keypair', namespace)?.data,
    );
    assert.match(ssh.id_rsa ?? '', /^-----BEGIN RSA PRIVATE KEY-----/);
    assert.match(ssh['id_rsa.pub'] ?? '', /^ssh-rsa AAAAB3NzaC1yc2EA/);
    const entry = garden.find<KubeObject & { spec: { bucketName: string } }>(
      resources.backupEntries,
      'shoot--local--a--uid-a',
      namespace,
    );
    assert.equal(entry?.spec.bucketName, 'seed-uid');
  });

  it('gives a shoot without workers no machines and no SSH key pair', async () => {
    await create('a', { provider: { type: 'local' } });
    assert.equal(garden.find(resources.secrets, 'a.ssh-keypair', namespace), undefined);
    assert.ok(!shoot().status?.conditions?.some(({ type }) => type === 'EveryNodeReady'));
    assert.ok(!maker.calls.includes('ensureWorkers shoot--local--a'));
  });

  it('leaves shoots with the ignore annotation alone', async () => {
    const ignored = newShoot();
    ignored.metadata.annotations = { 'shoot.gardener.cloud/ignore': 'true' };
    garden.add(resources.shoots, ignored);
    await clock.advance(5 * minuteMs);
    assert.equal(last(), undefined);
    assert.deepEqual(shoot().metadata.finalizers, ['other']);
  });

  it('runs several shoots side by side, each in its own time', async () => {
    garden.add(resources.shoots, newShoot('a'));
    garden.add(resources.shoots, newShoot('b', { provider: { type: 'local' } }));
    await until(hasSettled('b'));
    assert.match(last('a') ?? '', /^Create Processing/);
    await until(hasSettled('a'));
  });

  it('hibernates and wakes, and what it shows meanwhile is True', async () => {
    await create();
    garden.change(resources.shoots, 'a', namespace, { spec: { hibernation: { enabled: true } } });
    await until(hasSettled());
    assert.equal(last(), 'Reconcile Succeeded 100');
    assert.equal(shoot().status?.hibernated, true);
    assert.deepEqual(maker.calls.slice(-2), ['destroyWorkers shoot--local--a', 'hibernate shoot--local--a']);
    await clock.advance(minuteMs);
    assert.ok(
      shoot().status?.conditions?.every(({ status, reason }) => status === 'True' && reason === 'ConditionNotChecked'),
    );
    garden.change(resources.shoots, 'a', namespace, { spec: { hibernation: { enabled: false } } });
    await until(hasSettled());
    assert.equal(shoot().status?.hibernated, false);
    assert.equal(maker.calls.at(-1), 'ensureWorkers shoot--local--a');
  });

  it('acts on a change that comes while it works, afterwards', async () => {
    garden.add(resources.shoots, newShoot());
    await clock.advance(minuteMs);
    garden.change(resources.shoots, 'a', namespace, { spec: { kubernetes: { version: '1.36.1' } } });
    await until(hasSettled());
    assert.equal(last(), 'Reconcile Succeeded 100');
    assert.equal(maker.specs.get('shoot--local--a')?.kubernetesVersion, '1.36.1');
  });

  it('rotates credentials by annotation, in two parts', async () => {
    await create();
    const bundle = () =>
      garden.find<KubeObject & { data: Record<string, string> }>(resources.configMaps, 'a.ca-cluster', namespace)?.data[
        'ca.crt'
      ] ?? '';
    const password = () =>
      garden.find<KubeObject & { data: Record<string, string> }>(resources.secrets, 'a.monitoring', namespace)?.data
        .password;
    const oldPassword = password();
    const oldHash = maker.specs.get('shoot--local--a')?.workerHashes.local;
    const annotate = async (operation: string) => {
      // The API server raises the generation for it.
      garden.change(resources.shoots, 'a', namespace, {
        metadata: {
          annotations: { 'gardener.cloud/operation': operation },
          generation: shoot().metadata.generation! + 1,
        },
      });
      await until(hasSettled());
      assert.equal(shoot().metadata.annotations?.['gardener.cloud/operation'], undefined);
      return shoot().status?.credentials?.rotation;
    };
    const prepared = await annotate('rotate-credentials-start');
    assert.equal(prepared?.certificateAuthorities?.phase, 'Prepared');
    assert.equal(bundle().match(/BEGIN/g)?.length, 2);
    assert.notEqual(password(), oldPassword);
    assert.ok(garden.find(resources.secrets, 'a.ssh-keypair.old', namespace));
    assert.notEqual(maker.specs.get('shoot--local--a')?.workerHashes.local, oldHash);
    const completed = await annotate('rotate-credentials-complete');
    assert.equal(completed?.certificateAuthorities?.phase, 'Completed');
    assert.equal(completed?.certificateAuthorities?.lastInitiationFinishedTime, undefined);
    assert.equal(bundle().match(/BEGIN/g)?.length, 1);
    assert.match(bundle(), /\n2\n/);
  });

  it('tells an error with its task and tries again', async () => {
    maker.onCall = (call) => {
      if (call.startsWith('ensureWorkers')) throw new Error('no machines left');
    };
    garden.add(resources.shoots, newShoot());
    await until(() => shoot().status?.lastOperation?.state === 'Error', 500);
    const { lastOperation, lastErrors } = shoot().status!;
    assert.equal(lastOperation?.type, 'Create');
    assert.equal(lastOperation?.description, 'no machines left. Operation will be retried.');
    assert.equal(lastErrors?.[0]?.taskID, 'Waiting until worker pools have been reconciled');
    const attempts = () => maker.calls.filter((call) => call.startsWith('ensureWorkers')).length;
    const before = attempts();
    await clock.advance(1000);
    assert.equal(shoot().status?.lastOperation?.state, 'Error');
    maker.onCall = () => {};
    await until(hasSettled());
    assert.equal(attempts(), before + 1);
    assert.equal(last(), 'Create Succeeded 100');
    assert.equal(shoot().status?.lastErrors, undefined);
  });

  it('fails when the retry period is over, and then waits to be told', async () => {
    await gardenlet.dispose();
    gardenlet = start({ retryPeriodMs: 5 * minuteMs });
    maker.onCall = (call) => {
      if (call.startsWith('ensureWorkers')) throw new Error('no machines left');
    };
    garden.add(resources.shoots, newShoot());
    await until(() => shoot().status?.lastOperation?.state === 'Failed');
    assert.equal(shoot().status?.lastOperation?.description, 'no machines left.');
    maker.onCall = () => {};
    await clock.advance(10 * minuteMs);
    assert.equal(shoot().status?.lastOperation?.state, 'Failed');
    // What the API server makes of the annotation gardener.cloud/operation=retry.
    garden.change(resources.shoots, 'a', namespace, { metadata: { generation: shoot().metadata.generation! + 1 } });
    await until(hasSettled());
  });

  it('carries on through conflicts and refused progress', async () => {
    let refused = 0;
    garden.onWrite = (write) => {
      if (!write.startsWith('PATCH shoots/a status') || refused >= 3 || last() !== 'Create Processing 25') return;
      refused++;
      throw new KubeError(500, 'InternalError', 'busy');
    };
    await create();
    assert.equal(refused, 3);
    assert.equal(last(), 'Create Succeeded 100');
  });

  it('deletes a shoot with all that it has made', async () => {
    await create();
    garden.remove(resources.shoots, 'a', namespace);
    const seen = new Set<string>();
    garden.onWrite = () => seen.add(last()?.replace(/\d+$/, '') ?? '');
    await until(() => shoot().metadata.finalizers?.join() === 'other');
    assert.deepEqual([...seen].slice(-2), ['Delete Processing ', 'Delete Succeeded ']);
    assert.equal(last(), 'Delete Succeeded 100');
    assert.ok(maker.calls.includes('destroy shoot--local--a'));
    for (const name of ['a.ca-cluster', 'a.monitoring', 'a.ssh-keypair'])
      assert.equal(garden.find(resources.secrets, name, namespace), undefined, name);
    assert.equal(garden.find(resources.backupEntries, 'shoot--local--a--uid-a', namespace), undefined);
    assert.equal(garden.find(resources.internalSecrets, 'a.ca-client', namespace), undefined);
  });

  it('ends the cluster of a shoot that somebody else has let go', async () => {
    await create();
    garden.remove(resources.shoots, 'a', namespace);
    garden.change(resources.shoots, 'a', namespace, { metadata: { finalizers: [] } });
    await until(() => maker.calls.at(-1) === 'destroy shoot--local--a');
    assert.equal(garden.find(resources.shoots, 'a', namespace), undefined);
  });

  it('goes on where it was when it is started again', async () => {
    garden.add(resources.shoots, newShoot());
    await until(() => (shoot().status?.lastOperation?.progress ?? 0) >= 40);
    const before = shoot().status!.lastOperation!.progress;
    await gardenlet.dispose();
    await clock.advance(minuteMs);
    assert.equal(shoot().status?.lastOperation?.progress, before);
    gardenlet = start();
    const lowest: number[] = [];
    garden.onWrite = () => lowest.push(shoot().status?.lastOperation?.progress ?? 0);
    await until(hasSettled());
    assert.ok(Math.min(...lowest) >= before, `${Math.min(...lowest)} after ${before}`);
    assert.equal(authorities, 1);
  });

  it('brings clusters up again that its maker has lost, without touching the shoot', async () => {
    await create();
    await gardenlet.dispose();
    maker = new FakeMaker();
    const operation = shoot().status?.lastOperation;
    gardenlet = start();
    await until(() => maker.calls.includes('ensureWorkers shoot--local--a'));
    assert.deepEqual(shoot().status?.lastOperation, operation);
  });

  it('leaves nothing behind when it is disposed', async () => {
    garden.add(resources.shoots, newShoot());
    await clock.advance(minuteMs);
    await gardenlet.dispose();
    await clock.advance(0);
    assert.equal(clock.pending, 0);
    assert.equal(garden.watches, 0);
  });
});
