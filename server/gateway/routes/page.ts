// The page: its built files, and index.html for every address that is a view of it.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import express, { Router } from 'express';
import { PlaygroundError } from '../../common/errors.ts';
import { contextOf } from '../context.ts';
import type { GatewayOptions } from '../options.ts';
import { basePathOf } from '../origin.ts';

/** Addresses of views; the page reads them itself. */
export const viewPaths = ['/', '/terminal'];
/** Views that make no sense without a user; as links they lead through the sign-in. */
const signedInPaths = new Set(['/terminal']);

/** The page's files lie below `basePath`, however deep the address of the view is: what begins with `./` begins there. */
export const withBase = (page: string, basePath: string): string => page.replaceAll('="./', `="${basePath}/`);

const notBuilt = (cause: unknown) =>
  new PlaygroundError(503, 'NoPage', 'The page has not been built. Build it with: npm run build:web', { cause });

export function createPageRoutes({ webDir, publicUrl }: Pick<GatewayOptions, 'webDir' | 'publicUrl'>): Router {
  const basePath = basePathOf(publicUrl);
  const router = Router();
  // File names in assets hold a hash of what is in them.
  const assets = { immutable: true, maxAge: '1y', index: false, redirect: false, fallthrough: true } as const;
  router.use('/assets', express.static(path.join(webDir, 'assets'), assets));
  router.get(viewPaths, async (request, response) => {
    if (signedInPaths.has(request.path) && !contextOf(response).visitor)
      return response.redirect(302, `${basePath}/login?redirectPath=${encodeURIComponent(request.path)}`);
    const page = await readFile(path.join(webDir, 'index.html'), 'utf8').catch((fault: unknown) => {
      throw notBuilt(fault);
    });
    response.set('Cache-Control', 'no-store').type('html').send(withBase(page, basePath));
  });
  router.use(express.static(webDir, { index: false, redirect: false, maxAge: '1h' }));
  return router;
}
