// What the page says before a session ends, and by which clock.
import assert from 'node:assert/strict';
import type { SessionEnd } from '../../../../server/protocol/rest.ts';
import { countdown } from '../../../../web/model/durations.ts';
import { endingOf } from '../../../../web/model/ending.ts';
import { createServerClock } from '../../../../web/model/server-clock.ts';

const at = '2026-01-01T01:00:00.000Z';
const before = (seconds: number) => Date.parse(at) - seconds * 1000;
const end = (cause: SessionEnd['cause']): SessionEnd => ({ at, cause, canStay: cause !== 'cap' });

describe('warning before the end', () => {
  it('comes five minutes before, and again one minute before', () => {
    assert.equal(endingOf(end('life'), before(301)), undefined);
    assert.equal(endingOf(end('life'), before(300))?.level, 'soon');
    assert.equal(endingOf(end('life'), before(61))?.level, 'soon');
    assert.equal(endingOf(end('life'), before(60))?.level, 'now');
    assert.equal(endingOf(end('life'), before(-5))?.leftMs, 0);
    assert.equal(endingOf({ ...end('life'), at: 'nonsense' }, before(0)), undefined);
  });

  it('is one warning as long as level and end are the same', () => {
    const keyOf = (seconds: number, when = at) => endingOf({ ...end('life'), at: when }, before(seconds))?.key;
    assert.equal(keyOf(290), keyOf(70));
    assert.notEqual(keyOf(70), keyOf(50));
    assert.notEqual(keyOf(70), keyOf(70, '2026-01-01T01:00:10.000Z'));
    const sentences = [290, 70].map((seconds) => endingOf(end('idle'), before(seconds))?.sentence);
    assert.equal(sentences[0], sentences[1], 'a screen reader says it once');
  });

  it('says why, and plainly when nothing can be done', () => {
    assert.match(
      endingOf(end('idle'), before(200))?.sentence ?? '',
      /Nobody has typed .* five minutes, unless you type or stay\./,
    );
    assert.match(endingOf(end('life'), before(30))?.sentence ?? '', /over in less than a minute\. You can stay\./);
    const cap = endingOf(end('cap'), before(30));
    assert.match(cap?.sentence ?? '', /cannot be extended/);
    assert.equal(cap?.canStay, false);
  });

  it('counts down in minutes and seconds, never below nothing', () =>
    assert.deepEqual([300_000, 299_001, 59_500, 1, 0, -1].map(countdown), [
      '5:00',
      '5:00',
      '1:00',
      '0:01',
      '0:00',
      '0:00',
    ]));

  it('goes by the clock of the gateway where that differs by more than a moment', () => {
    const nowMs = before(0);
    const clock = createServerClock(() => nowMs);
    const learn = (seconds: number) => {
      clock.learn(new Date(nowMs + seconds * 1000).toUTCString());
      return Math.round((clock.now() - nowMs) / 1000);
    };
    assert.deepEqual([0, 1, -2, 600, -7200, 0].map(learn), [0, 0, 0, 601, -7199, 0]);
    learn(600);
    clock.learn(null);
    clock.learn('yesterday');
    assert.equal(clock.now(), nowMs + 600_500, 'answers without a date teach nothing');
  });
});
