// Our address: whether a request comes from a page of our own origin, and below which path we are.
import type { IncomingHttpHeaders } from 'node:http';

/** Loopback addresses that a browser may show for the same server. */
const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The path that all of ours begin with: `/playground`, or nothing where we have the host for ourselves. */
export const basePathOf = (publicUrl: string): string => new URL(publicUrl).pathname.replace(/\/+$/, '');

export const isLoopbackUrl = (url: string): boolean => loopbackNames.has(new URL(url).hostname);

/** The page itself, or no browser at all (browsers always name the origin of what they send for a page). */
export function isOwnOrNoOrigin(headers: IncomingHttpHeaders, publicUrl: string): boolean {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  return origin === undefined || origin === new URL(publicUrl).origin;
}
