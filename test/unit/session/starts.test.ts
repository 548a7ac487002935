// Tests of the watch over starts: everything once, and from one replica.
import assert from 'node:assert/strict';
import { createManualClock, type ManualClock } from '../../../server/common/clock.ts';
import { createSilentLogger } from '../../../server/common/log.ts';
import { createInformer, resources } from '../../../server/kube/index.ts';
import { watchStarts } from '../../../server/session/starts.ts';
import { annotations, labels, type KubeEvent, type Pod, type PodStatus } from '../../../server/session/types.ts';
import { createMemoryKube, type MemoryKube } from '../../support/memory-kube.ts';

const namespace = 'sessions';
const createdMs = Date.UTC(2026, 0, 1);
const time = (seconds: number) => new Date(createdMs + seconds * 1000).toISOString();
const waiting = (reason: string): PodStatus => ({
  phase: 'Pending',
  containerStatuses: [
    { name: 'terminal', ready: false, restartCount: 0, state: { waiting: { reason, message: `of ${reason}` } } },
  ],
});
const ready: PodStatus = {
  phase: 'Running',
  conditions: [
    { type: 'PodScheduled', status: 'True', lastTransitionTime: time(1) },
    { type: 'Ready', status: 'True', lastTransitionTime: time(5) },
  ],
  containerStatuses: [{ name: 'terminal', ready: true, restartCount: 0, state: { running: { startedAt: time(3) } } }],
};

describe('watch over starts', () => {
  let clock: ManualClock;
  let kube: MemoryKube;
  let told: string[];
  let isTelling: boolean;
  let dispose: () => void;

  function put(name: string, status: PodStatus, notes: Record<string, string> = {}, uid = `uid-${name}`): void {
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace,
        uid,
        creationTimestamp: time(0),
        labels: { [labels.environment]: 'lite' },
        annotations: { [annotations.userId]: '1001', [annotations.userLogin]: 'ada', ...notes },
      },
      spec: { containers: [{ name: 'terminal', image: 'i' }] },
      status,
    };
    kube.put(resources.pods, pod);
  }

  beforeEach(async () => {
    clock = createManualClock(createdMs);
    kube = createMemoryKube();
    told = [];
    isTelling = true;
    const informer = { clock, logger: createSilentLogger() };
    put('old', waiting('ErrImagePull'));
    const pods = createInformer<Pod>(kube.client, resources.pods, { namespace }, informer);
    const events = createInformer<KubeEvent>(kube.client, resources.events, { namespace }, informer);
    await Promise.all([pods.synced, events.synced]);
    const watch = watchStarts({
      pods,
      events,
      namespace,
      clock,
      isTelling: () => isTelling,
      observer: {
        onReady: ({ session, login }, startMs, phases) =>
          told.push(`ready ${session} ${login} ${startMs} ${phases.map((one) => one.durationMs).join(' ')}`),
        onStartFailure: ({ session }, { reason, message }) => told.push(`${reason} ${session} ${message}`),
        onEnded: ({ session }, reason) => told.push(`${reason} ${session}`),
      },
    });
    dispose = () => [watch, pods, events].forEach((one) => one.dispose());
  });
  afterEach(() => dispose());

  it('tells once that a session is ready, with the time it took', async () => {
    put('a', {});
    await clock.advance(6000);
    put('a', ready);
    put('a', { ...ready, podIP: '10.0.0.1' });
    assert.deepEqual(told, ['ready uid-a ada 6000 1000 2000 2000']);
  });

  it('tells each reason once, and nothing that was there before', () => {
    put('a', {});
    put('a', waiting('ErrImagePull'));
    put('a', waiting('ImagePullBackOff'));
    put('a', waiting('ErrImagePull'));
    put('old', { ...waiting('ErrImagePull'), podIP: '10.0.0.1' });
    put('old', waiting('ImagePullBackOff'));
    assert.deepEqual(told, [
      'ErrImagePull uid-a of ErrImagePull',
      'ImagePullBackOff uid-a of ImagePullBackOff',
      'ImagePullBackOff uid-old of ImagePullBackOff',
    ]);
  });

  it('tells what only an event says, and keeps the words of a reason that has no label value', () => {
    put('a', {});
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace },
      involvedObject: { kind: 'Pod', name: 'a', uid: 'uid-a' },
      type: 'Warning',
      reason: 'FailedMount',
      message: 'no such volume',
    };
    kube.put(resources.events, event);
    put('a', waiting('SomethingNew'));
    assert.deepEqual(told, ['FailedMount uid-a no such volume', 'Other uid-a SomethingNew: of SomethingNew']);
  });

  it('takes what happens to a session that was ready for no failure of its start', () => {
    put('a', {});
    put('a', ready);
    put('a', waiting('CrashLoopBackOff'));
    assert.equal(told.length, 1);
  });

  it('tells of sessions that others removed, not of those that we ended', async () => {
    put('a', {});
    put('b', {});
    put('b', {}, { [annotations.endReason]: 'visitor' });
    for (const name of ['a', 'b']) await kube.client.delete(resources.pods, name, namespace);
    put('old', {}, {}, 'uid-new');
    assert.deepEqual(told, ['removed uid-a', 'removed uid-old']);
  });

  it('says nothing while another replica tells, and repeats nothing after it', () => {
    isTelling = false;
    put('a', {});
    put('a', waiting('ErrImagePull'));
    isTelling = true;
    put('a', waiting('ErrImagePull'));
    assert.deepEqual(told, []);
    put('a', ready);
    assert.equal(told.length, 1);
  });
});
