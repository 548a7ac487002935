// The options of the processes, a table each, and the only place that reads environment and command line.
import * as z from 'zod';
import {
  decimal,
  httpUrl,
  integer,
  ipAddress,
  json,
  listOf,
  logLevel,
  oneOf,
  port,
  publicHttpUrl,
  text,
} from './common/option-types.ts';
import {
  defaultedOption,
  optionalOption,
  OptionsError,
  readOptions,
  renderHelp,
  requiredOption,
  secretOption,
  type OptionsOf,
  type OptionTable,
} from './common/options.ts';

const githubName = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})$/;
const githubTeam = /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const dnsLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const key = /^[A-Za-z0-9_-]{43}$/;

const namespaceName = (value: string): string => {
  if (!dnsLabel.test(value)) throw new Error('a name of a Kubernetes namespace');
  return value;
};

export const gatewayOptions = {
  host: defaultedOption('LISTEN_HOST', '127.0.0.1', ipAddress, 'Address that the server listens on.'),
  port: defaultedOption('PORT', '8080', port, 'Port of the page, the API and the terminals; 0 takes a free one.'),
  metricsPort: defaultedOption('METRICS_PORT', '8081', port, 'Port of /metrics; 0 takes a free one.'),
  publicUrl: optionalOption(
    'PUBLIC_URL',
    publicHttpUrl,
    'Address that browsers use, with a path where the playground shares its host (proxies pass the path on); ' +
      'without it the address that the server listens on.',
  ),
  trustedProxies: defaultedOption(
    'TRUSTED_PROXIES',
    '0',
    integer({ min: 0, max: 10 }),
    'How many proxies stand before the server: so many entries of X-Forwarded-For are believed.',
  ),
  cluster: optionalOption(
    'CLUSTER',
    oneOf('embedded', 'kubeconfig', 'in-cluster'),
    'Where session pods run: `embedded` (local processes), `kubeconfig` (the cluster of KUBECONFIG) or `in-cluster`. ' +
      'Without it `in-cluster` inside a pod, `embedded` elsewhere.',
  ),
  kubeconfig: optionalOption('KUBECONFIG', text, 'Kubeconfig of the runtime cluster, read with `CLUSTER=kubeconfig`.'),
  kubernetesHost: optionalOption('KUBERNETES_SERVICE_HOST', text, 'Set by Kubernetes inside a pod.'),
  kubernetesPort: defaultedOption('KUBERNETES_SERVICE_PORT', '443', port, 'Set by Kubernetes inside a pod.'),
  sessionNamespace: defaultedOption(
    'SESSION_NAMESPACE',
    'playground-sessions',
    namespaceName,
    'Namespace of the session pods.',
  ),
  environmentsDir: optionalOption(
    'ENVIRONMENTS_DIR',
    text,
    'Directory with a directory for each environment; without it the one that comes with the program.',
  ),
  defaultEnvironment: defaultedOption(
    'DEFAULT_ENVIRONMENT',
    'lite',
    namespaceName,
    'Environment that is chosen unless the visitor picks another.',
  ),
  maxSessions: defaultedOption(
    'MAX_SESSIONS',
    '100',
    integer({ min: 1, max: 10_000 }),
    'How many sessions there may be at once; who wants one more is told to come back.',
  ),
  podName: optionalOption(
    'POD_NAME',
    text,
    'Name of this pod, as its Lease shows who leads; without it the name of the host.',
  ),
  githubClientId: optionalOption(
    'GITHUB_CLIENT_ID',
    text,
    'Client ID of the GitHub OAuth app; without it a stand-in on this machine signs in.',
  ),
  githubClientSecret: secretOption('GITHUB_CLIENT_SECRET', text, 'Client secret of the GitHub OAuth app.'),
  githubUrl: defaultedOption(
    'GITHUB_URL',
    'https://github.com',
    httpUrl,
    'Address of GitHub, or of a GitHub Enterprise Server.',
  ),
  githubApiUrl: optionalOption(
    'GITHUB_API_URL',
    httpUrl,
    'Address of its API; without it https://api.github.com, or /api/v3 of GITHUB_URL.',
  ),
  allowedUsers: defaultedOption(
    'ALLOWED_USERS',
    '',
    listOf(githubName, 'GitHub logins'),
    'GitHub users who may come in. With none of the three lists everybody may.',
  ),
  allowedOrganizations: defaultedOption(
    'ALLOWED_ORGANIZATIONS',
    '',
    listOf(githubName, 'GitHub organisations'),
    'GitHub organisations whose members may come in.',
  ),
  allowedTeams: defaultedOption(
    'ALLOWED_TEAMS',
    '',
    listOf(githubTeam, 'teams as organisation/team'),
    'GitHub teams, as organisation/team, whose members may come in.',
  ),
  blockedUsers: defaultedOption(
    'BLOCKED_USERS',
    '',
    listOf(githubName, 'GitHub logins or numeric ids'),
    'GitHub users, by login or numeric id, who may not come in, whatever else holds.',
  ),
  minAccountAgeDays: defaultedOption(
    'MIN_ACCOUNT_AGE_DAYS',
    '0',
    integer({ min: 0, max: 3650 }),
    'How many days old a GitHub account must be; users of ALLOWED_USERS are exempt.',
  ),
  signInHours: defaultedOption(
    'SIGN_IN_HOURS',
    '12',
    integer({ min: 1, max: 720 }),
    'How long a sign-in holds. Lists and block list are checked against what GitHub said then.',
  ),
  cookieKeys: secretOption(
    'COOKIE_KEYS',
    listOf(key, 'keys of 32 bytes in base64url (43 characters)'),
    'Keys of the cookies: the first encrypts, all decrypt. Without it one that ends with the process.',
  ),
  tokenKeys: secretOption(
    'TOKEN_KEYS',
    listOf(key, 'Ed25519 private keys of 32 bytes in base64url (43 characters)'),
    'Keys of the tokens for session pods: new pods get the first; keep old ones until their pods are gone. ' +
      'Without it one that ends with the process.',
  ),
  drainSeconds: optionalOption(
    'DRAIN_SECONDS',
    integer({ min: 0, max: 600 }),
    'How long the server still serves everything, but is unready, after it was told to end: load balancers leave it meanwhile. ' +
      'Without it 5, or 0 with `CLUSTER=embedded`.',
  ),
  logLevel: optionalOption(
    'LOG_LEVEL',
    logLevel,
    'How much is logged; without it info, or warn with `CLUSTER=embedded`.',
  ),
} satisfies OptionTable;

