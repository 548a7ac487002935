// Whether the garden beside the agent answers: asks the API server of its kubeconfig.
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import * as z from 'zod';
import type { Clock } from '../common/clock.ts';

export interface GardenProbe {
  /** Resolves as soon as the garden answers: true; or false when it has not within `timeoutMs`. */
  isReady(timeoutMs: number): Promise<boolean>;
}

const retryMs = 50;
const requestTimeoutMs = 500;

const kubeconfigSchema = z.object({
  'current-context': z.string(),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({ server: z.url(), 'certificate-authority-data': z.base64().optional() }),
    }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z.object({
        'client-certificate-data': z.base64().optional(),
        'client-key-data': z.base64().optional(),
        token: z.string().optional(),
      }),
    }),
  ),
});

interface Endpoint {
  server: string;
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  token?: string;
}

const decode = (data: string | undefined) => (data === undefined ? undefined : Buffer.from(data, 'base64'));

async function readEndpoint(kubeconfigPath: string): Promise<Endpoint> {
  const text = await readFile(kubeconfigPath, 'utf8');
  // Only asked for while the garden starts: a session that runs does without it.
  const { parse } = await import('yaml');
  const config = kubeconfigSchema.parse(parse(text));
  const context = config.contexts.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users.find(({ name }) => name === context?.user)?.user;
  if (!cluster) throw new Error(`${kubeconfigPath} names no cluster.`);
  return {
    server: cluster.server,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user?.['client-certificate-data']),
    key: decode(user?.['client-key-data']),
    token: user?.token,
  };
}

function ask({ server, token, ...tls }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    const asked = request(`${server.replace(/\/$/, '')}/readyz`, {
      ...tls,
      headers,
      agent: false,
      timeout: requestTimeoutMs,
    });
    asked.on('response', (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    // Behind a response it changes nothing.
    asked.on('close', () => resolve(false));
    asked.end();
  });
}

/** `kubeconfigPath`: a file that the garden writes when it can answer. It may be missing, half written, or old. */
export function createGardenProbe(kubeconfigPath: string, clock: Clock): GardenProbe {
  let endpoint: Promise<Endpoint> | undefined;
  const askOnce = async (): Promise<boolean> => {
    endpoint ??= readEndpoint(kubeconfigPath);
    const isReady = await endpoint.then(ask, () => false);
    // A garden that was started again has new certificates.
    if (!isReady) endpoint = undefined;
    return isReady;
  };
  return {
    async isReady(timeoutMs) {
      const deadlineMs = clock.now() + timeoutMs;
      for (;;) {
        const answer = await Promise.race([
          askOnce(),
          clock.sleep(Math.max(0, deadlineMs - clock.now())).then(() => false),
        ]);
        if (answer || clock.now() + retryMs >= deadlineMs) return answer;
        await clock.sleep(retryMs);
      }
    },
  };
}
