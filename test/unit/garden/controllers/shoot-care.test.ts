// Maintenance, hibernation schedules, references, activity and events.
import assert from 'node:assert/strict';
import { createEventRecorder } from '../../../../server/garden/controllers/events.ts';
import { parseCron, previousDueMs } from '../../../../server/garden/controllers/cron.ts';
import { createHibernationController, decideHibernation } from '../../../../server/garden/controllers/hibernation.ts';
import { createMaintenanceController, untilWindowMs } from '../../../../server/garden/controllers/maintenance.ts';
import { describeMaintenance, planMaintenance } from '../../../../server/garden/controllers/maintenance-plan.ts';
import { createProjectActivityController } from '../../../../server/garden/controllers/project-activity.ts';
import { createShootReferenceController } from '../../../../server/garden/controllers/shoot-references.ts';
import type { CloudProfileSpec, Project, Shoot } from '../../../../server/garden/types.ts';
import { createSilentLogger } from '../../../../server/common/log.ts';
import type { KubeObject } from '../../../../server/kube/index.ts';
import { createBench, projectObject, resources, shootObject, type Bench } from '../support.ts';

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 0, 1);
const profile: CloudProfileSpec = {
  kubernetes: {
    versions: [
      { version: '1.36.0' },
      { version: '1.35.9', classification: 'preview' },
      { version: '1.35.5', classification: 'deprecated' },
      { version: '1.35.4' },
      { version: '1.34.3', expirationDate: '2025-12-31T00:00:00Z' },
    ],
  },
  machineImages: [
    {
      name: 'local',
      updateStrategy: 'minor',
      versions: [{ version: '1.2.0' }, { version: '1.0.0' }, { version: '2.0.0' }],
    },
  ],
  machineTypes: [],
};

describe('maintenance plan', () => {
  it('takes the latest patch that is no preview, and the latest image within the strategy', () => {
    const plan = planMaintenance(shootObject('garden-a/a'), profile, startMs);
    assert.equal(plan.spec.kubernetes.version, '1.35.5');
    assert.equal(plan.spec.provider.workers?.[0]?.machine.image?.version, '1.2.0');
    assert.deepEqual(describeMaintenance(plan), {
      description:
        'All maintenance operations successful. Control Plane: Updated Kubernetes version from "1.35.4" to "1.35.5". Reason: Automatic update of Kubernetes version configured, Worker pool "w": Updated machine image "local" from "1.0.0" to "1.2.0". Reason: Automatic update of the machine image version is configured (image update strategy: minor)',
    });
  });

  it('leaves all alone that is not kept up to date', () => {
    const autoUpdate = { kubernetesVersion: false, machineImageVersion: false };
    const plan = planMaintenance(shootObject('garden-a/a', { maintenance: { autoUpdate } }), profile, startMs);
    assert.equal(describeMaintenance(plan), undefined);
  });

  it('forces an expired version to the next minor, and says when there is none', () => {
    const autoUpdate = { kubernetesVersion: false, machineImageVersion: false };
    const shoot = shootObject('garden-a/a', { maintenance: { autoUpdate }, kubernetes: { version: '1.34.3' } });
    assert.equal(planMaintenance(shoot, profile, startMs).spec.kubernetes.version, '1.35.5');
    const lonely = { ...profile, kubernetes: { versions: profile.kubernetes.versions.slice(-1) } };
    const { description, failureReason } = describeMaintenance(planMaintenance(shoot, lonely, startMs)) ?? {};
    assert.equal(
      description,
      '(0/1) maintenance operations successful. Control Plane: Kubernetes version update failed. Reason for update: Kubernetes version expired - force update required',
    );
    assert.match(failureReason ?? '', /could not determine higher suitable version than "1.34.3"/);
  });
});

describe('cron schedules', () => {
  const cases: [string, string, string | undefined][] = [
    ['0 20 * * *', 'UTC', '2025-12-31T20:00:00Z'],
    ['0 20 * * *', 'Europe/Berlin', '2025-12-31T19:00:00Z'],
    ['*/15 8-10 * * mon-fri', 'UTC', '2025-12-31T10:45:00Z'],
    ['30 6 * jan,dec sat', 'UTC', '2025-12-27T06:30:00Z'],
    ['0 0 1 * fri', 'UTC', '2026-01-01T00:00:00Z'],
    ['@daily', 'UTC', '2026-01-01T00:00:00Z'],
    ['0 0 31 2 *', 'UTC', undefined],
  ];
  for (const [text, zone, time] of cases)
    it(`${text} in ${zone}: ${time ?? 'never'}`, () => {
      const schedule = parseCron(text);
      assert.ok(schedule);
      const ms = previousDueMs(schedule, zone, startMs - 7 * 24 * 60 * minuteMs, startMs);
      assert.equal(ms && new Date(ms).toISOString().replace('.000', ''), time);
    });
  it('are refused when they are none', () => {
    for (const text of ['every night', '60 * * * *', '* * * *', '1-0 * * * *', '*/0 * * * *'])
      assert.equal(parseCron(text), undefined);
  });
  it('hibernate or wake up by the latest of all times', () => {
    const schedules = [{ start: '0 20 * * *', end: '0 22 * * *' }, { start: '30 21 * * *' }];
    const at = (hours: number, minutes: number) => startMs + (hours * 60 + minutes) * minuteMs;
    assert.deepEqual(decideHibernation(schedules, startMs, at(20, 0)), { isHibernating: true });
    assert.deepEqual(decideHibernation(schedules, startMs, at(22, 1)), { isHibernating: false });
    assert.equal(decideHibernation(schedules, at(20, 0), at(21, 0)), undefined);
  });
});

