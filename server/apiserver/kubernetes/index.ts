// Kubernetes' own kinds for an API server: pods, nodes, secrets and all that every cluster has.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { RawSchema, SchemaDocument } from '../schema.ts';
import { withoutResources } from './kinds.ts';

export { createKubernetesKinds, type KubernetesKindsOptions } from './kinds.ts';
export { admitNamespaceLifecycle } from './strategies/cluster.ts';
export { createNamespaceController, type NamespaceControllerOptions } from './namespace-controller.ts';
export { summarise as summarisePod } from './columns/pods.ts';
export { defaultPodSpec } from './strategies/pod-template.ts';

const fileSchema = z.looseObject({
  $extends: z.string().optional(),
  $descriptions: z.string().optional(),
  $unserved: z.array(z.string()).optional(),
});
const descriptionsSchema = z.record(z.string(), z.record(z.string(), z.string()));

const readJson = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

/** The schemas with what people read about them: for a component its own text at '', and one for each field that has one. */
function describeSchemas(schemas: SchemaDocument, descriptions: z.infer<typeof descriptionsSchema>): SchemaDocument {
  const described = Object.entries(descriptions).map(([name, { '': own, ...fields }]): [string, RawSchema] => {
    const schema = schemas[name];
    if (!schema) throw new Error(`There is a description of ${name}, but no schema.`);
    const properties = { ...schema.properties };
    for (const [field, description] of Object.entries(fields))
      properties[field] = { ...properties[field], description };
    return [name, { ...schema, ...(own && { description: own }), properties }];
  });
  return { ...schemas, ...Object.fromEntries(described) };
}

/**
 * Reads a schema document. In it, `$extends` names another file, relative to it, whose schemas it adds to; `$unserved` the resources of
 * that file that are not served here (`apps/*`, `autoscaling/v2/*`, `storage.k8s.io/v1/csinodes`); `$descriptions` a file of texts.
 * The result is shared, not copied, by all that is made of it: load it once. Throws when a file is no such document.
 */
export async function loadSchemas(file: string): Promise<SchemaDocument> {
  const parsed = fileSchema.parse(await readJson(file));
  const { $extends: base, $descriptions: texts, $unserved: unserved = [], ...own } = parsed;
  const beside = (name: string) => path.resolve(path.dirname(file), name);
  const inherited = base ? await loadSchemas(beside(base)) : {};
  const schemas = { ...withoutResources(inherited, unserved), ...own } as SchemaDocument;
  return texts ? describeSchemas(schemas, descriptionsSchema.parse(await readJson(beside(texts)))) : schemas;
}
