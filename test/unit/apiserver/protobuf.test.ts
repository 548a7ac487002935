// Tests of protobuf bodies, with bytes as kubectl 1.35 sends them.
import assert from 'node:assert/strict';
import { decodeProtobuf } from '../../../server/apiserver/protobuf/decode.ts';
import { readFields } from '../../../server/apiserver/protobuf/wire.ts';
import { status } from './fixtures.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex.replace(/\s/g, ''), 'hex');
const text = (value: string): Buffer => Buffer.from(value);

/** A field of a message: `[number, bytes]` or `[number, integer below 128]`. */
function message(...fields: [number: number, value: Buffer | number][]): Buffer {
  const parts = fields.map(([number, value]) => {
    // Two bytes hold every tag and length that these tests need.
    const varint = (n: number) => Buffer.from(n < 0x80 ? [n] : [(n & 0x7f) | 0x80, n >> 7]);
    if (typeof value === 'number') return Buffer.concat([varint(number * 8), varint(value)]);
    return Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);
  });
  return Buffer.concat(parts);
}
const envelope = (apiVersion: string, kind: string, raw: Buffer): Buffer =>
  Buffer.concat([text('k8s\0'), message([1, message([1, text(apiVersion)], [2, text(kind)])], [2, raw])]);

describe('protobuf', () => {
  it('reads what kubectl create configmap sends', async () => {
    const sent = bytes(
      `6b 38 73 00 0a 0f 0a 02 76 31 12 09 43 6f 6e 66 69 67 4d 61 70 12 1d 0a 13 0a 03 6f 6e 65 12 00
       1a 00 22 00 2a 00 32 00 38 00 42 00 12 06 0a 01 61 12 01 31 1a 00 22 00`,
    );
    assert.deepEqual(await decodeProtobuf(sent), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'one' },
      data: { a: '1' },
    });
  });

  it('keeps a zero that is set and drops one that is merely sent', async () => {
    const spec = message([1, 0], [5, 0]);
    const { spec: decoded } = await decodeProtobuf(envelope('apps/v1', 'Deployment', message([2, spec])));
    assert.deepEqual(decoded, { replicas: 0 });
  });

  it('reads inlined structs, quantities, ports, times and lists', async () => {
    const quantity = message([1, text('100m')]);
    const container = message(
      [1, text('web')],
      [3, text('sh')],
      [3, text('-c')],
      [8, message([2, message([1, text('cpu')], [2, quantity])])],
      [10, message([1, message([2, message([2, message([1, 1], [2, 0], [3, text('http')])])])], [4, 7])],
    );
    const volume = message([1, text('v')], [2, message([2, message([1, text('')])])]);
    const pod = message(
      [1, message([1, text('p')], [8, message([1, 60])], [14, text('a/b')])],
      [2, message([1, volume], [2, container], [4, 5])],
    );
    assert.deepEqual(await decodeProtobuf(envelope('v1', 'Pod', pod)), {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', creationTimestamp: '1970-01-01T00:01:00Z', finalizers: ['a/b'] },
      spec: {
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [
          {
            name: 'web',
            command: ['sh', '-c'],
            resources: { requests: { cpu: '100m' } },
            livenessProbe: { httpGet: { port: 'http' }, periodSeconds: 7 },
          },
        ],
        terminationGracePeriodSeconds: 5,
      },
    });
  });

  it('finds messages by group, and options whatever their group', async () => {
    const role = await decodeProtobuf(
      envelope('rbac.authorization.k8s.io/v1', 'Role', message([2, message([1, text('get')], [3, text('pods')])])),
    );
    assert.deepEqual(role['rules'], [{ verbs: ['get'], resources: ['pods'] }]);
    const options = await decodeProtobuf(envelope('apps/v1', 'DeleteOptions', message([1, 0], [4, text('Orphan')])));
    assert.deepEqual([options['gracePeriodSeconds'], options['propagationPolicy']], [0, 'Orphan']);
  });

  it('refuses what is none', async () => {
    const refused: [Buffer, string][] = [
      [text('{}'), 'does not appear to be a protobuf message'],
      [envelope('v1', 'Nope', Buffer.alloc(0)), 'no kind "Nope" is registered'],
      [envelope('v1', 'constructor', Buffer.alloc(0)), 'no kind "constructor"'],
      [envelope('v1', 'ConfigMap', bytes('0a 7f 00')), 'unexpected EOF'],
      [envelope('v1', 'ConfigMap', bytes('0b')), 'illegal wireType'],
      [envelope('v1', 'ConfigMap', bytes('08 01')), 'wrong wireType'],
      [envelope('v1', 'ConfigMap', bytes('08 ff ff ff ff ff ff ff ff ff ff ff')), 'overflow'],
    ];
    for (const [body, words] of refused) await assert.rejects(decodeProtobuf(body), status(400, words), words);
  });

  it('reads integers of 64 bits', () => {
    const [field] = readFields(bytes('08 ff ff ff ff ff ff ff ff ff 01'));
    assert.equal(field?.value, 0xffff_ffff_ffff_ffffn);
  });
});
