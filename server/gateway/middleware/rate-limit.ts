// Rate limits: so many requests a minute by user, or by address of those who are not signed in.
import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit as createRateLimit } from 'express-rate-limit';
import { PlaygroundError } from '../../common/errors.ts';
import { contextOf } from '../context.ts';

export interface RateLimitOptions {
  /** Tells limits apart: each counts for itself. */
  name: string;
  perMinute: number;
}

/** 429 with Retry-After over the limit. Each replica counts for itself. */
export function rateLimit({ name, perMinute }: RateLimitOptions): RequestHandler {
  return createRateLimit({
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // It would complain on the console about headers that we rightly do not believe.
    validate: false,
    identifier: name,
    keyGenerator: (request, response) => {
      const { visitor } = contextOf(response);
      return visitor ? `user ${visitor.id}` : `address ${ipKeyGenerator(request.ip ?? '')}`;
    },
    handler: (_request, response, next) => {
      const retryAfterSeconds = Number(response.get('Retry-After')) || 60;
      next(new PlaygroundError(429, 'TooMany', 'That was too often. Please wait a minute.', { retryAfterSeconds }));
    },
  });
}
