// Who may reach whom.
import type { V1LabelSelector } from '@kubernetes/client-node';
import assert from 'node:assert/strict';
import { refusalOf, render, type Rendering } from '../support/helm.ts';
import { github, valuesFile } from './fixtures.ts';

interface Peer {
  podSelector?: V1LabelSelector;
  namespaceSelector?: V1LabelSelector;
  ipBlock?: { cidr: string; except?: string[] };
}
interface Rule {
  ports?: { port: number; protocol?: string }[];
  from?: Peer[];
  to?: Peer[];
}
interface NetworkPolicy {
  spec: { podSelector: V1LabelSelector; policyTypes: string[]; ingress?: Rule[]; egress?: Rule[] };
}

const ofSessions = { key: 'playground.gardener.cloud/session', operator: 'Exists' };
const ofGateway = {
  'app.kubernetes.io/name': 'playground',
  'app.kubernetes.io/instance': 'playground',
  'app.kubernetes.io/component': 'gateway',
};
const namespaced = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
const policy = (rendering: Rendering, name: string) => rendering.one<NetworkPolicy>('NetworkPolicy', name).spec;
const onPort = (rules: Rule[] = [], port: number) =>
  rules.filter(({ ports }) => ports?.some((one) => one.port === port));

/** Values with one environment that goes out. */
const goingOut = (egress: object[], more: object = {}) => ({
  github,
  networkPolicy: { apiServer: { cidrs: ['203.0.113.10/32', '10.96.0.1/32'] }, ...more },
  environments: { lite: { egress } },
});
const egressOf = async (values: object): Promise<Peer['ipBlock'][]> =>
  (policy(await render(values), 'playground-sessions-lite').egress ?? []).map(({ to }) => to?.[0]?.ipBlock);

describe('chart: network of the sessions', () => {
  it('lets the gateway in to the agent, nobody else, and nothing out', async () => {
    const { podSelector, policyTypes, ingress, egress } = policy(await render({ github }), 'playground-sessions');
    assert.deepEqual(podSelector, { matchExpressions: [ofSessions] });
    assert.deepEqual(policyTypes, ['Ingress', 'Egress']);
    assert.equal(egress, undefined);
    assert.deepEqual(ingress, [
      {
        from: [{ namespaceSelector: namespaced('demo'), podSelector: { matchLabels: ofGateway } }],
        ports: [{ port: 8022, protocol: 'TCP' }],
      },
    ]);
  });

  it('knows the ports of all agents', async () => {
    const rendering = await render(valuesFile('environments'));
    const { ingress } = policy(rendering, 'playground-sessions');
    assert.deepEqual(
      ingress?.[0]?.ports?.map(({ port }) => port),
      [8022, 9022],
    );
    assert.equal(onPort(policy(rendering, 'playground').egress, 9022).length, 1);
  });

  it('lets an environment reach what it lists, without the API server, link-local and private addresses', async () => {
    const rendering = await render(valuesFile('environments'));
    const { podSelector, policyTypes, egress } = policy(rendering, 'playground-sessions-workshop');
    assert.deepEqual(policyTypes, ['Egress']);
    assert.deepEqual(podSelector.matchExpressions, [
      ofSessions,
      { key: 'playground.gardener.cloud/environment', operator: 'In', values: ['workshop'] },
    ]);
    const dns = {
      to: [{ namespaceSelector: namespaced('kube-system') }],
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
      ],
    };
    const https = [{ port: 443, protocol: 'TCP' }];
    assert.deepEqual(egress, [
      dns,
      {
        to: [{ namespaceSelector: namespaced('mirror'), podSelector: { matchLabels: { app: 'mirror' } } }],
        ports: [{ port: 8080, protocol: 'TCP' }],
      },
      {
        to: [
          {
            ipBlock: {
              cidr: '0.0.0.0/0',
              except: [
                ...['198.51.100.0/24', '169.254.0.0/16', '203.0.113.10/32', '10.96.0.1/32'],
                ...['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'],
              ],
            },
          },
        ],
        ports: https,
      },
      { to: [{ ipBlock: { cidr: '::/0', except: ['fe80::/10', '2001:db8::1/128', 'fc00::/7'] } }], ports: https },
      { to: [{ ipBlock: { cidr: '10.20.0.0/16' } }] },
    ]);
    assert.equal(rendering.all('NetworkPolicy').length, 3);
  });

  it('reckons with ranges of any size', async () => {
    const wide = ['8.0.0.0/6', '128.0.0.0/1', '203.0.113.0/24', '10.96.0.0/12', '198.51.100.7/32'].map((cidr) => ({
      cidr,
    }));
    assert.deepEqual(await egressOf(goingOut(wide)), [
      { cidr: '8.0.0.0/6', except: ['10.96.0.1/32', '10.0.0.0/8'] },
      { cidr: '128.0.0.0/1', except: ['169.254.0.0/16', '203.0.113.10/32', '172.16.0.0/12', '192.168.0.0/16'] },
      { cidr: '203.0.113.0/24', except: ['203.0.113.10/32'] },
      { cidr: '10.96.0.0/12', except: ['10.96.0.1/32'] },
      { cidr: '198.51.100.7/32' },
    ]);
  });

  const never: [string, object][] = [
    ['169.254.169.254/32', { cidr: '169.254.169.254/32' }],
    ['169.254.0.0/16', { cidr: '169.254.0.0/16' }],
    ['the API server', { cidr: '203.0.113.10/32' }],
    ['its Service', { cidr: '10.96.0.1/32' }],
  ];
  for (const [what, rule] of never)
    it(`never lets sessions reach ${what}`, async () => {
      assert.match(
        await refusalOf(goingOut([{ dns: true }, rule])),
        /environments\.lite\.egress\[1\] goes out to .* never reach/,
      );
    });

  it('asks where the API server is before anything goes out by address', async () => {
    const values = goingOut([{ cidr: '198.51.100.0/24' }], { apiServer: { cidrs: [] } });
    assert.match(await refusalOf(values), /environments\.lite\.egress\[0\] .*set networkPolicy\.apiServer\.cidrs/);
  });

  it('never lets sessions reach each other by name', async () => {
    const rule = { namespace: 'demo-sessions', podLabels: { app: 'x' } };
    assert.match(await refusalOf(goingOut([rule])), /sessions never reach each other/);
  });
});

