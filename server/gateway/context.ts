// What middleware finds out about a request, for those who come after it.
import type { Response } from 'express';
import type { Identity } from '../auth/index.ts';
import { PlaygroundError } from '../common/errors.ts';
import type { Logger } from '../common/log.ts';

export interface RequestContext {
  requestId: string;
  /** Of the client, by the proxies that are believed. */
  address: string;
  logger: Logger;
  /** Who sends it, and may: the policy has been asked. */
  visitor?: Identity;
}

const key = 'context';

export const setContext = (response: Response, context: RequestContext): void => {
  response.locals[key] = context;
};

export const contextOf = (response: Response): RequestContext => response.locals[key] as RequestContext;

/** The fields of audit records that say who asked. */
export function whoOf(response: Response): { requestId: string; address: string; user?: string; login?: string } {
  const { requestId, address, visitor } = contextOf(response);
  return { requestId, address, ...(visitor ? { user: visitor.id, login: visitor.login } : {}) };
}

export const notSignedIn = (): PlaygroundError =>
  new PlaygroundError(401, 'Unauthorized', 'You are not signed in. Sign in to go on.');

/** Throws 401 when nobody is signed in. */
export function ensureVisitor(response: Response): Identity {
  const { visitor } = contextOf(response);
  if (!visitor) throw notSignedIn();
  return visitor;
}
