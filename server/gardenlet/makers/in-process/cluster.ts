// One shoot's cluster: an API server of our own, the controllers that make it look alive, and what it held while it sleeps.
import {
  createApiServer,
  issueCertificate,
  type ApiServer,
  type Certificates,
  type KeyPair,
} from '../../../apiserver/index.ts';
import type { SchemaDocument } from '../../../apiserver/index.ts';
import { admitNamespaceLifecycle as admit, createNamespaceController } from '../../../apiserver/kubernetes/index.ts';
import { createRegistry } from '../../../apiserver/registry.ts';
import { createSchemas } from '../../../apiserver/schema.ts';
import type { ApiObject, Kind } from '../../../apiserver/types.ts';
import type { Clock, Disposable } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import { createKubeClient } from '../../../kube/index.ts';
import type { ClusterHealth, ClusterSpec } from '../maker.ts';
import { applySystemComponents } from './apply.ts';
import { bootstrapObjects } from './bootstrap.ts';
import { createWorkloadControllers, Machines } from './controllers/index.ts';
import { createEngine, type Engine } from './engine.ts';
import { isNodeReady, isPodFinished, isPodReady, kinds, type Node, type Pod } from './objects.ts';
import { createWorld, type World } from './world.ts';

export interface ClusterOptions {
  host: string;
  clock: Clock;
  logger: Logger;
  speed: number;
  schemas: SchemaDocument;
  /** The kinds of a cluster whose services have their addresses from `serviceCidr`. */
  kindsFor(serviceCidr: string): readonly Kind[];
}

/** A cluster of a demonstration, not one of a company. */
const limits = { maxObjects: 3_000, maxBytes: 16 * 1024 * 1024, maxHistoryEvents: 400, maxHistoryBytes: 1024 * 1024 };

const defaultServiceCidr = '10.4.0.0/16';

interface Awake {
  server: ApiServer;
  namespaces: Disposable;
  engine: Engine;
  world: World;
  machines: Machines;
  /** What the server cannot change while it runs. */
  identity: string;
}

const identityOf = ({ kubernetesVersion, ca }: ClusterSpec): string => JSON.stringify([kubernetesVersion, ca]);
const isStored = ({ conversion }: Kind): boolean => !conversion;

interface Serving {
  pair: KeyPair;
  /** Certificate of the authority that signed it. */
  issuer: string;
}

/** A serving certificate lives on while clients trust its authority: until the second part of a rotation. */
async function renewServing(
  { host, clock }: ClusterOptions,
  { ca, serverNames }: ClusterSpec,
  old: Serving | undefined,
): Promise<Serving> {
  if (old && ca.bundle.includes(old.issuer)) return old;
  const pair = await issueCertificate(ca, {
    subject: { commonName: 'kube-apiserver' },
    usages: ['serverAuth'],
    hosts: [host, 'localhost', 'kubernetes', 'kubernetes.default.svc', ...serverNames],
    nowMs: clock.now(),
  });
  return { pair, issuer: ca.certificate };
}

const toCertificates = ({ clock }: ClusterOptions, { ca }: ClusterSpec, serving: KeyPair): Certificates => ({
  // During a rotation clients come with certificates of both authorities.
  ca: { certificate: ca.bundle, key: ca.key },
  serving,
  issueClient: ({ name, groups }, validForMs) =>
    issueCertificate(ca, {
      subject: { commonName: name, organizations: groups },
      usages: ['clientAuth'],
      nowMs: clock.now(),
      validForMs,
    }),
});

export class Cluster {
  #awake: Awake | undefined;
  #asleep: ApiObject[] | undefined;
  #machinesWanted: ClusterSpec | undefined;
  #serving: Serving | undefined;
  #port = 0;

  readonly #kinds: readonly Kind[];

  constructor(
    private readonly options: ClusterOptions,
    private spec: ClusterSpec,
  ) {
    this.#kinds = options.kindsFor(spec.networks.services ?? defaultServiceCidr);
  }

