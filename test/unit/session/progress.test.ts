// Tests of the sentences that pods and events become; pods and events are recordings of a Kubernetes 1.34.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { compareProgress, progressOfEvent, progressOfPod } from '../../../server/session/progress.ts';
import type { KubeEvent, Pod } from '../../../server/session/types.ts';

const recorded = <T>(name: string) =>
  JSON.parse(readFileSync(new URL(`recorded/${name}.json`, import.meta.url), 'utf8')) as T;
const sentencesOf = (pod: Pod) => progressOfPod(pod).map(({ sentence }) => sentence);
const kubeletEvent = (reason: string, extra: Partial<KubeEvent> = {}): KubeEvent => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'e1', uid: 'u1' },
  involvedObject: { kind: 'Pod', fieldPath: 'spec.containers{garden}' },
  reason,
  type: 'Normal',
  firstTimestamp: '2026-01-01T00:00:05Z',
  ...extra,
});

describe('progress', () => {
  const running = recorded<Pod>('running');
  const unschedulable = recorded<Pod>('unschedulable');

  it('tells a pod that runs from its creation to its being ready', () => {
    assert.deepEqual(sentencesOf(running), [
      'Your pod has been created.',
      'Your pod has a place on node node-0.',
      'Your session is ready.',
    ]);
  });

  it('tells why a pod has no place, as a warning with the reason of Kubernetes', () => {
    const last = progressOfPod(unschedulable).at(-1);
    assert.equal(
      last?.sentence,
      'There is no place for your pod: no machine takes pods at the moment. It waits until there is.',
    );
    assert.equal(last?.level, 'warning');
    assert.equal(last?.reason, 'Unschedulable');
  });

  it('names the same happening with the same id, and another message with another', () => {
    const ids = (pod: Pod) => progressOfPod(pod).map(({ id }) => id);
    assert.deepEqual(ids(unschedulable), ids(structuredClone(unschedulable)));
    const changed = structuredClone(unschedulable);
    for (const condition of changed.status?.conditions ?? []) condition.message = '0/3 nodes are available';
    assert.notDeepEqual(ids(unschedulable), ids(changed));
  });

  it('leaves the events of the scheduler to the conditions, which say the same once', () => {
    const events = recorded<KubeEvent[]>('events');
    assert.deepEqual(
      events.map(({ reason }) => reason),
      ['FailedScheduling', 'FailedScheduling', 'Scheduled'],
    );
    assert.deepEqual(
      events.flatMap((event) => progressOfEvent(event) ?? []),
      [],
    );
  });

  it('tells what the kubelet does, by container', () => {
    const sentence = (reason: string, message?: string) => progressOfEvent(kubeletEvent(reason, { message }))?.sentence;
    assert.equal(sentence('Pulling'), 'The image of the garden is being fetched.');
    assert.equal(sentence('Started'), 'The garden has started.');
    assert.equal(sentence('Unhealthy'), 'The garden does not answer yet.');
    assert.equal(sentence('Failed', 'no such image'), 'The garden cannot be started: no such image');
    assert.equal(sentence('Failed', 'Error: ErrImagePull'), undefined, 'the state of the container says it');
  });

  it('passes on what it has no words for, the first line of it', () => {
    const event = kubeletEvent('Odd', { message: 'something odd\nsecond line', type: 'Warning' });
    assert.deepEqual(progressOfEvent(event), {
      id: '2026-01-01T00:00:05Z/30-u1',
      at: '2026-01-01T00:00:05Z',
      sentence: 'Something odd',
      level: 'warning',
      reason: 'Odd',
    });
  });

  it('takes an event that repeats as one happening', () => {
    const again = kubeletEvent('BackOff', { count: 7, lastTimestamp: '2026-01-01T00:01:00Z' });
    assert.equal(progressOfEvent(again)?.id, progressOfEvent(kubeletEvent('BackOff'))?.id);
  });

  it('takes the time of an event from wherever its reporter puts it', () => {
    const at = (extra: Partial<KubeEvent>) =>
      progressOfEvent(kubeletEvent('Started', { firstTimestamp: null, ...extra }))?.at;
    assert.equal(at({ eventTime: '2026-01-01T00:00:01.5Z' }), '2026-01-01T00:00:01.5Z');
    assert.equal(at({ lastTimestamp: '2026-01-01T00:00:02Z' }), '2026-01-01T00:00:02Z');
    assert.equal(at({}), undefined);
  });

  it('says for whom one waits', () => {
    const waiting = structuredClone(running);
    const at = '2026-11-23T00:27:43Z';
    waiting.status = {
      phase: 'Running',
      conditions: [{ type: 'ContainersReady', status: 'False', lastTransitionTime: at }],
      containerStatuses: ['terminal', 'garden'].map((name) => ({
        name,
        ready: false,
        restartCount: 0,
        state: { running: { startedAt: at } },
      })),
    };
    assert.equal(sentencesOf(waiting).at(-1), 'Waiting until the terminal and the garden answer.');
    (waiting.status.containerStatuses?.[0] ?? { ready: false }).ready = true;
    assert.equal(sentencesOf(waiting).at(-1), 'Waiting until the garden answers.');
  });

  it('tells restarts with their cause', () => {
    const restarted = structuredClone(running);
    restarted.status = {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'garden',
          ready: false,
          restartCount: 2,
          lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-11-23T00:30:00Z' } },
        },
      ],
    };
    const last = progressOfPod(restarted).at(-1);
    assert.equal(last?.sentence, 'The garden needed more memory than it may have (512Mi) and is started again.');
    assert.equal(last?.level, 'warning');
  });

  it('orders by time, and within a second in the order of a start', () => {
    const of = (at: string, rank: number) => ({ id: `${at}/${rank}-x`, at, sentence: '', level: 'info' as const });
    const sorted = [
      of('2026-01-01T00:00:02Z', 10),
      of('2026-01-01T00:00:01Z', 90),
      of('2026-01-01T00:00:01.500Z', 30),
      of('2026-01-01T00:00:01Z', 20),
    ].sort(compareProgress);
    assert.deepEqual(
      sorted.map(({ id }) => id),
      [
        '2026-01-01T00:00:01Z/20-x',
        '2026-01-01T00:00:01Z/90-x',
        '2026-01-01T00:00:01.500Z/30-x',
        '2026-01-01T00:00:02Z/10-x',
      ],
    );
  });
});
