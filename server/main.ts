// The gateway process: options → cluster → playground → listen → end.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSystemClock, type Clock } from './common/clock.ts';
import { messageOf, StartError } from './common/errors.ts';
import { createLogger, type Logger } from './common/log.ts';
import {
  checkGatewayOptions,
  clusterOf,
  drainMsOf,
  environmentOf,
  fallbackAddress,
  gatewayOptions,
  readProcessOptions,
  type GatewayOptions,
} from './config.ts';
import { createEmbeddedCluster } from './embedded/index.ts';
import { defaultRateLimits } from './gateway/index.ts';
import {
  createKubeClient,
  interactivePatience,
  isAlreadyExists,
  resources,
  type KubeClient,
  type RequestObserver,
} from './kube/index.ts';
import { OptionsError } from './common/options.ts';
import { startPlayground, type Cluster, type Playground } from './playground.ts';
import { serveUnready } from './unready.ts';

/** Where the bundle lies; the page, the other processes and manifests lie beside it. */
const dist = path.dirname(fileURLToPath(import.meta.url));
const manifests = path.join(dist, '../manifests');
const tools = path.join(dist, '../node_modules/.cache/playground-tools');
/** How long an end takes at most, beside the time that DRAIN_SECONDS asks for. */
const endTimeoutMs = 15_000;
/** How long a pod whose start failed says why, before its container is started anew. */
const unreadyMs = 300_000;

const say = (sentence: string) => process.stdout.write(`${sentence}\n`);

const missingKubectl =
  'There is no kubectl on this machine. Install it (https://kubernetes.io/docs/tasks/tools/) and start again: without it a terminal can do little.';

/** PATH for the shells, with a kubectl in it where there is one. */
function findTools(): { PATH: string; hasKubectl: boolean } {
  const { PATH = '/usr/local/bin:/usr/bin:/bin' } = environmentOf(['PATH']);
  const holdsKubectl = (directory: string) => existsSync(path.join(directory, 'kubectl'));
  if (PATH.split(path.delimiter).some(holdsKubectl)) return { PATH, hasKubectl: true };
  if (holdsKubectl(tools)) return { PATH: `${PATH}${path.delimiter}${tools}`, hasKubectl: true };
  return { PATH, hasKubectl: false };
}

async function ensureNamespace(client: KubeClient, name: string): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  try {
    await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  } catch (fault) {
    if (!isAlreadyExists(fault)) throw fault;
  }
}

// V8 lets young objects grow to 48 MiB before it looks at them; a garden serves one visitor, and is 30 MiB smaller this way.
const gardenFlags = ['--max-semi-space-size=2', '--optimize-for-size'];

/** A Kubernetes API in this process, whose pods are local processes. */
async function openEmbedded(
  { sessionNamespace }: GatewayOptions,
  clock: Clock,
  logger: Logger,
  onRequest: RequestObserver,
): Promise<Cluster> {
  const { PATH } = findTools();
  const command = (file: string, ...flags: string[]) => [process.execPath, ...flags, path.join(dist, file)];
  const cluster = await createEmbeddedCluster({
    clock,
    logger,
    manifestsDir: manifests,
    images: {
      'playground/terminal': command('agent.js'),
      'playground/garden-lite': command('garden.js', ...gardenFlags),
    },
    baseEnv: { ...environmentOf(['LANG', 'LC_ALL', 'TZ']), PATH },
  });
  const client = createKubeClient({
    kubeconfig: cluster.kubeconfig,
    clock,
    patience: interactivePatience,
    onRequest,
  });
  await ensureNamespace(client, sessionNamespace);
  say(`Its cluster is embedded; pods are local processes, which is no isolation. Let nobody in whom you do not trust.`);
  say(`Watch it: kubectl --kubeconfig ${cluster.kubeconfigPath} -n ${sessionNamespace} get pods -w`);
  return {
    client,
    async dispose() {
      client.dispose();
      await cluster.dispose();
    },
  };
}