describe('chart: network of the gateway', () => {
  it('lets everybody in to the page, and all but sessions to the metrics, unless told otherwise', async () => {
    const { ingress = [], podSelector, policyTypes } = policy(await render({ github }), 'playground');
    assert.deepEqual(podSelector, { matchLabels: ofGateway });
    assert.deepEqual(policyTypes, ['Ingress', 'Egress']);
    const notSessions = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['demo-sessions'] };
    assert.deepEqual(ingress, [
      { ports: [{ port: 8080, protocol: 'TCP' }] },
      { ports: [{ port: 8081, protocol: 'TCP' }], from: [{ namespaceSelector: { matchExpressions: [notSessions] } }] },
    ]);
  });

  it('lets in whom the values name, and its own test', async () => {
    const { ingress = [] } = policy(await render(valuesFile('ingress')), 'playground');
    const test = { ...ofGateway, 'app.kubernetes.io/component': 'test' };
    assert.deepEqual(
      ingress.map(({ from, ports }) => [ports?.[0]?.port, from]),
      [
        [8080, [{ namespaceSelector: namespaced('ingress-nginx') }, { podSelector: { matchLabels: test } }]],
        [8081, [{ namespaceSelector: namespaced('monitoring') }]],
      ],
    );
  });

  it('goes to DNS, the API server, GitHub and agents', async () => {
    const { egress } = policy(await render({ github }), 'playground');
    const sessions = {
      namespaceSelector: namespaced('demo-sessions'),
      podSelector: { matchExpressions: [ofSessions] },
    };
    assert.equal(egress?.length, 4);
    assert.deepEqual(
      onPort(egress, 53).map(({ to }) => to),
      [undefined],
    );
    assert.deepEqual(
      onPort(egress, 6443).map(({ to }) => to),
      [undefined],
    );
    assert.deepEqual(onPort(egress, 8022), [{ ports: [{ port: 8022, protocol: 'TCP' }], to: [sessions] }]);
    const github443 = onPort(egress, 443).find(({ to }) => to);
    assert.deepEqual(github443?.to, [
      { ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } },
      { ipBlock: { cidr: '::/0', except: ['fe80::/10'] } },
    ]);
  });

  it('goes to the ports of a GitHub Enterprise Server and its API', async () => {
    const { egress } = policy(await render(valuesFile('ingress')), 'playground');
    assert.deepEqual(
      onPort(egress, 8443).map(({ ports }) => ports?.map(({ port }) => port)),
      [[8443, 443]],
    );
  });

  it('goes to the API server alone on its ports where its addresses are known, and where else the values say', async () => {
    const values = { github, networkPolicy: { apiServer: { cidrs: ['203.0.113.10/32'], ports: [6443] } } };
    const { egress } = policy(await render(values), 'playground');
    assert.deepEqual(onPort(egress, 6443), [
      { ports: [{ port: 6443, protocol: 'TCP' }], to: [{ ipBlock: { cidr: '203.0.113.10/32' } }] },
    ]);
    const more = policy(await render(valuesFile('everything')), 'playground').egress;
    assert.equal(onPort(more, 3128).length, 1);
  });

  it('is not restricted where NetworkPolicies are turned off', async () => {
    const values = { github, networkPolicy: { enabled: false }, prePull: { enabled: true } };
    assert.deepEqual((await render(values)).all('NetworkPolicy'), []);
  });
});
