// The process in the pod's terminal container: options → agent → listen → dispose.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAgent } from './agent/index.ts';
import { createSystemClock } from './common/clock.ts';
import { StartError } from './common/errors.ts';
import { createLogger } from './common/log.ts';
import { agentOptions, loadOptions } from './config.ts';

const options = loadOptions('agent', agentOptions);
const logger = createLogger('agent', options.logLevel);
// manifests/ lies beside dist/ as it lies beside server/.
const manifestsDir = path.join(path.dirname(fileURLToPath(import.meta.url)), '../manifests');

const agent = await createAgent({
  host: options.podIp,
  port: options.port,
  podUid: options.podUid,
  publicKeys: options.publicKeys,
  shell: {
    home: options.home,
    skeletonDir: options.homeSkeletonDir ?? path.join(manifestsDir, 'environments/lite/home'),
    path: options.path,
    kubeconfig: options.kubeconfig,
  },
  clock: createSystemClock(),
  logger,
}).catch((fault: unknown) => {
  if (!(fault instanceof StartError)) throw fault;
  process.stderr.write(`agent: ${fault.message}\n`);
  process.exit(1);
});
logger.info({ host: options.podIp, port: agent.port }, 'listening');

let isEnding = false;
const end = (signal: NodeJS.Signals) => {
  if (isEnding) return;
  isEnding = true;
  logger.info({ signal }, 'ending');
  agent.dispose().then(
    () => process.exit(0),
    (fault: unknown) => {
      logger.error({ fault: String(fault) }, 'ended with a fault');
      process.exit(1);
    },
  );
};
process.on('SIGTERM', end);
process.on('SIGINT', end);