describe('care for shoots', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = createBench();
    bench.put(resources.cloudProfiles, {
      apiVersion: 'core.gardener.cloud/v1beta1',
      kind: 'CloudProfile',
      metadata: { name: 'local' },
      spec: profile,
    } as KubeObject);
  });
  afterEach(() => bench.dispose());
  const stored = () => bench.get<Shoot>(resources.shoots, 'a', 'garden-a');

  it('maintains with the annotation at once, then in each window', async () => {
    const timeWindow = { begin: '010000+0000', end: '020000+0000' };
    bench.put(resources.shoots, shootObject('garden-a/a', { maintenance: { timeWindow } }));
    await bench.run(createMaintenanceController(bench.context));
    assert.equal(stored()?.spec.kubernetes.version, '1.35.4');
    const operation = 'gardener.cloud/operation';
    await bench.client.patch(resources.shoots, 'a', 'garden-a', 'merge', {
      metadata: { annotations: { [operation]: 'maintain' } },
    });
    await bench.settle();
    assert.equal(stored()?.spec.kubernetes.version, '1.35.5');
    assert.equal(stored()?.metadata.annotations?.[operation], 'reconcile');
    assert.equal(stored()?.status?.lastMaintenance?.state, 'Succeeded');
    assert.deepEqual(
      bench.notes.map(({ reason, type }) => `${type} ${reason}`),
      ['Normal KubernetesVersionMaintenance', 'Normal MachineImageVersionMaintenance'],
    );
    const kubernetes = { version: '1.35.4' };
    await bench.client.patch(resources.shoots, 'a', 'garden-a', 'merge', { spec: { kubernetes } });
    await bench.settle(60 * minuteMs);
    assert.equal(stored()?.spec.kubernetes.version, '1.35.5');
  });

  it('knows when a window begins', () => {
    assert.equal(untilWindowMs('010000+0000', startMs), 60 * minuteMs);
    assert.equal(untilWindowMs('010000+0200', startMs), 23 * 60 * minuteMs);
    assert.equal(untilWindowMs('000000+0000', startMs), 24 * 60 * minuteMs);
    assert.equal(untilWindowMs('soon', startMs), undefined);
  });

  it('hibernates by schedule, once', async () => {
    const schedules = [{ start: '5 0 * * *', location: 'UTC' }];
    bench.put(resources.shoots, shootObject('garden-a/a', { hibernation: { schedules } }));
    await bench.run(createHibernationController(bench.context));
    await bench.settle(4 * minuteMs);
    assert.deepEqual(bench.writes, []);
    await bench.settle(3 * minuteMs);
    assert.equal(stored()?.spec.hibernation?.enabled, true);
    assert.equal(stored()?.status?.lastHibernationTriggerTime, '2026-01-01T00:05:00Z');
    assert.equal(bench.notes.length, 1);
  });

  it('holds what a shoot names until it names it no more', async () => {
    const named = (name: string) => bench.get(resources.secrets, name, 'garden-a')?.metadata.finalizers ?? [];
    for (const name of ['one', 'two'])
      bench.put(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'garden-a' } });
    const referring = (name: string) => [{ name, resourceRef: { apiVersion: 'v1', kind: 'Secret', name } }];
    bench.put(resources.shoots, shootObject('garden-a/a', { resources: referring('one') }));
    await bench.run(createShootReferenceController(bench.context));
    const finalizers = ['gardener.cloud/reference-protection'];
    assert.deepEqual([named('one'), named('two'), stored()?.metadata.finalizers], [finalizers, [], finalizers]);
    await bench.client.patch(resources.shoots, 'a', 'garden-a', 'merge', { spec: { resources: referring('two') } });
    await bench.settle();
    assert.deepEqual([named('one'), named('two')], [[], finalizers]);
    await bench.client.delete(resources.shoots, 'a', 'garden-a');
    await bench.settle();
    assert.deepEqual([named('two'), stored()], [[], undefined]);
  });

  it('says when something last happened in a project', async () => {
    bench.put(resources.projects, projectObject('a', { namespace: 'garden-a' }));
    await bench.run(createProjectActivityController(bench.context));
    const last = () => bench.get<Project>(resources.projects, 'a')?.status?.lastActivityTimestamp;
    assert.equal(last(), undefined);
    await bench.settle(minuteMs);
    bench.put(resources.shoots, shootObject('garden-a/a'));
    await bench.settle();
    assert.equal(last(), '2026-01-01T00:01:00Z');
  });

  it('counts an event that comes again in its series', async () => {
    const record = createEventRecorder(bench.client, bench.clock, createSilentLogger());
    const details = { type: 'Normal', reason: 'R', action: 'Reconcile', note: 'n' } as const;
    const shoot = { ...shootObject('garden-a/a'), metadata: { name: 'a', namespace: 'garden-a', uid: 'u' } };
    for (let count = 0; count < 3; count++) {
      record(shoot, 'c', details);
      await bench.settle(1000);
    }
    const [event, ...others] = bench.list<KubeObject & { series?: { count: number } }>(resources.newEvents);
    assert.equal(others.length, 0);
    assert.match(event?.metadata.name ?? '', /^a\.[0-9a-f]{16}$/);
    assert.equal(event?.series?.count, 3);
    await bench.settle(7 * minuteMs);
    record(shoot, 'c', details);
    await bench.settle();
    assert.equal(bench.list(resources.newEvents).length, 2);
  });
});
