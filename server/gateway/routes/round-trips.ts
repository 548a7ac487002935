// POST /api/session/round-trips: what a page measured on its lines to the agent, for the metrics.
import { json, Router } from 'express';
import * as z from 'zod';
import { PlaygroundError } from '../../common/errors.ts';
import { maxRoundTrips, type RoundTrips } from '../../protocol/rest.ts';
import { ensureVisitor } from '../context.ts';
import { rateLimit } from '../middleware/rate-limit.ts';
import type { GatewayOptions } from '../options.ts';

const maxBodyBytes = 2 * 1024;
const maxMs = 60_000;
/** A page tells once a minute; a user has a few of them. */
const perMinute = 20;

const bodySchema: z.ZodType<RoundTrips> = z.strictObject({
  milliseconds: z.array(z.number().min(0).max(maxMs)).min(1).max(maxRoundTrips),
});

export function createRoundTripRoutes({ metrics }: Pick<GatewayOptions, 'metrics'>): Router {
  const router = Router();
  const limit = rateLimit({ name: 'round-trips', perMinute });
  router.post('/api/session/round-trips', limit, json({ limit: maxBodyBytes }), (request, response) => {
    ensureVisitor(response);
    const parsed = bodySchema.safeParse(request.body);
    if (!parsed.success) throw new PlaygroundError(400, 'BadRequest', 'These are no round trips.');
    for (const ms of parsed.data.milliseconds) metrics.terminalRoundTripSeconds.observe(ms / 1000);
    response.status(204).end();
  });
  return router;
}
