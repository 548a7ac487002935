// GET /login, GET /login/callback, POST /logout.
import { Router } from 'express';
import { ensureRedirectPath, refusalOf } from '../../auth/index.ts';
import { isPlaygroundError, PlaygroundError } from '../../common/errors.ts';
import { contextOf, whoOf } from '../context.ts';
import { rateLimit } from '../middleware/rate-limit.ts';
import type { GatewayOptions } from '../options.ts';
import { basePathOf } from '../origin.ts';

/** People copy addresses: a path that begins with the playground's own means the same without it. */
const withoutBase = (value: unknown, basePath: string): unknown =>
  typeof value === 'string' && (value === basePath || value.startsWith(`${basePath}/`))
    ? value.slice(basePath.length)
    : value;

export function createSignInRoutes(options: GatewayOptions): Router {
  const { signIn, visitorCookie, policy, clock, metrics, audit, rateLimits } = options;
  const basePath = basePathOf(options.publicUrl);
  const router = Router();
  const limit = rateLimit({ name: 'sign-in', perMinute: rateLimits.signInsPerMinute });

  router.get('/login', limit, async (request, response) => {
    const redirectPath = ensureRedirectPath(withoutBase(request.query['redirectPath'], basePath));
    response.set('Cache-Control', 'no-store');
    if (contextOf(response).visitor) return response.redirect(302, basePath + redirectPath);
    await signIn.begin(request, response, redirectPath);
  });

  router.get('/login/callback', limit, async (request, response) => {
    response.set('Cache-Control', 'no-store');
    let who = whoOf(response);
    try {
      const { identity, redirectPath } = await signIn.finish(request, response);
      who = { ...who, user: identity.id, login: identity.login };
      const refusal = refusalOf(policy, identity, clock.now());
      if (refusal) throw new PlaygroundError(403, refusal.code, refusal.sentence);
      // The path was sealed by us, but rules may have become stricter meanwhile.
      const path = ensureRedirectPath(redirectPath);
      response.append('Set-Cookie', await visitorCookie.render(identity));
      metrics.signIns.inc({ result: 'ok' });
      audit.record('sign-in', who);
      response.redirect(302, basePath + path);
    } catch (fault) {
      const reason = isPlaygroundError(fault) ? fault.code : 'Internal';
      metrics.signIns.inc({ result: reason });
      audit.record('sign-in-refused', { ...who, reason });
      throw fault;
    }
  });

  router.post('/logout', (_request, response) => {
    if (contextOf(response).visitor) audit.record('sign-out', whoOf(response));
    response.append('Set-Cookie', visitorCookie.renderRemoval()).status(204).end();
  });
  return router;
}
