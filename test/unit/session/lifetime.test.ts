// When a session ends, what stay changes, and what its leader does at each moment.
import assert from 'node:assert/strict';
import type { Environment } from '../../../server/session/index.ts';
import {
  announcementOf,
  endOf,
  isOrphan,
  judge,
  learn,
  stayNotes,
  type Facts,
  type Verdict,
} from '../../../server/session/lifetime.ts';
import { podNameOf } from '../../../server/session/pod-names.ts';
import { buildSessionPod } from '../../../server/session/pod.ts';
import { annotations, labels, type Pod, type PodStatus } from '../../../server/session/types.ts';
import { loadLite } from '../../support/session-environment.ts';

const minute = 60_000;
const t0 = Date.UTC(2026, 0, 1);
const at = (minutes: number) => t0 + minutes * minute;
const time = (minutes: number) => new Date(at(minutes)).toISOString();

describe('life of a session', () => {
  let lite: Environment;
  let made: Pod;
  before(async () => (lite = await loadLite()));
  beforeEach(() => {
    const keys = { keyId: 'k', publicKeys: '{"keys":[]}' };
    made = buildSessionPod(lite, { id: '7', login: 'ada' }, 'sessions', keys, t0);
    made.metadata = { ...made.metadata, uid: 'u', resourceVersion: '1', creationTimestamp: time(0) };
  });

  const withNotes = (pod: Pod, notes: Record<string, string | null>): Pod => {
    const all = Object.entries({ ...pod.metadata.annotations, ...notes });
    const kept = Object.fromEntries(all.filter((note): note is [string, string] => note[1] !== null));
    return { ...pod, metadata: { ...pod.metadata, annotations: kept } };
  };
  const withStatus = (status: PodStatus): Pod => ({ ...made, status });
  const ready = (sinceMinutes = 0) =>
    withStatus({
      phase: 'Running',
      startTime: time(sinceMinutes),
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: time(sinceMinutes) }],
    });
  const judgeAt = (pod: Pod, minutes: number, facts: Facts = {}, notBefore = -1000) =>
    judge(pod, learn(facts, pod, at(minutes)), at(minutes), at(notBefore));
  /** What the agent said a moment ago: something was typed at that minute. */
  const typed = (minutes: number | undefined, askedAt: number): Facts => ({
    answer: { atMs: at(askedAt), lastInputMs: minutes === undefined ? undefined : at(minutes) },
  });
  const kindOf = ({ kind }: Verdict) => kind;

  describe('its next end', () => {
    it('is that of its life, which stay moves', () =>
      assert.deepEqual(endOf(ready()), { at: time(60), cause: 'life', canStay: true }));

    it('is the one for want of input where that comes first', () =>
      assert.deepEqual(endOf(withNotes(ready(), { [annotations.idleAt]: time(40) })), {
        at: time(40),
        cause: 'idle',
        canStay: true,
      }));

    it('is the cap where nothing can be won any more: the kubelet counts from the start of the pod', () => {
      const late = withNotes(ready(3), { [annotations.expiresAt]: time(123) });
      assert.deepEqual(endOf(late), { at: time(123), cause: 'cap', canStay: false });
      assert.equal(endOf(withNotes(ready(3), { [annotations.expiresAt]: time(121) })).cause, 'life');
      assert.equal(endOf(withNotes(ready(3), { [annotations.expiresAt]: time(500) })).at, time(123));
    });

    it('is the cap where the annotation is none', () => {
      for (const value of ['soon', ''])
        assert.deepEqual(endOf(withNotes(ready(), { [annotations.expiresAt]: value })), {
          at: time(120),
          cause: 'cap',
          canStay: false,
        });
    });
  });

  describe('stay', () => {
    const stayAt = (pod: Pod, minutes: number) => withNotes(pod, stayNotes(pod, at(minutes)));

    it('puts the end off to a whole life from now, never beyond the cap, never earlier', () => {
      assert.equal(endOf(stayAt(ready(), 50)).at, time(110));
      assert.deepEqual(endOf(stayAt(ready(), 70)), { at: time(120), cause: 'cap', canStay: false });
      const long = withNotes(ready(), { [annotations.expiresAt]: time(100) });
      assert.equal(endOf(stayAt(long, 10)).at, time(100));
    });

    it('counts as activity: an announced end for want of input is off', () => {
      const announced = withNotes(ready(), { [annotations.idleAt]: time(30) });
      const stayed = stayAt(announced, 29);
      assert.equal(endOf(stayed).cause, 'life');
      assert.deepEqual(judgeAt(stayed, 31), { kind: 'keep', untilMs: at(59 - 5.5) });
    });

    it('takes back the reason of a leader that was about to end it', () =>
      assert.equal(
        stayAt(withNotes(ready(), { [annotations.endReason]: 'life' }), 59).metadata.annotations?.[
          annotations.endReason
        ],
        undefined,
      ));
  });

  describe('want of input', () => {
    it('asks nobody while it cannot be: what is known is looked at again when it may', () => {
      assert.deepEqual(judgeAt(ready(), 10), { kind: 'keep', untilMs: at(24.5) });
      assert.deepEqual(judgeAt(ready(), 40, typed(38, 39)), { kind: 'keep', untilMs: at(60) });
    });

    it('is announced before it ends, from a fresh answer alone', () => {
      assert.equal(kindOf(judgeAt(ready(), 25)), 'ask');
      assert.equal(kindOf(judgeAt(ready(), 25, typed(undefined, 24))), 'ask');
      const verdict = judgeAt(ready(), 25, typed(undefined, 25));
      assert.deepEqual(verdict, { kind: 'announce', idleAtMs: at(30), untilMs: at(25.25) });
      const announced = withNotes(ready(), announcementOf(ready(), at(30)));
      assert.equal(endOf(announced).at, time(30));
      assert.deepEqual(judgeAt(announced, 26, typed(undefined, 26)), { kind: 'keep', untilMs: at(26.25) });
    });

    it('counts from the start of a session in which nobody ever typed', () => {
      assert.deepEqual(judgeAt(ready(8), 37.9, typed(undefined, 37.9)), {
        kind: 'announce',
        idleAtMs: at(38),
        untilMs: at(38),
      });
      assert.deepEqual(judgeAt(ready(8), 38, typed(undefined, 38)), { kind: 'end', why: 'idle' });
    });

    it('does not believe in a start that is still to come: a clock that is ahead', () =>
      assert.deepEqual(judgeAt(ready(500), 30, typed(undefined, 30)), { kind: 'end', why: 'idle' }));

    it('takes the announcement back when somebody types', () => {
      const announced = withNotes(ready(), { [annotations.idleAt]: time(30) });
      const verdict = judgeAt(announced, 29, typed(28.9, 29));
      assert.deepEqual(verdict, { kind: 'announce', idleAtMs: undefined, untilMs: at(53.4) });
      assert.deepEqual(announcementOf(announced, undefined), { [annotations.idleAt]: null });
    });

    it('ends at its time, with an answer from that time', () => {
      const announced = withNotes(ready(), { [annotations.idleAt]: time(30) });
      assert.equal(kindOf(judgeAt(announced, 30, typed(undefined, 29.8))), 'ask');
      assert.deepEqual(judgeAt(announced, 30, typed(undefined, 30)), { kind: 'end', why: 'idle' });
      assert.equal(judgeAt(announced, 30, typed(29.99, 30)).kind, 'announce');
    });

    it('is unknown when the agent does not answer, and never a reason then', () => {
      const silent = { unansweredMs: at(50) };
      assert.deepEqual(judgeAt(ready(), 50.5, silent), { kind: 'keep', untilMs: at(51) });
      assert.equal(kindOf(judgeAt(ready(), 51, silent)), 'ask');
      const announced = withNotes(ready(), { [annotations.idleAt]: time(30) });
      assert.deepEqual(judgeAt(announced, 50.5, silent), { kind: 'announce', idleAtMs: undefined, untilMs: at(51) });
    });

    it('is nothing while it starts, and nothing without minutes', () => {
      assert.deepEqual(judgeAt(withStatus({ phase: 'Pending' }), 45), { kind: 'keep', untilMs: at(60) });
      const endless = withNotes(ready(), { [annotations.idleMinutes]: null });
      assert.deepEqual(judgeAt(endless, 45), { kind: 'keep', untilMs: at(60) });
    });
  });

  it('ends when its life is over, and when it has reached the cap', () => {
    assert.deepEqual(judgeAt(ready(), 60), { kind: 'end', why: 'life' });
    const stayed = withNotes(ready(), { [annotations.expiresAt]: time(120) });
    assert.deepEqual(judgeAt(stayed, 120), { kind: 'end', why: 'cap' });
    assert.deepEqual(
      judgeAt(withStatus({ phase: 'Pending' }), 60),
      { kind: 'end', why: 'life' },
      'also one that never starts',
    );
    assert.deepEqual(judgeAt(withStatus({ phase: 'Failed', reason: 'DeadlineExceeded' }), 1), {
      kind: 'end',
      why: 'cap',
    });
  });

  it('is not ended in the first minute of a leader, who says so', () => {
    assert.deepEqual(judgeAt(ready(), 60, {}, 61), { kind: 'ask' });
    const used = typed(59, 60);
    assert.deepEqual(judgeAt(ready(), 60, used, 61), { kind: 'keep', untilMs: at(61) });
    assert.deepEqual(judgeAt(ready(), 61, used, 61), { kind: 'end', why: 'life' });
    const verdict = judgeAt(ready(), 45, typed(undefined, 45), 46);
    assert.deepEqual(verdict, { kind: 'announce', idleAtMs: at(46), untilMs: at(45.25) });
  });

  it('ends when it has failed and nobody tried again for ten minutes, whatever it is called in between', () => {
    const waiting = (reason: string) =>
      withStatus({
        phase: 'Pending',
        containerStatuses: [{ name: 'garden', ready: false, restartCount: 0, state: { waiting: { reason } } }],
      });
    let facts = learn({}, waiting('ImagePullBackOff'), at(2));
    facts = learn(facts, waiting('ErrImagePull'), at(6));
    facts = learn(facts, waiting('ImagePullBackOff'), at(11));
    assert.deepEqual(judgeAt(waiting('ImagePullBackOff'), 11, facts), { kind: 'keep', untilMs: at(12) });
    assert.equal(judgeAt(waiting('ErrImagePull'), 12, facts).kind, 'keep');
    assert.deepEqual(judgeAt(waiting('ImagePullBackOff'), 12, facts), { kind: 'end', why: 'failed' });
    assert.equal(learn(facts, ready(), at(12)).failedSinceMs, undefined);
  });

  it('leaves alone what is ending already', () => {
    const deletionTimestamp = time(1);
    const ending = { ...ready(), metadata: { ...ready().metadata, deletionTimestamp } };
    assert.deepEqual(judgeAt(ending, 500), { kind: 'keep' });
  });

  it('removes a reason that a leader wrote and did not follow, not that of a user who ends it', () => {
    const noted = withNotes(ready(), { [annotations.endReason]: 'idle' });
    assert.deepEqual(judgeAt(noted, 10), { kind: 'announce', idleAtMs: undefined, untilMs: at(24.5) });
    assert.deepEqual(announcementOf(noted, undefined), { [annotations.idleAt]: null, [annotations.endReason]: null });
    assert.equal(judgeAt(withNotes(ready(), { [annotations.endReason]: 'visitor' }), 10).kind, 'keep');
  });

  it('ends pods with our label that are no session of anybody', () => {
    assert.equal(isOrphan(made), false);
    const rename = (name: string) => ({ ...made, metadata: { ...made.metadata, name } });
    const label = (name: string, value: string | undefined) => {
      const all = { ...made.metadata.labels, [name]: value } as Record<string, string>;
      return { ...made, metadata: { ...made.metadata, labels: all } };
    };
    const orphans = [
      withNotes(made, { [annotations.userId]: null }),
      withNotes(made, { [annotations.userId]: '8' }),
      rename(podNameOf('8')),
      label(labels.environment, undefined),
      label(labels.session, 'other'),
      { ...made, spec: { ...made.spec, activeDeadlineSeconds: undefined } },
    ];
    for (const orphan of orphans) assert.deepEqual(judgeAt(orphan, 1), { kind: 'end', why: 'orphan' });
    assert.equal(
      isOrphan(label(labels.environment, 'of-tomorrow')),
      false,
      'another replica may know more environments',
    );
  });
});
