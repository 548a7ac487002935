// Several gateways on one embedded cluster behind a load balancer: what a Deployment with a Service is.
import { randomBytes } from 'node:crypto';
import { createSystemClock, type Clock } from '../../server/common/clock.ts';
import { createGitHubStandIn } from '../../server/embedded/github/index.ts';
import { createKubeClient, interactivePatience } from '../../server/kube/index.ts';
import type { Playground } from '../../server/playground.ts';
import { createBalancer, type Balancer } from './balancer.ts';
import { openEmbeddedCluster, startGateway, type OpenedCluster } from './embedded-playground.ts';
import { Browser } from './gateway-harness.ts';
import { until } from './until.ts';

export interface Replicas {
  cluster: OpenedCluster;
  balancer: Balancer;
  /** One more, with the keys of the others, in the balancer as soon as it is ready. `own`: what it does not have in common with them. */
  start(env?: Record<string, string>, own?: { kubeconfig?: string; clock?: Clock }): Promise<Playground>;
  /** Signed in, with a session that is ready. */
  openSession(login: string): Promise<Browser>;
  dispose(): Promise<void>;
}

const createKey = () => randomBytes(32).toString('base64url');

export async function createReplicas(): Promise<Replicas> {
  const cluster = await openEmbeddedCluster();
  const balancer = await createBalancer();
  const callbackUrl = `${balancer.url}/login/callback`;
  const github = await createGitHubStandIn({ clock: createSystemClock(), callbackUrl });
  const common = {
    PUBLIC_URL: balancer.url,
    COOKIE_KEYS: createKey(),
    TOKEN_KEYS: createKey(),
    GITHUB_CLIENT_ID: github.clientId,
    GITHUB_CLIENT_SECRET: github.clientSecret,
    GITHUB_URL: github.url,
  };
  const running: Playground[] = [];
  return {
    cluster,
    balancer,
    async start(env = {}, { kubeconfig = cluster.cluster.kubeconfig, clock } = {}) {
      const client = createKubeClient({ kubeconfig, patience: interactivePatience });
      const playground = await startGateway(client, { ...common, ...env }, clock);
      running.push(playground);
      await playground.ready;
      balancer.add(playground.ownUrl);
      return playground;
    },
    async openSession(login) {
      const browser = new Browser(balancer.url);
      await browser.signIn(login);
      const made = await browser.post('/api/session', { environment: 'lite' });
      if (made.status !== 200) throw new Error(made.text);
      const isReady = async () => (await browser.ask('/api/session')).json<{ state: string }>().state === 'ready';
      await until('a session that is ready', isReady, () => new Promise((resolve) => setTimeout(resolve, 50)));
      return browser;
    },
    async dispose() {
      await Promise.all(running.map((playground) => playground.dispose()));
      await github.dispose();
      await balancer.dispose();
      await cluster.dispose();
    },
  };
}
