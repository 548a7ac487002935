// Tests of sealed values and of the cookies around them.
import assert from 'node:assert/strict';
import { EncryptJWT, SignJWT } from 'jose';
import { z } from 'zod';
import { cookieName, parseCookies, renderCookie } from '../../../server/auth/cookies.ts';
import { createKey, createSealer } from '../../../server/auth/seal.ts';
import { createManualClock } from '../../../server/common/clock.ts';

const schema = z.object({ id: z.string() });
const value = { id: '7' };

describe('sealed values', () => {
  const clock = createManualClock();
  const key = createKey();
  const sealer = createSealer([key], clock);

  it('come back as they were, and say nothing to others', async () => {
    const sealed = await sealer.seal('visitor', { id: 'secret-id' }, 60);
    assert.deepEqual(await sealer.open('visitor', schema, sealed), { id: 'secret-id' });
    for (const part of sealed.split('.'))
      assert.ok(!Buffer.from(part, 'base64url').toString('latin1').includes('secret-id'));
    assert.notEqual(sealed, await sealer.seal('visitor', { id: 'secret-id' }, 60));
  });

  it('expire', async () => {
    const sealed = await sealer.seal('visitor', value, 60);
    await clock.advance(59_000);
    assert.ok(await sealer.open('visitor', schema, sealed));
    await clock.advance(2_000);
    assert.equal(await sealer.open('visitor', schema, sealed), undefined);
  });

  it('serve one purpose', async () => {
    assert.equal(await sealer.open('visitor', schema, await sealer.seal('sign-in', value, 60)), undefined);
  });

  it('stand a change of keys: old ones open until they are removed', async () => {
    const sealed = await sealer.seal('visitor', value, 60);
    const next = createKey();
    assert.deepEqual(await createSealer([next, key], clock).open('visitor', schema, sealed), value);
    assert.equal(await createSealer([next], clock).open('visitor', schema, sealed), undefined);
    const byNext = await createSealer([next, key], clock).seal('visitor', value, 60);
    assert.equal(await sealer.open('visitor', schema, byNext), undefined, 'the first key seals');
  });

  it('are refused in any other form', async () => {
    const seconds = Math.floor(clock.now() / 1000);
    const endless = new EncryptJWT({ value }).setIssuer('playground-gateway').setAudience('visitor');
    const signed = new SignJWT({ value })
      .setIssuer('playground-gateway')
      .setAudience('visitor')
      .setExpirationTime(seconds + 60);
    const kid = JSON.parse(
      Buffer.from((await sealer.seal('visitor', value, 1)).split('.')[0] ?? '', 'base64url').toString(),
    ).kid as string;
    const sealed = await sealer.seal('visitor', { other: true }, 60);
    const forms = {
      'without an expiry': await endless.setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid }).encrypt(key),
      'signed with our key': await signed.setProtectedHeader({ alg: 'HS256', kid }).sign(key),
      'another shape': sealed,
      truncated: sealed.slice(0, -4),
      text: 'text',
      long: 'x'.repeat(5000),
    };
    for (const [what, form] of Object.entries(forms))
      assert.equal(await sealer.open('visitor', schema, form), undefined, what);
  });

  it('need keys of 32 bytes', () => {
    assert.throws(() => createSealer([], clock), /32 bytes/);
    assert.throws(() => createSealer([new Uint8Array(16)], clock), /32 bytes/);
  });
});

describe('cookies', () => {
  it('carry the prefix that https allows', () => {
    const [path, below] = ['/', '/playground'];
    assert.equal(cookieName('a', { isSecure: true, path }), '__Host-a');
    assert.equal(cookieName('a', { isSecure: true, path: below }), '__Secure-a', '__Host- wants the path /');
    assert.equal(cookieName('a', { isSecure: false, path: below }), 'a');
    assert.equal(
      renderCookie('__Host-a', 'v', 60, { isSecure: true, path }),
      '__Host-a=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    );
    assert.equal(
      renderCookie('a', 'v', 60, { isSecure: false, path: below }),
      'a=v; Path=/playground; Max-Age=60; HttpOnly; SameSite=Lax',
    );
  });

  it('are read from a header, the first of a name', () => {
    assert.deepEqual(
      [...parseCookies('a=1; b=x=y;a=2; =c; d; e=')],
      [
        ['a', '1'],
        ['b', 'x=y'],
        ['e', ''],
      ],
    );
    assert.equal(parseCookies(undefined).size, 0);
  });
});
