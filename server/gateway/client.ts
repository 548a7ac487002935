// Who sends a request, as far as the network tells: an id for it, and the address of the client.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const idPattern = /^[A-Za-z0-9._-]{8,64}$/;

const valuesOf = (header: string | string[] | undefined): string[] => (header === undefined ? [] : [header].flat());

/** The id that a proxy of ours gave the request, or a new one. */
export function requestIdOf({ headers }: IncomingMessage, trustedProxies: number): string {
  const [given = ''] = trustedProxies > 0 ? valuesOf(headers['x-request-id']) : [];
  return idPattern.test(given) ? given : randomUUID();
}

/** The address behind as many proxies as are believed: each appends to X-Forwarded-For whom it speaks with. */
export function clientAddressOf({ headers, socket }: IncomingMessage, trustedProxies: number): string {
  const forwarded = valuesOf(headers['x-forwarded-for'])
    .join(',')
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
  const hops = [socket.remoteAddress ?? '', ...forwarded.reverse()];
  return hops[Math.min(trustedProxies, hops.length - 1)] ?? '';
}
