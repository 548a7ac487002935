// Kubernetes' own kinds for an API server: pods, nodes, secrets and all that every cluster has.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { SchemaDocument } from '../schema.ts';
import { withoutResources } from './kinds.ts';

export { createKubernetesKinds, type KubernetesKindsOptions } from './kinds.ts';
export { admitNamespaceLifecycle } from './strategies/cluster.ts';
export { createNamespaceController, type NamespaceControllerOptions } from './namespace-controller.ts';
export { summarise as summarisePod } from './columns/pods.ts';
export { defaultPodSpec } from './strategies/pod-template.ts';

const fileSchema = z.looseObject({ $extends: z.string().optional(), $unserved: z.array(z.string()).optional() });

/**
 * Reads a schema document; `$extends` in it names another file, relative to it, whose schemas it adds to, and `$unserved` the resources
 * of that other file that are not served here: `apps/*`, `autoscaling/v2/*`, `storage.k8s.io/v1/csinodes`.
 * The result is shared, not copied, by all that is made of it: load it once. Throws when a file is no such document.
 */
export async function loadSchemas(file: string): Promise<SchemaDocument> {
  const {
    $extends: base,
    $unserved: unserved = [],
    ...own
  } = fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const inherited = base ? await loadSchemas(path.resolve(path.dirname(file), base)) : {};
  return { ...withoutResources(inherited, unserved), ...own } as SchemaDocument;
}
