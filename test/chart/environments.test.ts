// Environments: those that come with the chart, those of the values, and that the gateway takes what is rendered.
import type { V1ResourceQuota } from '@kubernetes/client-node';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { parseQuantity } from '../../server/common/quantity.ts';
import { loadEnvironments, type Environment } from '../../server/session/index.ts';
import { refusalOf, render, type Rendering } from '../support/helm.ts';
import { environmentFiles, environmentPod, gatewayEnv, github, valuesFile, valuesFiles } from './fixtures.ts';

interface LimitRange {
  spec: { limits: { default: Record<string, string>; max: Record<string, string> }[] };
}

const shippedDir = fileURLToPath(new URL('../../manifests/environments', import.meta.url));

/** What the gateway makes of the ConfigMap, mounted as the Deployment says. */
async function load(rendering: Rendering): Promise<{ environments: Map<string, Environment>; faults: string[] }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'playground-environments-'));
  try {
    for (const [file, text] of environmentFiles(rendering)) {
      await mkdir(path.join(directory, path.dirname(file)), { recursive: true });
      await writeFile(path.join(directory, file), text);
    }
    return await loadEnvironments(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('chart: environments', () => {
  for (const { name, file } of valuesFiles)
    it(`are taken by the gateway with the values ${name}, the default one among them`, async () => {
      const rendering = await render(file);
      const { environments, faults } = await load(rendering);
      assert.deepEqual(faults, []);
      assert.ok(environments.has(gatewayEnv(rendering).get('DEFAULT_ENVIRONMENT') ?? ''));
    });

  it('are those of the project, by default', async () => {
    const { environments } = await load(await render({ github }));
    assert.deepEqual([...environments.keys()].sort(), (await readdir(shippedDir)).sort());
    const files = await loadEnvironments(shippedDir);
    for (const [name, { pod, ...about }] of environments) {
      const { pod: shipped, ...shippedAbout } = files.environments.get(name)!;
      assert.deepEqual(about, shippedAbout);
      const plain = ({ spec }: typeof pod) => spec.containers.map((container) => ({ ...container, image: '' }));
      assert.deepEqual(plain(pod), plain(shipped));
      assert.equal(pod.spec.activeDeadlineSeconds, shipped.spec.activeDeadlineSeconds);
      assert.deepEqual(pod.spec['volumes'], shipped.spec['volumes']);
    }
  });

  it('have what all sessions have: account, nodes, labels', async () => {
    const { spec, metadata } = environmentPod(await render(valuesFile('everything')), 'lite');
    assert.equal(spec?.serviceAccountName, 'playground-session');
    assert.equal(spec?.priorityClassName, 'playground-session');
    assert.deepEqual(spec?.nodeSelector, { 'example.org/pool': 'visitors' });
    assert.deepEqual(spec?.tolerations, [{ key: 'example.org/pool', operator: 'Exists' }]);
    assert.ok(spec?.affinity?.nodeAffinity);
    assert.equal(metadata?.labels?.['example.org/pod'], 'session');
    assert.equal(metadata?.annotations?.['cluster-autoscaler.kubernetes.io/safe-to-evict'], 'false');
  });

  it('take what the values change: fields, and containers by name', async () => {
    const { environments } = await load(await render(valuesFile('environments')));
    const [lite, workshop, bare] = ['lite', 'workshop', 'bare'].map((name) => environments.get(name)!);
    assert.equal(lite?.idleMinutes, 20);
    assert.equal(lite?.title, parse(await readFile(path.join(shippedDir, 'lite/environment.yaml'), 'utf8')).title);
    const garden = environmentPod(await render(valuesFile('environments')), 'lite').spec!.containers[1]!;
    assert.deepEqual([garden.resources?.limits?.['memory'], garden.resources?.limits?.['cpu']], ['1Gi', '1']);
    assert.equal(workshop?.title, 'Workshop');
    assert.deepEqual(
      workshop?.pod.spec.containers.map(({ image }) => image),
      ['registry.example.org/workshop/terminal:7', `playground/garden-lite:${packageJson.version}`],
    );
    assert.deepEqual(
      bare?.pod.spec.containers.map(({ name }) => name),
      ['terminal'],
    );
    assert.equal(bare?.pod.spec['automountServiceAccountToken'], false);
  });

  it('go away with null', async () => {
    const values = { github, defaultEnvironment: 'workshop', environments: { lite: null, workshop: { from: 'lite' } } };
    const { environments } = await load(await render(values));
    assert.deepEqual([...environments.keys()], ['workshop']);
  });

  const wrong: [string, object, RegExp][] = [
    [
      'is not complete',
      { mine: { environment: { title: 'Mine' } } },
      /environments\.mine: no environment of this name comes with the chart/,
    ],
    [
      'begins as one that is not there',
      { mine: { from: 'nowhere' } },
      /environments\.mine\.from: no environment nowhere/,
    ],
    [
      'changes a container that is not there',
      { lite: { containers: { sidecar: { image: 'x' } } } },
      /environments\.lite\.containers\.sidecar: .* it has terminal, garden/,
    ],
  ];
  for (const [what, environments, sentence] of wrong)
    it(`are refused where one ${what}`, async () => {
      assert.match(await refusalOf({ github, environments }), sentence);
    });

  it('replace the gateway when they change, since it reads them at start', async () => {
    const checksumOf = async (values: object) =>
      /checksum\/environments: (\w+)/.exec((await render({ github, ...values })).text)?.[1];
    const changed = { environments: { lite: { environment: { idleMinutes: 21 } } } };
    assert.ok(await checksumOf({}));
    assert.notEqual(await checksumOf({}), await checksumOf(changed));
  });
});

describe('chart: room for sessions', () => {
  it('is enough for as many sessions of lite as there may be', async () => {
    const rendering = await render({ github });
    const hard = rendering.one<V1ResourceQuota>('ResourceQuota').spec?.hard ?? {};
    const sessions = Number(gatewayEnv(rendering).get('MAX_SESSIONS'));
    const { containers } = environmentPod(rendering, 'lite').spec!;
    const each = (of: 'requests' | 'limits', resource: string) =>
      containers.reduce((sum, { resources }) => sum + parseQuantity(resources?.[of]?.[resource] ?? '0'), 0);
    assert.ok(Number(hard['pods']) >= sessions);
    let checked = 0;
    for (const [name, text] of Object.entries(hard)) {
      const [of, resource = ''] = name.split('.');
      if (of !== 'requests' && of !== 'limits') continue;
      checked++;
      const wanted = each(of, resource) * sessions;
      assert.ok(parseQuantity(text) >= wanted, `${name} is ${text}, ${sessions} sessions want ${wanted}`);
    }
    assert.ok(checked >= 4);
  });

  it('bounds each container, and those of lite fit', async () => {
    const rendering = await render({ github });
    const [limit] = rendering.one<LimitRange>('LimitRange').spec.limits;
    for (const { name, resources } of environmentPod(rendering, 'lite').spec!.containers)
      for (const [resource, max] of Object.entries(limit?.max ?? {}))
        assert.ok(parseQuantity(resources?.limits?.[resource] ?? '0') <= parseQuantity(max), `${name} ${resource}`);
    assert.deepEqual(Object.keys(limit?.default ?? {}).sort(), ['cpu', 'ephemeral-storage', 'memory']);
  });

  it("is the administrator's where the namespace is", async () => {
    const rendering = await render(valuesFile('existing'));
    for (const kind of ['Namespace', 'ResourceQuota', 'LimitRange', 'PodDisruptionBudget'])
      assert.deepEqual(rendering.all(kind), [], kind);
    assert.equal(gatewayEnv(rendering).get('SESSION_NAMESPACE'), 'visitors');
  });

  it('is a namespace with the Pod Security level restricted, by default', async () => {
    const { metadata } = (await render({ github })).one('Namespace', 'demo-sessions');
    for (const mode of ['enforce', 'audit', 'warn']) {
      assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}`], 'restricted');
      assert.equal(metadata.labels[`pod-security.kubernetes.io/${mode}-version`], 'latest');
    }
    const own = (await render(valuesFile('everything'))).one('Namespace', 'garden-visitors').metadata.labels;
    assert.equal(own['example.org/tenant'], 'visitors');
    assert.equal(own['pod-security.kubernetes.io/enforce-version'], 'v1.34');
  });
});
