// The GitHub stand-in as a program of its own, for a pod: PORT, PUBLIC_URL, CALLBACK_URL, CLIENT_ID and CLIENT_SECRET say what it is.
import { createSystemClock } from '../../../server/common/clock.ts';
import { createGitHubStandIn } from '../../../server/embedded/github/index.ts';

const { PORT = '', PUBLIC_URL = '', CALLBACK_URL = '', CLIENT_ID = '', CLIENT_SECRET = '' } = process.env;
const standIn = await createGitHubStandIn({
  clock: createSystemClock(),
  callbackUrl: CALLBACK_URL,
  listenOn: { host: '0.0.0.0', port: Number(PORT) },
  publicUrl: PUBLIC_URL,
  client: { id: CLIENT_ID, secret: CLIENT_SECRET },
});
console.log(`The stand-in for GitHub is at ${standIn.url}`);
process.on('SIGTERM', () => process.exit(0));
