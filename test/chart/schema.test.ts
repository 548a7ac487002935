// values.schema.json: closed, complete, with the bounds of server/config.ts, and telling where a wrong value is.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { toJSONSchema } from 'zod';
import { parse } from 'yaml';
import type { Option, OptionTable } from '../../server/common/options.ts';
import { gatewayOptions, smokeOptions } from '../../server/config.ts';
import { environmentSchema } from '../../server/session/environments.ts';
import { chartDir, refusalOf, render } from '../support/helm.ts';
import { gatewayEnv, github } from './fixtures.ts';

interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  definitions?: Record<string, Schema>;
  items?: Schema;
  pattern?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
}
type Name = keyof typeof gatewayOptions;

// What the chart or Kubernetes itself says to the gateway.
const setByChart: Name[] = [
  'cluster',
  'kubeconfig',
  'kubernetesHost',
  'kubernetesPort',
  'port',
  'metricsPort',
  'environmentsDir',
  'podName',
];

// Every other option: the value that sets it, something to set it to, and what the gateway is told then.
const values: Partial<Record<Name, [place: string, value: unknown, told: string]>> = {
  host: ['gateway.listenHost', '::', '::'],
  publicUrl: ['publicUrl', 'https://play.example.org', 'https://play.example.org'],
  trustedProxies: ['trustedProxies', 3, '3'],
  sessionNamespace: ['sessions.namespace.name', 'visitors', 'visitors'],
  defaultEnvironment: ['defaultEnvironment', 'another', 'another'],
  maxSessions: ['sessions.max', 7, '7'],
  githubClientId: ['github.clientId', 'client', 'github-client-id'],
  githubClientSecret: ['github.clientSecret', 'secret', 'github-client-secret'],
  githubUrl: ['github.url', 'https://github.example.org', 'https://github.example.org'],
  githubApiUrl: ['github.apiUrl', 'https://api.example.org', 'https://api.example.org'],
  allowedUsers: ['access.users', ['vera', 'otto'], 'vera,otto'],
  allowedOrganizations: ['access.organizations', ['gardener', 'cobbler'], 'gardener,cobbler'],
  allowedTeams: ['access.teams', ['gardener/members'], 'gardener/members'],
  blockedUsers: ['access.blockedUsers', ['mallory', '4711'], 'mallory,4711'],
  minAccountAgeDays: ['access.minAccountAgeDays', 30, '30'],
  signInHours: ['access.signInHours', 8, '8'],
  cookieKeys: ['secret.cookieKeys', ['A'.repeat(43)], 'cookie-keys'],
  tokenKeys: ['secret.tokenKeys', ['B'.repeat(43)], 'token-keys'],
  drainSeconds: ['gateway.drainSeconds', 9, '9'],
  logLevel: ['gateway.logLevel', 'debug', 'debug'],
};

