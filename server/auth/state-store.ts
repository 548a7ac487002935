// Passport's state store without a server-side session: state, PKCE verifier and the way back lie in a short-lived sealed cookie.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import * as z from 'zod';
import { cookieName, parseCookies, renderCookie, type CookieOptions } from './cookies.ts';
import type { Sealer } from './seal.ts';

const purpose = 'sign-in';
const lifetimeSeconds = 10 * 60;
const maxAttempts = 4;
const schema = z.object({ handle: z.string(), verifier: z.string(), redirectPath: z.string() });

const isEqual = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

type Stored = (error: Error | null, handle?: string) => void;
type Verified = (error: Error | null, ok: string | false, info?: unknown) => void;

/**
 * Each attempt has a cookie of its own, named by the start of its state, so that two tabs can sign in at once.
 * Passport tells the signature by the number of parameters: five to store, four to verify.
 */
export class CookieStateStore {
  readonly #prefix: string;

  constructor(
    private readonly sealer: Sealer,
    private readonly options: CookieOptions,
  ) {
    this.#prefix = cookieName('playground-sign-in-', options);
  }

  store(request: Request, verifier: string, state: { redirectPath: string }, _meta: unknown, done: Stored): void {
    const handle = randomBytes(24).toString('base64url');
    const value = { handle, verifier, redirectPath: state.redirectPath };
    this.#removeOldest(request);
    this.sealer.seal(purpose, value, lifetimeSeconds).then(
      (sealed) => {
        request.res?.append('Set-Cookie', renderCookie(this.#nameOf(handle), sealed, lifetimeSeconds, this.options));
        done(null, handle);
      },
      (fault: Error) => done(fault),
    );
  }

  verify(request: Request, state: unknown, _meta: unknown, done: Verified): void {
    const handle = typeof state === 'string' ? state : '';
    const name = this.#nameOf(handle);
    const sealed = parseCookies(request.headers.cookie).get(name) ?? '';
    this.sealer.open(purpose, schema, sealed).then(
      (value) => {
        if (!value || !isEqual(value.handle, handle)) return done(null, false, { message: 'state' });
        request.res?.append('Set-Cookie', renderCookie(name, '', 0, this.options));
        done(null, value.verifier, { redirectPath: value.redirectPath });
      },
      (fault: Error) => done(fault, false),
    );
  }

  #nameOf(handle: string): string {
    return this.#prefix + handle.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 8);
  }

  // Attempts that were given up would fill the Cookie header until they expire.
  #removeOldest(request: Request): void {
    const names = [...parseCookies(request.headers.cookie).keys()].filter((name) => name.startsWith(this.#prefix));
    if (names.length < maxAttempts) return;
    for (const name of names) request.res?.append('Set-Cookie', renderCookie(name, '', 0, this.options));
  }
}
