// GET /healthz: the process lives. GET /readyz: it can serve users.
import { Router } from 'express';
import type { Readiness } from '../../session/index.ts';

export interface HealthOptions {
  readiness: Pick<Readiness, 'reasons'>;
  isDraining(): boolean;
}

export function createHealthRoutes({ readiness, isDraining }: HealthOptions): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => void response.type('text').send('ok\n'));
  router.get('/readyz', (_request, response) => {
    const reasons = [...(isDraining() ? ['The server is shutting down.'] : []), ...readiness.reasons()];
    response
      .status(reasons.length ? 503 : 200)
      .set('Cache-Control', 'no-store')
      .type('text')
      .send(`${reasons.join('\n') || 'ok'}\n`);
  });
  return router;
}
