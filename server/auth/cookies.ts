// Cookies as they go over the wire: names, attributes, reading the header.

export interface CookieOptions {
  /** Whether browsers reach us by https only. */
  isSecure: boolean;
  /** Below which path browsers send them: `/`, or the path of the playground on a host that it shares. */
  path: string;
}

/** What cookies must know of the address that browsers use. */
export const cookieOptionsOf = (publicUrl: string): CookieOptions => ({
  isSecure: publicUrl.startsWith('https:'),
  path: new URL(publicUrl).pathname.replace(/\/+$/, '') || '/',
});

/**
 * With https the prefix makes browsers refuse such a cookie over plain http and, with `__Host-`, from a subdomain. That one wants the path
 * `/`; on a shared host it counts more that others on it are not sent our cookies.
 */
export const cookieName = (name: string, { isSecure, path }: CookieOptions): string => {
  if (!isSecure) return name;
  return path === '/' ? `__Host-${name}` : `__Secure-${name}`;
};

/** A Set-Cookie value; `maxAgeSeconds` 0 removes the cookie. */
export const renderCookie = (
  name: string,
  value: string,
  maxAgeSeconds: number,
  { isSecure, path }: CookieOptions,
): string =>
  `${name}=${value}; Path=${path}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;

/** The cookies of a Cookie header by name; of two with one name the first holds, as browsers send the closest first. */
export function parseCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, equals).trim();
    if (name && !cookies.has(name)) cookies.set(name, part.slice(equals + 1).trim());
  }
  return cookies;
}
