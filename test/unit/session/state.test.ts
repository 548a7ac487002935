// Tests of what a pod means for its user.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { failureOf, stateOf } from '../../../server/session/state.ts';
import { toSession } from '../../../server/session/to-session.ts';
import type { ContainerStatus, Pod, PodStatus } from '../../../server/session/types.ts';

const running = JSON.parse(readFileSync(new URL('recorded/running.json', import.meta.url), 'utf8')) as Pod;
const withStatus = (status: PodStatus): Pod => ({ ...running, status });
const container = (name: string, extra: Partial<ContainerStatus>): ContainerStatus => ({
  name,
  ready: false,
  restartCount: 0,
  ...extra,
});
const waiting = (reason: string, message?: string) =>
  withStatus({
    phase: 'Pending',
    containerStatuses: [container('garden', { state: { waiting: { reason, message } } })],
  });

describe('session state', () => {
  it('follows the pod: starting, ready, ending', () => {
    assert.equal(stateOf(withStatus({ phase: 'Pending' })), 'starting');
    assert.equal(stateOf(running), 'ready');
    const deletionTimestamp = '2026-11-23T00:28:00Z';
    assert.equal(stateOf({ ...running, metadata: { ...running.metadata, deletionTimestamp } }), 'ending');
  });

  it('is ready once the terminal has started, and stays so while the garden is away', () => {
    const withStarted = (started: boolean) =>
      withStatus({
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-11-23T00:27:43Z' }],
        containerStatuses: [container('terminal', { started }), container('garden', { started: false })],
      });
    assert.equal(stateOf(withStarted(true)), 'ready');
    assert.equal(toSession(withStarted(true), String).readyAt, undefined, 'the time of its not being ready is none');
    assert.equal(stateOf(withStarted(false)), 'starting');
    const unprobed = structuredClone(withStarted(true));
    for (const one of unprobed.spec.containers) delete one.startupProbe;
    assert.equal(stateOf(unprobed), 'starting', 'without a probe, started means nothing');
  });

  it('has failed when waiting does not help, and says why', () => {
    for (const reason of ['InvalidImageName', 'ImagePullBackOff', 'CreateContainerConfigError', 'CrashLoopBackOff'])
      assert.equal(stateOf(waiting(reason)), 'failed', reason);
    assert.equal(
      failureOf(waiting('ImagePullBackOff', 'back-off')),
      'The image of the garden cannot be fetched: back-off. Try again in a moment; if it stays so, tell the administrator of this playground.',
    );
    for (const reason of ['ContainerCreating', 'PodInitializing', 'ErrImagePull'])
      assert.equal(stateOf(waiting(reason)), 'starting', reason);
  });

  it('says how a failed pod ended', () => {
    const failed = (status: PodStatus) => failureOf(withStatus({ phase: 'Failed', ...status }));
    const ended = (exitCode: number, reason?: string) => [
      container('garden', { state: { terminated: { exitCode, reason } } }),
    ];
    const again = 'Try again in a moment; if it stays so, tell the administrator of this playground.';
    assert.equal(failed({ reason: 'Evicted' }), 'The cluster took the place of this session back. Start again.');
    assert.equal(
      failed({ containerStatuses: ended(3) }),
      `The garden of this session ended with exit code 3. ${again}`,
    );
    assert.equal(
      failed({ containerStatuses: ended(137, 'OOMKilled') }),
      'The garden of this session needed more memory than it may have (512Mi). Start again, and let fewer things run at once.',
    );
    assert.equal(failed({ message: 'unexpected' }), `The pod of this session failed: unexpected. ${again}`);
    assert.equal(
      failureOf(withStatus({ phase: 'Succeeded' })),
      'The programs of this session have ended. Start again.',
    );
    assert.equal(failureOf(running), undefined);
  });

  it('is told with the title of its environment, and since when it is ready', () => {
    const session = toSession(running, (name) => `Title of ${name}`);
    assert.equal(session.readyAt, '2026-11-23T00:27:43Z');
    assert.equal(session.environmentTitle, 'Title of lite');
  });
});
