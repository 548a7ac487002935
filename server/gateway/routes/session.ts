// GET, POST, DELETE /api/session; POST /api/session/stay.
import { json, Router, type RequestHandler } from 'express';
import * as z from 'zod';
import { isPlaygroundError, PlaygroundError } from '../../common/errors.ts';
import type { CreateSessionRequest } from '../../protocol/rest.ts';
import { ensureVisitor, whoOf } from '../context.ts';
import { rateLimit } from '../middleware/rate-limit.ts';
import type { GatewayOptions } from '../options.ts';

const maxBodyBytes = 16 * 1024;
const bodySchema: z.ZodType<CreateSessionRequest> = z.strictObject({ environment: z.string().min(1).max(40) });

const requireJson: RequestHandler = (request, _response, next) =>
  next(
    request.is('application/json')
      ? undefined
      : new PlaygroundError(415, 'NotJson', 'The body of the request must be JSON (Content-Type: application/json).'),
  );

function parseBody(body: unknown): CreateSessionRequest {
  const parsed = bodySchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue?.path.length ? `${issue.path.join('.')}: ` : '';
  throw new PlaygroundError(
    400,
    'BadRequest',
    `The body of the request is not right. ${place}${issue?.message ?? ''}.`,
  );
}

export function createSessionRoutes({ sessions, metrics, audit, rateLimits }: GatewayOptions): Router {
  const router = Router();
  const limit = rateLimit({ name: 'session', perMinute: rateLimits.sessionsPerMinute });

  router.get('/api/session', async (_request, response) => {
    const session = await sessions.get(ensureVisitor(response).id);
    if (!session) throw new PlaygroundError(404, 'NoSession', 'You have no session. Start one to go on.');
    response.json(session);
  });

  const body = json({ limit: maxBodyBytes, strict: true });
  router.post('/api/session', limit, requireJson, body, async (request, response) => {
    const { id, login } = ensureVisitor(response);
    const { environment } = parseBody(request.body);
    const knownName = sessions.environments.find(({ name }) => name === environment)?.name ?? 'other';
    const count = (result: string) => metrics.sessionsCreated.inc({ environment: knownName, result });
    try {
      response.json(await sessions.ensure({ id, login }, environment, whoOf(response)));
      count('ok');
    } catch (fault) {
      const reason = isPlaygroundError(fault) ? fault.code : 'Internal';
      count(reason);
      audit.record('session-refused', { ...whoOf(response), environment: knownName, reason });
      throw fault;
    }
  });

  router.post('/api/session/stay', limit, async (_request, response) => {
    response.json(await sessions.stay(ensureVisitor(response).id));
  });

  router.delete('/api/session', async (_request, response) => {
    await sessions.end(ensureVisitor(response).id, whoOf(response));
    response.status(204).end();
  });
  return router;
}
