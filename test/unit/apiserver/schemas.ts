// The schema documents that these tests share, read once.
import { fileURLToPath } from 'node:url';
import { loadSchemas } from '../../../server/apiserver/kubernetes/index.ts';
import { createSchemas } from '../../../server/apiserver/schema.ts';

const manifest = (path: string): string => fileURLToPath(new URL(`../../../manifests/${path}`, import.meta.url));

export const clusterDocument = await loadSchemas(manifest('cluster/schemas.json'));
export const gardenDocument = await loadSchemas(manifest('garden/schemas.json'));
export const clusterSchemas = createSchemas(clusterDocument);
export const gardenSchemas = createSchemas(gardenDocument);

export const podSchema = 'io.k8s.api.core.v1.Pod';
export const configMapSchema = 'io.k8s.api.core.v1.ConfigMap';
export const deploymentSchema = 'io.k8s.api.apps.v1.Deployment';
export const shootSchema = 'com.github.gardener.gardener.pkg.apis.core.v1beta1.Shoot';
