// OpenAPI documents, made of the kinds and their schemas when somebody asks, and kept no longer than the answer.
import { createHash } from 'node:crypto';
import { createNotAcceptable } from './errors.ts';
import { pathsOf, type OpenApiPaths } from './openapi-paths.ts';
import type { RawSchema, Schemas } from './schema.ts';
import type { Kind } from './types.ts';

export interface OpenApiOptions {
  kinds: readonly Kind[];
  schemas: Pick<Schemas, 'document'>;
  gitVersion: string;
}

export interface OpenApi {
  /** `/openapi/v2`; its protobuf form names the API and holds no schemas, which is all that kubectl needs beside v3. Throws 406. */
  v2(accept: string | undefined): { contentType: string; body: string | Uint8Array };
  /** `/openapi/v3`: the documents there are, with a hash that changes when they do. */
  v3Index(): { paths: Record<string, { serverRelativeURL: string }> };
  /** One document as JSON by its place in the index, `apis/apps/v1`; undefined when there is none. */
  v3(path: string): string | undefined;
}

const refPrefix = '#/components/schemas/';
const metaComponents = ['DeleteOptions', 'Status', 'APIResourceList', 'Patch', 'WatchEvent'].map(
  (name) => `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`,
);

const pathOf = ({ group, version }: Kind): string => (group ? `apis/${group}/${version}` : `api/${version}`);

function collectRefs(value: unknown, into: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === '$ref' && typeof member === 'string') into.add(member.slice(refPrefix.length));
    else collectRefs(member, into);
  }
}

/** Resource data in schemas is ours, not OpenAPI's. */
function published(schema: RawSchema): RawSchema {
  if (!('x-kubernetes-resource' in schema)) return schema;
  const { 'x-kubernetes-resource': _, ...rest } = schema as RawSchema & { 'x-kubernetes-resource'?: unknown };
  return rest;
}

const protobufV2 = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

const lengthDelimited = (field: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([(field << 3) | 2, bytes.length]), bytes]);

/** Document{swagger: 1, info: 2{title: 1, version: 2}} of gnostic's OpenAPIv2.proto; each part is shorter than 128 bytes. */
const headOfV2 = ({ title, version }: { title: string; version: string }): Buffer =>
  Buffer.concat([
    lengthDelimited(1, Buffer.from('2.0')),
    lengthDelimited(2, Buffer.concat([title, version].map((text, i) => lengthDelimited(i + 1, Buffer.from(text))))),
  ]);

/** A replacer for JSON.stringify: references go to definitions and stand alone, unions are left out. */
function asV2(name: string, value: unknown): unknown {
  if (name === '$ref' && typeof value === 'string') return value.replace(refPrefix, '#/definitions/');
  if (name === 'oneOf' && Array.isArray(value)) return undefined;
  // A property may have the name of a keyword.
  const allOf: unknown = (value as RawSchema | null)?.allOf;
  const [only] = Array.isArray(allOf) ? (allOf as RawSchema[]) : [];
  if (!only?.$ref) return value;
  const { allOf: _, ...rest } = value as RawSchema;
  return { $ref: only.$ref, ...rest };
}

export function createOpenApi({ kinds, schemas: { document }, gitVersion }: OpenApiOptions): OpenApi {
  const byPath = new Map<string, Kind[]>();
  for (const kind of kinds) byPath.set(pathOf(kind), [...(byPath.get(pathOf(kind)) ?? []), kind]);
  const info = { title: 'Kubernetes', version: gitVersion };

  /** The schemas of some kinds, with all that they refer to, by name. */
  const componentsOf = (roots: readonly Kind[]): Record<string, RawSchema> => {
    const wanted = new Set<string>();
    for (const { schemaName } of roots) wanted.add(schemaName).add(`${schemaName}List`);
    for (const name of metaComponents) wanted.add(name);
    const components: Record<string, RawSchema> = {};
    // A set grows while it is walked, and the walk goes on to what is added.
    for (const name of wanted) {
      const schema = Object.hasOwn(document, name) ? document[name] : undefined;
      if (!schema) continue;
      components[name] = published(schema);
      collectRefs(schema, wanted);
    }
    return Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1)));
  };

  let hash: string | undefined;
  const documentHash = () =>
    (hash ??= createHash('sha256')
      .update(
        JSON.stringify([
          gitVersion,
          kinds.map(({ subresources, columns: _, strategy: __, ...kind }) => [kind, subresources]),
        ]),
      )
      .update(JSON.stringify(document))
      .digest('hex')
      .toUpperCase());

  const groupOf = (path: string) => path.slice(0, path.lastIndexOf('/'));
  const listed = () => [...new Set([...byPath.keys()].flatMap((path) => [path, groupOf(path)])), 'apis'].sort();

  return {
    v2(accept) {
      const ranges = (accept ?? '*/*').split(',').map((range) => range.split(';')[0]?.trim());
      if (ranges.includes(protobufV2)) return { contentType: protobufV2.replace('@', '.'), body: headOfV2(info) };
      if (!ranges.some((type) => type === '*/*' || type === 'application/*' || type === 'application/json'))
        throw createNotAcceptable(['application/json', protobufV2]);
      const paths: OpenApiPaths = Object.assign({}, ...[...byPath].map(([path, list]) => pathsOf(path, list)));
      const body = JSON.stringify({ swagger: '2.0', info, paths, definitions: componentsOf(kinds) }, asV2);
      return { contentType: 'application/json', body };
    },
    v3Index() {
      const entries = listed().map((path): [string, { serverRelativeURL: string }] => [
        path,
        { serverRelativeURL: `/openapi/v3/${path}?hash=${documentHash()}` },
      ]);
      return { paths: Object.fromEntries(entries) };
    },
    v3(path) {
      if (!listed().includes(path)) return undefined;
      const own = byPath.get(path) ?? [];
      const schemas = own.length ? componentsOf(own) : {};
      return JSON.stringify({ openapi: '3.0.0', info, paths: pathsOf(path, own), components: { schemas } });
    },
  };
}
