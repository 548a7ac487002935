// The sessions of a playground on its cluster: environments, informers, the manager, and what the leader alone does.
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { decodeKey } from './auth/index.ts';
import type { Clock } from './common/clock.ts';
import { StartError } from './common/errors.ts';
import type { AsyncDisposable, AsyncDisposableStore } from './common/lifecycle.ts';
import type { Logger } from './common/log.ts';
import type { GatewayOptions as Options } from './config.ts';
import {
  createInformer,
  createLeaderElector,
  resources,
  type KubeClient,
  type LeaderElector,
  type RequestObserver,
  type WatchRestart,
} from './kube/index.ts';
import {
  createAgentClient,
  createReadiness,
  createReaper,
  createSessionManager,
  createTokenKey,
  createTokenSigner,
  factsOf,
  loadEnvironments,
  refusalReasonOf,
  sessionLabels,
  watchStarts,
  type AgentClient,
  type EndReason,
  type Environment,
  type KubeEvent,
  type Origin,
  type Pod,
  type Readiness,
  type SessionManager,
  type SessionObserver,
} from './session/index.ts';

/** The runtime cluster: an API client, and what ends with it. */
export interface Cluster extends AsyncDisposable {
  client: KubeClient;
}

export interface SessionsParts {
  options: Options;
  /** Opened once the ports are ours; its client tells `onRequest` of every request. */
  openCluster(onRequest: RequestObserver): Promise<Cluster>;
  environmentsDir: string;
  clock: Clock;
  logger: Logger;
}

/** Who is told of all that happens. */
export interface Observers {
  kubernetes: { onRequest: RequestObserver; onWatchRestart(resource: string, reason: WatchRestart): void };
  observer: SessionObserver;
}

export interface Sessions {
  manager: SessionManager;
  agents: AgentClient;
  leader: LeaderElector;
  readiness: Readiness;
}

const leaseName = 'playground-leader';

/** Two processes never have the same one, also when a pod's container is started again. */
const identityOf = ({ podName }: Options): string => `${podName ?? hostname()}_${randomBytes(4).toString('hex')}`;

async function readEnvironments({
  options,
  environmentsDir,
  logger,
}: SessionsParts): Promise<Map<string, Environment>> {
  const { environments, faults } = await loadEnvironments(environmentsDir).catch((fault: Error) => {
    throw new StartError(`The environments in ${environmentsDir} cannot be read: ${fault.message}`);
  });
  for (const fault of faults) logger.error(`environment left out: ${fault}`);
  if (environments.has(options.defaultEnvironment)) return environments;
  throw new StartError(
    [
      `DEFAULT_ENVIRONMENT is ${options.defaultEnvironment}, but there is no such environment in ${environmentsDir}.`,
      ...faults,
    ].join('\n'),
  );
}

/** What it opens ends with `store`. Throws StartError where the user can mend it. */
export async function createSessions(
  parts: SessionsParts,
  { kubernetes, observer }: Observers,
  store: AsyncDisposableStore,
): Promise<Sessions> {
  const { options, clock, logger } = parts;
  const environments = await readEnvironments(parts);
  const { client } = store.add(await parts.openCluster(kubernetes.onRequest));
  const namespace = options.sessionNamespace;
  const watching = { clock, logger, onWatchRestart: kubernetes.onWatchRestart };
  const ofSessions = { namespace, labelSelector: sessionLabels.session };
  const pods = createInformer<Pod>(client, resources.pods, ofSessions, watching);
  const ofPods = { namespace, fieldSelector: 'involvedObject.kind=Pod' };
  const events = createInformer<KubeEvent>(client, resources.events, ofPods, watching);
  for (const informer of [pods, events]) store.add(informer);
  const seeds = options.tokenKeys?.map(decodeKey) ?? [createTokenKey()];
  const signer = await createTokenSigner(seeds, clock);
  const agents = createAgentClient(clock);
  const onEnd = (pod: Pod, why: EndReason, origin?: Origin) => observer.onEnded(factsOf(pod), why, origin);
  const common = { client, pods, namespace, signer, clock, logger, onEnd };
  const manager = store.add(
    createSessionManager({
      ...common,
      events,
      environments,
      defaultEnvironment: options.defaultEnvironment,
      maxSessions: options.maxSessions,
      onCreate: (pod, origin) => observer.onCreated(factsOf(pod), origin),
      onRefuse: (pod, fault) =>
        observer.onRefused(factsOf(pod), { reason: refusalReasonOf(fault), message: fault.message }),
    }),
  );
  const leader = store.add(
    createLeaderElector({
      ...{ client, clock, logger, namespace },
      name: leaseName,
      identity: identityOf(options),
      lead: (term) => createReaper({ ...common, agents, term }),
    }),
  );
  const isTelling = () => leader.isLeading;
  store.add(watchStarts({ pods, events, namespace, observer, clock, isTelling }));
  const lists = [pods, events];
  const readiness = store.add(createReadiness({ client, lists, namespace, leaseName, clock, logger }));
  return { manager, agents, leader, readiness };
}
