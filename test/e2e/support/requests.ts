// What the gateways ask the API server for, gathered from their metrics while they live: a pod that is gone takes its counts with it.
import { createSystemClock } from '../../../server/common/clock.ts';
import type { Disposable } from '../../../server/common/lifecycle.ts';
import { createTransport, loadKubeConfig } from '../../../server/kube/transport.ts';
import { listGateways } from './installed.ts';
import type { Stage } from './stage.ts';

export interface RequestRecord extends Disposable {
  /** `verb resource`, of all answered requests. */
  used: Set<string>;
  /** `verb resource` of requests that were forbidden. */
  refused: Set<string>;
  /** Looks once more, at all that are there. */
  look(): Promise<void>;
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
  const refused = new Set<string>();
  let isLooking = false;

  async function scrape(namespace: string | undefined, name: string): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}:${metricsPort}/proxy/metrics`;
    const text = await transport.sendText({ method: 'GET', path, idleTimeoutMs: 5_000 });
    for (const { verb, resource, code, count } of parseRequestCounts(text))
      if (count > 0) (code === '403' ? refused : used).add(`${verb} ${resource}`);
  }
  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      const pods = await listGateways(stage);
      // One that starts or ends just now gives no answer.
      await Promise.allSettled(pods.map(({ metadata }) => scrape(metadata.namespace, metadata.name)));
    } finally {
      isLooking = false;
    }
  }
  const timer = clock.every(periodMs, () => void look().catch(() => undefined));
  return {
    used,
    refused,
    look,
    dispose() {
      timer.dispose();
      transport.dispose();
    },
  };
}
