// Tests of the gateway's options, and of their table in the README.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { insertConfigTable } from '../../../scripts/config-table.ts';
import { OptionsError, readOptions } from '../../../server/common/options.ts';
import { agentOptions, checkGatewayOptions, clusterOf, gatewayOptions } from '../../../server/config.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (env: Record<string, string>) => readOptions(gatewayOptions, env, [], checkGatewayOptions);
const faultOf = (env: Record<string, string>): string => {
  try {
    read(env);
    return '';
  } catch (fault) {
    assert.ok(fault instanceof OptionsError);
    return fault.faults.join(' ');
  }
};

describe('config', () => {
  it('starts without any option: embedded, on loopback', () => {
    const options = read({});
    assert.equal(clusterOf(options), 'embedded');
    assert.deepEqual([options.host, options.port], ['127.0.0.1', 8080]);
  });

  it('takes no kubeconfig by itself: a shell often has one that means something else', () => {
    assert.equal(clusterOf(read({ KUBECONFIG: '/home/me/.kube/config' })), 'embedded');
    assert.equal(clusterOf(read({ KUBECONFIG: '/k', CLUSTER: 'kubeconfig' })), 'kubeconfig');
  });

  it('runs in the cluster that it is a pod of', () => {
    const env = {
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
      GITHUB_CLIENT_ID: 'a',
      GITHUB_CLIENT_SECRET: 'b',
      LISTEN_HOST: '0.0.0.0',
    };
    assert.equal(clusterOf(read(env)), 'in-cluster');
  });

  it('finds contradictions', () => {
    assert.match(faultOf({ GITHUB_CLIENT_ID: 'a' }), /GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET belong together/);
    assert.match(faultOf({ LISTEN_HOST: '0.0.0.0' }), /LISTEN_HOST must be a loopback address.*no isolation/);
    assert.match(faultOf({ LISTEN_HOST: '0.0.0.0', KUBERNETES_SERVICE_HOST: 'x' }), /GITHUB_CLIENT_ID is missing/);
    assert.match(faultOf({ CLUSTER: 'kubeconfig' }), /KUBECONFIG is missing/);
    assert.match(faultOf({ CLUSTER: 'in-cluster' }), /KUBERNETES_SERVICE_HOST is not set/);
  });

  it('takes a public address with a path of plain segments', () => {
    assert.equal(
      read({ PUBLIC_URL: 'https://example.org/a/play-ground/' }).publicUrl,
      'https://example.org/a/play-ground',
    );
    assert.equal(read({ PUBLIC_URL: 'https://example.org/' }).publicUrl, 'https://example.org');
    for (const path of ['/a b', '/a;b', '/a(b)', '/:a', '/*', '//a', '/a%2fb', '/a?b'])
      assert.match(faultOf({ PUBLIC_URL: `https://example.org${path}` }), /PUBLIC_URL must be an address like/, path);
  });

  it('refuses keys that are too short, and shows none of them', () => {
    const fault = faultOf({ COOKIE_KEYS: 'short-secret', TOKEN_KEYS: 'x'.repeat(44) });
    assert.match(fault, /COOKIE_KEYS must be keys of 32 bytes.*TOKEN_KEYS must be Ed25519 private keys/);
    assert.doesNotMatch(fault, /short-secret|xxx/);
    assert.equal(read({ COOKIE_KEYS: `${'A'.repeat(43)},${'B'.repeat(43)}` }).cookieKeys?.length, 2);
  });

  it('takes public keys only as a key set', () => {
    const env = { POD_UID: 'u', POD_IP: '127.0.0.1', HOME: '/h' };
    const keys = { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA', kid: 'k' }] };
    const options = readOptions(agentOptions, { ...env, AGENT_PUBLIC_KEYS: JSON.stringify(keys) }, []);
    assert.deepEqual(options.publicKeys, keys);
    for (const text of ['{', '{"keys":[]}', '{"keys":[{"kty":"RSA"}]}'])
      assert.throws(
        () => readOptions(agentOptions, { ...env, AGENT_PUBLIC_KEYS: text }, []),
        /AGENT_PUBLIC_KEYS must be/,
      );
  });

  it('prints all faults and exits with 2', () => {
    const program =
      "import { gatewayOptions, loadOptions } from './server/config.ts'; loadOptions('playground', gatewayOptions);";
    const run = (...flags: string[]) =>
      spawnSync(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '-e', program, '--', 'playground', ...flags],
        {
          cwd: root,
          encoding: 'utf8',
          env: { PATH: process.env['PATH'], PORT: 'x', METRICS_PORT: 'y' },
        },
      );
    const faulty = run();
    assert.equal(faulty.status, 2, faulty.stderr);
    assert.match(faulty.stderr, /^playground: PORT must be.*\nplayground: METRICS_PORT must be/m);
    const help = run('--help');
    assert.equal(help.status, 0);
    assert.match(help.stdout, /--metrics-port, METRICS_PORT \(default 8081\)/);
  });

  it('is what the README says (npx tsx scripts/config-table.ts --write mends it)', async () => {
    const readme = await readFile(`${root}/README.md`, 'utf8');
    assert.equal(readme, insertConfigTable(readme));
  });
});