// Texts that are right for some option and wrong for others.
const corpus = [
  ...[
    'a',
    'A1',
    'a-b',
    '-a',
    'a-',
    'a_b',
    'a.b',
    'x'.repeat(39),
    'x'.repeat(40),
    'x'.repeat(63),
    'x'.repeat(64),
    '4711',
    'ä',
    'a/b',
  ],
  ...[
    'gardener/members',
    'gardener/te.am',
    'gardener/',
    '/members',
    'a/b/c',
    'ga_rden/members',
    `o/${'t'.repeat(101)}`,
  ],
  ...['A'.repeat(43), 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`, `${'A'.repeat(42)}_`],
  ...[
    'https://example.org',
    'http://127.0.0.1:8080',
    'https://example.org/a/b',
    'https://example.org/a/',
    'https://[::1]:8080',
  ],
  ...[
    'https://example.org/?x=1',
    'https://example.org/#x',
    'ftp://example.org',
    'example.org',
    'https://me:pw@example.org',
  ],
  ...['0.0.0.0', '::', '127.0.0.1', '256.1.1.1', '1.2.3', '2001:db8::1', 'localhost'],
];

const readJson = async (file: string) => JSON.parse(await readFile(path.join(chartDir, file), 'utf8')) as Schema;
const optionOf = (name: Name): Option<unknown> => (gatewayOptions as OptionTable)[name]!;
const takes = (option: Option<unknown>, text: string) => {
  try {
    option.parse(text);
    return true;
  } catch {
    return false;
  }
};
/** What an option says of itself when it is given nonsense. */
function wordsOf(option: Option<unknown>): string {
  try {
    option.parse('no such thing!');
  } catch (fault) {
    return (fault as Error).message;
  }
  return '';
}
const nested = (place: string, value: unknown): object =>
  place.split('.').reduceRight((inner: unknown, name) => ({ [name]: inner }), value) as object;

function merge(one: Record<string, unknown>, other: object): Record<string, unknown> {
  const merged = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    merged[name] = isMap ? merge((merged[name] ?? {}) as Record<string, unknown>, value as object) : value;
  }
  return merged;
}

describe('chart: values.schema.json', () => {
  let schema: Schema;
  let defaults: Record<string, unknown>;
  const resolve = (node: Schema): Schema =>
    node.$ref ? resolve(schema.definitions![node.$ref.replace('#/definitions/', '')]!) : node;
  const at = (place: string): Schema =>
    place.split('.').reduce((node, name) => resolve(resolve(node).properties?.[name] ?? assert.fail(place)), schema);
  const defaultAt = (place: string): unknown =>
    place.split('.').reduce((node: unknown, name) => (node as Record<string, unknown>)[name], defaults);

  before(async () => {
    schema = await readJson('values.schema.json');
    defaults = parse(await readFile(path.join(chartDir, 'values.yaml'), 'utf8')) as Record<string, unknown>;
  });

  it('knows a value for every option of the gateway but those that the chart sets itself', () => {
    assert.deepEqual([...setByChart, ...Object.keys(values)].sort(), Object.keys(gatewayOptions).sort());
  });

  it('has values that reach the gateway', async () => {
    let all: Record<string, unknown> = { environments: { another: { from: 'lite' } } };
    for (const [place, value] of Object.values(values)) all = merge(all, nested(place, value));
    const env = gatewayEnv(await render(all));
    for (const [name, [, , told]] of Object.entries(values))
      assert.equal(env.get(optionOf(name as Name).env), told, name);
    assert.deepEqual([env.get('CLUSTER'), env.get('POD_NAME')], ['in-cluster', 'metadata.name']);
  });

  it('has the defaults of the options', () => {
    const otherwise: Name[] = ['host', 'trustedProxies', 'sessionNamespace'];
    for (const [name, [place]] of Object.entries(values)) {
      const option = optionOf(name as Name);
      if (option.default === undefined || otherwise.includes(name as Name)) continue;
      assert.equal(String(defaultAt(place)), option.default, place);
    }
  });

  for (const [name, [place]] of Object.entries(values))
    it(`bounds ${place} as the gateway does`, () => {
      const option = optionOf(name as Name);
      const node = at(place);
      const item = node.items ? resolve(node.items) : node;
      if (node.minimum !== undefined)
        return assert.equal(wordsOf(option), `a whole number from ${node.minimum} to ${node.maximum}`);
      if (item.enum) return assert.equal(wordsOf(option), `one of ${item.enum.join(', ')}`);
      assert.ok(item.pattern || takes(option, 'no such thing!'), `${place} has no bounds`);
      const pattern = new RegExp(item.pattern ?? '');
      for (const text of corpus)
        assert.equal(pattern.test(text), takes(option, text), `${place}: ${JSON.stringify(text)}`);
    });

  it('bounds the time of the smoke test as that does', () => {
    const { minimum, maximum } = at('tests.timeoutSeconds');
    assert.equal(wordsOf(smokeOptions.timeoutSeconds), `a whole number from ${minimum} to ${maximum}`);
    assert.equal(String(defaultAt('tests.timeoutSeconds')), smokeOptions.timeoutSeconds.default);
  });

  it('bounds an environment as the gateway does', () => {
    const wanted = toJSONSchema(environmentSchema) as Schema;
    const given = resolve(schema.definitions!['environment']!).properties!['environment']!;
    assert.deepEqual(Object.keys(given.properties!).sort(), Object.keys(wanted.properties!).sort());
    const bounds = ({ type, items, ...rest }: Schema): object =>
      Object.fromEntries(
        [...Object.entries(rest), ['type', type], ['items', items && bounds(items)]].filter(
          ([key]) => key !== '$schema',
        ),
      );
    for (const [name, node] of Object.entries(wanted.properties!))
      assert.deepEqual(bounds(given.properties![name]!), bounds(node), name);
  });

  it('closes every object whose parts it names', () => {
    let closed = 0;
    const walk = (node: unknown, place: string): void => {
      if (typeof node !== 'object' || node === null) return;
      const { properties, additionalProperties } = node as Schema;
      if (properties && typeof properties === 'object' && 'type' in node) {
        assert.equal(additionalProperties, false, place);
        closed++;
      }
      for (const [name, child] of Object.entries(node)) walk(child, `${place}/${name}`);
    };
    walk(schema, '');
    assert.ok(closed > 30);
  });

  it('knows the values of values.yaml, and no others', () => {
    const compare = (node: Schema, value: unknown, place: string): void => {
      const { properties } = resolve(node);
      const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
      if (!properties || !isMap || !Object.keys(value).length) return;
      // Kubernetes' own objects need not be given in full.
      if (['gateway.resources', 'autoscaling.behavior'].includes(place)) return;
      const known = Object.keys(properties).filter((name) => place || name !== 'global');
      assert.deepEqual(Object.keys(value).sort(), known.sort(), place);
      for (const [name, part] of Object.entries(value))
        compare(properties[name]!, part, place ? `${place}.${name}` : name);
    };
    compare(schema, defaults, '');
  });
});

describe('chart: wrong values are refused with their path', () => {
  const wrong: [string, unknown, RegExp][] = [
    ['gateway.replicas', 'two', /at '\/gateway\/replicas': got string, want integer/],
    ['gateway.replica', 2, /at '\/gateway': additional properties 'replica' not allowed/],
    ['githb', {}, /at '': additional properties 'githb' not allowed/],
    ['access.minAccountAgeDays', 3651, /at '\/access\/minAccountAgeDays': maximum: got 3,?651, want 3,?650/],
    ['access.users', ['not a login'], /at '\/access\/users\/0': 'not a login' does not match/],
    ['access.blockedUsers', [4711], /at '\/access\/blockedUsers\/0': got number, want string/],
    ['secret.cookieKeys', ['short'], /at '\/secret\/cookieKeys\/0'/],
    ['publicUrl', 'play.example.org', /at '\/publicUrl': 'play\.example\.org' does not match/],
    ['service.type', 'ExternalName', /at '\/service\/type': value must be one of/],
    ['sessions.max', 0, /at '\/sessions\/max': minimum: got 0, want 1/],
    ['sessions.resourceQuota.hard', { pods: 'many' }, /at '\/sessions\/resourceQuota\/hard\/pods'/],
    ['podDisruptionBudget.maxUnavailable', 0, /at '\/podDisruptionBudget\/maxUnavailable'/],
    ['environments', { Big: {} }, /at '\/environments': .*'Big'|propertyName 'Big'/],
    [
      'environments.lite.environment.lifeMinutes',
      1,
      /at '\/environments\/lite\/environment\/lifeMinutes': minimum: got 1, want 2/,
    ],
    ['environments.lite.egress', [{ cidr: '10.0.0.0/33' }], /at '\/environments\/lite\/egress\/0\/cidr'/],
    ['environments.lite.egress', [{ dns: true, cidr: '0.0.0.0/0' }], /at '\/environments\/lite\/egress\/0'/],
    ['environments.lite.egress', [{ namespace: 'x' }], /at '\/environments\/lite\/egress\/0'/],
    ['networkPolicy.apiServer.cidrs', ['10.0.0.1'], /at '\/networkPolicy\/apiServer\/cidrs\/0'/],
    ['image.gateway.digest', 'sha256:short', /at '\/image\/gateway\/digest'/],
  ];
  for (const [place, value, message] of wrong)
    it(`${place}: ${JSON.stringify(value)}`, async () => {
      assert.match(await refusalOf(merge({ github }, nested(place, value))), message);
    });
});