  /** Starts the API server, or starts it again when version or authorities have changed; what it held is kept. */
  async ensureControlPlane(spec: ClusterSpec): Promise<{ url: string }> {
    this.spec = spec;
    if (this.#awake && this.#awake.identity !== identityOf(spec)) await this.sleep();
    this.#awake ??= await this.#start(spec);
    return { url: this.#awake.server.url };
  }

  async #listen(spec: ClusterSpec): Promise<ApiServer> {
    const { clock, logger, host, schemas } = this.options;
    this.#serving = await renewServing(this.options, spec, this.#serving);
    const certificates = toCertificates(this.options, spec, this.#serving.pair);
    const gitVersion = `v${spec.kubernetesVersion}`;
    const options = { kinds: this.#kinds, schemas, gitVersion, clock, logger, host, certificates, limits, admit };
    const listen = (port: number) => createApiServer({ ...options, port });
    // The address that kubeconfigs name, if nobody has taken it meanwhile.
    return this.#port ? listen(this.#port).catch(() => listen(0)) : listen(0);
  }

  async #start(spec: ClusterSpec): Promise<Awake> {
    const { clock, logger, speed, schemas } = this.options;
    const server = await this.#listen(spec);
    this.#port = Number(new URL(server.url).port);
    server.store.load(this.#asleep ?? bootstrapObjects(spec));
    this.#asleep = undefined;
    const { store } = server;
    const caCertificate = spec.ca.bundle;
    const namespaces = createNamespaceController({ store, kinds: this.#kinds, schemas, clock, caCertificate, admit });
    const registry = createRegistry(this.#kinds);
    const world = createWorld({ registry, store, schemas: createSchemas(schemas), clock, admit }, speed);
    const machines = new Machines(this.#machinesWanted);
    const controllers = [machines, ...createWorkloadControllers()];
    const engine = createEngine({ world, controllers, clock, logger });
    return { server, namespaces, engine, world, machines, identity: identityOf(spec) };
  }

  async ensureSystemComponents(spec: ClusterSpec): Promise<void> {
    const { server, world } = this.#ensureAwake();
    const user = { name: 'gardener-resource-manager', groups: ['system:masters'] };
    const kubeconfig = await server.openKubeconfig(user, { context: spec.technicalId });
    const client = createKubeClient({ kubeconfig, clock: this.options.clock });
    try {
      await applySystemComponents(client, world, spec);
    } finally {
      client.dispose();
    }
  }

  /** Resolves when the machines that are wanted are there and Ready. */
  async ensureWorkers(spec: ClusterSpec, isAbrupt = false): Promise<void> {
    this.spec = spec;
    const { engine, machines } = this.#ensureAwake();
    const settled = machines.want(spec, isAbrupt);
    engine.wake(machines);
    await settled;
  }

  async destroyWorkers(): Promise<void> {
    if (this.#awake) await this.ensureWorkers({ ...this.spec, workers: [], workerHashes: {} }, true);
  }

  /** Ends the processes of the cluster and keeps what it held. */
  async sleep(): Promise<void> {
    const awake = this.#awake;
    if (!awake) return;
    this.#awake = undefined;
    this.#machinesWanted = awake.machines.wanted;
    awake.engine.dispose();
    awake.namespaces.dispose();
    this.#asleep = this.#kinds
      .filter(isStored)
      .filter(({ plural }) => plural !== 'events')
      .flatMap((kind) => [...awake.server.store.list(kind)]);
    await awake.server.dispose();
  }

  health(): ClusterHealth | undefined {
    if (!this.#awake) return undefined;
    const { world } = this.#awake;
    const isUnhealthy = (pod: Pod) => Boolean(pod.spec.nodeName) && !isPodReady(pod) && !isPodFinished(pod);
    return {
      isApiServerAvailable: true,
      nodes: world.list<Node>(kinds.nodes).map((node) => ({ name: node.metadata.name, isReady: isNodeReady(node) })),
      unhealthySystemPods: world
        .list<Pod>(kinds.pods, 'kube-system')
        .filter(isUnhealthy)
        .map(({ metadata }) => metadata.name),
    };
  }

  async dispose(): Promise<void> {
    const awake = this.#awake;
    this.#awake = undefined;
    this.#asleep = undefined;
    awake?.engine.dispose();
    awake?.namespaces.dispose();
    await awake?.server.dispose();
  }

  #ensureAwake(): Awake {
    if (!this.#awake) throw new Error(`The control plane of ${this.spec.technicalId} is not running.`);
    return this.#awake;
  }
}
