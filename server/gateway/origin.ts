// Who may speak to us from a browser: pages of our own origin.
import type { IncomingHttpHeaders } from 'node:http';

/** Loopback addresses that a browser may show for the same server. */
const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

export const isLoopbackUrl = (url: string): boolean => loopbackNames.has(new URL(url).hostname);

/** The page itself, or no browser at all (browsers always name the origin of what they send for a page). */
export function isOwnOrNoOrigin(headers: IncomingHttpHeaders, publicUrl: string): boolean {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  return origin === undefined || origin === new URL(publicUrl).origin;
}
