// The cookie that says who the user is: sealed, so no server keeps a list of those who are signed in.
import { cookieName, parseCookies, renderCookie, type CookieOptions } from './cookies.ts';
import { identitySchema, type Identity } from './identity.ts';
import type { Sealer } from './seal.ts';

export interface VisitorCookie {
  /** The Set-Cookie value that signs `identity` in. */
  render(identity: Identity): Promise<string>;
  renderRemoval(): string;
  /** Who sends this Cookie header; undefined for a cookie that is missing, forged, old or truncated. */
  read(cookieHeader: string | undefined): Promise<Identity | undefined>;
  /** Whether there is such a cookie, readable or not. */
  isSent(cookieHeader: string | undefined): boolean;
}

const purpose = 'visitor';

export function createVisitorCookie(
  sealer: Sealer,
  options: CookieOptions & { lifetimeSeconds: number },
): VisitorCookie {
  const name = cookieName('playground-visitor', options);
  return {
    render: async (identity) =>
      renderCookie(
        name,
        await sealer.seal(purpose, identity, options.lifetimeSeconds),
        options.lifetimeSeconds,
        options,
      ),
    renderRemoval: () => renderCookie(name, '', 0, options),
    async read(header) {
      const sealed = parseCookies(header).get(name);
      return sealed ? sealer.open(purpose, identitySchema, sealed) : undefined;
    },
    isSent: (header) => parseCookies(header).has(name),
  };
}
