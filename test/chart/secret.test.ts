// Keys and secrets: given ones, generated ones, those of a Secret that is there.
import type { V1Secret } from '@kubernetes/client-node';
import assert from 'node:assert/strict';
import { gatewayOptions } from '../../server/config.ts';
import { render } from '../support/helm.ts';
import { gatewayOf, github, valuesFile } from './fixtures.ts';

async function secretOf(values: string | object, release = 'playground'): Promise<Record<string, string>> {
  const { data = {} } = (await render(values, { release })).one<V1Secret>('Secret');
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

describe('chart: secret', () => {
  it('holds the OAuth app, and keys that the gateway takes', async () => {
    const secret = await secretOf({ github });
    assert.deepEqual(Object.keys(secret).sort(), [
      'cookie-keys',
      'github-client-id',
      'github-client-secret',
      'token-keys',
    ]);
    assert.deepEqual(
      [secret['github-client-id'], secret['github-client-secret']],
      [github.clientId, github.clientSecret],
    );
    for (const [option, key] of [
      [gatewayOptions.cookieKeys, 'cookie-keys'],
      [gatewayOptions.tokenKeys, 'token-keys'],
    ] as const) {
      const keys = option.parse(secret[key] ?? '') ?? [];
      assert.equal(keys.length, 1);
      assert.equal(Buffer.from(keys[0] ?? '', 'base64url').length, 32);
    }
  });

  it('has keys that nobody else has', async () => {
    const [one, other] = [await secretOf({ github }), await secretOf({ github }, 'playground-2')];
    const keys = [one, other].flatMap((secret) => [secret['cookie-keys'], secret['token-keys']]);
    assert.equal(new Set(keys).size, 4);
  });

  it('holds the keys that are given, the first first', async () => {
    const secret = await secretOf(valuesFile('http-route'));
    assert.equal(secret['cookie-keys'], `${'A'.repeat(43)},${'B'.repeat(43)}`);
    assert.equal(secret['token-keys'], 'C'.repeat(43));
  });

  it('is not made where one is named', async () => {
    const rendering = await render(valuesFile('existing'));
    assert.deepEqual(rendering.all('Secret'), []);
    const names = (gatewayOf(rendering).env ?? []).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []);
    assert.deepEqual(names, Array<string>(4).fill('playground-keys'));
  });

  it('replaces the gateway when it changes', async () => {
    const checksumOf = async (values: object, release = 'playground') =>
      (await render(values, { release })).one<{
        spec: { template: { metadata: { annotations: Record<string, string> } } };
      }>('Deployment').spec.template.metadata.annotations['checksum/secret'];
    const one = await checksumOf({ github });
    // Generated keys differ each time here, and must not count.
    assert.equal(await checksumOf({ github }, 'playground-2'), one);
    assert.notEqual(await checksumOf({ github: { ...github, clientSecret: 'another' } }), one);
    assert.notEqual(await checksumOf({ github, secret: { cookieKeys: ['A'.repeat(43)] } }), one);
  });
});
