// The way in: Service, Ingress or HTTPRoute, all made of the one public address.
import type { V1Ingress, V1Service } from '@kubernetes/client-node';
import assert from 'node:assert/strict';
import { render } from '../support/helm.ts';
import { gatewayEnv, gatewayOf, github, valuesFile } from './fixtures.ts';

interface HttpRoute {
  spec: {
    parentRefs: object[];
    hostnames: string[];
    rules: { matches: { path: object }[]; timeouts: object; backendRefs: { name: string; port: number }[] }[];
  };
}

describe('chart: address', () => {
  it('is the own machine by default, and no proxy is trusted', async () => {
    const rendering = await render({ github });
    const env = gatewayEnv(rendering);
    assert.deepEqual([env.get('PUBLIC_URL'), env.get('TRUSTED_PROXIES')], ['http://127.0.0.1:8080', '0']);
    assert.deepEqual([...rendering.all('Ingress'), ...rendering.all('HTTPRoute')], []);
    const { ports, type } = rendering.one<V1Service>('Service', 'playground').spec!;
    assert.deepEqual([type, ports], ['ClusterIP', [{ name: 'http', port: 80, targetPort: 'http' }]]);
  });

  it('leads to a port that the gateway has', async () => {
    const rendering = await render({ github });
    const names = gatewayOf(rendering).ports?.map(({ name, containerPort }) => [name, containerPort]);
    const env = gatewayEnv(rendering);
    assert.deepEqual(names, [
      ['http', Number(env.get('PORT'))],
      ['metrics', Number(env.get('METRICS_PORT'))],
    ]);
    for (const { spec } of rendering.all<V1Service>('Service'))
      assert.ok(names?.some(([name]) => name === spec!.ports![0]!.targetPort));
  });

  it('makes host, path and certificate of an Ingress', async () => {
    const rendering = await render(valuesFile('ingress'));
    const env = gatewayEnv(rendering);
    assert.deepEqual([env.get('PUBLIC_URL'), env.get('TRUSTED_PROXIES')], ['https://example.org/gardens', '1']);
    const { spec, metadata } = rendering.one<V1Ingress>('Ingress');
    const backend = { service: { name: 'playground', port: { name: 'http' } } };
    assert.deepEqual(spec, {
      ingressClassName: 'nginx',
      tls: [{ hosts: ['example.org'], secretName: 'playground-tls' }],
      rules: [{ host: 'example.org', http: { paths: [{ path: '/gardens', pathType: 'Prefix', backend }] } }],
    });
    assert.equal(metadata.annotations?.['nginx.ingress.kubernetes.io/proxy-read-timeout'], '3600');
  });

  const tls: [string, object, object | undefined][] = [
    ['has no certificate where http is enough', { publicUrl: 'http://play.example.org:8080' }, undefined],
    ['has none where something before it ends TLS', { ingress: { enabled: true, tls: false } }, undefined],
    [
      'has the one that is named',
      { ingress: { enabled: true, tlsSecretName: 'mine' } },
      [{ hosts: ['play.example.org'], secretName: 'mine' }],
    ],
  ];
  for (const [what, values, wanted] of tls)
    it(`of an Ingress ${what}`, async () => {
      const defaults = { github, publicUrl: 'https://play.example.org/', ingress: { enabled: true } };
      const rendering = await render({ ...defaults, ...values });
      const { spec } = rendering.one<V1Ingress>('Ingress');
      assert.deepEqual(spec?.tls, wanted);
      assert.equal(spec?.rules?.[0]?.host, 'play.example.org');
      assert.equal(spec?.rules?.[0]?.http?.paths[0]?.path, '/');
      assert.ok(!gatewayEnv(rendering).get('PUBLIC_URL')?.endsWith('/'));
    });

  it('makes host and path of an HTTPRoute, without a bound in time', async () => {
    const rendering = await render(valuesFile('http-route'));
    assert.equal(gatewayEnv(rendering).get('TRUSTED_PROXIES'), '2');
    const { spec } = rendering.one<HttpRoute>('HTTPRoute');
    assert.deepEqual(spec, {
      parentRefs: [{ name: 'public', namespace: 'gateways', sectionName: 'https' }],
      hostnames: ['play.example.org'],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          timeouts: { request: '0s' },
          backendRefs: [{ name: 'playground', port: 80 }],
        },
      ],
    });
  });

  it('can be a port of the nodes or a load balancer', async () => {
    const balanced = (await render(valuesFile('existing'))).one<V1Service>('Service', 'garden-demo').spec!;
    assert.deepEqual([balanced.type, balanced.loadBalancerSourceRanges], ['LoadBalancer', ['192.0.2.0/24']]);
    assert.equal(balanced.ports?.[0]?.nodePort, 30080);
    const onNodes = (await render(valuesFile('everything'))).one<V1Service>('Service', 'playground').spec!;
    assert.deepEqual([onNodes.type, onNodes.ports?.[0]?.nodePort], ['NodePort', 30081]);
  });

  it('of the metrics is another one, which nothing leads to from outside', async () => {
    const { spec } = (await render(valuesFile('everything'))).one<V1Service>('Service', 'playground-metrics');
    assert.equal(spec?.clusterIP, 'None');
    assert.deepEqual(spec?.ports, [{ name: 'metrics', port: 8081, targetPort: 'metrics' }]);
  });
});
