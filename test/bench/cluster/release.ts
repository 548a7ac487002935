// A playground that Helm installed: a way in, visitors whose cookies are sealed with its keys, and what its gateways say of themselves.
import {
  cookieOptionsOf,
  createSealer,
  createVisitorCookie,
  decodeKey,
  type AccessPolicy,
  type Identity,
} from '../../../server/auth/index.ts';
import { createSystemClock } from '../../../server/common/clock.ts';
import type { Disposable } from '../../../server/common/lifecycle.ts';
import { readOptions } from '../../../server/common/options.ts';
import { gatewayOptions, type GatewayOptions } from '../../../server/config.ts';
import { resources, type KubeObject, type Resource } from '../../../server/kube/index.ts';
import { createTransport, loadKubeConfig } from '../../../server/kube/transport.ts';
import { SmokeClient, smokeIdentityOf } from '../../../server/smoke/index.ts';
import type { Stage } from '../../e2e/support/stage.ts';
import { openFront } from '../../e2e/support/way-in.ts';

export const clock = createSystemClock();

export interface Visitor {
  userId: string;
  cookie: string;
  client: SmokeClient;
  /** For event streams: an address, and what a browser sends. */
  eventsUrl: string;
  headers: Record<string, string>;
}

export interface GatewayPod extends KubeObject {
  status: { conditions?: { type: string; status: string }[] };
}

export interface Release extends Disposable {
  stage: Stage;
  options: GatewayOptions;
  /** How requests reach it: `straight` or `port-forward`. */
  wayIn: string;
  /** The same for the same number; no GitHub account has such an id. */
  visitor(number: number): Promise<Visitor>;
  /** The gateway's pods that are Ready and not ending. */
  listGateways(): Promise<GatewayPod[]>;
  /** How many gateways there should be. */
  replicas: number;
  /** The sum of all series of a metric, on one gateway. */
  readMetric(gateway: GatewayPod, name: string): Promise<number>;
}

interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: { name: string; key: string } };
}
type Deployment = KubeObject & {
  spec: { replicas?: number; template: { spec: { containers: { env?: EnvVar[] }[] } } };
};
type Secret = KubeObject & { data?: Record<string, string> };
type Service = KubeObject & { spec: { ports: { port: number }[] } };

const core = (plural: string, kind: string): Resource => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  isNamespaced: true,
});
const deployments: Resource = { ...core('deployments', 'Deployment'), group: 'apps' };
const metricsPort = 8081;
const hourSeconds = 3600;

/** The environment of the gateway's container, with the values of its Secret. */
async function readEnv({ client }: Stage, deployment: Deployment): Promise<Record<string, string>> {
  const secrets = new Map<string, Secret>();
  const env: Record<string, string> = {};
  for (const { name, value, valueFrom } of deployment.spec.template.spec.containers[0]?.env ?? []) {
    const from = valueFrom?.secretKeyRef;
    if (value !== undefined) env[name] = value;
    if (!from) continue;
    const secret =
      secrets.get(from.name) ??
      (await client.get<Secret>(core('secrets', 'Secret'), from.name, deployment.metadata.namespace));
    secrets.set(from.name, secret);
    env[name] = Buffer.from(secret.data?.[from.key] ?? '', 'base64').toString();
  }
  return env;
}

const policyOf = (options: GatewayOptions): AccessPolicy => ({
  users: options.allowedUsers,
  organizations: options.allowedOrganizations,
  teams: options.allowedTeams,
  blocked: options.blockedUsers,
  minAccountAgeDays: 0,
});

/** Throws when there is no such release, or when its keys cannot be read. */
export async function openRelease(stage: Stage, namespace: string, name: string): Promise<Release> {
  const { client } = stage;
  const labelSelector = `app.kubernetes.io/instance=${name},app.kubernetes.io/component=gateway`;
  const [deployment] = (await client.list<Deployment>(deployments, { namespace, labelSelector })).items;
  const [service] = (await client.list<Service>(core('services', 'Service'), { namespace, labelSelector })).items;
  if (!deployment || !service)
    throw new Error(`There is no release ${name} of the playground in the namespace ${namespace}.`);
  const options = readOptions(gatewayOptions, await readEnv(stage, deployment), []);
  const publicUrl = options.publicUrl ?? 'http://127.0.0.1:8080';
  const front = await openFront(stage, {
    namespace,
    service: service.metadata.name,
    port: service.spec.ports[0]?.port ?? 80,
  });
  const visitorCookie = createVisitorCookie(createSealer((options.cookieKeys ?? []).map(decodeKey), clock), {
    ...cookieOptionsOf(publicUrl),
    lifetimeSeconds: hourSeconds,
  });
  const transport = createTransport(loadKubeConfig(stage.kubeconfig));
  const targetUrl = `http://127.0.0.1:${front.port}`;
  const { signal } = new AbortController();
  return {
    stage,
    options,
    wayIn: front.kind,
    replicas: deployment.spec.replicas ?? 1,
    async visitor(number) {
      const userId = `00${number}`;
      const identity: Identity = { ...smokeIdentityOf(policyOf(options), clock.now()), id: userId };
      const [cookie = ''] = (await visitorCookie.render(identity)).split(';');
      const { host, origin, pathname } = new URL(publicUrl);
      return {
        userId,
        cookie,
        client: new SmokeClient({ targetUrl, publicUrl, signal }),
        eventsUrl: targetUrl + pathname.replace(/\/+$/, ''),
        headers: { cookie, host, origin },
      };
    },
    async listGateways() {
      const { items } = await client.list<GatewayPod>(resources.pods, { namespace, labelSelector });
      const isReady = ({ status }: GatewayPod) =>
        status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
      return items.filter((pod) => !pod.metadata.deletionTimestamp && isReady(pod));
    },
    async readMetric({ metadata }, metric) {
      const path = `/api/v1/namespaces/${namespace}/pods/${metadata.name}:${metricsPort}/proxy/metrics`;
      const text = await transport.sendText({ method: 'GET', path, idleTimeoutMs: 5_000 });
      const samples = [...text.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))];
      return samples.reduce((sum, [, value]) => sum + Number(value), 0);
    },
    dispose() {
      front.dispose();
      transport.dispose();
    },
  };
}
