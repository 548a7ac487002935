// GET /api/me and GET /api/environments: what the page needs to know first.
import { Router } from 'express';
import type { EnvironmentSummary, Me, User } from '../../protocol/rest.ts';
import { contextOf } from '../context.ts';
import type { GatewayOptions } from '../options.ts';

export function createMeRoutes({ signInInfo, isIsolated, notice, sessions }: GatewayOptions): Router {
  const router = Router();
  router.get('/api/me', (_request, response) => {
    const { visitor } = contextOf(response);
    const user: User | null = visitor
      ? { id: visitor.id, login: visitor.login, name: visitor.name, avatarUrl: visitor.avatarUrl }
      : null;
    response.json({ user, signIn: signInInfo, isIsolated, notice } satisfies Me);
  });
  router.get('/api/environments', (_request, response) => {
    response.json(sessions.environments satisfies EnvironmentSummary[]);
  });
  return router;
}
