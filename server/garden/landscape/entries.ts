// The manifests of the landscape: what was applied and what controllers made of it, turned into objects as an API server holds them.
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { ApiObject } from '../../apiserver/types.ts';

const tree = z.record(z.string(), z.unknown());
/** `applied`: as kubectl sent it; `live`: what has been added since, as a JSON merge patch, or the whole object where nobody applied one. */
export const entrySchema = z.strictObject({ applied: tree.optional(), live: tree.optional() });
export type Entry = z.infer<typeof entrySchema>;

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7386. */
export function mergePatch(target: Tree, patch: Tree): Tree {
  const merged = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const old = merged[key];
    if (value === null) delete merged[key];
    else merged[key] = isTree(value) ? mergePatch(isTree(old) ? old : {}, value) : value;
  }
  return merged;
}

const sortedKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortedKeys(value[key])]),
  );
};

/** What `kubectl apply` leaves in kubectl.kubernetes.io/last-applied-configuration. */
export function lastApplied(applied: Tree): string {
  const metadata = isTree(applied.metadata) ? applied.metadata : {};
  const withAnnotations = { ...metadata, annotations: metadata.annotations ?? {} };
  return `${JSON.stringify(sortedKeys({ ...applied, metadata: withAnnotations }))}\n`;
}

interface Namer {
  uidOf(reference: string): string;
  resourceVersionOf(reference: string): string;
  random(): string;
  now: string;
}

const placeholder = /\{(?:uid of ([^}]+)|resourceVersion of ([^}]+)|(random)|(now))\}/g;

/** Fills in `{now}`, `{random}`, `{uid of Kind/name}` and `{resourceVersion of Kind/name}`. */
function fill(value: unknown, namer: Namer): unknown {
  if (typeof value === 'string')
    return value.replace(placeholder, (_, uid?: string, version?: string, random?: string) => {
      if (uid) return namer.uidOf(uid);
      if (version) return namer.resourceVersionOf(version);
      return random ? namer.random() : namer.now;
    });
  if (Array.isArray(value)) return value.map((item) => fill(item, namer));
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, namer)]));
}

function assemble({ applied, live = {} }: Entry): Tree {
  if (!applied) return live;
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': lastApplied(applied) };
  return mergePatch(mergePatch(applied, { metadata: { annotations } }), live);
}

const referenceOf = ({ kind, metadata: { namespace, name } }: ApiObject) =>
  [kind, namespace, name].filter(Boolean).join('/');

export interface AssembleOptions {
  entries: readonly Entry[];
  /** `2026-01-01T00:00:00Z` */
  now: string;
  /** Five characters for a generated name. */
  random(): string;
  /** The resourceVersion of an object that was given out before, by `Kind/namespace/name`. */
  resourceVersionOf(reference: string): string;
}

/** The objects one by one, so that later ones may name the resourceVersion of those that are stored by then. */
export function* assembleObjects({ entries, ...names }: AssembleOptions): Generator<ApiObject> {
  const uids = new Map<string, string>();
  const uidOf = (reference: string) => {
    const uid = uids.get(reference) ?? randomUUID();
    uids.set(reference, uid);
    return uid;
  };
  for (const entry of entries) {
    const object = fill(assemble(entry), { ...names, uidOf }) as ApiObject;
    if (object.kind === 'Namespace') completeNamespace(object);
    object.metadata.uid = uidOf(referenceOf(object));
    yield object;
  }
}

function completeNamespace(object: ApiObject): void {
  const { metadata } = object;
  metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  object.spec = { finalizers: ['kubernetes'] };
  object.status = { phase: 'Active' };
}
