// Tests of option tables.
import assert from 'node:assert/strict';
import * as types from '../../../server/common/option-types.ts';
import {
  defaultedOption,
  optionalOption,
  OptionsError,
  readOptions,
  renderHelp,
  renderOptions,
  requiredOption,
  secretOption,
} from '../../../server/common/options.ts';

const table = {
  port: defaultedOption('PORT', '8080', types.port, 'Where to listen.'),
  names: defaultedOption('NAMES', '', types.listOf(/^[a-z]+$/, 'small words'), 'Who.'),
  home: requiredOption('HOME_DIR', types.text, 'Where to live.'),
  url: optionalOption('SITE_URL', types.httpUrl, 'Where to go | or not.'),
  secret: secretOption('SECRET', types.integer({ min: 1, max: 9 }), 'What to hide.'),
};
const faultsOf = (env: Record<string, string>, argv: string[] = [], check?: () => string[]): readonly string[] => {
  try {
    readOptions(table, env, argv, check);
  } catch (fault) {
    if (fault instanceof OptionsError) return fault.faults;
    throw fault;
  }
  return [];
};

describe('options', () => {
  it('takes a flag before the environment, and that before the default', () => {
    const env = { HOME_DIR: '/h', PORT: '1' };
    assert.equal(readOptions(table, { HOME_DIR: '/h' }, []).port, 8080);
    assert.equal(readOptions(table, env, []).port, 1);
    assert.equal(readOptions(table, env, ['--port', '2']).port, 2);
    assert.equal(readOptions(table, env, ['--port=3']).port, 3);
  });

  it('takes an empty variable as not given', () => {
    const options = readOptions(table, { HOME_DIR: '/h', PORT: '', SITE_URL: '' }, []);
    assert.deepEqual(options, { port: 8080, names: [], home: '/h', url: undefined, secret: undefined });
  });

  it('tells all faults at once with the name of the variable, and never shows a secret', () => {
    const faults = faultsOf({ PORT: 'http', NAMES: 'a,B', SITE_URL: 'ftp://x', SECRET: 'hunter2' }, [
      '--colour',
      'red',
      '--port',
    ]);
    assert.deepEqual(faults, [
      '--colour is no option of this program. --help lists them.',
      '--port needs a value.',
      'PORT must be a port number from 0 to 65535, not "http".',
      'NAMES must be small words, with commas between them, not "a,B".',
      'HOME_DIR is missing: Where to live.',
      'SITE_URL must be an address like https://example.org, not "ftp://x".',
      'SECRET must be a whole number from 1 to 9, not what is given.',
    ]);
  });

  it('has no flag for a secret: arguments are seen by every process', () => {
    assert.deepEqual(faultsOf({ HOME_DIR: '/h' }, ['--secret=3']), [
      '--secret is no option of this program. --help lists them.',
    ]);
  });

  it('looks for contradictions when each value is right by itself', () => {
    assert.deepEqual(
      faultsOf({ HOME_DIR: '/h' }, [], () => ['a and b']),
      ['a and b'],
    );
    assert.ok(!faultsOf({}, [], () => ['a and b']).includes('a and b'));
  });

  it('renders itself as Markdown and as help', () => {
    assert.deepEqual(renderOptions(table).split('\n').slice(2), [
      '| `PORT` | `--port` | `8080` | Where to listen. |',
      '| `NAMES` | `--names` |  | Who. |',
      '| `HOME_DIR` | `--home-dir` | required | Where to live. |',
      '| `SITE_URL` | `--site-url` |  | Where to go \\| or not. |',
      '| `SECRET` |  |  | What to hide. |',
      '',
    ]);
    assert.match(renderHelp('p', table), /^ {2}--port, PORT \(default 8080\)\n {6}Where to listen\.$/m);
  });
});

describe('option types', () => {
  const accepts = <T>(parse: (text: string) => T, text: string, value: T) => assert.deepEqual(parse(text), value);
  const refuses = (parse: (text: string) => unknown, ...texts: string[]) => {
    for (const text of texts) assert.throws(() => parse(text), Error, text);
  };

  it('parses and refuses', () => {
    accepts(types.integer({ min: -1, max: 5 }), '-1', -1);
    refuses(types.integer({ min: 0, max: 5 }), '6', '-1', '1.5', '0x1', ' 1', '1e0');
    accepts(types.decimal({ min: 0.1, max: 5 }), '0.5', 0.5);
    refuses(types.decimal({ min: 0.1, max: 5 }), '0', '.5', 'NaN', '1e1');
    accepts(types.port, '0', 0);
    refuses(types.port, '65536', '-1', '80a');
    accepts(types.httpUrl, 'https://example.org/path/', 'https://example.org/path');
    refuses(
      types.httpUrl,
      'example.org',
      'https://u:p@example.org',
      'https://example.org/?q',
      'https://example.org/#f',
    );
    accepts(types.listOf(/^\w+$/, 'words'), ' a, b,,a ', ['a', 'b']);
    accepts(types.oneOf('x', 'y'), 'y', 'y');
    refuses(types.oneOf('x', 'y'), 'X', '');
    accepts(types.ipAddress, '::1', '::1');
    refuses(types.ipAddress, 'localhost', '1.2.3');
  });
});
