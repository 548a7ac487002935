// Requests that change something must come from our own page, or from no browser at all.
import type { RequestHandler } from 'express';
import { PlaygroundError } from '../../common/errors.ts';
import { isOwnOrNoOrigin } from '../origin.ts';

export interface SameOriginOptions {
  publicUrl: string;
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** 403 for unsafe methods with a foreign Origin or Sec-Fetch-Site. */
export function sameOrigin({ publicUrl }: SameOriginOptions): RequestHandler {
  return function checkOrigin(request, _response, next) {
    if (safeMethods.has(request.method) || isOwnOrNoOrigin(request.headers, publicUrl)) return next();
    next(
      new PlaygroundError(403, 'ForeignOrigin', 'This request comes from another site. Open the playground itself.'),
    );
  };
}
