// What users are told when a pod does not start or has to end: pods and events are recordings of a Kubernetes 1.34, one for each way to fail.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isPlaygroundError } from '../../../server/common/errors.ts';
import { KubeError } from '../../../server/kube/index.ts';
import { endingOf } from '../../../server/session/endings.ts';
import { pullCauseOf, schedulingCauseOf } from '../../../server/session/failure-words.ts';
import { findFailure } from '../../../server/session/failure.ts';
import { toPlaygroundError } from '../../../server/session/faults.ts';
import { compareProgress, progressOfEvent, progressOfPod } from '../../../server/session/progress.ts';
import { failureOf, stateOf } from '../../../server/session/state.ts';
import type { ContainerStatus, KubeEvent, Pod } from '../../../server/session/types.ts';

const recorded = <T>(name: string) =>
  JSON.parse(readFileSync(new URL(`recorded/failures/${name}.json`, import.meta.url), 'utf8')) as T;
const load = (name: string) => recorded<{ pod: Pod; events: KubeEvent[] }>(name);

const tell = 'Tell the administrator of this playground.';
const again = 'Try again in a moment; if it stays so, tell the administrator of this playground.';

const failures: Record<string, [reason: string, sentence: string]> = {
  'config-error': [
    'CreateContainerConfigError',
    `The terminal cannot be set up: configmap "nothing" not found. ${tell}`,
  ],
  'run-as-root': [
    'CreateContainerConfigError',
    `The terminal cannot be set up: container has runAsNonRoot and image will run as root. ${tell}`,
  ],
  'image-back-off': [
    'ImagePullBackOff',
    `The image of the terminal, playground/nothing:1, cannot be fetched: the registry cannot be reached. ${again}`,
  ],
  'init-image': [
    'ImagePullBackOff',
    `The image of the prepare, playground/nothing:1, cannot be fetched: the registry cannot be reached. ${again}`,
  ],
  'image-name-invalid': [
    'InvalidImageName',
    `The name of the image of the terminal is not valid: Playground/Terminal:1. ${tell}`,
  ],
  'image-never-pull': [
    'ErrImageNeverPull',
    `The image of the terminal, playground/nothing:1, is not on the machine, and may not be fetched. ${tell}`,
  ],
  'crash-loop': [
    'CrashLoopBackOff',
    `The terminal does not stay up: it ended with exit code 3 (agent: POD_UID is missing.), again and again. ${again}`,
  ],
  'init-crash-loop': [
    'CrashLoopBackOff',
    `The prepare does not stay up: it ended with exit code 5, again and again. ${again}`,
  ],
  'startup-probe-loop': [
    'CrashLoopBackOff',
    `The terminal does not stay up: it ended with exit code 137, again and again. ${again}`,
  ],
  'oom-loop': [
    'OOMKilled',
    'The terminal does not stay up: it needed more memory than it may have (24Mi), again and again. Start again, and let fewer things run at once.',
  ],
  'no-such-program': [
    'RunContainerError',
    `The terminal cannot be started: exec: "/nothing": stat /nothing: no such file or directory. ${again}`,
  ],
  'failed-once': ['Error', `The terminal of this session ended with exit code 4. ${again}`],
  'ended-well': ['Completed', 'The programs of this session have ended. Start again.'],
  deadline: ['DeadlineExceeded', 'The time of this session is over.'],
  'evicted-disk': [
    'Evicted',
    'This session had to end because it used more disk space than it may have (1Mi). Start again.',
  ],
  'evicted-volume': ['Evicted', 'This session had to end because its volume home held more than 1Mi. Start again.'],
  'refused-by-kubelet': [
    'OutOfcpu',
    `The machine that was chosen for this session has too little processor time left. ${again}`,
  ],
  'refused-affinity': [
    'NodeAffinity',
    `The machine that was chosen for this session is not of the kind that it asks for. ${again}`,
  ],
};

const warnings: Record<string, [reason: string | undefined, sentence: string]> = {
  'unschedulable-cpu': [
    'Unschedulable',
    'There is no place for your pod: there is not enough processor time free on the machines of the cluster. It waits until there is.',
  ],
  'unschedulable-selector': [
    'Unschedulable',
    `There is no place for your pod: no machine is of the kind that it asks for. ${tell}`,
  ],
  'unschedulable-claim': ['Unschedulable', `There is no place for your pod: there is no volume for its claim. ${tell}`],
  'image-err-pull': [
    'Failed',
    'The image of the terminal cannot be fetched: the registry cannot be reached. It is tried again.',
  ],
  'mount-failed': [
    'FailedMount',
    'Your pod cannot be given what it needs: volume config: configmap "nothing" not found. It is tried again; if it stays so, tell the administrator.',
  ],
  'sandbox-failed': [
    'FailedCreatePodSandBox',
    'The place of your pod cannot be made ready: failed to get sandbox runtime: no runtime for "nothing" is configured. It is tried again; if it stays so, tell the administrator.',
  ],
  'oom-first': ['OOMKilled', 'The terminal needed more memory than it may have (24Mi) and is started again.'],
  'crash-first': ['Error', 'The terminal ended with exit code 3 and is started again.'],
  'startup-probe': ['Error', 'The terminal ended with exit code 137 and is started again.'],
};

