// Tests of the log: one JSON line each, and nothing secret in it.
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { auditEvents, createAudit } from '../../../server/common/audit.ts';
import { createLogger } from '../../../server/common/log.ts';

function open(level = 'debug') {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(...chunk.toString().split('\n').filter(Boolean));
      done();
    },
  });
  const logger = createLogger('test', level, sink);
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('log', () => {
  it('writes a line of JSON with level and time as people and programs read them', () => {
    const { logger, last } = open();
    logger.warn({ session: 'uid-1' }, 'something');
    assert.deepEqual(
      { ...last(), time: '' },
      {
        level: 'warn',
        time: '',
        name: 'test',
        session: 'uid-1',
        msg: 'something',
      },
    );
    assert.match(String(last()['time']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('hides what is named like a secret, wherever it hangs', () => {
    const { logger, lines } = open();
    const headers = { authorization: 'Bearer abc123', cookie: 'visitor=abc123', 'set-cookie': 'visitor=abc123' };
    logger.info({ headers, token: 'abc123', request: { headers }, clientSecret: 'abc123' }, 'a request');
    logger.info({ oauth: { accessToken: 'abc123' }, code_verifier: 'abc123' }, 'a sign-in');
    assert.doesNotMatch(lines.join('\n'), /abc123/);
    assert.match(lines.join('\n'), /\[hidden\]/);
  });

  it('tells of an error what happened, with its causes, and nothing that a library hung on it', () => {
    const { logger, last, lines } = open();
    const cause = Object.assign(new Error('GET https://x/login/callback?code=abc123&state=abc123 failed'), {
      data: '{"access_token":"abc123"}',
      config: { headers: { Authorization: 'abc123' } },
      code: 'ECONNRESET',
    });
    const fault = new Error('Authorization: Bearer abc123 was refused, gho_abc123 too', { cause });
    fault.message += ` and eyJhbGciOiJFZERTQSJ9.${'abc123'.repeat(3)}.abc123`;
    logger.error({ err: fault }, 'failed');
    assert.doesNotMatch(lines.join('\n'), /abc123/);
    const { err } = last() as { err: { message: string; cause: Record<string, unknown> } };
    assert.match(err.message, /was refused/);
    assert.deepEqual([err.cause['code'], err.cause['data']], ['ECONNRESET', undefined]);
  });

  it('ends with errors that cause each other', () => {
    const { logger, last } = open();
    const fault = new Error('a');
    fault.cause = fault;
    logger.error({ err: fault }, 'failed');
    assert.equal(last()['msg'], 'failed');
    logger.error({ err: 'no error at all' }, 'failed');
    assert.deepEqual(last()['err'], { type: 'string', message: 'no error at all' });
  });
});

describe('audit', () => {
  it('writes marked lines with the fields of the event', () => {
    const { logger, last } = open();
    createAudit(logger, { isForced: false }).record('sign-in', { user: '1001', login: 'ada', address: '192.0.2.1' });
    const { level, audit, event, user, login, address } = last();
    assert.deepEqual(
      [level, audit, event, user, login, address],
      ['info', true, 'sign-in', '1001', 'ada', '192.0.2.1'],
    );
  });

  it('is written whatever the level of the log is, where that is wanted', () => {
    const quiet = open('error');
    createAudit(quiet.logger, { isForced: false }).record('sign-out', {});
    assert.equal(quiet.lines.length, 0);
    createAudit(quiet.logger, { isForced: true }).record('sign-out', {});
    assert.equal(quiet.lines.length, 1);
    quiet.logger.warn('not this');
    assert.equal(quiet.lines.length, 1);
  });

  it('has a name, a sentence and fields for each event', () => {
    for (const [event, { when, fields }] of Object.entries(auditEvents)) {
      assert.match(event, /^[a-z]+(-[a-z]+)*$/);
      assert.ok(when.length > 10 && fields.length > 0, event);
    }
  });
});
