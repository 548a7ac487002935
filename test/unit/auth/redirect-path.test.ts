// Tests of the place to go to after signing in.
import assert from 'node:assert/strict';
import { ensureRedirectPath } from '../../../server/auth/index.ts';

describe('redirect path', () => {
  it('takes paths of this site', () => {
    for (const path of ['/', '/terminal', '/terminal?lesson=3', '/terminal#top', '/a/b%2Dc', '/loginx'])
      assert.equal(ensureRedirectPath(path), path);
    assert.equal(ensureRedirectPath(undefined), '/');
    assert.equal(ensureRedirectPath(''), '/');
  });

  it('refuses whatever a browser could read as another place', () => {
    const bad: unknown[] = [
      '//example.org',
      '///example.org',
      '/\\example.org',
      '\\/example.org',
      '/a\\b',
      '/x/..//example.org',
      '/.//example.org',
      '/%2e//example.org',
      '/%2f%2fexample.org',
      '/%252f%252fexample.org',
      '/%5cexample.org',
      '/%25255cexample.org',
      'https://example.org',
      'https:example.org',
      'javascript:alert(1)',
      'terminal',
      '.',
      '@example.org',
      '/\t/example.org',
      '/\u0000',
      '/%00',
      '/%0d%0aSet-Cookie:x',
      '/%',
      '/ä',
      ' /terminal',
      `/${'a'.repeat(600)}`,
      ['/terminal', '//example.org'],
      { path: '/terminal' },
    ];
    for (const path of bad)
      assert.throws(() => ensureRedirectPath(path), { status: 400, code: 'BadRedirectPath' }, String(path));
  });

  it('refuses places that would run in a circle', () => {
    for (const path of [
      '/login',
      '/login/callback?code=x',
      '/LOGIN',
      '/logout',
      '/api/session',
      '/x/../login',
      '/%6cogin',
    ])
      assert.throws(() => ensureRedirectPath(path), { status: 400 }, path);
  });
});
