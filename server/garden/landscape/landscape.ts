// The landscape as it is after the local setup: reads the manifests and loads what they and the controllers would have made, at once.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';
import { randomSuffix } from '../../apiserver/names.ts';
import type { Store } from '../../apiserver/store.ts';
import type { ApiObject } from '../../apiserver/types.ts';
import { aggregateRoles, type ClusterRole } from '../controllers/cluster-roles.ts';
import { desiredRoles } from '../controllers/project-rbac.ts';
import { copyForSeed, isCopiedToSeeds, seedNamespacePrefix } from '../controllers/seed-secrets.ts';
import { toTime, type Project, type Secret } from '../types.ts';
import { assembleObjects, entrySchema, type Entry } from './entries.ts';

/**
 * The entries of the landscape: from `compiled` (JSON, made by the build) where it is given, else from the YAML files of `directory`.
 * Throws when a file is not there or holds something else.
 */
export async function readEntries(directory: string, compiled?: string): Promise<Entry[]> {
  if (compiled) return z.array(entrySchema).parse(JSON.parse(await readFile(compiled, 'utf8')));
  const files = (await readdir(directory)).filter((file) => file.endsWith('.yaml')).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(directory, file), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => entrySchema.parse(document.toJS())));
}

// Stored objects and those of the controllers' own types are the same objects.
const asObjects = (objects: unknown): ApiObject[] => objects as ApiObject[];

/** What the controllers make of the loaded objects, and would otherwise have to make at every start. */
function derive(objects: readonly ApiObject[]): ApiObject[] {
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
  const projects = ofKind('Project') as unknown as Project[];
  const secrets = ofKind('Secret') as unknown as Secret[];
  const seedNamespaces = ofKind('Seed').map(({ metadata }) => seedNamespacePrefix + metadata.name);
  return asObjects([
    ...projects.flatMap((project) => desiredRoles(project, project.spec.namespace ?? '').map(({ object }) => object)),
    ...seedNamespaces.flatMap((namespace) =>
      secrets.filter(isCopiedToSeeds).map((secret) => copyForSeed(secret, namespace)),
    ),
  ]);
}

/** Fills an empty store. */
export function loadLandscape(store: Store, entries: readonly Entry[], nowMs: number): void {
  const versions = new Map<string, string>();
  const names = {
    now: toTime(nowMs),
    random: () => randomSuffix(),
    resourceVersionOf: (reference: string) => versions.get(reference) ?? '',
  };
  const objects: ApiObject[] = [];
  for (const object of assembleObjects({ entries, ...names })) {
    objects.push(object);
    if (object.kind === 'ClusterRole') continue;
    store.load([object]);
    const { namespace, name } = object.metadata;
    versions.set([object.kind, namespace, name].filter(Boolean).join('/'), String(store.resourceVersion));
  }
  const roles = objects.filter(({ kind }) => kind === 'ClusterRole') as unknown as ClusterRole[];
  store.load(asObjects(aggregateRoles(roles)));
  store.load(derive(objects));
}
