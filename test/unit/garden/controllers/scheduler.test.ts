// The scheduler: which seed, and why none.
import assert from 'node:assert/strict';
import {
  chooseSeed,
  seedUsage,
  type SchedulingInput,
} from '../../../../server/garden/controllers/scheduler-filters.ts';
import { createScheduler } from '../../../../server/garden/controllers/scheduler.ts';
import type { CloudProfileSpec, Shoot } from '../../../../server/garden/types.ts';
import { createBench, projectObject, resources, seedObject, shootObject, type Bench } from '../support.ts';

const cloudProfile: CloudProfileSpec = { kubernetes: { versions: [] }, machineImages: [], machineTypes: [] };
const input = (given: Partial<SchedulingInput> = {}): SchedulingInput => ({
  shoot: shootObject('garden-a/a'),
  projectName: 'a',
  cloudProfile,
  seeds: [seedObject('local')],
  shoots: [],
  ...given,
});
const choose = (given: Partial<SchedulingInput> = {}) => chooseSeed(input(given)).metadata.name;

describe('choosing a seed', () => {
  it('takes the one with the fewest shoots', () => {
    const shoots = [shootObject('garden-a/b', { seedName: 'one' }), shootObject('garden-a/c', {}, { seedName: 'one' })];
    assert.equal(choose({ seeds: [seedObject('one'), seedObject('two')], shoots }), 'two');
    assert.deepEqual([...seedUsage(shoots)], [['one', 2]]);
  });

  const refusals: [string, Partial<SchedulingInput>, string][] = [
    ['without a seed', { seeds: [] }, 'none of the 0 seeds is valid for scheduling (not deleting, visible and ready)'],
    [
      'with an invisible seed',
      { seeds: [seedObject('local', { settings: { scheduling: { visible: false } } })] },
      'none of the 1 seeds is valid for scheduling (not deleting, visible and ready)',
    ],
    [
      'with a seed whose gardenlet is silent',
      { seeds: [seedObject('local', {}, { conditions: [] })] },
      'none of the 1 seeds is valid for scheduling (not deleting, visible and ready)',
    ],
    [
      'with a selector that no seed matches',
      { shoot: shootObject('garden-a/a', { seedSelector: { matchLabels: { a: 'b' } } }) },
      "none out of the 1 seeds has the matching labels required by seed selector of 'Shoot' (selector: 'a=b')",
    ],
    [
      'of another provider',
      { shoot: shootObject('garden-a/a', { provider: { type: 'aws' } }) },
      'none out of the 1 seeds has a matching provider for "aws"',
    ],
    [
      'that wants three zones',
      {
        shoot: shootObject('garden-a/a', {
          controlPlane: { highAvailability: { failureTolerance: { type: 'zone' } } },
        }),
      },
      "none of the 1 seeds has at least 3 zones for hosting a shoot control plane with failure tolerance type 'zone'",
    ],
    [
      "with another's name in Gardener's domain",
      { shoot: shootObject('garden-a/a', { dns: { domain: 'b.a.external.example.org' } }) },
      'none of the 1 seeds support the domain "b.a.external.example.org" configured in the shoot specification',
    ],
    [
      'that does not tolerate the taints',
      { seeds: [seedObject('local', { taints: [{ key: 'seed.gardener.cloud/protected' }] })] },
      "0/1 seed cluster candidate(s) are eligible for scheduling: {local => shoot does not tolerate the seed's taints}",
    ],
    [
      'with full seeds',
      {
        seeds: [seedObject('local', {}, { allocatable: { shoots: '1' } })],
        shoots: [shootObject('garden-b/b', { seedName: 'local' })],
      },
      '0/1 seed cluster candidate(s) are eligible for scheduling: {local => seed does not have available capacity for shoots}',
    ],
    [
      'in another region',
      { shoot: shootObject('garden-a/a', { region: 'mars' }) },
      "no matching seed candidate found for Configuration (Cloud Profile 'local', Region 'mars', SeedDeterminationStrategy 'SameRegion')",
    ],
  ];
  for (const [name, given, message] of refusals)
    it(`refuses a shoot ${name}`, () => assert.throws(() => choose(given), { message }));

  it('takes a shoot for testing to any region, and tolerated taints', () => {
    const purpose = 'testing';
    assert.equal(choose({ shoot: shootObject('garden-a/a', { region: 'mars', purpose }) }), 'local');
    const tolerations = [{ key: 'k' }];
    const seeds = [seedObject('local', { taints: [{ key: 'k', value: 'v' }] })];
    assert.equal(choose({ seeds, shoot: shootObject('garden-a/a', { tolerations }) }), 'local');
  });
});

describe('scheduler', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = createBench();
    bench.put(resources.projects, projectObject('a', { namespace: 'garden-a' }));
    bench.put(resources.cloudProfiles, {
      apiVersion: 'core.gardener.cloud/v1beta1',
      kind: 'CloudProfile',
      metadata: { name: 'local' },
      spec: cloudProfile,
    } as never);
    await bench.run(createScheduler(bench.context));
  });
  afterEach(() => bench.dispose());
  const shootA = () => bench.get<Shoot>(resources.shoots, 'a', 'garden-a');

  it('binds a shoot and says so', async () => {
    bench.put(resources.seeds, seedObject('local'));
    bench.put(resources.shoots, shootObject('garden-a/a'));
    await bench.settle();
    assert.equal(shootA()?.spec.seedName, 'local');
    assert.deepEqual(bench.writes, ['update binding of shoots garden-a/a']);
    assert.deepEqual(bench.notes, [
      { reason: 'SchedulingSuccessful', type: 'Normal', note: 'Scheduled to seed "local"', on: 'a' },
    ]);
  });

  it('leaves shoots of other schedulers, bound ones and those being deleted alone', async () => {
    bench.put(resources.seeds, seedObject('local'));
    bench.put(resources.shoots, shootObject('garden-a/a', { schedulerName: 'by-hand' }));
    bench.put(resources.shoots, shootObject('garden-a/b', { seedName: 'other' }));
    const deleting = shootObject('garden-a/c');
    const metadata = { ...deleting.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x'] };
    bench.put(resources.shoots, { ...deleting, metadata });
    await bench.settle();
    assert.deepEqual(bench.writes, []);
  });

  it('reports once why it cannot, and schedules as soon as a seed is usable', async () => {
    bench.put(resources.shoots, shootObject('garden-a/a'));
    await bench.settle(5000);
    const { lastOperation } = shootA()?.status ?? {};
    assert.deepEqual(
      [lastOperation?.type, lastOperation?.state, lastOperation?.description],
      [
        'Create',
        'Pending',
        'Failed to schedule Shoot: none of the 0 seeds is valid for scheduling (not deleting, visible and ready)',
      ],
    );
    assert.equal(bench.writes.length, 1);
    bench.put(resources.seeds, seedObject('local'));
    await bench.settle();
    assert.equal(shootA()?.spec.seedName, 'local');
  });
});
