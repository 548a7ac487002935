// Request bodies: read up to a limit, then JSON or YAML into plain data.
import type { IncomingMessage } from 'node:http';
import { parseDocument } from 'yaml';
import { messageOf } from '../common/errors.ts';
import { createBadRequest, createTooLarge } from './errors.ts';
import { decodeProtobuf, protobufType } from './protobuf/decode.ts';

/** Media types of objects in requests. */
export const bodyTypes = ['application/json', 'application/yaml', protobufType];

/** Kubernetes allows 3 MiB on the wire; 1.5 MiB is what etcd takes. */
export const maxBodyBytes = 1.5 * 1024 * 1024;
const maxDepth = 200;

/** Throws 413 over the limit; what is over is not read. */
export async function readBody(request: IncomingMessage, limitBytes = maxBodyBytes): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limitBytes) throw createTooLarge(limitBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw createTooLarge(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// JSON.parse and the walks after it recurse: a body of brackets alone must not end the process.
function ensureShallow(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) throw createBadRequest('exceeded max depth');
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw createBadRequest('the name __proto__ is not allowed');
    ensureShallow((value as Record<string, unknown>)[key], depth + 1);
  }
}

// The words of Go's encoding/json for the two faults that people make.
const jsonFault = (text: string, error: unknown): string => {
  const message = messageOf(error);
  if (!text.trim() || /Unexpected end of JSON input|Unterminated string/.test(message))
    return 'unexpected end of JSON input';
  const token = /Unexpected token '?(.)'?,? /.exec(message)?.[1];
  return token ? `invalid character '${token}' looking for beginning of value` : message;
};

/** Throws 400 in the words of Go's encoding/json. */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw createBadRequest(jsonFault(text, error));
  }
  ensureShallow(value);
  return value;
}

/** Throws 400; aliases that would unfold without end are refused by the library. */
export function parseYaml(text: string): unknown {
  let value: unknown;
  try {
    const document = parseDocument(text, { uniqueKeys: true, maxAliasCount: 100 } as Parameters<
      typeof parseDocument
    >[1]);
    const [fault] = document.errors;
    if (fault) throw fault;
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw createBadRequest(`error converting YAML to JSON: yaml: ${messageOf(error).split('\n')[0]}`);
  }
  ensureShallow(value);
  return value;
}

/** Plain data from a body of one of `bodyTypes`, or of a patch. Throws 400. */
export async function parseBody(mediaType: string, body: Buffer): Promise<unknown> {
  if (mediaType === protobufType) return await decodeProtobuf(body);
  const text = body.toString('utf8');
  return mediaType.includes('yaml') ? parseYaml(text) : parseJson(text);
}
