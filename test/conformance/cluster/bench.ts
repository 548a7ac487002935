// What the tests of a cluster work with: a namespace of their own, a client, pods that run bash, and waits that a watch answers.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSystemClock } from '../../../server/common/clock.ts';
import { toDisposable, type AsyncDisposable, type Disposable } from '../../../server/common/lifecycle.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import type { Container, Pod, PodSpec } from '../../../server/embedded/types.ts';
import { pathOf } from '../../../server/kube/client.ts';
import {
  createInformer,
  createKubeClient,
  KubeError,
  resources,
  type Informer,
  type KubeClient,
  type KubeObject,
  type Resource,
  type WatchEvent,
} from '../../../server/kube/index.ts';
import { createTransport, loadKubeConfig, type Transport } from '../../../server/kube/transport.ts';
import { openWatch } from '../../../server/kube/watch.ts';
import { clusterTargets, type ClusterTarget } from './targets.ts';

export type SeenPod = KubeObject & Pick<Pod, 'spec' | 'status'>;
export type SeenEvent = KubeObject & {
  type: string;
  reason: string;
  message: string;
  involvedObject: { kind: string; name: string; uid: string; fieldPath?: string };
};
type Query = Record<string, string | number | boolean>;

/** A watch as it comes over the line. */
export interface RawWatch extends Disposable {
  events: WatchEvent<KubeObject>[];
  /** The next event that `matches`, from those not taken yet. */
  next(what: string, matches: (event: WatchEvent<KubeObject>) => boolean): Promise<WatchEvent<KubeObject>>;
  /** Resolves with the fault, or undefined, when the server ends it. */
  ended: Promise<Error | undefined>;
}

export interface ClusterBench extends AsyncDisposable {
  client: KubeClient;
  namespace: string;
  isReal: boolean;
  pods: Informer<SeenPod>;
  createPod(name: string, script: string, spec?: Partial<PodSpec>, container?: Partial<Container>): Promise<SeenPod>;
  /** `script` runs in bash. `labels` of the pod. */
  podManifest(name: string, script: string, spec?: Partial<PodSpec>, container?: Partial<Container>): SeenPod;
  podWhere(name: string, what: string, test: (pod: SeenPod) => unknown): Promise<SeenPod>;
  podGone(name: string): Promise<void>;
  eventOf(name: string, reason: string): Promise<SeenEvent>;
  watch(resource: Resource, query: Query): RawWatch;
}

const boundMs = 60_000;
const clock = createSystemClock();
const logger = createSilentLogger();

/** Resolves with what `find` returns as soon as it is truthy, asked whenever `subscribe` calls. Throws with `what` and `describe()` when that takes too long. */
function when<T>(
  what: string,
  find: () => T | undefined | false | null,
  subscribe: (look: () => void) => Disposable,
  describe: () => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const ends: Disposable[] = [];
    let isSettled = false;
    const settle = (act: () => void) => {
      isSettled = true;
      for (const end of ends) end.dispose();
      act();
    };
    const look = () => {
      const found = isSettled ? undefined : find();
      if (found) settle(() => resolve(found));
    };
    ends.push(
      clock.after(boundMs, () =>
        settle(() => reject(new Error(`never happened: ${what}\n${JSON.stringify(describe(), null, 1)}`))),
      ),
      subscribe(look),
    );
    if (isSettled) for (const end of ends) end.dispose();
    else look();
  });
}

const ofInformer =
  <T extends KubeObject>(informer: Informer<T>) =>
  (look: () => void): Disposable =>
    informer.subscribe({ onAdd: look, onUpdate: look, onDelete: look });

function openRawWatch(transport: Transport, path: string): RawWatch {
  const events: WatchEvent<KubeObject>[] = [];
  const waiting = new Set<() => void>();
  const notify = () => [...waiting].forEach((look) => look());
  let taken = 0;
  let end: (fault?: Error) => void = () => undefined;
  const ended = new Promise<Error | undefined>((resolve) => (end = resolve));
  const connection = openWatch<KubeObject>(
    transport,
    path,
    (event) => {
      events.push(event);
      notify();
    },
    end,
  );
  return {
    events,
    ended,
    next: (what, matches) =>
      when(
        what,
        () => {
          const at = events.findIndex((event, i) => i >= taken && matches(event));
          if (at < 0) return undefined;
          taken = at + 1;
          return events[at];
        },
        (look) => {
          waiting.add(look);
          return toDisposable(() => waiting.delete(look));
        },
        () => events.slice(taken),
      ),
    dispose: () => connection.dispose(),
  };
}

