// What the gateways ask the API server for, gathered from their metrics while they live: a pod that is gone takes its counts with it.
import { createSystemClock } from '../../../server/common/clock.ts';
import type { Disposable } from '../../../server/common/lifecycle.ts';
import { createTransport, loadKubeConfig } from '../../../server/kube/transport.ts';
import { listGateways } from './installed.ts';
import type { Stage } from './stage.ts';

export interface RequestRecord extends Disposable {
  /** `verb resource`, of all answered requests. */
  used: Set<string>;
  /** `verb resource` of requests that were forbidden, but for the excused ones. */
  refused(): string[];
  /** Looks once more, at all that are there. */
  look(): Promise<void>;
  /** Forgets what was refused so far: an API server that begins forbids all until it has read the roles. */
  excuseRefusals(): Promise<void>;
}

const periodMs = 2_000;
const metricsPort = 8081;
const sample = /^playground_kubernetes_requests_total\{([^}]*)\} (\S+)/gm;

export interface RequestCount {
  verb: string;
  resource: string;
  code: string;
  count: number;
}

/** The counts in the text of a scrape. */
export function parseRequestCounts(text: string): RequestCount[] {
  return [...text.matchAll(sample)].map(([, labels = '', value]) => {
    const {
      verb = '',
      resource = '',
      code = '',
    } = Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, text]) => [name, text])) as Record<
      string,
      string
    >;
    return { verb, resource, code, count: Number(value) };
  });
}

export function watchRequests(stage: Stage): RequestRecord {
  const clock = createSystemClock();
  const transport = createTransport(loadKubeConfig(stage.kubeconfig));
  const used = new Set<string>();
  // By pod, verb and resource.
  const refusals = new Map<string, RequestCount>();
  const excused = new Map<string, number>();
  let looking: Promise<void> = Promise.resolve();
  let lookers = 0;

  async function scrape(namespace: string | undefined, name: string): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}:${metricsPort}/proxy/metrics`;
    const text = await transport.sendText({ method: 'GET', path, idleTimeoutMs: 5_000 });
    for (const one of parseRequestCounts(text)) {
      const what = `${one.verb} ${one.resource}`;
      if (one.code === '403') refusals.set(`${name} ${what}`, one);
      else if (one.count > 0 && /^\d+$/.test(one.code)) used.add(what);
    }
  }
  async function lookNow(): Promise<void> {
    const pods = await listGateways(stage);
    // One that starts or ends just now gives no answer.
    await Promise.allSettled(pods.map(({ metadata }) => scrape(metadata.namespace, metadata.name)));
  }
  /** One after the other. */
  function look(): Promise<void> {
    lookers++;
    looking = looking
      .catch(() => undefined)
      .then(lookNow)
      .finally(() => lookers--);
    return looking;
  }
  const timer = clock.every(periodMs, () => {
    if (!lookers) look().catch(() => undefined);
  });
  return {
    used,
    refused: () => [
      ...new Set(
        [...refusals]
          .filter(([key, { count }]) => count > (excused.get(key) ?? 0))
          .map(([, { verb, resource }]) => `${verb} ${resource}`),
      ),
    ],
    look,
    async excuseRefusals() {
      await look();
      for (const [key, { count }] of refusals) excused.set(key, count);
    },
    dispose() {
      timer.dispose();
      transport.dispose();
    },
  };
}
