// The wire format of Protocol Buffers: tags, varints, lengths. https://protobuf.dev/programming-guides/encoding/

export type Field =
  | { number: number; type: 'varint'; value: bigint }
  | { number: number; type: 'fixed64'; value: Buffer }
  | { number: number; type: 'bytes'; value: Buffer };

export class WireError extends Error {
  override readonly name = 'WireError';
}

interface Cursor {
  bytes: Buffer;
  at: number;
}

function readVarint(cursor: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) throw new WireError('unexpected EOF');
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw new WireError('integer overflow');
}

function take(cursor: Cursor, length: number): Buffer {
  const end = cursor.at + length;
  if (!(end <= cursor.bytes.length)) throw new WireError('unexpected EOF');
  const value = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return value;
}

/** The fields of one message in their order. Throws WireError. */
export function readFields(bytes: Buffer): Field[] {
  const cursor = { bytes, at: 0 };
  const fields: Field[] = [];
  while (cursor.at < bytes.length) {
    const tag = Number(readVarint(cursor));
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        fields.push({ number, type: 'varint', value: readVarint(cursor) });
        break;
      case 1:
        fields.push({ number, type: 'fixed64', value: take(cursor, 8) });
        break;
      case 2:
        fields.push({ number, type: 'bytes', value: take(cursor, Number(readVarint(cursor))) });
        break;
      case 5:
        take(cursor, 4);
        break;
      default:
        throw new WireError(`proto: illegal wireType ${tag % 8}`);
    }
  }
  return fields;
}

/** Varints without tags, as packed lists have them. Throws WireError. */
export function readPackedVarints(bytes: Buffer): bigint[] {
  const cursor = { bytes, at: 0 };
  const values: bigint[] = [];
  while (cursor.at < bytes.length) values.push(readVarint(cursor));
  return values;
}
