// What a visitor is told who gets a Shoot wrong.
import assert from 'node:assert/strict';
import type { ShootSpec } from '../../../../server/garden/api/types.ts';
import { change, faultsOf, landscape, object, shoot, write } from './fixtures.ts';

const faults = (edit: (spec: ShootSpec) => void) => faultsOf(() => write(change(shoot(), ({ spec }) => edit(spec))));
const worker = (spec: ShootSpec) => spec.provider.workers![0]!;
const forbiddenPrefix = '403 shoots.core.gardener.cloud "small" is forbidden: ';

describe('garden/api: validation of a Shoot', () => {
  it('tells all faults at once, in order', () => {
    const wrong = change(shoot('a--b'), ({ spec }) => {
      spec.region = '';
      spec.purpose = 'fun';
    });
    assert.deepEqual(
      faultsOf(() => write(wrong)),
      [
        'metadata.name: Invalid: name may not contain two consecutive hyphens',
        'spec.region: Required: must specify a region',
        'spec.purpose: NotSupported: supported values: "development", "evaluation", "production", "testing"',
      ],
    );
  });

  const cases: [string, (spec: ShootSpec) => void, string[]][] = [
    [
      'versions that the profile does not offer',
      (spec) => (spec.kubernetes.version = '1.30.0'),
      [
        `${forbiddenPrefix}spec.kubernetes.version: Unsupported value: "1.30.0": supported values: "1.36.0", "1.35.4", "1.34.3", "1.33.0", "1.32.0"`,
      ],
    ],
    [
      'what is no version',
      (spec) => (spec.kubernetes.version = 'latest'),
      [`${forbiddenPrefix}spec.kubernetes.version: Invalid value: "latest": must be a semantic version`],
    ],
    [
      'unknown machine types',
      (spec) => (worker(spec).machine.type = 'huge'),
      [`${forbiddenPrefix}spec.provider.workers[0].machine.type: Unsupported value: "huge": supported values: "local"`],
    ],
    [
      'unknown image versions',
      (spec) => (worker(spec).machine.image = { name: 'local', version: '3.0.0' }),
      [
        `${forbiddenPrefix}spec.provider.workers[0].machine.image.version: Unsupported value: "3.0.0": supported values: "local:1.0.0", "local:2.0.0"`,
      ],
    ],
    [
      'unknown images',
      (spec) => (worker(spec).machine.image = { name: 'ubuntu', version: '1.0.0' }),
      [`${forbiddenPrefix}spec.provider.workers[0]: Invalid value: "ubuntu": image is not supported`],
    ],
    [
      'long names of pools',
      (spec) => (worker(spec).name = 'a-name-that-is-long'),
      ['spec.provider.workers[0].name: TooLong: may not be more than 15 bytes'],
    ],
    [
      'a minimum above the maximum',
      (spec) => (worker(spec).minimum = 3),
      ['spec.provider.workers[0].maximum: Forbidden: maximum value must not be less than minimum value'],
    ],
    [
      'a maximum below nothing',
      (spec) => (worker(spec).maximum = -2),
      [
        'spec.provider.workers[0].maximum: Invalid: maximum value must not be negative',
        'spec.provider.workers[0].maximum: Forbidden: maximum value must not be less than minimum value',
        'spec.provider.workers[0].maximum: Forbidden: maximum node count should be greater than or equal to the number of zones specified for this pool',
      ],
    ],
    [
      'neither surge nor unavailability',
      (spec) => Object.assign(worker(spec), { maxSurge: 0, maxUnavailable: 0 }),
      ['spec.provider.workers[0].maxUnavailable: Invalid: may not be 0 when `maxSurge` is 0'],
    ],
    [
      'pools of which none may run what every cluster needs',
      (spec) => (worker(spec).systemComponents = { allow: false }),
      [
        'spec.provider.workers: Forbidden: at least one active (workers[i].maximum > 0) worker pool with systemComponents.allow=true needed',
      ],
    ],
    [
      'zones in a region without',
      (spec) => (worker(spec).zones = ['0']),
      [
        `${forbiddenPrefix}spec.provider.workers[0].zones[0]: Invalid value: "local": this region does not support availability zones, please do not configure them`,
      ],
    ],
    [
      'regions that are not there',
      (spec) => (spec.region = 'mars'),
      [`${forbiddenPrefix}spec.region: Unsupported value: "mars": supported values: "local"`],
    ],
    [
      'ranges that are none',
      (spec) => (spec.networking!.nodes = '10.0.0.0'),
      ['spec.networking.nodes: Invalid: invalid CIDR address: 10.0.0.0'],
    ],
    [
      'ranges with host bits',
      (spec) => (spec.networking!.nodes = '10.0.0.1/16'),
      ['spec.networking.nodes: Invalid: must be valid canonical CIDR'],
    ],
    [
      'ranges that overlap',
      (spec) => (spec.networking!.pods = '10.0.0.0/16'),
      [
        `${forbiddenPrefix}spec.networking.pods: Invalid value: "10.0.0.0/16": shoot pod network intersects with shoot node network`,
      ],
    ],
    [
      'network plugins that nobody provides',
      (spec) => (spec.networking!.type = 'flannel'),
      [
        `${forbiddenPrefix}1 error occurred:\n\t* given Shoot uses non-registered networking type: spec.networking.type ("flannel")\n\n`,
      ],
    ],
    [
      'bindings that are not there',
      (spec) => (spec.credentialsBindingName = 'nope'),
      [`${forbiddenPrefix}credentialsbinding.security.gardener.cloud "nope" not found`],
    ],
    [
      'profiles that are not there',
      (spec) => (spec.cloudProfile = { name: 'nope' }),
      [
        '500 Internal error occurred: could not find referenced cloud profile: cloudprofile.core.gardener.cloud "nope" not found',
      ],
    ],
    [
      'two fields for one binding',
      (spec) => (spec.secretBindingName = 'local'),
      [
        'spec.secretBindingName: Forbidden: is incompatible with credentialsBindingName',
        'spec.secretBindingName: Forbidden: for Kubernetes versions >= 1.34, secretBindingName field is no longer supported, use spec.credentialsBindingName instead',
      ],
    ],
    [
      'resources that are not there',
      (spec) => (spec.resources = [{ name: 'x', resourceRef: { apiVersion: 'v1', kind: 'Secret', name: 'nope' } }]),
      [`${forbiddenPrefix}failed to resolve resource reference "x": secrets "nope" not found`],
    ],
    [
      'audit policies that are not there',
      (spec) => (spec.kubernetes.kubeAPIServer = { auditConfig: { auditPolicy: { configMapRef: { name: 'nope' } } } }),
      [
        '422 admission webhook "audit-policies.gardener.cloud" denied the request: referenced audit policy ConfigMap garden-local/nope does not exist: configmaps "nope" not found',
      ],
    ],
    [
      'schedules that are no cron expression',
      (spec) => (spec.hibernation = { schedules: [{ start: 'every night' }] }),
      [
        'spec.hibernation.schedules[0].start: Invalid: not a valid cron spec: Expected exactly 5 fields, found 2: every night',
      ],
    ],
    [
      'schedules elsewhere',
      (spec) => (spec.hibernation = { schedules: [{ start: '0 20 * * *', location: 'Moon/Base' }] }),
      ['spec.hibernation.schedules[0].location: Invalid: not a valid location: unknown time zone Moon/Base'],
    ],
    [
      'schedules without a time, and equal ones',
      (spec) => (spec.hibernation = { schedules: [{}, { end: '0 8 * * 1-5' }, { end: '0 8 * * 1-5' }] }),
      [
        'spec.hibernation.schedules[0].start/end: Required: either start or end has to be provided',
        'spec.hibernation.schedules[2].end: Duplicate: ',
      ],
    ],
    [
      'short maintenance windows',
      (spec) => (spec.maintenance = { timeWindow: { begin: '010000+0000', end: '011000+0000' } }),
      ['spec.maintenance.timeWindow: Invalid: time window must not be smaller than 30m0s'],
    ],
    [
      'maintenance windows that are no times',
      (spec) => (spec.maintenance = { timeWindow: { begin: 'one', end: 'two' } }),
      [
        'spec.maintenance.timeWindow.begin/end: Invalid: could not parse begin time: could not parse the value into the maintenanceTime format: parsing time "one" as "150405-0700": cannot parse "one" as "15"',
      ],
    ],
  ];
  for (const [what, edit, expected] of cases) {
    it(`refuses ${what}`, () => assert.deepEqual(faults(edit), expected));
  }

  it('counts the name together with the project', () => {
    assert.match(
      faultsOf(() => write(shoot('much-too-long-a-name')))[0]!,
      /^422 Shoot.core.gardener.cloud .*must not exceed 21 characters \(project: local; shoot: much-too-long-a-name\)$/,
    );
  });

  it('takes previews that are asked for by name', () => {
    assert.deepEqual(
      faults((spec) => (worker(spec).machine.image = { name: 'local', version: '2.0.0' })),
      [],
    );
  });

  it('takes expired versions for updates only', () => {
    const objects = landscape();
    const [profile] = objects as unknown as [{ spec: { kubernetes: { versions: Record<string, string>[] } } }];
    profile.spec.kubernetes.versions[1]!['expirationDate'] = '2025-01-01T00:00:00Z';
    const expired = (name: string) => change(shoot(name), ({ spec }) => (spec.kubernetes.version = '1.35.4'));
    assert.match(
      faultsOf(() => write(expired('a'), undefined, { objects }))[0]!,
      /supported values: "1.36.0", "1.34.3"/,
    );
    const old = write(
      change(shoot('a'), ({ spec }) => (spec.kubernetes.version = '1.34.3')),
      undefined,
      { objects },
    ).object;
    const upgraded = change(old, ({ spec }) => (spec.kubernetes.version = '1.35.4'));
    assert.deepEqual(
      faultsOf(() => write(upgraded, old, { objects })),
      [],
    );
  });

  it('goes up version by version', () => {
    const old = write(change(shoot(), ({ spec }) => (spec.kubernetes.version = '1.34.3'))).object;
    const to = (version: string) =>
      faultsOf(() =>
        write(
          change(old, ({ spec }) => (spec.kubernetes.version = version)),
          old,
        ),
      );
    assert.deepEqual(to('1.33.0'), [
      'spec.kubernetes.version: Forbidden: kubernetes version downgrade is not supported',
      'spec.provider.workers[0].kubernetes.version: Forbidden: kubernetes version downgrade is not supported',
    ]);
    assert.deepEqual(to('1.36.0'), [
      'spec.kubernetes.version: Forbidden: kubernetes version upgrade cannot skip a minor version',
    ]);
    assert.deepEqual(to('1.35'), []);
  });

  it('keeps pools close to the control plane', () => {
    const version = (given: string) => faults((spec) => (worker(spec).kubernetes = { version: given }));
    assert.match(version('1.32.0')[0]!, /must be at most three minor versions behind/);
    assert.deepEqual(version('1.33.0'), []);
    const newer = faults((spec) => {
      spec.kubernetes.version = '1.34.3';
      worker(spec).kubernetes = { version: '1.35.4' };
    });
    assert.match(newer[0]!, /must not be higher than control plane version/);
  });

  it('lists all that a cluster without workers has no use for', () => {
    const old = write(shoot()).object;
    const emptied = change(old, ({ spec }) => (spec.provider.workers = []));
    const paths = faultsOf(() => write(emptied, old)).map((fault) => fault.split(':')[0]);
    assert.deepEqual(paths, [
      'spec.provider.workers',
      'spec.provider.workersSettings',
      'spec.kubernetes.kubeControllerManager.nodeCIDRMaskSize',
      'spec.kubernetes.kubeControllerManager.nodeMonitorGracePeriod',
      'spec.kubernetes.kubeScheduler',
      'spec.kubernetes.kubeProxy',
      'spec.kubernetes.kubelet',
      'spec.kubernetes.verticalPodAutoScaler',
      'spec.networking.type',
      'spec.networking.nodes',
      'spec.maintenance.autoUpdate.machineImageVersion',
      'spec.credentialsBindingName',
      'spec.systemComponents',
    ]);
  });

  it('warns of fields that will go', () => {
    const objects = [
      ...landscape(),
      object(
        'core.gardener.cloud/v1beta1',
        'SecretBinding',
        'local',
        { provider: { type: 'local' }, secretRef: { name: 'local', namespace: 'garden-local' } },
        'garden-local',
      ),
    ];
    const old = change(shoot(), ({ spec }) => {
      spec.kubernetes.version = '1.33.0';
      delete spec.credentialsBindingName;
      spec.secretBindingName = 'local';
    });
    const { warnings } = write(old, undefined, { objects });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /^spec.secretBindingName is deprecated/);
  });

  it('refuses a Shoot outside of projects', () => {
    const stray = change(shoot(), ({ metadata }) => (metadata.namespace = 'default'));
    assert.deepEqual(
      faultsOf(() => write(stray)),
      [
        `${forbiddenPrefix}Internal error occurred: could not find referenced project: Project.core.gardener.cloud "<unknown>" not found`,
      ],
    );
  });
});
