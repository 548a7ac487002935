// Shorter words for what kubelet, scheduler and admission say at length: pure.

const maxDetail = 300;

const shorten = (text: string) => {
  const line = (text.split('\n')[0] ?? '').trim();
  return line.length > maxDetail ? `${line.slice(0, maxDetail).trimEnd()}…` : line;
};

// Of containerd, of CRI-O and of the registries themselves, from the outermost to the cause.
const pullCauses: readonly [RegExp, string][] = [
  [/no space left on device/, 'the machine has no room for it'],
  [/toomanyrequests|429 Too Many Requests|rate limit/i, 'the registry is asked too often at the moment'],
  [/x509|certificate/, 'the certificate of the registry is not trusted'],
  [
    /i\/o timeout|no such host|connection refused|network is unreachable|no route to host|dial tcp|deadline exceeded/,
    'the registry cannot be reached',
  ],
  [/unauthorized|authentication required|no basic auth|403 Forbidden/i, 'the registry does not let the cluster in'],
  [
    /not found|manifest unknown|name unknown|repository does not exist|pull access denied/i,
    'the registry has no such image',
  ],
];

/** Why an image is not there, in a few words, or what was said. */
export function pullCauseOf(message: string): string {
  const known = pullCauses.find(([pattern]) => pattern.test(message));
  return known ? known[1] : shorten(message.replace(/^Back-off pulling image "[^"]*"(?:: )?/, '')) || 'nobody says why';
}

/** The image that is named in a message about it. */
export const imageIn = (message: string): string | undefined => /image(?: name)? "([^"]+)"/i.exec(message)?.[1];

/** What a container runtime says, without the names of those who passed it on. */
export const runtimeDetailOf = (message: string): string =>
  shorten(
    message
      .replace(/^.*unable to start container process: (?:error during container init: )?/s, '')
      .replace(/^Failed to create pod sandbox: /, '')
      .replace(/rpc error: code = \w+ desc = /g, '')
      .replace(/ \(pod: "[^"]*", container: [^)]*\)/g, '')
      .replace(/: unknown$/, ''),
  );

/** What is wrong with a volume. */
export const mountDetailOf = (message: string): string =>
  shorten(
    message
      .replace(/^MountVolume\.\w+ failed for volume "([^"]*)" : /, 'volume $1: ')
      .replace(/rpc error: code = \w+ desc = /g, ''),
  );

// k8s.io/apiserver/pkg/admission, k8s.io/pod-security-admission, plugin/pkg/admission: the first that fits.
const refusals: readonly [RegExp, string][] = [
  [/violates PodSecurity/, 'it does not keep to the security level of its namespace'],
  [/failed quota: .*must specify/, 'it does not say how much it needs, and the quota of its namespace asks for that'],
  [/(?:maximum|minimum) \S+ usage per|limit to request ratio/, 'it asks for more, or less, than its namespace allows'],
  [/denied (?:the )?request/, 'a rule of the cluster forbids it'],
  [/no PriorityClass|service ?account|RuntimeClass/, 'it names something that the cluster does not have'],
  [/is invalid|Invalid value|Required value|Unsupported value/, 'it is not a valid pod for this cluster'],
];

/** Why a pod was not let in, in words for visitors: those of the cluster, with its names, are for the log. */
export const refusalCauseOf = (message: string): string =>
  refusals.find(([pattern]) => pattern.test(message))?.[1] ?? 'a rule of the cluster forbids it';

// k8s.io/kubernetes/pkg/scheduler/framework/plugins: what the filters say.
const scarceWords: Record<string, string> = {
  cpu: 'processor time',
  memory: 'memory',
  'ephemeral-storage': 'disk space',
  pods: 'room for one more pod',
};
const misfits: readonly [RegExp, string][] = [
  [/didn't match Pod's node affinity\/selector/, 'no machine is of the kind that it asks for'],
  [
    /unbound immediate PersistentVolumeClaims|persistentvolumeclaim "[^"]*" not found/,
    'there is no volume for its claim',
  ],
  [/untolerated taint/, 'all machines are kept for others'],
  [/were unschedulable|no nodes available to schedule pods/, 'no machine takes pods at the moment'],
];

/** Why a pod has no place, from the words of the scheduler; `isLasting`: waiting alone will not mend it. */
export function schedulingCauseOf(message: string): { cause: string; isLasting: boolean } {
  const scarce = [...message.matchAll(/Insufficient ([\w./-]*\w)/g)].map(([, name = '']) => scarceWords[name] ?? name);
  if (/Too many pods/.test(message)) scarce.push('room for one more pod');
  if (scarce.length) {
    const names = [...new Set(scarce)].join(' and ');
    return { cause: `there is not enough ${names} free on the machines of the cluster`, isLasting: false };
  }
  const misfit = misfits.find(([pattern]) => pattern.test(message));
  if (!misfit) return { cause: shorten(message.replace(/\.$/, '')), isLasting: false };
  return { cause: misfit[1], isLasting: misfit !== misfits[3] };
}
