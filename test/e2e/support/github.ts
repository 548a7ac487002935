// Deploys the GitHub stand-in into the cluster: a pod of the gateway's image whose program comes from a ConfigMap.
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { resources, type KubeObject } from '../../../server/kube/index.ts';
import { root, type Stage } from './stage.ts';

export interface GitHubInCluster {
  namespace: string;
  service: string;
  /** For browser and gateway alike. */
  url: string;
  host: string;
  port: number;
  clientId: string;
  clientSecret: string;
}

const port = 8000;
const name = 'github';

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, 'test/e2e/support/github-program.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    minify: true,
    legalComments: 'none',
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
    },
    logLevel: 'warning',
  });
  const [file] = outputFiles;
  if (!file) throw new Error('the stand-in could not be bundled');
  // A ConfigMap holds one MiB.
  return gzipSync(file.contents).toString('base64');
}

const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

function createPodSpec(image: string, env: Record<string, string>): object {
  return {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    volumes: [
      { name: 'program', configMap: { name } },
      { name: 'tmp', emptyDir: {} },
    ],
    containers: [
      {
        name,
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['sh', '-c', 'gzip -dc /program/github.mjs.gz >/tmp/github.mjs && exec node /tmp/github.mjs'],
        env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
        ports: [{ containerPort: port }],
        readinessProbe: { httpGet: { path: '/favicon.svg', port }, periodSeconds: 1 },
        volumeMounts: [
          { name: 'program', mountPath: '/program' },
          { name: 'tmp', mountPath: '/tmp' },
        ],
        securityContext: restricted,
      },
    ],
  };
}

/** `publicUrl`: of the playground. Resolves when the stand-in is ready. */
export async function deployGitHub(stage: Stage, namespace: string, publicUrl: string): Promise<GitHubInCluster> {
  const { client, kubectl, tag } = stage;
  const host = `${name}.${namespace}.svc.cluster.local`;
  const url = `http://${host}:${port}`;
  const [clientId, clientSecret] = ['e2e-client', 'e2e-secret'];
  const metadata = { name, namespace, labels: { app: name } };
  const env = {
    PORT: String(port),
    PUBLIC_URL: url,
    CALLBACK_URL: `${publicUrl}/login/callback`,
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
  };
  const spec = {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: createPodSpec(`playground/gateway:${tag}`, env) },
  };
  await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const objects: (KubeObject & Record<string, unknown>)[] = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, binaryData: { 'github.mjs.gz': await bundle() } },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: name }, ports: [{ port }] } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec },
  ];
  for (const object of objects) await kubectl('create -f -', { input: JSON.stringify(object) });
  await kubectl(`-n ${namespace} rollout status deployment/${name} --timeout=90s`, { timeoutMs: 100_000 });
  return { namespace, service: name, url, host, port, clientId, clientSecret };
}
