// Why a session has ended, as its user reads it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { endingOf, endReasons } from '../../../server/session/endings.ts';
import { annotations, type Pod, type PodStatus } from '../../../server/session/types.ts';

const running = JSON.parse(readFileSync(new URL('recorded/running.json', import.meta.url), 'utf8')) as Pod;
const withNotes = (notes: Record<string, string>, status: PodStatus | undefined = running.status): Pod => ({
  ...running,
  metadata: { ...running.metadata, annotations: { ...running.metadata.annotations, ...notes } },
  status,
});
const because = (why: string, notes = {}) => endingOf(withNotes({ [annotations.endReason]: why, ...notes }));

describe('end of a session', () => {
  it('says why', () => {
    assert.equal(because('visitor'), 'You ended this session.');
    assert.equal(because('life'), 'The time of this session is over.');
    assert.match(because('cap'), /^The time of this session is over: it has lived as long as a session may\.$/);
    assert.match(because('full'), /^All places are taken/);
    const sentences = endReasons.map((why) => because(why));
    assert.equal(new Set(sentences).size, endReasons.length, 'each reason has its own sentence');
  });

  it('says for how long nobody typed', () => {
    const after = (minutes: string) => because('idle', { [annotations.idleMinutes]: minutes });
    assert.equal(after('30'), 'This session ended because nobody typed anything for 30 minutes.');
    assert.equal(after('1'), 'This session ended because nobody typed anything for a minute.');
    assert.equal(after('soon'), 'This session ended because nobody typed anything for a while.');
  });

  it('says how it failed when nobody started it again', () => {
    const failed = withNotes({ [annotations.endReason]: 'failed' }, { phase: 'Failed', reason: 'Evicted' });
    assert.equal(endingOf(failed), 'The cluster took the place of this session back. Start again.');
  });

  it('takes what it does not know for an administrator, unless the pod tells', () => {
    assert.equal(endingOf(running), 'This session was ended by an administrator.');
    assert.equal(because('whim'), 'This session was ended by an administrator.');
    const expired = withNotes({}, { phase: 'Failed', reason: 'DeadlineExceeded' });
    assert.equal(endingOf(expired), 'The time of this session is over.');
  });
});
