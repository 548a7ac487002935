// Request bodies: read up to a limit, then JSON, YAML or protobuf into plain data.
import type { Request } from './listener.ts';
import { parseDocument } from 'yaml';
import type { Clock } from '../common/clock.ts';
import { messageOf } from '../common/errors.ts';
import { createBadRequest, createTooLarge } from './errors.ts';
import { scanJson } from './json-scan.ts';
import { decodeProtobuf, protobufType } from './protobuf/decode.ts';

/** Media types of objects in requests. */
export const bodyTypes = ['application/json', 'application/yaml', protobufType];

/** Kubernetes allows 3 MiB on the wire; 1.5 MiB is what etcd takes. */
export const maxBodyBytes = 1.5 * 1024 * 1024;
const maxDepth = 200;

const readTimeoutMs = 60_000;

/** Throws 413 over the limit, of which no more is read. A client that takes longer than a minute is cut off. */
export async function readBody(request: Request, clock: Clock, limitBytes = maxBodyBytes): Promise<Buffer> {
  const timer = clock.after(readTimeoutMs, () => request.destroy(new Error('the body took too long')));
  try {
    return await readAll(request, limitBytes);
  } finally {
    timer.dispose();
  }
}

async function readAll(request: Request, limitBytes: number): Promise<Buffer> {
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

// The walks over objects recurse: a body of brackets alone must not end the process.
function ensureShallow(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) throw createBadRequest('exceeded max depth');
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw createBadRequest('the name __proto__ is not allowed');
    ensureShallow((value as Record<string, unknown>)[key], depth + 1);
  }
}

/** A body that does not parse; `isJson` when its format says so. */
export class BodyFault extends Error {
  override readonly name = 'BodyFault';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BodyFault(scanJson(text).fault ?? 'invalid JSON');
  }
}

function parseYaml(text: string): unknown {
  try {
    const document = parseDocument(text, { uniqueKeys: true });
    const [fault] = document.errors;
    if (fault) throw fault;
    // Aliases that unfold without end are refused.
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new BodyFault(`yaml: ${messageOf(error).split('\n')[0]}`);
  }
}

/** Plain data from a body. Throws BodyFault in the words of Go's decoders, and 400 for what is too deep. */
export async function parseBody(mediaType: string, body: Buffer): Promise<unknown> {
  if (mediaType === protobufType) return await decodeProtobuf(body);
  const text = body.toString('utf8');
  const value = mediaType.includes('yaml') ? parseYaml(text) : parseJson(text);
  ensureShallow(value);
  return value;
}

const maxSummary = 30;

/** A body in a message: text when it is a JSON object, else hexadecimal. Models k8s.io/apiserver/pkg/endpoints/handlers/helpers.go */
export function summarize(body: Buffer): string {
  if (!body.length) return '<empty>';
  const format = body[0] === 0x7b ? 'utf8' : 'hex';
  const text = body.subarray(0, maxSummary).toString(format);
  return body.length > maxSummary ? `${text} ...` : text;
}
