// Every route of the gateway, in one list.
import type { Router } from 'express';
import type { GatewayOptions } from '../options.ts';
import { createEventRoutes } from './events.ts';
import { createMeRoutes } from './me.ts';
import { createPageRoutes } from './page.ts';
import { createRoundTripRoutes } from './round-trips.ts';
import { createSessionRoutes } from './session.ts';
import { createSignInRoutes } from './sign-in.ts';
import { createTerminalRoutes } from './terminals.ts';

export const createRoutes = (options: GatewayOptions): Router[] => [
  createSignInRoutes(options), // /login, /login/callback, /logout
  createMeRoutes(options), // /api/me, /api/environments
  createSessionRoutes(options), // /api/session
  createEventRoutes(options), // /api/session/events
  createRoundTripRoutes(options), // /api/session/round-trips
  createTerminalRoutes(options), // /api/session/terminals
  createPageRoutes(options), // /, /terminal and the files of the page
];
