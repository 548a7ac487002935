// The gateway's Deployment and what stands around it: draining, probes, disruptions, scaling, priority, monitoring, the smoke test.
import type {
  V1ConfigMap,
  V1Deployment,
  V1Pod,
  V1PodDisruptionBudget,
  V1PriorityClass,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { readOptions } from '../../server/common/options.ts';
import { checkGatewayOptions, checkSmokeOptions, gatewayOptions, smokeOptions } from '../../server/config.ts';
import { chartDir, render, type Rendering } from '../support/helm.ts';
import { gatewayOf, github, valuesFile, valuesFiles } from './fixtures.ts';

const podSpecOf = (rendering: Rendering) => rendering.one<V1Deployment>('Deployment').spec!.template.spec!;

/** A container's environment as it finds it, with something in place of what comes from Secret and pod. */
const environmentOf = (env: { name: string; value?: string }[] = [], stored: Record<string, string>) =>
  Object.fromEntries(env.map(({ name, value }) => [name, value ?? stored[name] ?? 'stored']));
const keys = { COOKIE_KEYS: 'A'.repeat(43), TOKEN_KEYS: 'B'.repeat(43) };

describe('chart: gateway', () => {
  for (const { name, file } of valuesFiles)
    it(`is given options that it takes with the values ${name}`, async () => {
      const { env } = gatewayOf(await render(file));
      const inCluster = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
      const all = { ...environmentOf(env, keys), ...inCluster };
      const options = readOptions(gatewayOptions, all, [], checkGatewayOptions);
      assert.equal(options.environmentsDir, '/etc/playground/environments');
    });

  it('runs twice, spread over nodes and zones, and a new one is ready before an old one goes', async () => {
    const { spec } = (await render({ github })).one<V1Deployment>('Deployment');
    assert.equal(spec?.replicas, 2);
    assert.deepEqual(spec?.strategy, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
    const spread = spec?.template.spec?.topologySpreadConstraints ?? [];
    assert.deepEqual(
      spread.map(({ topologyKey }) => topologyKey),
      ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'],
    );
    for (const { labelSelector, matchLabelKeys } of spread) {
      assert.deepEqual(labelSelector?.matchLabels, spec?.selector.matchLabels);
      assert.deepEqual(matchLabelKeys, ['pod-template-hash']);
    }
  });

  it('has the time to drain that it needs', async () => {
    for (const [values, drain, grace] of [
      [{}, '5', 25],
      [{ gateway: { drainSeconds: 30 } }, '30', 50],
      [{ gateway: { drainSeconds: 0, terminationGracePeriodSeconds: 60 } }, '0', 60],
    ] as const) {
      const rendering = await render({ github, ...values });
      const env = gatewayOf(rendering).env?.find(({ name }) => name === 'DRAIN_SECONDS');
      assert.equal(env?.value, drain);
      assert.equal(podSpecOf(rendering).terminationGracePeriodSeconds, grace);
    }
  });

  it('is asked for its health where it answers, whatever the path of its address', async () => {
    const { startupProbe, readinessProbe, livenessProbe } = gatewayOf(await render(valuesFile('ingress')));
    const paths = [startupProbe, readinessProbe, livenessProbe].map((probe) => [
      probe?.httpGet?.path,
      probe?.httpGet?.port,
    ]);
    assert.deepEqual(paths, [
      ['/healthz', 'http'],
      ['/readyz', 'http'],
      ['/healthz', 'http'],
    ]);
    assert.ok(livenessProbe!.periodSeconds! * livenessProbe!.failureThreshold! >= 60);
  });

  it('is not drained away as a whole', async () => {
    const { spec } = (await render({ github })).one<V1PodDisruptionBudget>('PodDisruptionBudget');
    assert.equal(spec?.maxUnavailable, 1);
    assert.equal(spec?.unhealthyPodEvictionPolicy, 'AlwaysAllow');
  });

  it('is scaled by one hand alone', async () => {
    const rendering = await render(valuesFile('everything'));
    const { spec } = rendering.one<V2HorizontalPodAutoscaler>('HorizontalPodAutoscaler');
    const { spec: deployment, metadata } = rendering.one<V1Deployment>('Deployment');
    assert.equal(deployment?.replicas, undefined);
    assert.deepEqual(spec?.scaleTargetRef, { apiVersion: 'apps/v1', kind: 'Deployment', name: metadata.name });
    assert.deepEqual([spec?.minReplicas, spec?.maxReplicas], [2, 6]);
    assert.deepEqual(
      spec?.metrics?.map(({ resource }) => [resource?.name, resource?.target.averageUtilization]),
      [
        ['cpu', 70],
        ['memory', 80],
      ],
    );
    const byMemory = await render({ github, autoscaling: { enabled: true, cpuPercent: null } });
    const { metrics } = byMemory.one<V2HorizontalPodAutoscaler>('HorizontalPodAutoscaler').spec!;
    assert.deepEqual(
      metrics?.map(({ resource }) => resource?.name),
      ['memory'],
    );
  });

  it('stands above the sessions in priority, and they displace nobody', async () => {
    const rendering = await render(valuesFile('everything'));
    const [gateway, session] = ['gateway', 'session'].map((name) =>
      rendering.one<V1PriorityClass>('PriorityClass', `playground-${name}`),
    );
    assert.ok(gateway!.value > session!.value);
    assert.equal(session!.preemptionPolicy, 'Never');
    assert.equal(podSpecOf(rendering).priorityClassName, 'playground-gateway');
    const named = await render({ github, gateway: { priorityClassName: 'high' } });
    assert.equal(podSpecOf(named).priorityClassName, 'high');
    assert.deepEqual(named.all('PriorityClass'), []);
  });

  it('takes what an administrator adds', async () => {
    const rendering = await render(valuesFile('everything'));
    const { spec, metadata } = rendering.one<V1Deployment>('Deployment').spec!.template;
    assert.equal(metadata?.labels?.['example.org/pod'], 'gateway');
    assert.equal(metadata?.annotations?.['example.org/scrape'], 'no');
    assert.ok(spec?.volumes?.some(({ name }) => name === 'ca'));
    assert.ok(spec?.containers[0]?.volumeMounts?.some(({ mountPath }) => mountPath === '/etc/ca'));
    assert.ok(spec?.containers[0]?.env?.some(({ name }) => name === 'NODE_EXTRA_CA_CERTS'));
    assert.deepEqual(spec?.nodeSelector, { 'example.org/pool': 'system' });
    assert.equal(spec?.tolerations?.length, 1);
    assert.ok(spec?.affinity?.podAntiAffinity);
    const extra = rendering.all('ConfigMap').map(({ metadata: { name } }) => name);
    assert.ok(extra.includes('playground-welcome') && extra.includes('playground-text'));
  });
});

describe('chart: monitoring', () => {
  it('is off by default', async () => {
    const rendering = await render({ github });
    for (const kind of ['ServiceMonitor', 'PrometheusRule']) assert.deepEqual(rendering.all(kind), []);
    assert.deepEqual(
      rendering.all('ConfigMap').map(({ metadata }) => metadata.name),
      ['playground-environments'],
    );
  });

  it('brings the alerts and the dashboard as they are', async () => {
    const rendering = await render(valuesFile('everything'));
    const rules = parse(await readFile(path.join(chartDir, 'files/rules.yaml'), 'utf8')) as { groups: object[] };
    assert.ok(rules.groups.length > 0);
    assert.deepEqual(rendering.one<{ spec: object }>('PrometheusRule').spec, rules);
    const dashboard = rendering.one<V1ConfigMap>('ConfigMap', 'playground-dashboard');
    assert.equal(dashboard.metadata.labels['grafana_dashboard'], '1');
    assert.deepEqual(
      JSON.parse(dashboard.data?.['playground.json'] ?? ''),
      JSON.parse(await readFile(path.join(chartDir, 'files/dashboard.json'), 'utf8')),
    );
  });

  it('finds the metrics, and only them', async () => {
    interface ServiceMonitor {
      spec: { selector: { matchLabels: Record<string, string> }; endpoints: { port: string; path: string }[] };
    }
    const rendering = await render(valuesFile('everything'));
    const { spec, metadata } = rendering.one<ServiceMonitor>('ServiceMonitor');
    assert.equal(metadata.labels['release'], 'prometheus');
    const isFound = (labels: Record<string, string>) =>
      Object.entries(spec.selector.matchLabels).every(([name, value]) => labels[name] === value);
    const found = rendering.all('Service').filter((service) => isFound(service.metadata.labels));
    assert.deepEqual(
      found.map(({ metadata: { name } }) => name),
      ['playground-metrics'],
    );
    assert.deepEqual(
      spec.endpoints.map(({ port, path: where }) => [port, where]),
      [['metrics', '/metrics']],
    );
  });
});

describe('chart: helm test', () => {
  for (const { name, file } of valuesFiles)
    it(`is given options that the smoke test takes with the values ${name}, and tests the gateway that is installed`, async () => {
      const rendering = await render(file);
      const { spec, metadata } = rendering.one<V1Pod>('Pod');
      assert.equal(metadata.annotations?.['helm.sh/hook'], 'test');
      const [container] = spec!.containers;
      assert.deepEqual(container!.command, ['node', 'dist/smoke.js']);
      assert.equal(container!.image, gatewayOf(rendering).image);
      const options = readOptions(smokeOptions, environmentOf(container!.env, keys), [], checkSmokeOptions);
      const gateway = Object.fromEntries((gatewayOf(rendering).env ?? []).map((variable) => [variable.name, variable]));
      for (const variable of container!.env ?? [])
        if (gateway[variable.name]) assert.deepEqual(variable, gateway[variable.name]);
      const service = rendering.all('Service')[0]!.metadata;
      assert.equal(new URL(options.targetUrl).hostname, `${service.name}.demo`);
      assert.ok(spec!.activeDeadlineSeconds! > options.timeoutSeconds);
    });
});
