// The maker of `lite`: each shoot's cluster is one more API server in this process, with controllers that make workloads look alive.
import path from 'node:path';
import type { Clock } from '../../../common/clock.ts';
import type { Logger } from '../../../common/log.ts';
import { createKubernetesKinds, loadSchemas } from '../../../apiserver/kubernetes/index.ts';
import { RawAnswer, type ConnectRequest, type Kind } from '../../../apiserver/types.ts';
import type { Maker } from '../maker.ts';
import { Cluster, type ClusterOptions } from './cluster.ts';

export interface InProcessMakerOptions {
  /** Address that the clusters listen on, each on a free port. */
  host: string;
  /** Holds `cluster/schemas.json`. */
  manifestsDir: string;
  clock: Clock;
  logger: Logger;
  /** How many times faster than life machines join and pods start. */
  speed: number;
}

/** Nothing runs in these containers, and it says so. */
function answerLog({ object }: ConnectRequest): unknown {
  const text = `${object.metadata.name}: this pod is simulated, nothing runs in it and nothing is logged.\n`;
  return new RawAnswer('text/plain', text);
}

/** Rejects with the signal's reason as soon as it is aborted; the work itself goes on. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Schemas and kinds are loaded with the first shoot and shared by all. */
export function createInProcessMaker(options: InProcessMakerOptions): Maker {
  const { host, manifestsDir, clock, logger, speed } = options;
  const clusters = new Map<string, Cluster>();
  let loaded: Promise<ClusterOptions> | undefined;

  async function load(): Promise<ClusterOptions> {
    const schemas = await loadSchemas(path.join(manifestsDir, 'cluster', 'schemas.json'));
    const known = new Map<string, readonly Kind[]>();
    const kindsFor = (serviceCidr: string): readonly Kind[] => {
      let kinds = known.get(serviceCidr);
      if (!kinds) {
        kinds = createKubernetesKinds({ schemas, serviceCidr, connect: { 'pods/log': answerLog } });
        known.set(serviceCidr, kinds);
      }
      return kinds;
    };
    return { host, clock, logger, speed, schemas, kindsFor };
  }

  const ensureLoaded = (): Promise<ClusterOptions> => {
    loaded ??= load().catch((fault) => {
      loaded = undefined;
      throw fault;
    });
    return loaded;
  };
  const find = (technicalId: string): Cluster => {
    const cluster = clusters.get(technicalId);
    if (!cluster) throw new Error(`There is no cluster ${technicalId}.`);
    return cluster;
  };

  return {
    async ensureControlPlane(spec, signal) {
      const clusterOptions = await ensureLoaded();
      signal.throwIfAborted();
      let cluster = clusters.get(spec.technicalId);
      if (!cluster) clusters.set(spec.technicalId, (cluster = new Cluster(clusterOptions, spec)));
      return cluster.ensureControlPlane(spec);
    },
    ensureSystemComponents: (spec) => find(spec.technicalId).ensureSystemComponents(spec),
    ensureWorkers: (spec, signal) => unlessAborted(find(spec.technicalId).ensureWorkers(spec), signal),
    destroyWorkers: (technicalId, signal) =>
      unlessAborted(clusters.get(technicalId)?.destroyWorkers() ?? Promise.resolve(), signal),
    hibernate: async (technicalId) => clusters.get(technicalId)?.sleep(),
    async destroy(technicalId) {
      const cluster = clusters.get(technicalId);
      clusters.delete(technicalId);
      await cluster?.dispose();
    },
    health: async (technicalId) => clusters.get(technicalId)?.health(),
    async dispose() {
      const all = [...clusters.values()];
      clusters.clear();
      await Promise.all(all.map((cluster) => cluster.dispose()));
    },
  };
}
