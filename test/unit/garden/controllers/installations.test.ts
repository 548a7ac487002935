// Extensions come to a seed with what needs them, and go with the last of it.
import assert from 'node:assert/strict';
import { createControllerFinalizers } from '../../../../server/garden/controllers/controller-finalizers.ts';
import { createControllerInstallationController } from '../../../../server/garden/controllers/controller-installations.ts';
import { wantedRegistrations } from '../../../../server/garden/controllers/required-extensions.ts';
import type { ControllerInstallation, ControllerRegistration } from '../../../../server/garden/types.ts';
import { createBench, resources, seedObject, shootObject, type Bench } from '../support.ts';

const registration = (
  name: string,
  types: string[],
  deployment: ControllerRegistration['spec']['deployment'] = {},
): ControllerRegistration => ({
  apiVersion: 'core.gardener.cloud/v1beta1',
  kind: 'ControllerRegistration',
  metadata: { name, annotations: { 'security.gardener.cloud/pod-security-enforce': 'baseline' } },
  spec: {
    resources: types.map((one) => ({ kind: one.split('/')[0] ?? '', type: one.split('/')[1] ?? '' })),
    deployment,
  },
});
const provider = registration('provider-local', ['ControlPlane/local', 'Worker/local']);
const calico = registration('networking-calico', ['Network/calico']);

describe('extensions of a seed', () => {
  const seed = seedObject('local');
  const nothing = { shoots: [], buckets: [], entries: [] };
  const names = (all: ControllerRegistration[], content = nothing) =>
    wantedRegistrations(seed, content, all).map(({ metadata }) => metadata.name);

  it('are those that it needs itself, and those of its shoots', () => {
    assert.deepEqual(names([provider, calico]), ['provider-local']);
    const shoots = [shootObject('garden-a/a', { seedName: 'local' })] as never[];
    assert.deepEqual(names([provider, calico], { ...nothing, shoots }), ['provider-local', 'networking-calico']);
    const workerless = [shootObject('garden-a/a', { seedName: 'local', provider: { type: 'local' } })] as never[];
    assert.deepEqual(names([provider, calico], { ...nothing, shoots: workerless }), ['provider-local']);
  });

  it('are those that are always deployed, where their selector matches the seed', () => {
    const always = registration('always', [], { policy: 'Always' });
    const elsewhere = registration('elsewhere', [], {
      policy: 'Always',
      seedSelector: { matchLabels: { 'seed.gardener.cloud/region': 'mars' } },
    });
    const exceptEmpty = registration('except', [], { policy: 'AlwaysExceptNoShoots' });
    assert.deepEqual(names([always, elsewhere, exceptEmpty]), ['always']);
  });

  it('are types that are on for all clusters, unless a shoot switches them off', () => {
    const audit = registration('audit', ['Extension/audit']);
    const [resource] = audit.spec.resources ?? [];
    if (resource) resource.autoEnable = ['shoot'];
    const on = [shootObject('garden-a/a', { seedName: 'local' })] as never[];
    const extensions = [{ type: 'audit', disabled: true }];
    const off = [shootObject('garden-a/a', { seedName: 'local', extensions })] as never[];
    assert.deepEqual(names([audit], { ...nothing, shoots: on }), ['audit']);
    assert.deepEqual(names([audit], { ...nothing, shoots: off }), []);
  });
});

describe('controllerinstallation controller', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = createBench();
    for (const one of [provider, calico]) bench.put(resources.controllerRegistrations, one);
    bench.put(resources.seeds, seedObject('local'));
    await bench.run(
      createControllerInstallationController(bench.context),
      ...createControllerFinalizers(bench.context),
    );
  });
  afterEach(() => bench.dispose());
  const installed = () =>
    bench
      .list<ControllerInstallation>(resources.controllerInstallations)
      .map(({ spec }) => `${spec.registrationRef.name} on ${spec.seedRef?.name}`);

  it('installs once, with the annotations of the registration, and takes away what nobody needs', async () => {
    assert.deepEqual(installed(), ['provider-local on local']);
    bench.put(resources.shoots, shootObject('garden-a/a', { seedName: 'local' }));
    await bench.settle();
    assert.deepEqual(installed(), ['provider-local on local', 'networking-calico on local']);
    const [, second] = bench.list<ControllerInstallation>(resources.controllerInstallations);
    assert.match(second?.metadata.name ?? '', /^networking-calico-/);
    assert.deepEqual(second?.metadata.annotations, { 'security.gardener.cloud/pod-security-enforce': 'baseline' });
    await bench.client.delete(resources.shoots, 'a', 'garden-a');
    await bench.settle();
    assert.deepEqual(installed(), ['provider-local on local']);
  });

  it('installs again only when the one that is being deleted is gone', async () => {
    const held = { metadata: { finalizers: ['gardener'] } };
    const [first] = bench.list<ControllerInstallation>(resources.controllerInstallations);
    const name = first?.metadata.name ?? '';
    await bench.client.patch(resources.controllerInstallations, name, undefined, 'merge', held);
    await bench.client.delete(resources.controllerInstallations, name);
    bench.put(resources.controllerRegistrations, provider);
    await bench.settle(1000);
    assert.deepEqual(installed(), ['provider-local on local']);
    await bench.client.patch(resources.controllerInstallations, name, undefined, 'merge', {
      metadata: { finalizers: [] },
    });
    await bench.settle(1000);
    assert.deepEqual(installed(), ['provider-local on local']);
    assert.notEqual(bench.list(resources.controllerInstallations)[0]?.metadata.name, name);
  });

  it('lets a shoot go at once, and a seed and a registration with their last installation', async () => {
    const finalizer = 'core.gardener.cloud/controllerregistration';
    bench.put(resources.shoots, shootObject('garden-a/a', { seedName: 'local' }));
    await bench.settle();
    assert.deepEqual(bench.get(resources.shoots, 'a', 'garden-a')?.metadata.finalizers, [finalizer]);
    await bench.client.delete(resources.shoots, 'a', 'garden-a');
    await bench.client.delete(resources.controllerRegistrations, 'provider-local');
    await bench.settle();
    assert.equal(bench.get(resources.shoots, 'a', 'garden-a'), undefined);
    assert.equal(bench.get(resources.controllerRegistrations, 'provider-local'), undefined);
    await bench.client.delete(resources.seeds, 'local');
    await bench.settle();
    assert.equal(bench.get(resources.seeds, 'local'), undefined);
    assert.deepEqual(installed(), []);
  });
});