const endings: Record<string, string> = {
  'evicted-by-api':
    'The machine of this session is being emptied for maintenance, so the session had to end. Start again.',
  preempted: 'This session had to make room for something more important. Start again.',
  'node-unreachable': 'The machine of this session has a problem, so the session had to end. Start again.',
};

/** Everything that is told while it starts, oldest first. */
const toldOf = ({ pod, events }: { pod: Pod; events: KubeEvent[] }) =>
  [...progressOfPod(pod), ...events.flatMap((event) => progressOfEvent(event) ?? [])].sort(compareProgress);

describe('failures of a pod', () => {
  for (const [name, [reason, sentence]] of Object.entries(failures))
    it(`${name}: it has failed, with a sentence and a reason`, () => {
      const { pod, events } = load(name);
      assert.equal(stateOf(pod), 'failed');
      assert.equal(failureOf(pod), sentence);
      assert.equal(findFailure(pod, false)?.reason, reason);
      const told = toldOf({ pod, events }).filter((one) => one.sentence === sentence);
      assert.deepEqual(
        told.map((one) => [one.level, one.reason]),
        [['error', reason]],
        'told once',
      );
    });

  for (const [name, [reason, sentence]] of Object.entries(warnings))
    it(`${name}: a warning, and the session goes on`, () => {
      const recording = load(name);
      assert.notEqual(stateOf(recording.pod), 'failed');
      const told = toldOf(recording).filter(({ level }) => level === 'warning');
      assert.deepEqual(
        told.map((one) => [one.reason, one.sentence]),
        [[reason, sentence]],
      );
    });

  for (const [name, sentence] of Object.entries(endings))
    it(`${name}: the cluster ends it, and says why`, () => {
      const { pod } = load(name);
      assert.equal(stateOf(pod), 'ending');
      assert.equal(endingOf(pod), sentence);
      assert.equal(progressOfPod(pod).at(-1)?.sentence, sentence);
    });

  it('says that the terminal was too slow, where that is why it is started again', () => {
    assert.ok(
      toldOf(load('startup-probe')).some(
        ({ sentence }) => sentence === 'The terminal did not answer in time and is started again.',
      ),
    );
  });

  it('leaves the terminal to a user whose garden ends again and again', () => {
    const { pod } = load('oom-loop');
    const looping = { ...(pod.status?.containerStatuses?.[0] as ContainerStatus), name: 'garden' };
    const terminal: ContainerStatus = { name: 'terminal', ready: true, started: true, restartCount: 0 };
    const status = { ...pod.status, containerStatuses: [terminal, looping] };
    const withProbe = {
      ...pod,
      spec: { ...pod.spec, containers: [{ name: 'terminal', image: 'x', startupProbe: {} }] },
    };
    assert.equal(stateOf({ ...withProbe, status }), 'ready');
    const waiting = { ...status, containerStatuses: [{ ...terminal, ready: false, started: false }, looping] };
    assert.equal(stateOf({ ...withProbe, status: waiting }), 'failed');
  });

  // pkg/kubelet/eviction/helpers.go and pkg/kubelet/nodeshutdown: a recording would take a machine that is full, or goes down.
  it('tells machines that are full or go down from sessions that want too much', () => {
    const { pod } = load('evicted-disk');
    const failed = (reason: string, message: string) =>
      failureOf({ ...pod, status: { phase: 'Failed', reason, message } });
    assert.equal(
      failed('Evicted', 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 12Ki. '),
      'The machine of this session had no memory left, so the session had to end. Start again.',
    );
    assert.equal(
      failed('Evicted', 'Container terminal exceeded its local ephemeral storage limit "512Mi". '),
      'This session had to end because it used more disk space than it may have (512Mi). Start again.',
    );
    assert.equal(
      failed('Terminated', 'Pod was terminated in response to imminent node shutdown.'),
      'The machine that this session ran on was shut down. Start again.',
    );
    assert.equal(failed('', 'something new'), `The pod of this session failed: something new. ${again}`);
  });

  it('tells why an image is not there, from what registries and runtimes say', () => {
    const causes: [string, string][] = [
      ['failed to pull and unpack image "x": docker.io/x: not found', 'the registry has no such image'],
      ['pull access denied, repository does not exist or may require authorization', 'the registry has no such image'],
      ['failed to authorize: 401 Unauthorized', 'the registry does not let the cluster in'],
      [
        '429 Too Many Requests - toomanyrequests: You have reached your pull rate limit',
        'the registry is asked too often at the moment',
      ],
      [
        'tls: failed to verify certificate: x509: certificate signed by unknown authority',
        'the certificate of the registry is not trusted',
      ],
      ['write /var/lib/containerd/x: no space left on device', 'the machine has no room for it'],
      ['Back-off pulling image "x"', 'nobody says why'],
    ];
    for (const [message, cause] of causes) assert.equal(pullCauseOf(message), cause, message);
  });

  it('names everything that is scarce, once', () => {
    const message =
      '0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory, 3 Insufficient cpu, 1 Too many pods.';
    assert.deepEqual(schedulingCauseOf(message), {
      cause:
        'there is not enough processor time and memory and room for one more pod free on the machines of the cluster',
      isLasting: false,
    });
  });
});

describe('pods that are not let in', () => {
  const denials = recorded<Record<string, { code: number; status: { reason?: string; message?: string } }>>('denials');
  const expected: Record<string, [status: number, code: string, sentence: string]> = {
    quota: [503, 'NoRoom', 'All places are taken at the moment. Please try again in a few minutes.'],
    'quota-unspecified': [
      500,
      'PodRefused',
      `The cluster refused the pod of this environment: it does not say how much it needs, and the quota of its namespace asks for that. ${tell}`,
    ],
    'limit-range': [
      500,
      'PodRefused',
      `The cluster refused the pod of this environment: it asks for more, or less, than its namespace allows. ${tell}`,
    ],
    'pod-security': [
      500,
      'PodRefused',
      `The cluster refused the pod of this environment: it does not keep to the security level of its namespace. ${tell}`,
    ],
    'webhook-denied': [
      500,
      'PodRefused',
      `The cluster refused the pod of this environment: a rule of the cluster forbids it. ${tell}`,
    ],
    'webhook-away': [
      503,
      'AdmissionUnreachable',
      'A check that this cluster makes of new pods does not answer. Please try again in a minute; if it stays so, tell the administrator of this playground.',
    ],
    'policy-denied': [
      500,
      'PodRefused',
      `The cluster refused the pod of this environment: a rule of the cluster forbids it. ${tell}`,
    ],
    'no-namespace': [500, 'NoNamespace', `The namespace of the sessions does not exist on the cluster. ${tell}`],
    invalid: [
      500,
      'PodRefused',
      `The cluster refused the pod of this environment: it is not a valid pod for this cluster. ${tell}`,
    ],
    'no-priority-class': [
      500,
      'PodRefused',
      `The cluster refused the pod of this environment: it names something that the cluster does not have. ${tell}`,
    ],
    'no-service-account': [
      500,
      'PodRefused',
      `The cluster refused the pod of this environment: it names something that the cluster does not have. ${tell}`,
    ],
    'no-runtime-class': [
      500,
      'PodRefused',
      `The cluster refused the pod of this environment: it names something that the cluster does not have. ${tell}`,
    ],
    'no-right': [500, 'ClusterRefused', `The playground may not create pods on its cluster. ${tell}`],
    'bad-token': [
      500,
      'ClusterRefused',
      `The cluster does not know the playground: its credentials are not taken. ${tell}`,
    ],
  };

  for (const [name, [status, code, sentence]] of Object.entries(expected))
    it(`${name}: ${code}`, () => {
      const { code: httpStatus, status: { reason = 'Unknown', message = '' } = {} } =
        denials[name] ?? assert.fail(name);
      const fault = new KubeError(httpStatus, reason, message);
      const error = toPlaygroundError(fault);
      assert.ok(isPlaygroundError(error));
      assert.deepEqual([error.status, error.code, error.message], [status, code, sentence]);
      assert.ok(!error.message.includes(message));
      assert.equal(error.cause, fault, 'the log alone has the words of Kubernetes');
      assert.equal(error.retryAfterSeconds !== undefined, status === 503);
    });

  it('tells to wait for a cluster that does not answer, as long as that says, within bounds', () => {
    const retryAfter = (code: number, retryAfterSeconds?: number) => {
      const error = toPlaygroundError(new KubeError(code, 'Unreachable', 'x', { retryAfterSeconds }));
      assert.ok(isPlaygroundError(error));
      assert.deepEqual([error.status, error.code], [503, 'ClusterUnreachable']);
      return error.retryAfterSeconds;
    };
    assert.deepEqual([retryAfter(0), retryAfter(500), retryAfter(429, 12), retryAfter(429, 3600)], [5, 5, 12, 60]);
  });
});
