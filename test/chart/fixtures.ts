// What the tests of the chart share: the files of values, and reading pods out of what is rendered.
import type { V1Container, V1DaemonSet, V1Deployment, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { RenderedObject, Rendering } from '../support/helm.ts';

const valuesDir = fileURLToPath(new URL('values', import.meta.url));

/** Sets of values: name and path. */
export const valuesFiles = readdirSync(valuesDir).map((file) => ({
  name: path.basename(file, '.yaml'),
  file: path.join(valuesDir, file),
}));

export const valuesFile = (name: string): string => path.join(valuesDir, `${name}.yaml`);

/** What nobody can do without. */
export const github = { clientId: 'Iv1.client', clientSecret: 'secret-of-the-client' };

export interface RenderedPod {
  /** Where it comes from, for messages. */
  from: string;
  labels: Record<string, string>;
  spec: V1PodSpec;
}

interface ConfigMap {
  data: Record<string, string>;
}

const environmentsOf = (rendering: Rendering): RenderedObject & ConfigMap =>
  rendering.all<ConfigMap>('ConfigMap').find(({ metadata }) => metadata.name.endsWith('-environments'))!;

/** The files of the environments as the gateway finds them: path → text. */
export function environmentFiles(rendering: Rendering): Map<string, string> {
  const { data } = environmentsOf(rendering);
  const { spec } = rendering.one<V1Deployment>('Deployment');
  const items = spec?.template.spec?.volumes?.find(({ name }) => name === 'environments')?.configMap?.items ?? [];
  return new Map(items.map((item) => [item.path, data[item.key] ?? '']));
}

export const environmentPod = (rendering: Rendering, name: string): V1Pod =>
  parse(environmentFiles(rendering).get(`${name}/pod.yaml`) ?? '') as V1Pod;

/** Every pod that comes of what is rendered: workloads, tests, and the templates of the environments. */
export function podsOf(rendering: Rendering): RenderedPod[] {
  const workloads = [...rendering.all<V1Deployment>('Deployment'), ...rendering.all<V1DaemonSet>('DaemonSet')];
  const pods: RenderedPod[] = workloads.map(({ kind, metadata, spec }) => ({
    from: `${kind} ${metadata.name}`,
    labels: spec!.template.metadata!.labels!,
    spec: spec!.template.spec!,
  }));
  for (const { metadata, spec } of rendering.all<V1Pod>('Pod'))
    pods.push({ from: `Pod ${metadata.name}`, labels: metadata.labels, spec: spec! });
  for (const [file, text] of environmentFiles(rendering)) {
    if (!file.endsWith('/pod.yaml')) continue;
    const { metadata, spec } = parse(text) as V1Pod;
    pods.push({ from: `environment ${file}`, labels: metadata?.labels ?? {}, spec: spec! });
  }
  return pods;
}

export const gatewayOf = (rendering: Rendering): V1Container =>
  rendering.one<V1Deployment>('Deployment').spec!.template.spec!.containers[0]!;

/** The variables of the gateway: their values, or the key of the Secret that they come from. */
export const gatewayEnv = (rendering: Rendering): Map<string, string> =>
  new Map(
    (gatewayOf(rendering).env ?? []).map(({ name, value, valueFrom }) => [
      name,
      value ?? valueFrom?.secretKeyRef?.key ?? valueFrom?.fieldRef?.fieldPath ?? '',
    ]),
  );
