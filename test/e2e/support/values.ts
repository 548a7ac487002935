// Values of the chart for the end-to-end tests: what an administrator sets, and the way to a GitHub inside of the cluster.
import type { KubeObject, Resource } from '../../../server/kube/index.ts';
import type { GitHubInCluster } from './github.ts';
import type { Stage } from './stage.ts';

export interface ValuesOptions {
  stage: Stage;
  github: GitHubInCluster;
  publicUrl: string;
  sessionNamespace: string;
}

const of = (group: string, version: string, plural: string, kind: string): Resource => ({
  group,
  version,
  plural,
  kind,
  isNamespaced: true,
});
type Service = KubeObject & { spec: { clusterIP: string } };
type Slice = KubeObject & { endpoints: { addresses: string[] }[]; ports: { port: number }[] };

export interface ApiServerAddresses {
  /** The Service and what is behind it, as `host port`. */
  hosts: { host: string; port: number }[];
}

/** Where pods find the API server. */
export async function findApiServer({ client }: Stage): Promise<ApiServerAddresses> {
  const { spec } = await client.get<Service>(of('', 'v1', 'services', 'Service'), 'kubernetes', 'default');
  const slices = of('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice');
  const labelSelector = 'kubernetes.io/service-name=kubernetes';
  const { items } = await client.list<Slice>(slices, { namespace: 'default', labelSelector });
  const behind = items.flatMap(({ endpoints, ports }) =>
    endpoints.flatMap(({ addresses }) => addresses.flatMap((host) => ports.map(({ port }) => ({ host, port })))),
  );
  return { hosts: [{ host: spec.clusterIP, port: 443 }, ...behind] };
}

export async function createValues({ stage, github, publicUrl, sessionNamespace }: ValuesOptions): Promise<object> {
  const { hosts } = await findApiServer(stage);
  return {
    publicUrl,
    github: { clientId: github.clientId, clientSecret: github.clientSecret, url: github.url, apiUrl: github.url },
    image: { tag: stage.tag },
    sessions: { namespace: { name: sessionNamespace } },
    networkPolicy: {
      apiServer: { cidrs: hosts.map(({ host }) => `${host}/32`), ports: [...new Set(hosts.map(({ port }) => port))] },
      gateway: {
        extraEgress: [
          {
            to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': github.namespace } } }],
            ports: [{ port: github.port }],
          },
        ],
      },
    },
  };
}