const jwks = z.object({
  keys: z.array(z.looseObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() })).min(1),
});

export const agentOptions = {
  podUid: requiredOption('POD_UID', text, 'UID of the pod: tokens for another one are refused.'),
  podIp: requiredOption('POD_IP', ipAddress, 'Address that the agent listens on.'),
  port: defaultedOption('AGENT_PORT', '8022', port, 'Port that the agent listens on.'),
  publicKeys: requiredOption(
    'AGENT_PUBLIC_KEYS',
    json(jwks, 'a JSON Web Key Set with Ed25519 public keys'),
    'The public keys of the gateway.',
  ),
  kubeconfig: defaultedOption('KUBECONFIG', '/run/garden/kubeconfig', text, 'Kubeconfig that the garden writes.'),
  home: requiredOption('HOME', text, "The visitor's home directory."),
  homeSkeletonDir: optionalOption(
    'HOME_SKELETON_DIR',
    text,
    'Directory whose files the home directory begins with; without it the one of the environment lite.',
  ),
  path: defaultedOption('PATH', '/usr/local/bin:/usr/bin:/bin', text, 'Where the shell looks for programs.'),
  logLevel: defaultedOption('LOG_LEVEL', 'info', logLevel, 'How much is logged.'),
} satisfies OptionTable;

export const gardenOptions = {
  host: defaultedOption('POD_IP', '127.0.0.1', ipAddress, 'Address that the garden listens on.'),
  port: optionalOption(
    'GARDEN_PORT',
    port,
    'Port that the garden listens on; 0 takes a free one. Without it 6443, or a free one when the garden runs alone.',
  ),
  kubeconfig: optionalOption(
    'GARDEN_KUBECONFIG',
    text,
    "File that the visitor's kubeconfig is written to. Without it the garden runs alone, with a kubeconfig in a temporary folder.",
  ),
  speed: defaultedOption(
    'GARDEN_SPEED',
    '1',
    decimal({ min: 0.1, max: 1000 }),
    'How much faster than usual the gardenlet works; with 1 a shoot takes about half a minute.',
  ),
  logLevel: defaultedOption('LOG_LEVEL', 'info', logLevel, 'How much is logged.'),
} satisfies OptionTable;

// The lists are those of the gateway that is tested: its user must be one that they let in.
const { allowedUsers, allowedOrganizations, allowedTeams, blockedUsers } = gatewayOptions;