async function openBench(target: ClusterTarget): Promise<ClusterBench> {
  const cluster = await target.open();
  const client = createKubeClient({ kubeconfig: cluster.kubeconfig });
  const transport = createTransport(loadKubeConfig(cluster.kubeconfig));
  const namespace = `conformance-${randomBytes(4).toString('hex')}`;
  await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const pods = createInformer<SeenPod>(client, resources.pods, { namespace }, { clock, logger });
  const events = createInformer<SeenEvent>(client, resources.events, { namespace }, { clock, logger });
  // The service account of a namespace comes a moment after it; a pod without one is refused.
  const accounts = createInformer(client, resources.serviceAccounts, { namespace }, { clock, logger });
  await Promise.all([pods.synced, events.synced, accounts.synced]);
  await when(
    'the default service account',
    () => accounts.get('default', namespace),
    ofInformer(accounts),
    () => accounts.list(),
  );
  accounts.dispose();

  const podManifest: ClusterBench['podManifest'] = (name, script, spec = {}, container = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 1,
      ...spec,
      containers: [
        {
          name: 'main',
          image: cluster.image,
          command: ['bash', '-c', script],
          ...container,
        },
      ],
    },
    status: {},
  });
  return {
    client,
    namespace,
    isReal: cluster.isReal,
    pods,
    podManifest,
    createPod: (...args) => client.create(resources.pods, podManifest(...args)),
    podWhere: (name, what, test) =>
      when(
        `${name} ${what}`,
        () => {
          const pod = pods.get(name, namespace);
          return pod && test(pod) ? pod : undefined;
        },
        ofInformer(pods),
        () => pods.get(name, namespace),
      ),
    podGone: async (name) => {
      const isGone = () => !pods.get(name, namespace);
      await when(`end of ${name}`, isGone, ofInformer(pods), () => pods.get(name, namespace));
    },
    eventOf: (name, reason) =>
      when(
        `event ${reason} of ${name}`,
        () => events.list().find((event) => event.involvedObject.name === name && event.reason === reason),
        ofInformer(events),
        () => events.list().map((event) => [event.involvedObject.name, event.reason, event.message]),
      ),
    watch: (resource, query) =>
      openRawWatch(transport, pathOf(resource, namespace, undefined, undefined, { watch: true, ...query })),
    async dispose() {
      pods.dispose();
      events.dispose();
      await client.delete(resources.namespaces, namespace);
      client.dispose();
      transport.dispose();
      await cluster.dispose();
    },
  };
}

/** The fault that a request must end with. */
export async function refusal(request: Promise<unknown>): Promise<KubeError> {
  const outcome = await request.then(
    () => 'was accepted',
    (fault: unknown) => fault,
  );
  assert.ok(outcome instanceof KubeError, `a refusal was expected, but the request ${String(outcome)}`);
  return outcome;
}

/** Code, reason and the first `fields` of the causes: what a program goes by. */
export const gistOf = ({ code, reason, details }: KubeError) => ({
  code,
  reason,
  fields: (details?.causes ?? []).map(({ field }) => field).filter((field) => field !== undefined),
});

/** The same tests on every cluster; one that is not there is a skipped test with its reason. */
export function onEveryCluster(subject: string, body: (bench: () => ClusterBench) => void): void {
  for (const target of clusterTargets)
    describe(`conformance: ${subject}: ${target.name}`, function () {
      this.timeout(90_000);
      if (target.skipReason) return void it.skip(`needs a cluster: ${target.skipReason}`);
      let bench: ClusterBench;
      before(async () => {
        bench = await openBench(target);
      });
      after(() => bench?.dispose());
      body(() => bench);
    });
}
