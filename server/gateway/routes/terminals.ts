// GET /api/session/terminals and DELETE /api/session/terminals/{id}: asked of the session's agent.
import { Router } from 'express';
import { PlaygroundError } from '../../common/errors.ts';
import { terminalIdPattern } from '../../protocol/layout.ts';
import { ensureVisitor } from '../context.ts';
import type { GatewayOptions } from '../options.ts';

export function createTerminalRoutes({ sessions, agents }: GatewayOptions): Router {
  const router = Router();
  router.get('/api/session/terminals', async (_request, response) => {
    response.json(await agents.listTerminals(sessions.findAgent(ensureVisitor(response).id)));
  });
  router.delete('/api/session/terminals/:id', async (request, response) => {
    const { id: userId } = ensureVisitor(response);
    const { id } = request.params;
    if (!terminalIdPattern.test(id)) throw new PlaygroundError(404, 'NoTerminal', 'There is no such terminal.');
    await agents.endTerminal(sessions.findAgent(userId), id);
    response.status(204).end();
  });
  return router;
}
