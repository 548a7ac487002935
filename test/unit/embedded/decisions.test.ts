// The kubelet's and scheduler's decisions: phase, conditions, restarts, probes, placement.
import assert from 'node:assert/strict';
import { initialProbeState, isFailed, nextProbeState } from '../../../server/embedded/kubelet/probe-state.ts';
import { isRestarted, nextBackOff, type BackOff } from '../../../server/embedded/kubelet/restart.ts';
import { phaseOf, podStatusOf, type Observed } from '../../../server/embedded/kubelet/status.ts';
import { placementOf } from '../../../server/embedded/scheduler.ts';
import type { ContainerState, ContainerStatus, Pod, PodSpec } from '../../../server/embedded/types.ts';

const createPod = (spec: Partial<PodSpec> = {}, status: Pod['status'] = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
  spec: { containers: [], restartPolicy: 'Always', ...spec },
  status,
});

const running: ContainerState = { running: { startedAt: '' } };
const ended = (exitCode: number): ContainerState => ({
  terminated: { exitCode, reason: '', startedAt: '', finishedAt: '' },
});
const waiting: ContainerState = { waiting: { reason: 'x' } };
const container = (state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: 'c',
  image: '',
  imageID: '',
  ready: false,
  started: true,
  restartCount: 0,
  state,
  lastState: {},
  ...more,
});
const observe = (containers: ContainerStatus[], more: Partial<Observed> = {}): Observed => ({
  startedMs: 0,
  podIp: '127.9.0.1',
  hostIp: '127.0.0.1',
  initContainers: [],
  containers,
  ...more,
});

describe('decisions of the embedded kubelet', () => {
  const cases: [string, PodSpec['restartPolicy'], Observed, string][] = [
    ['waits for its containers', 'Always', observe([container(waiting)]), 'Pending'],
    [
      'waits for an init container',
      'Always',
      observe([container(running)], { initContainers: [container(running)] }),
      'Pending',
    ],
    ['runs', 'Always', observe([container(running)]), 'Running'],
    ['runs on while one is started again', 'Always', observe([container(waiting, { restartCount: 2 })]), 'Running'],
    ['runs when all ended but will come again', 'Always', observe([container(ended(1))]), 'Running'],
    ['succeeds', 'Never', observe([container(ended(0)), container(ended(0))]), 'Succeeded'],
    ['fails with one of its containers', 'Never', observe([container(ended(0)), container(ended(3))]), 'Failed'],
    ['comes again only after a failure', 'OnFailure', observe([container(ended(0))]), 'Succeeded'],
    [
      'fails with its init container',
      'Never',
      observe([container(waiting)], { initContainers: [container(ended(1))] }),
      'Failed',
    ],
    [
      'fails as a whole',
      'Always',
      observe([container(running)], { failure: { reason: 'DeadlineExceeded', message: '' } }),
      'Failed',
    ],
  ];
  for (const [what, restartPolicy, observed, phase] of cases)
    it(`sees that a pod ${what}`, () => assert.equal(phaseOf(createPod({ restartPolicy }), observed), phase));

  it('keeps the time of a condition until it turns', () => {
    const pod = createPod();
    const first = podStatusOf(pod, observe([container(running)]), 1000);
    const ready = (status: Pod['status']) => status.conditions?.find(({ type }) => type === 'Ready');
    assert.equal(ready(first)?.status, 'False');
    assert.equal(ready(first)?.message, 'containers with unready status: [c]');
    const second = podStatusOf({ ...pod, status: first }, observe([container(running)]), 9000);
    assert.equal(ready(second)?.lastTransitionTime, ready(first)?.lastTransitionTime);
    const third = podStatusOf({ ...pod, status: second }, observe([container(running, { ready: true })]), 9000);
    assert.equal(ready(third)?.status, 'True');
    assert.equal(ready(third)?.lastTransitionTime, '1970-01-01T00:00:09Z');
  });

  it('restarts by policy, at once and then later each time, up to five minutes', () => {
    assert.ok(isRestarted('Always', 0) && isRestarted(undefined, 0) && isRestarted('OnFailure', 1));
    assert.ok(!isRestarted('OnFailure', 0) && !isRestarted('Never', 1));
    const delays: number[] = [];
    let backOff: BackOff | undefined;
    for (let i = 0; i < 8; i++) delays.push((backOff = nextBackOff(backOff, 100)).delayMs / 1000);
    assert.deepEqual(delays, [0, 10, 20, 40, 80, 160, 300, 300]);
    assert.equal(nextBackOff(backOff, 600_000).delayMs, 0);
  });

  it('turns a probe after so many results in a row', () => {
    const probe = { failureThreshold: 2, successThreshold: 1 };
    let state = nextProbeState(initialProbeState(false), true, probe);
    assert.ok(state.isPassing);
    state = nextProbeState(state, false, probe);
    assert.ok(state.isPassing && !isFailed(state, probe));
    state = nextProbeState(state, true, probe);
    state = nextProbeState(state, false, probe);
    assert.ok(state.isPassing);
    state = nextProbeState(state, false, probe);
    assert.ok(!state.isPassing && isFailed(state, probe));
  });

  it('places a pod unless it is gated or the node is full', () => {
    const placed = createPod({ nodeName: 'node' }, { phase: 'Running' });
    const over = createPod({ nodeName: 'node' }, { phase: 'Succeeded' });
    assert.equal(placementOf(createPod(), [over], 1), 'bind');
    assert.equal(placementOf(createPod(), [placed], 1), 'full');
    assert.equal(placementOf(createPod({ schedulingGates: [{ name: 'queue' }] }), [], 1), 'gated');
    assert.equal(placementOf(placed, [placed], 1), 'placed');
  });
});
