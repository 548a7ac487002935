// The page: its built files, and index.html for every address that is a view of it.
import path from 'node:path';
import express, { Router, type Response } from 'express';
import { isPlaygroundError, PlaygroundError } from '../../common/errors.ts';
import { contextOf } from '../context.ts';
import type { GatewayOptions } from '../options.ts';

/** Addresses of views; the page reads them itself. */
export const viewPaths = ['/', '/terminal'];
/** Views that make no sense without a user; as links they lead through the sign-in. */
const signedInPaths = new Set(['/terminal']);

const sendFile = (response: Response, webDir: string) =>
  new Promise<void>((resolve, reject) => {
    response.set('Cache-Control', 'no-store');
    response.sendFile('index.html', { root: webDir, cacheControl: false, etag: false, lastModified: false }, (fault) =>
      fault ? reject(fault) : resolve(),
    );
  });

export function createPageRoutes({ webDir }: Pick<GatewayOptions, 'webDir'>): Router {
  const router = Router();
  // File names in assets hold a hash of what is in them.
  const assets = { immutable: true, maxAge: '1y', index: false, redirect: false, fallthrough: true } as const;
  router.use('/assets', express.static(path.join(webDir, 'assets'), assets));
  router.get(viewPaths, async (request, response) => {
    if (signedInPaths.has(request.path) && !contextOf(response).visitor)
      return response.redirect(302, `/login?redirectPath=${encodeURIComponent(request.path)}`);
    try {
      await sendFile(response, webDir);
    } catch (fault) {
      if (isPlaygroundError(fault) || response.headersSent) throw fault;
      throw new PlaygroundError(503, 'NoPage', 'The page has not been built. Build it with: npm run build:web', {
        cause: fault,
      });
    }
  });
  router.use(express.static(webDir, { index: false, redirect: false, maxAge: '1h' }));
  return router;
}
