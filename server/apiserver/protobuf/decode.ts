// Bodies in Kubernetes' protobuf, which kubectl sends for the kinds it knows: into the same plain data as JSON gives.
// Models k8s.io/apimachinery/pkg/runtime/serializer/protobuf; field numbers are in messages.json.
import { createBadRequest } from '../errors.ts';
import { isRecord, toTime } from '../objects.ts';
import { readFields, readPackedVarints, WireError } from './wire.ts';
import type { Field } from './wire.ts';

export const protobufType = 'application/vnd.kubernetes.protobuf';

/** Number, name in JSON ('' for a struct that is inlined) and type: see scripts/protobuf-messages.mjs. */
type FieldEntry = [number: number, name: string, type: string];
type Messages = Readonly<Record<string, FieldEntry[]>>;

const magic = Buffer.from('k8s\0');
const maxDepth = 100;

class Decoder {
  readonly #messages: Messages;

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  has(message: string): boolean {
    return Object.hasOwn(this.#messages, message);
  }

  message(name: string, bytes: Buffer, depth = 0): Record<string, unknown> {
    if (depth > maxDepth) throw new WireError('exceeded max depth');
    const object: Record<string, unknown> = {};
    const entries = new Map((this.#messages[name] ?? []).map((entry) => [entry[0], entry]));
    for (const field of readFields(bytes)) {
      const [, jsonName, type] = entries.get(field.number) ?? [];
      if (type !== undefined && jsonName !== undefined) this.#assign(object, jsonName, type, field, depth + 1);
    }
    return object;
  }

  #assign(object: Record<string, unknown>, name: string, type: string, field: Field, depth: number): void {
    const kind = type[0];
    if (!name) {
      Object.assign(object, this.value(type.replace(/^\?/, ''), field, depth));
    } else if (kind === '*') {
      const list = (object[name] ??= []) as unknown[];
      if (type === '*i' && field.type === 'bytes') list.push(...readPackedVarints(field.value).map(toInteger));
      else list.push(this.value(type.slice(1).replace(/^\?/, ''), field, depth));
    } else if (kind === '%') {
      const map = (object[name] ??= {}) as Record<string, unknown>;
      const [key, value] = this.#entry(type.slice(1), field, depth);
      Object.defineProperty(map, key, { value, enumerable: true, writable: true, configurable: true });
    } else {
      // A pointer is sent only when it is set; of what is no pointer, the zero value is sent too and means nothing.
      const value = this.value(type.replace(/^\?/, ''), field, depth);
      if (kind === '?' || !isZero(value, type)) object[name] = value;
    }
  }

  #entry(type: string, field: Field, depth: number): [string, unknown] {
    const fields = readFields(bytesOf(field));
    const key = fields.find(({ number }) => number === 1);
    const value = fields.find(({ number }) => number === 2) ?? {
      number: 2,
      type: 'bytes' as const,
      value: Buffer.alloc(0),
    };
    return [key ? bytesOf(key).toString('utf8') : '', this.value(type, value, depth)];
  }

  value(type: string, field: Field, depth: number): unknown {
    switch (type) {
      case 's':
        return bytesOf(field).toString('utf8');
      case 'y':
        return bytesOf(field).toString('base64');
      case 'b':
        return field.type === 'varint' && field.value !== 0n;
      case 'i':
        return toInteger(field.type === 'varint' ? field.value : 0n);
      case 'd':
        return field.type === 'fixed64' ? field.value.readDoubleLE() : 0;
      default:
        return (
          special[type]?.(readFields(bytesOf(field))) ??
          (special[type] ? undefined : this.message(type, bytesOf(field), depth))
        );
    }
  }
}

const toInteger = (value: bigint): number => Number(BigInt.asIntN(64, value));

function bytesOf(field: Field): Buffer {
  if (field.type !== 'bytes') throw new WireError(`proto: wrong wireType for field ${field.number}`);
  return field.value;
}

const numberIn = (fields: readonly Field[], number: number): number => {
  const field = fields.find((candidate) => candidate.number === number);
  return field?.type === 'varint' ? toInteger(field.value) : 0;
};
const textIn = (fields: readonly Field[], number: number): string => {
  const field = fields.find((candidate) => candidate.number === number);
  return field?.type === 'bytes' ? field.value.toString('utf8') : '';
};

const toMicroTime = (fields: readonly Field[]): string | undefined => {
  if (!fields.length) return undefined;
  const micros = String(Math.floor(numberIn(fields, 2) / 1000)).padStart(6, '0');
  return toTime(numberIn(fields, 1) * 1000).replace('Z', `.${micros}Z`);
};

const special: Readonly<Record<string, (fields: readonly Field[]) => unknown>> = {
  T: (fields) => (fields.length ? toTime(numberIn(fields, 1) * 1000) : undefined),
  U: toMicroTime,
  D: (fields) => `${numberIn(fields, 1) / 1e9}s`,
  Q: (fields) => textIn(fields, 1),
  I: (fields) => (numberIn(fields, 1) === 1 ? textIn(fields, 3) : numberIn(fields, 2)),
  R: (fields) => JSON.parse(textIn(fields, 1) || 'null'),
  X: (fields) => fields.filter(({ number }) => number === 1).map((field) => bytesOf(field).toString('utf8')),
};

const isZero = (value: unknown, type: string): boolean => {
  if (type === 'I') return false;
  if (isRecord(value)) return Object.keys(value).length === 0;
  return value === undefined || value === '' || value === 0 || value === false;
};

/** `rbac.authorization.k8s.io/v1` and `Role` → `rbac/v1.Role`. */
const messageOf = (apiVersion: string, kind: string): string => {
  if (kind.endsWith('Options')) return `meta/v1.${kind}`;
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  return `${group?.split('.')[0]}/${version}.${kind}`;
};

/** Throws 400 when the bytes are no such message, or are of a kind without one. */
export async function decodeProtobuf(body: Buffer): Promise<Record<string, unknown>> {
  // The table is read when the first such body comes: most servers never see one.
  const { default: messages } = await import('./messages.json', { with: { type: 'json' } });
  const known = new Decoder(messages as unknown as Messages);
  try {
    if (!body.subarray(0, 4).equals(magic))
      throw new WireError('provided data does not appear to be a protobuf message');
    const envelope = readFields(body.subarray(4));
    const bytes = (number: number) => {
      const field = envelope.find((candidate) => candidate.number === number);
      return field ? bytesOf(field) : Buffer.alloc(0);
    };
    const typeMeta = readFields(bytes(1));
    const apiVersion = textIn(typeMeta, 1);
    const kind = textIn(typeMeta, 2);
    const message = messageOf(apiVersion, kind);
    if (!known.has(message)) throw new WireError(`no kind "${kind}" is registered for version "${apiVersion}"`);
    return { ...known.message(message, bytes(2)), apiVersion, kind };
  } catch (error) {
    if (error instanceof WireError || error instanceof SyntaxError) throw createBadRequest(error.message);
    throw error;
  }
}