async function openReal(options: GatewayOptions, clock: Clock, onRequest: RequestObserver): Promise<Cluster> {
  const kubeconfig = clusterOf(options) === 'kubeconfig' ? options.kubeconfig : undefined;
  try {
    const client = createKubeClient({ kubeconfig, clock, patience: interactivePatience, onRequest });
    return { client, dispose: () => client.dispose() };
  } catch (fault) {
    throw new StartError(`The kubeconfig ${kubeconfig ?? 'of this pod'} cannot be used: ${messageOf(fault)}`);
  }
}

/** Ends everything on the first signal, also while it starts; further ones change nothing. */
function endOnSignals(starting: Promise<Playground>, drainMs: number, clock: Clock, logger: Logger): void {
  let isEnding = false;
  const end = async (signal: NodeJS.Signals) => {
    if (isEnding) return;
    isEnding = true;
    logger.info({ signal }, 'ending');
    clock.after(drainMs + endTimeoutMs, () => process.exit(1));
    try {
      await (await starting).dispose();
      process.exit(0);
    } catch (fault) {
      logger.error({ err: fault }, 'did not end cleanly');
      process.exit(1);
    }
  };
  process.on('SIGINT', (signal) => void end(signal)).on('SIGTERM', (signal) => void end(signal));
}

async function main(): Promise<void> {
  const options = readProcessOptions('playground', gatewayOptions, checkGatewayOptions);
  const clock = createSystemClock();
  const isEmbedded = clusterOf(options) === 'embedded';
  const logger = createLogger('gateway', options.logLevel ?? (isEmbedded ? 'warn' : 'info'));
  const starting = startPlayground({
    options,
    openCluster: (onRequest) =>
      isEmbedded ? openEmbedded(options, clock, logger, onRequest) : openReal(options, clock, onRequest),
    environmentsDir: options.environmentsDir ?? path.join(manifests, 'environments'),
    webDir: path.join(dist, 'web'),
    rateLimits: defaultRateLimits,
    notice: isEmbedded && !findTools().hasKubectl ? missingKubectl : undefined,
    clock,
    logger,
  });
  endOnSignals(starting, drainMsOf(options), clock, logger);
  const { url, ready } = await starting;
  // Whoever opens the address as soon as it is printed finds all of it there.
  if (isEmbedded) await ready;
  if (isEmbedded && !findTools().hasKubectl) say(missingKubectl);
  // Whoever runs it on a cluster reads its log with a program.
  if (isEmbedded) say(`The playground is at ${url}`);
  else logger.info({ url }, 'listening');
}

/** The sentences that tell an administrator what to mend; undefined for a fault of ours. */
function sentencesOf(fault: unknown): readonly string[] | undefined {
  if (fault instanceof OptionsError) return fault.faults;
  return fault instanceof StartError ? fault.message.split('\n') : undefined;
}

/** Says why, and ends; in a pod only after a while, during which /readyz says it as well: what it is given may have been mended by then. */
async function giveUp(fault: unknown): Promise<void> {
  const faults = sentencesOf(fault);
  const unexpected = `it could not start: ${fault instanceof Error ? fault.stack : messageOf(fault)}`;
  for (const sentence of faults ?? [unexpected]) process.stderr.write(`playground: ${sentence}\n`);
  const exitCode = fault instanceof OptionsError ? 2 : 1;
  const { isPod, host, port } = fallbackAddress();
  if (!isPod || !faults) process.exit(exitCode);
  const { url } = await serveUnready({ faults, host, port });
  process.stderr.write(`playground: ${url}/readyz says so, too.\n`);
  process.on('SIGINT', () => process.exit(0)).on('SIGTERM', () => process.exit(0));
  createSystemClock().after(unreadyMs, () => process.exit(exitCode));
}

main()
  .catch(giveUp)
  .catch((fault: unknown) => {
    process.stderr.write(`playground: ${messageOf(fault)}\n`);
    process.exit(1);
  });
