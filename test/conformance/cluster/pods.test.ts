// The life of pods on every runtime cluster: start, events, gates, deadlines, ends by grace, faults that keep one from starting.
import assert from 'node:assert/strict';
import { resources } from '../../../server/kube/index.ts';
import { gistOf, onEveryCluster, refusal, type SeenPod } from './bench.ts';

const conditionOf = ({ status }: SeenPod, type: string) =>
  status.conditions?.find((condition) => condition.type === type);
const isReady = (pod: SeenPod) => conditionOf(pod, 'Ready')?.status === 'True';
const stateOf = ({ status }: SeenPod) => status.containerStatuses?.[0]?.state;
/** Ends when it is told to. */
const obedient = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
/** Ends only by force. */
const stubborn = 'trap "" TERM; while :; do sleep 0.1; done';

onEveryCluster('pods', (bench) => {
  it('brings a pod to Ready and tells it in conditions and events', async () => {
    const { createPod, podWhere, eventOf, client, namespace } = bench();
    const { metadata } = await createPod('ready', obedient);
    const pod = await podWhere('ready', 'is ready', isReady);
    assert.equal(pod.status.phase, 'Running');
    assert.match(pod.status.podIP ?? '', /^\d+\.\d+\.\d+\.\d+$/);
    assert.deepEqual(pod.status.podIPs, [{ ip: pod.status.podIP }]);
    assert.ok(pod.spec.nodeName && pod.status.startTime && pod.status.qosClass === 'BestEffort');
    for (const type of ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready', 'PodReadyToStartContainers'])
      assert.equal(conditionOf(pod, type)?.status, 'True', type);
    const [container] = pod.status.containerStatuses ?? [];
    assert.ok(container?.ready && container.started && container.restartCount === 0 && container.state.running);
    for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started']) {
      const event = await eventOf('ready', reason);
      assert.equal(event.type, 'Normal');
      assert.equal(event.involvedObject.kind, 'Pod');
      assert.equal(event.involvedObject.uid, metadata.uid);
      assert.equal(event.involvedObject.fieldPath, reason === 'Scheduled' ? undefined : 'spec.containers{main}');
    }
    const ofPod = 'involvedObject.kind=Pod,involvedObject.name=ready';
    const { items } = await client.list(resources.events, { namespace, fieldSelector: ofPod });
    assert.ok(items.length >= 4);
    const running = { namespace, fieldSelector: 'status.phase=Running,metadata.name=ready' };
    assert.equal((await client.list(resources.pods, running)).items.length, 1);
    const onNode = { namespace, fieldSelector: `spec.nodeName=${pod.spec.nodeName},metadata.name=ready` };
    assert.equal((await client.list(resources.pods, onNode)).items.length, 1);
  });

  it('ends a pod when its process does, within the grace', async () => {
    const { client, namespace, podWhere, podGone, pods } = bench();
    await bench().createPod('obedient', obedient, { terminationGracePeriodSeconds: 40 });
    await podWhere('obedient', 'is ready', isReady);
    await client.delete(resources.pods, 'obedient', namespace);
    const ending = pods.get('obedient', namespace) ?? (await podWhere('obedient', 'is there', () => true));
    const marked = ending.metadata.deletionTimestamp
      ? ending
      : await podWhere('obedient', 'is ending', ({ metadata }) => metadata.deletionTimestamp);
    assert.equal(marked.metadata.deletionGracePeriodSeconds, 40);
    // The grace would last longer than this test waits for.
    await podGone('obedient');
  });

  it('kills what does not end when the grace is over', async () => {
    const { client, namespace, createPod, podWhere, podGone } = bench();
    await createPod('stubborn', stubborn, { terminationGracePeriodSeconds: 2 });
    await podWhere('stubborn', 'is ready', isReady);
    await client.delete(resources.pods, 'stubborn', namespace);
    assert.equal((await client.get(resources.pods, 'stubborn', namespace)).metadata.deletionGracePeriodSeconds, 2);
    await podGone('stubborn');
  });

  it('takes a shorter grace later, and no longer one', async () => {
    const { client, namespace, createPod, podWhere, podGone } = bench();
    await createPod('hurried', stubborn, { terminationGracePeriodSeconds: 20 });
    await podWhere('hurried', 'is ready', isReady);
    const graces = [];
    for (const gracePeriodSeconds of [20, 15, 600, 0]) {
      await client.delete(resources.pods, 'hurried', namespace, { gracePeriodSeconds });
      if (!gracePeriodSeconds) break;
      const { metadata } = await client.get(resources.pods, 'hurried', namespace);
      graces.push(metadata.deletionGracePeriodSeconds);
    }
    assert.deepEqual(graces, [20, 15, 15]);
    await podGone('hurried');
  });

  it('deletes at once what runs nowhere, and what is deleted without grace', async () => {
    const { client, namespace, createPod, podWhere } = bench();
    await createPod('unplaced', obedient, { schedulingGates: [{ name: 'conformance.example.org/wait' }] });
    await client.delete(resources.pods, 'unplaced', namespace);
    assert.equal((await refusal(client.get(resources.pods, 'unplaced', namespace))).code, 404);
    await createPod('forced', stubborn, { terminationGracePeriodSeconds: 600 });
    await podWhere('forced', 'is ready', isReady);
    await client.delete(resources.pods, 'forced', namespace, { gracePeriodSeconds: 0 });
    assert.equal((await refusal(client.get(resources.pods, 'forced', namespace))).code, 404);
  });

  it('fails a pod at its deadline and keeps it', async () => {
    const { createPod, podWhere, eventOf } = bench();
    await createPod('late', obedient, { activeDeadlineSeconds: 2 });
    const { status } = await podWhere('late', 'has failed', (pod) => pod.status.phase === 'Failed');
    assert.equal(status.reason, 'DeadlineExceeded');
    assert.equal(status.message, 'Pod was active on the node longer than the specified deadline');
    assert.equal((await eventOf('late', 'DeadlineExceeded')).type, 'Normal');
    await podWhere('late', 'is not ready', (pod) => conditionOf(pod, 'Ready')?.status === 'False');
  });

  it('takes an earlier deadline, and no later one', async () => {
    const { client, namespace, createPod, podWhere } = bench();
    await createPod('shortened', obedient, { activeDeadlineSeconds: 3600 });
    await podWhere('shortened', 'is ready', isReady);
    const limit = (activeDeadlineSeconds: number | null) =>
      client.patch<SeenPod>(resources.pods, 'shortened', namespace, 'merge', { spec: { activeDeadlineSeconds } });
    for (const later of [7200, null])
      assert.deepEqual(gistOf(await refusal(limit(later))), {
        code: 422,
        reason: 'Invalid',
        fields: ['spec.activeDeadlineSeconds'],
      });
    await limit(1);
    await podWhere('shortened', 'has failed', ({ status }) => status.reason === 'DeadlineExceeded');
  });

  it('does not place a gated pod until a patch lifts the gate', async () => {
    const { client, namespace, createPod, podWhere } = bench();
    const gates = [{ name: 'conformance.example.org/a' }, { name: 'conformance.example.org/b' }];
    await createPod('gated', obedient, { schedulingGates: gates });
    const waiting = await podWhere('gated', 'is gated', (pod) => conditionOf(pod, 'PodScheduled'));
    const condition = conditionOf(waiting, 'PodScheduled');
    assert.deepEqual([condition?.status, condition?.reason], ['False', 'SchedulingGated']);
    assert.equal(waiting.status.phase, 'Pending');
    const put = (schedulingGates: { name: string }[] | null) =>
      client.patch<SeenPod>(resources.pods, 'gated', namespace, 'merge', { spec: { schedulingGates } });
    const added = await refusal(put([...gates, { name: 'conformance.example.org/c' }]));
    assert.deepEqual(gistOf(added), { code: 422, reason: 'Invalid', fields: ['spec.schedulingGates[2].name'] });
    assert.equal((await put(gates.slice(1))).spec.nodeName, undefined);
    await put(null);
    await podWhere('gated', 'is ready', isReady);
  });

  it('refuses other changes of a pod', async () => {
    const { client, namespace, createPod } = bench();
    await createPod('fixed', obedient);
    const change = { spec: { terminationGracePeriodSeconds: 5 } };
    const fault = await refusal(client.patch(resources.pods, 'fixed', namespace, 'merge', change));
    assert.deepEqual(gistOf(fault), { code: 422, reason: 'Invalid', fields: ['spec'] });
    assert.match(fault.message, /spec: Forbidden: pod updates may not change fields other than/);
  });

  it('says that an image is not there', async () => {
    const { createPod, podWhere, eventOf } = bench();
    await createPod('imageless', obedient, {}, { image: 'conformance.invalid/nothing:1' });
    const { status } = await podWhere('imageless', 'waits', (pod) =>
      ['ErrImagePull', 'ImagePullBackOff'].includes(stateOf(pod)?.waiting?.reason ?? ''),
    );
    assert.equal(status.phase, 'Pending');
    const event = await eventOf('imageless', 'Failed');
    assert.equal(event.type, 'Warning');
    await eventOf('imageless', 'BackOff');
  });

  it('says how a container ended, and backs off when it ends again and again', async () => {
    const { createPod, podWhere, eventOf } = bench();
    await createPod('once', 'exit 3', { restartPolicy: 'Never' });
    const ended = await podWhere('once', 'has failed', ({ status }) => status.phase === 'Failed');
    assert.deepEqual(
      [stateOf(ended)?.terminated?.exitCode, stateOf(ended)?.terminated?.reason, conditionOf(ended, 'Ready')?.reason],
      [3, 'Error', 'PodFailed'],
    );
    await createPod('done', 'exit 0', { restartPolicy: 'OnFailure' });
    const done = await podWhere('done', 'has succeeded', ({ status }) => status.phase === 'Succeeded');
    assert.deepEqual(
      [stateOf(done)?.terminated?.reason, conditionOf(done, 'Ready')?.reason],
      ['Completed', 'PodCompleted'],
    );
    await createPod('crashing', 'exit 1');
    const crashing = await podWhere(
      'crashing',
      'backs off',
      (pod) => stateOf(pod)?.waiting?.reason === 'CrashLoopBackOff',
    );
    const [container] = crashing.status.containerStatuses ?? [];
    assert.ok(container && container.restartCount >= 1 && container.lastState.terminated?.exitCode === 1);
    assert.equal(crashing.status.phase, 'Running');
    assert.equal((await eventOf('crashing', 'BackOff')).type, 'Warning');
  });

  it('takes all with it when a namespace ends', async () => {
    const { client, podManifest } = bench();
    const name = `${bench().namespace}-ending`;
    await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    const held = { name: 'held', namespace: name, finalizers: ['conformance.example.org/hold'] };
    await client.create(resources.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: held });
    await client.delete(resources.namespaces, name);
    const late = podManifest('late', obedient);
    late.metadata.namespace = name;
    const fault = await refusal(client.create(resources.pods, late));
    assert.deepEqual([fault.code, fault.reason], [403, 'Forbidden']);
    assert.deepEqual(
      fault.details?.causes?.map(({ reason }) => reason),
      ['NamespaceTerminating'],
    );
    await client.patch(resources.configMaps, 'held', name, 'merge', { metadata: { finalizers: null } });
  });
});
