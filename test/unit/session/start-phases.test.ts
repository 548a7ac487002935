// Tests of the phases of a start, and of what keeps a session from starting.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  boundReason,
  refusalReasonOf,
  startFailureOfEvent,
  startFailuresOf,
  startPhasesOf,
} from '../../../server/session/start-phases.ts';
import type { ContainerStatus, KubeEvent, Pod, PodStatus } from '../../../server/session/types.ts';

const recorded = (name: string) =>
  JSON.parse(readFileSync(new URL(`recorded/${name}.json`, import.meta.url), 'utf8')) as Pod;
const running = recorded('running');
const withStatus = (status: PodStatus): Pod => ({ ...running, status });
const container = (name: string, extra: Partial<ContainerStatus>): ContainerStatus => ({
  name,
  ready: false,
  restartCount: 0,
  ...extra,
});
const at = (seconds: number) => new Date(Date.parse('2026-11-23T00:27:38Z') + seconds * 1000).toISOString();
const runningAt = (seconds: number) => ({ state: { running: { startedAt: at(seconds) } } });
const reasonsOf = (status: PodStatus) => startFailuresOf(withStatus(status)).map(({ reason }) => reason);

describe('phases of a start', () => {
  it('are scheduling, containers, garden, by the times of Kubernetes', () => {
    const pod = withStatus({
      conditions: [
        { type: 'PodScheduled', status: 'True', lastTransitionTime: at(2) },
        { type: 'Ready', status: 'True', lastTransitionTime: at(11) },
      ],
      containerStatuses: [container('terminal', runningAt(4)), container('garden', runningAt(7))],
    });
    assert.deepEqual(startPhasesOf(pod, Date.parse(at(60))), [
      { phase: 'scheduling', durationMs: 2000 },
      { phase: 'containers', durationMs: 5000 },
      { phase: 'garden', durationMs: 4000 },
    ]);
  });

  it('are those of a pod as a cluster recorded it', () => {
    assert.deepEqual(
      startPhasesOf(running, 0).map(({ phase, durationMs }) => [phase, durationMs]),
      [
        ['scheduling', 5000],
        ['containers', 0],
        ['garden', 0],
      ],
    );
  });

  it('take our own time where Kubernetes has none, are never negative, and left out where nothing is known', () => {
    const conditions = [{ type: 'PodScheduled', status: 'True' as const, lastTransitionTime: at(-1) }];
    const pod = withStatus({ conditions, containerStatuses: [container('terminal', runningAt(4))] });
    assert.deepEqual(startPhasesOf(pod, Date.parse(at(5.5))), [
      { phase: 'scheduling', durationMs: 0 },
      { phase: 'containers', durationMs: 5000 },
      { phase: 'garden', durationMs: 1500 },
    ]);
    const half = withStatus({
      conditions,
      containerStatuses: [container('terminal', runningAt(4)), container('garden', {})],
    });
    assert.deepEqual(
      startPhasesOf(half, 0).map(({ phase }) => phase),
      ['scheduling'],
    );
    assert.deepEqual(startPhasesOf(withStatus({}), 0), []);
  });
});

describe('failures of a start', () => {
  it('are none while a pod goes its way, or waits behind a gate', () => {
    assert.deepEqual(startFailuresOf(running), []);
    assert.deepEqual(reasonsOf({}), []);
    const creating = container('garden', { state: { waiting: { reason: 'ContainerCreating' } } });
    assert.deepEqual(reasonsOf({ containerStatuses: [creating] }), []);
    const gated = { type: 'PodScheduled', status: 'False' as const, reason: 'SchedulingGated' };
    assert.deepEqual(reasonsOf({ conditions: [gated] }), []);
  });

  it("have the scheduler's reason and words", () => {
    const [failure] = startFailuresOf(recorded('unschedulable'));
    assert.equal(failure?.reason, 'Unschedulable');
    assert.match(failure.message, /no nodes available/);
  });

  it('have the reasons of containers: waiting, ended, and ended the last time', () => {
    const terminated = { reason: 'OOMKilled', exitCode: 137 };
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 10s' };
    assert.deepEqual(
      reasonsOf({ containerStatuses: [container('garden', { state: { waiting }, lastState: { terminated } })] }),
      ['CrashLoopBackOff', 'OOMKilled'],
    );
    const pulls = ['terminal', 'garden'].map((name) =>
      container(name, { state: { waiting: { reason: 'ErrImagePull', message: name } } }),
    );
    assert.deepEqual(reasonsOf({ containerStatuses: pulls }), ['ErrImagePull'], 'the same reason once');
    const init = container('garden', { state: { waiting: { reason: 'ImagePullBackOff' } } });
    assert.deepEqual(reasonsOf({ initContainerStatuses: [init] }), ['ImagePullBackOff']);
    const started = container('terminal', { started: true, ready: false, lastState: { terminated } });
    assert.deepEqual(reasonsOf({ containerStatuses: [started] }), [], 'it runs again');
  });

  it('have the reason of the pod itself', () => {
    assert.deepEqual(reasonsOf({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' }), ['Evicted']);
  });

  it('come from events where the pod says nothing', () => {
    const event = (type: string, reason: string) =>
      ({ type, reason, message: 'no such secret', involvedObject: {} }) as unknown as KubeEvent;
    assert.deepEqual(startFailureOfEvent(event('Warning', 'FailedMount')), {
      reason: 'FailedMount',
      message: 'no such secret',
    });
    assert.equal(startFailureOfEvent(event('Warning', 'Unhealthy')), undefined);
    assert.equal(startFailureOfEvent(event('Normal', 'Pulled')), undefined);
  });

  it('are label values out of a known list', () => {
    assert.equal(boundReason('ImagePullBackOff'), 'ImagePullBackOff');
    assert.equal(boundReason('made up by a webhook 4711'), 'Other');
  });

  it('tell quota, admission and missing rights apart', () => {
    const reason = (message: string, of = 'Forbidden') => refusalReasonOf({ reason: of, message });
    assert.equal(reason('pods "session-x" is forbidden: exceeded quota: sessions, requested: pods=1'), 'QuotaExceeded');
    assert.equal(reason('pods "session-x" is forbidden: violates PodSecurity "restricted:latest"'), 'AdmissionDenied');
    assert.equal(reason('pods is forbidden: User "x" cannot create resource "pods" in API group ""'), 'Forbidden');
    assert.equal(reason('', 'Invalid'), 'Invalid');
  });
});
