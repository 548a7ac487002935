// What the page says: durations, initials, the connection, the recording.
import assert from 'node:assert/strict';
import { closeReasons } from '../../../../server/protocol/close-codes.ts';
import { connectionWords } from '../../../../web/model/connection-words.ts';
import { aboutSeconds, elapsed, latency, timeLeft } from '../../../../web/model/durations.ts';
import { initialsOf } from '../../../../web/model/initials.ts';
import { linesShown, recording } from '../../../../web/views/recording.ts';

describe('durations', () => {
  it('says what is left and never promises more', () => {
    const cases: [number, string][] = [
      [-5, 'no time'],
      [0, 'no time'],
      [59_999, '< 1 min'],
      [60_000, '1 min'],
      [3_599_999, '59 min'],
      [3_600_000, '1 h'],
      [7_500_000, '2 h 5 min'],
    ];
    for (const [ms, words] of cases) assert.equal(timeLeft(ms), words);
  });

  it('says how far something is', () => {
    assert.equal(elapsed(-20), '0.0 s');
    assert.equal(elapsed(1_249), '1.2 s');
    assert.equal(elapsed(59_999), '59 s');
    assert.equal(elapsed(125_000), '2 min 5 s');
  });

  it('says about how long', () => {
    assert.equal(aboutSeconds(1), 'about a second');
    assert.equal(aboutSeconds(20), 'about 20 seconds');
    assert.equal(aboutSeconds(180), 'about 3 minutes');
    assert.equal(aboutSeconds(100), 'about 2 minutes');
  });

  it('says a round trip', () => {
    assert.equal(latency(0.3), '< 1 ms');
    assert.equal(latency(12.4), '12 ms');
  });
});

describe('initials', () => {
  it('come from the name, else from the login', () => {
    assert.equal(initialsOf({ name: 'Ada Lovelace', login: 'x' }), 'AL');
    assert.equal(initialsOf({ name: ' Ada  King Lovelace ', login: 'x' }), 'AL');
    assert.equal(initialsOf({ name: '', login: 'octocat' }), 'O');
    assert.equal(initialsOf({ name: '🌱 plant', login: 'x' }), '🌱P');
  });
});

describe('connection words', () => {
  it('stay quiet while all is well, and through the first try after a cut', () => {
    assert.equal(connectionWords({ name: 'live' }).sentence, undefined);
    assert.equal(connectionWords({ name: 'connecting', attempt: 0 }).sentence, undefined);
    assert.equal(connectionWords({ name: 'connecting', attempt: 0 }).label, 'Connecting');
    assert.equal(connectionWords({ name: 'attaching', attempt: 0, isAgain: true }).label, 'Reconnecting');
  });

  it('say that input is kept while reconnecting, and offer to try now', () => {
    const reason = closeReasons.agentUnreachable;
    const words = connectionWords({ name: 'waiting', attempt: 2, retryInMs: 500, reason });
    assert.match(words.sentence ?? '', /Your pod does not answer.*kept and sent once/);
    assert.equal(words.action, 'Try now');
  });

  it('say why the line is closed and what to do', () => {
    const ended = connectionWords({ name: 'closed', reason: closeReasons.shellExited }, 130);
    assert.deepEqual([ended.sentence, ended.action], ['The shell has ended with exit code 130.', 'Open a new shell']);
    const refused = connectionWords({ name: 'closed', reason: closeReasons.tooManyTerminals });
    assert.equal(refused.sentence, closeReasons.tooManyTerminals.sentence);
  });
});

describe('recording', () => {
  it('shows one line after the other, and in the end all', () => {
    const endMs = recording.reduce((sum, { afterMs }) => sum + afterMs, 0);
    let before = 0;
    for (let ms = 0; ms <= endMs; ms += 50) {
      const shown = linesShown(recording, ms);
      assert.ok(shown >= before);
      before = shown;
    }
    assert.equal(linesShown(recording, 0), 0);
    assert.equal(linesShown(recording, endMs), recording.length);
  });
});
