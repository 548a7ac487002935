// Credentials and addresses of a shoot.
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { addressesPatch, landscapeOf } from '../../../../server/gardenlet/shoot/addresses.ts';
import { workerHash } from '../../../../server/gardenlet/shoot/cluster-spec.ts';
import {
  createBasicAuth,
  createSshKeypair,
  toAuthorizedKey,
} from '../../../../server/gardenlet/shoot/credentials/keys.ts';
import { decode, toSecret } from '../../../../server/gardenlet/shoot/credentials/objects.ts';
import type { Seed } from '../../../../server/gardenlet/types.ts';
import { createShoot, succeeded } from './fixtures.ts';

const seed = { spec: { ingress: { domain: 'ingress.example' }, dns: { internal: { domain: 'internal.example' } } } };
const landscape = landscapeOf(seed as Seed, 'gardener-local');

describe('gardenlet/shoot/credentials', () => {
  it('makes an SSH key pair whose halves belong together', async () => {
    const { id_rsa: pem, 'id_rsa.pub': line } = await createSshKeypair();
    const key = createPrivateKey(pem);
    assert.equal(toAuthorizedKey(createPublicKey(key)), line);
    const blob = Buffer.from(line.split(' ')[1] ?? '', 'base64');
    assert.equal(blob.subarray(4, 11).toString(), 'ssh-rsa');
    // A modulus has its first bit set: as a signed number it needs a zero before it.
    assert.equal(blob.readUInt32BE(4 + 7 + 4 + 3), 257);
  });

  it('makes a password of 32 characters with its line for htpasswd', () => {
    const { username, password, auth } = createBasicAuth();
    assert.equal(username, 'admin');
    assert.match(password, /^[A-Za-z0-9]{32}$/);
    assert.equal(auth, `admin:{SHA}${createHash('sha1').update(password).digest('base64')}`);
  });

  it('puts them into secrets that belong to the shoot', () => {
    const { object } = toSecret({ shoot: createShoot(), suffix: 'monitoring', data: { username: 'admin' } });
    assert.equal(object.metadata.name, 'a.monitoring');
    assert.equal(object.metadata.labels?.['gardener.cloud/role'], 'monitoring');
    assert.equal(object.metadata.ownerReferences?.[0]?.kind, 'Shoot');
    assert.deepEqual(decode(object.data), { username: 'admin' });
  });
});

describe('gardenlet/shoot/addresses', () => {
  const named = (annotations = {}, purpose = 'evaluation') => {
    const shoot = createShoot({ metadata: { annotations }, spec: { purpose } });
    const { advertisedAddresses = [] } = addressesPatch(shoot, 'local', landscape, 'https://127.0.0.1:1');
    return Object.fromEntries(advertisedAddresses.map(({ name, url }) => [name, url]));
  };

  it('are the real one, the internal one, the issuer, and those of the observability components', () => {
    assert.deepEqual(named(), {
      external: 'https://127.0.0.1:1',
      internal: 'https://api.a.local.internal.example',
      'service-account-issuer': 'https://api.a.local.internal.example',
      'virtualservice/plutono/0': 'https://gu-local--a.ingress.example',
      'virtualservice/prometheus/0': 'https://p-local--a.ingress.example',
    });
  });

  it('name the managed issuer, and no observability for testing', () => {
    const addresses = named({ 'authentication.gardener.cloud/issuer': 'managed' }, 'testing');
    assert.equal(
      addresses['service-account-issuer'],
      'https://discovery.local.gardener.cloud/projects/local/shoots/11111111-2222-3333-4444-555555555555/issuer',
    );
    assert.deepEqual(Object.keys(addresses), ['external', 'internal', 'service-account-issuer']);
  });
});

describe('gardenlet/shoot/cluster-spec', () => {
  const worker = { name: 'local', minimum: 1, maximum: 2, machine: { type: 'local' } };
  const hashOf = (version: string, parts: Parameters<typeof createShoot>[0] = {}) =>
    workerHash(createShoot({ ...parts, spec: { kubernetes: { version } } }), worker);

  it('rolls machines for a minor version, not for a patch', () => {
    assert.match(hashOf('1.35.4'), /^[0-9a-f]{5}$/);
    assert.equal(hashOf('1.35.4'), hashOf('1.35.9'));
    assert.notEqual(hashOf('1.35.4'), hashOf('1.36.0'));
  });

  it('rolls machines for new authorities, unless their rollout is pending', () => {
    const rotating = (pending: { name: string }[]) => ({
      status: succeeded({
        credentials: {
          rotation: {
            certificateAuthorities: { phase: 'x', lastInitiationTime: 't', pendingWorkersRollouts: pending },
          },
        },
      }),
    });
    assert.notEqual(hashOf('1.35.4', rotating([])), hashOf('1.35.4'));
    assert.equal(hashOf('1.35.4', rotating([{ name: 'local' }])), hashOf('1.35.4'));
  });
});
