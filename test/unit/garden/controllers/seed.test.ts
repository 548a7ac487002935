// A seed's secrets and conditions, and what becomes of a seed whose gardenlet is silent.
import assert from 'node:assert/strict';
import { withCondition } from '../../../../server/garden/controllers/conditions.ts';
import {
  checkBuckets,
  checkExtensions,
  createSeedChecks,
  withGrace,
} from '../../../../server/garden/controllers/seed-checks.ts';
import { createSeedSecretsController } from '../../../../server/garden/controllers/seed-secrets.ts';
import type { Condition, ControllerInstallation, Secret, Seed, Shoot } from '../../../../server/garden/types.ts';
import { createBench, resources, seedObject, shootObject, type Bench } from '../support.ts';

const installation = (name: string, statuses?: Record<string, string>): ControllerInstallation => ({
  apiVersion: 'core.gardener.cloud/v1beta1',
  kind: 'ControllerInstallation',
  metadata: { name },
  spec: { registrationRef: { name }, seedRef: { name: 'local' } },
  status: {
    conditions: Object.entries(statuses ?? {}).map(
      ([type, status]) => ({ type, status, reason: '', message: `${type} it is` }) as Condition,
    ),
  },
});
const fine = { Valid: 'True', Installed: 'True', Healthy: 'True', Progressing: 'False' };

describe('conditions of a seed', () => {
  it('say which extensions are not fine, the worst fault first', () => {
    assert.equal(checkExtensions([installation('a', fine)]).status, 'True');
    assert.deepEqual(checkExtensions([installation('b'), installation('a'), installation('c', fine)]), {
      type: 'ExtensionsReady',
      status: 'False',
      reason: 'NotAllExtensionsInstalled',
      message:
        'Some extensions are not installed: map[a:extension was not yet installed b:extension was not yet installed]',
    });
    assert.equal(
      checkExtensions([installation('a', { ...fine, Progressing: 'True' })]).reason,
      'SomeExtensionsProgressing',
    );
    assert.equal(
      checkExtensions([installation('a', { Valid: 'True', Installed: 'True' })]).reason,
      'NotAllExtensionsHealthy',
    );
  });

  it('say whether the backup buckets are fine', () => {
    const bucket = { apiVersion: '', kind: 'BackupBucket', metadata: { name: 'b' }, spec: {} };
    assert.equal(checkBuckets([bucket]).status, 'True');
    assert.equal(checkBuckets([]).status, 'Unknown');
    assert.equal(
      checkBuckets([{ ...bucket, status: { lastError: { description: 'no' } } }]).reason,
      'BackupBucketsError',
    );
  });

  it('are Progressing for a minute before they turn bad, and change their transition time with their status alone', () => {
    const bad = { type: 't', status: 'False', reason: 'r', message: 'm' } as const;
    const atMs = Date.UTC(2026, 0, 1);
    const good = withCondition([], { ...bad, status: 'True' }, atMs) ?? [];
    assert.equal(withGrace(good, bad, atMs + 1).status, 'Progressing');
    const progressing = withCondition(good, withGrace(good, bad, atMs + 1000), atMs + 1000) ?? [];
    assert.equal(withGrace(progressing, bad, atMs + 30_000).status, 'Progressing');
    assert.equal(withGrace(progressing, bad, atMs + 70_000).status, 'False');
    assert.equal(withCondition(progressing, withGrace(progressing, bad, atMs + 2000), atMs + 2000), undefined);
    const [renamed] = withCondition(good, { ...bad, status: 'True', reason: 'other' }, atMs + 5000) ?? [];
    assert.equal(renamed?.lastTransitionTime, '2026-01-01T00:00:00Z');
    assert.equal(renamed?.lastUpdateTime, '2026-01-01T00:00:05Z');
  });
});

describe('seed controllers', () => {
  let bench: Bench;
  beforeEach(() => (bench = createBench()));
  afterEach(() => bench.dispose());
  const conditionOf = (type: string) =>
    bench.get<Seed>(resources.seeds, 'local')?.status?.conditions?.find((one) => one.type === type)?.status;

  it('keep ExtensionsReady up to date with the installations', async () => {
    bench.put(resources.seeds, seedObject('local'));
    bench.put(resources.controllerInstallations, installation('a', fine));
    await bench.run(...createSeedChecks(bench.context));
    assert.equal(conditionOf('ExtensionsReady'), 'True');
    bench.put(resources.controllerInstallations, installation('a', { ...fine, Healthy: 'False' }));
    await bench.settle();
    assert.equal(conditionOf('ExtensionsReady'), 'Progressing');
    await bench.settle(61_000);
    assert.equal(conditionOf('ExtensionsReady'), 'False');
  });

  it('doubt a seed whose lease is old, and after five minutes its shoots', async () => {
    bench.put(resources.seeds, seedObject('local'));
    bench.put(resources.shoots, shootObject('garden-a/a', {}, { seedName: 'local', conditions: [] }));
    bench.put(resources.leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'local', namespace: 'gardener-system-seed-lease' },
      spec: { renewTime: '2026-01-01T00:00:00.000000Z' },
    } as never);
    await bench.run(...createSeedChecks(bench.context));
    await bench.settle(30_000);
    assert.equal(conditionOf('GardenletReady'), 'True');
    await bench.settle(15_000);
    assert.equal(conditionOf('GardenletReady'), 'Unknown');
    const conditions = () => bench.get<Shoot>(resources.shoots, 'a', 'garden-a')?.status?.conditions ?? [];
    assert.deepEqual(conditions(), []);
    await bench.settle(310_000);
    assert.equal(conditions().length, 5);
    assert.ok(conditions().every(({ status }) => status === 'Unknown'));
  });

  it("copy the garden's secrets for the seed, follow them, and remove what is gone", async () => {
    const secret = (data: Record<string, string>): Secret => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'domain', namespace: 'garden', labels: { 'gardener.cloud/role': 'internal-domain' } },
      type: 'Opaque',
      data,
    });
    bench.put(resources.seeds, seedObject('local'));
    bench.put(resources.secrets, secret({ a: 'MQ==' }));
    bench.put(resources.secrets, { ...secret({}), metadata: { name: 'other', namespace: 'garden' } });
    await bench.run(createSeedSecretsController(bench.context));
    const copies = () =>
      bench.list<Secret>(resources.secrets).filter(({ metadata }) => metadata.namespace === 'seed-local');
    assert.deepEqual(bench.get(resources.namespaces, 'seed-local')?.metadata.labels, { 'gardener.cloud/role': 'seed' });
    assert.deepEqual(
      copies().map(({ metadata, data }) => [metadata.name, data]),
      [['domain', { a: 'MQ==' }]],
    );
    bench.put(resources.secrets, secret({ a: 'Mg==' }));
    await bench.settle();
    assert.deepEqual(copies()[0]?.data, { a: 'Mg==' });
    await bench.client.delete(resources.secrets, 'domain', 'garden');
    await bench.settle();
    assert.deepEqual(copies(), []);
  });
});