export const smokeOptions = {
  targetUrl: requiredOption(
    'TARGET_URL',
    httpUrl,
    'Where the gateway is reached from here, without the path of its public address.',
  ),
  publicUrl: gatewayOptions.publicUrl,
  githubUrl: gatewayOptions.githubUrl,
  githubClientId: gatewayOptions.githubClientId,
  cookieKeys: gatewayOptions.cookieKeys,
  environment: optionalOption('ENVIRONMENT', namespaceName, 'Environment that is started; without it the default one.'),
  allowedUsers,
  allowedOrganizations,
  allowedTeams,
  blockedUsers,
  timeoutSeconds: defaultedOption(
    'TIMEOUT_SECONDS',
    '120',
    integer({ min: 10, max: 3600 }),
    'How long the test may take, before it cleans up and fails.',
  ),
} satisfies OptionTable;

export type GatewayOptions = OptionsOf<typeof gatewayOptions>;
export type AgentOptions = OptionsOf<typeof agentOptions>;
export type GardenOptions = OptionsOf<typeof gardenOptions>;
export type SmokeOptions = OptionsOf<typeof smokeOptions>;

const isLoopback = (host: string) => /^127\.|^::1$/.test(host);

/** Where session pods run, when nothing says so. */
export const clusterOf = (options: GatewayOptions): 'embedded' | 'kubeconfig' | 'in-cluster' =>
  options.cluster ?? (options.kubernetesHost ? 'in-cluster' : 'embedded');

/** How long the server serves on, unready, after it was told to end. In ms. */
export const drainMsOf = (options: GatewayOptions): number =>
  1000 * (options.drainSeconds ?? (clusterOf(options) === 'embedded' ? 0 : 5));

/** Sentences about options that contradict each other. */
export function checkGatewayOptions(options: GatewayOptions): string[] {
  const faults: string[] = [];
  const cluster = clusterOf(options);
  if (Boolean(options.githubClientId) !== Boolean(options.githubClientSecret))
    faults.push('GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET belong together: give both or neither.');
  if (cluster === 'kubeconfig' && !options.kubeconfig)
    faults.push('KUBECONFIG is missing: CLUSTER=kubeconfig needs the path of one.');
  if (cluster === 'in-cluster' && !options.kubernetesHost)
    faults.push('CLUSTER=in-cluster works inside a pod only: KUBERNETES_SERVICE_HOST is not set.');
  if (cluster === 'embedded' && !isLoopback(options.host))
    faults.push('LISTEN_HOST must be a loopback address with CLUSTER=embedded: local processes are no isolation.');
  if (!options.githubClientId && !isLoopback(options.host))
    faults.push('GITHUB_CLIENT_ID is missing: the stand-in signs in anybody, so it serves loopback addresses only.');
  return faults;
}

/** Sentences about what the smoke test lacks. */
export const checkSmokeOptions = ({ cookieKeys }: SmokeOptions): string[] =>
  cookieKeys?.length ? [] : ["COOKIE_KEYS is missing: the test signs its user in with the first of the gateway's."];

/** The variables of this process that `names` lists, where they are set: for the processes that it starts. */
export const environmentOf = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));

/** Where a process listens that cannot read its options: as they say, where they say something sensible. */
export function fallbackAddress(): { isPod: boolean; host: string; port: number } {
  const { KUBERNETES_SERVICE_HOST, PORT = '' } = process.env;
  return { isPod: !!KUBERNETES_SERVICE_HOST, host: '0.0.0.0', port: /^\d{1,5}$/.test(PORT) ? Number(PORT) : 8080 };
}

/** The options of this process. `--help` prints them and exits 0. Throws OptionsError. Only entry points call it. */
export function readProcessOptions<Table extends OptionTable>(
  name: string,
  table: Table,
  check?: (options: OptionsOf<Table>) => string[],
): OptionsOf<Table> {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) {
    process.stdout.write(renderHelp(name, table));
    process.exit(0);
  }
  return readOptions(table, process.env, argv, check);
}

/** The same; faults are printed, all of them, and exit 2. */
export function loadOptions<Table extends OptionTable>(
  name: string,
  table: Table,
  check?: (options: OptionsOf<Table>) => string[],
): OptionsOf<Table> {
  try {
    return readProcessOptions(name, table, check);
  } catch (fault) {
    if (!(fault instanceof OptionsError)) throw fault;
    for (const sentence of fault.faults) process.stderr.write(`${name}: ${sentence}\n`);
    process.exit(2);
  }
}
