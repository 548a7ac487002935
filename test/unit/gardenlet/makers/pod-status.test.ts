// The life of a pod by its age, the scheduler's arithmetic, and names.
import assert from 'node:assert/strict';
import type { Pod } from '../../../../server/gardenlet/makers/in-process/objects.ts';
import { podStatus, stageOf, type Stage } from '../../../../server/gardenlet/makers/in-process/pod-status.ts';
import { amountOf, fits, requestsOf } from '../../../../server/gardenlet/makers/in-process/quantities.ts';
import { randomSuffix, templateHash } from '../../../../server/gardenlet/makers/in-process/names.ts';
import { isTolerated } from '../../../../server/gardenlet/makers/in-process/controllers/scheduler.ts';

const createPod = (spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
  spec: { nodeName: 'n', containers: [{ name: 'c', image: 'nginx' }], ...spec },
});
/** The stages that a pod goes through, as a kubelet would look at it. */
function stagesOf(pod: Pod): Stage[] {
  const stages: Stage[] = [];
  for (let ageMs = 0; ;) {
    const { stage, nextInMs } = stageOf(pod, ageMs);
    stages.push(stage);
    if (nextInMs === undefined) return stages;
    assert.ok(nextInMs > 0);
    ageMs += nextInMs;
  }
}
const names = (pod: Pod) => stagesOf(pod).map(({ name }) => name);
const address = { podIp: '10.3.0.2', hostIp: '10.0.0.11' };
const command = (...words: string[]) => [{ name: 'c', image: 'busybox', command: words }];

describe('gardenlet/makers/in-process/pod-status', () => {
  it('goes from creating to ready, through init containers and the delay of its readiness probe', () => {
    assert.deepEqual(names(createPod()), ['creating', 'ready']);
    const initContainers = [
      { name: 'i', image: 'x' },
      { name: 'j', image: 'x' },
    ];
    assert.deepEqual(names(createPod({ initContainers })), ['creating', 'initializing', 'initializing', 'ready']);
    const containers = [{ name: 'c', image: 'x', readinessProbe: { initialDelaySeconds: 5 } }];
    assert.deepEqual(names(createPod({ containers })), ['creating', 'running', 'ready']);
  });

  it('ends when it is to end, with the code of its command', () => {
    const exitCode = (...words: string[]) =>
      stagesOf(createPod({ restartPolicy: 'Never', containers: command(...words) })).at(-1);
    assert.deepEqual(exitCode('true'), { name: 'ended', exitCode: 0 });
    assert.deepEqual(exitCode('false'), { name: 'ended', exitCode: 1 });
    assert.deepEqual(exitCode('sh', '-c', 'sleep 1; exit 7'), { name: 'ended', exitCode: 7 });
    assert.deepEqual(names(createPod({ restartPolicy: 'Always', containers: command('false') })), [
      'creating',
      'ready',
    ]);
  });

  it('sleeps as long as its command says', () => {
    const pod = createPod({ restartPolicy: 'OnFailure', containers: command('sleep', '40') });
    const startedMs = stageOf(pod, 0).nextInMs!;
    assert.equal(stageOf(pod, startedMs).nextInMs, 40_000);
  });

  it('has the status of its stage, and keeps the times of what has not changed', () => {
    const pod = createPod();
    const creating = podStatus(pod, { name: 'creating' }, address, Date.UTC(2026, 0, 1));
    assert.equal(creating.phase, 'Pending');
    assert.equal(creating.podIP, undefined);
    assert.equal(creating.containerStatuses?.[0]?.state.waiting?.reason, 'ContainerCreating');
    const ready = podStatus({ ...pod, status: creating }, { name: 'ready' }, address, Date.UTC(2026, 0, 2));
    assert.deepEqual([ready.phase, ready.podIP, ready.startTime], ['Running', '10.3.0.2', '2026-01-01T00:00:00Z']);
    assert.equal(ready.containerStatuses?.[0]?.image, 'docker.io/library/nginx:latest');
    const ended = { name: 'ended' as const, exitCode: 1 };
    const failed = podStatus({ ...pod, status: ready }, ended, address, Date.UTC(2026, 0, 3));
    assert.equal(failed.phase, 'Failed');
    assert.deepEqual(failed.containerStatuses?.[0]?.state.terminated, {
      exitCode: 1,
      reason: 'Error',
      startedAt: '2026-01-02T00:00:00Z',
      finishedAt: '2026-01-03T00:00:00Z',
    });
    assert.equal(failed.conditions?.find(({ type }) => type === 'Ready')?.reason, 'PodCompleted');
  });
});

describe('gardenlet/makers/in-process/quantities', () => {
  it('reads what Kubernetes writes, and counts garbage as nothing', () => {
    const cases: [string | number | undefined, number][] = [
      ['250m', 0.25],
      ['1Gi', 2 ** 30],
      ['2k', 2000],
      [3, 3],
      ['0.5', 0.5],
      [undefined, 0],
      ['many', 0],
      ['1Zz', 0],
    ];
    for (const [text, expected] of cases) assert.equal(amountOf(text), expected, String(text));
  });

  it('says what there is too little of', () => {
    const resources = { requests: { cpu: '2' }, limits: { cpu: '4', memory: '1Gi' } };
    const wanted = requestsOf({ containers: [{ name: 'c', image: 'x', resources }] });
    assert.deepEqual(wanted, { cpu: 2, memory: 2 ** 30, pods: 1 });
    assert.equal(fits(wanted, { cpu: 2, memory: 2 ** 30, pods: 1 }), undefined);
    assert.equal(fits(wanted, { cpu: 1.9, memory: 2 ** 30, pods: 1 }), 'Insufficient cpu');
    assert.equal(fits(wanted, { cpu: 2, memory: 1, pods: 1 }), 'Insufficient memory');
    assert.equal(fits(wanted, { cpu: 2, memory: 2 ** 30, pods: 0 }), 'Too many pods');
  });
});

describe('gardenlet/makers/in-process/scheduler', () => {
  it('tolerates by key, value, effect, or everything', () => {
    const taint = { key: 'a', value: 'b', effect: 'NoSchedule' };
    assert.ok(isTolerated(taint, [{ operator: 'Exists' }]));
    assert.ok(isTolerated(taint, [{ key: 'a', operator: 'Exists' }]));
    assert.ok(isTolerated(taint, [{ key: 'a', value: 'b', effect: 'NoSchedule' }]));
    assert.ok(!isTolerated(taint, [{ key: 'a', value: 'c' }]));
    assert.ok(!isTolerated(taint, [{ key: 'a', operator: 'Exists', effect: 'NoExecute' }]));
    assert.ok(!isTolerated(taint));
  });
});

describe('gardenlet/makers/in-process/names', () => {
  it('are safe, and the same for the same template', () => {
    assert.match(randomSuffix(), /^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    assert.equal(templateHash({ a: 1 }), templateHash({ a: 1 }));
    assert.notEqual(templateHash({ a: 1 }), templateHash({ a: 2 }));
  });
});
