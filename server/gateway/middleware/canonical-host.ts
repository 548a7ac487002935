// One name for one server: on loopback, localhost and 127.0.0.1 have different cookies, so a browser is sent to the one that counts.
import type { RequestHandler } from 'express';
import { PlaygroundError } from '../../common/errors.ts';
import { isLoopbackUrl } from '../origin.ts';

export interface CanonicalHostOptions {
  publicUrl: string;
}

/**
 * On loopback only: another loopback name is redirected; any other name is refused with 421, since a foreign site may let its name point
 * at 127.0.0.1 to reach what runs here.
 */
export function canonicalHost({ publicUrl }: CanonicalHostOptions): RequestHandler {
  const { host, port, origin } = new URL(publicUrl);
  const isLocal = isLoopbackUrl(publicUrl);
  return function checkHost(request, response, next) {
    const given = request.headers.host ?? '';
    if (!isLocal || given === host || /^\/(healthz|readyz)$/.test(request.path)) return next();
    const url = URL.canParse(`http://${given}`) ? new URL(`http://${given}`) : undefined;
    if (!url || !isLoopbackUrl(url.href) || url.port !== port)
      return next(new PlaygroundError(421, 'WrongHost', `This playground is at ${publicUrl}.`));
    if (request.method !== 'GET') return next();
    response.set('Cache-Control', 'no-store').redirect(307, origin + request.originalUrl);
  };
}
