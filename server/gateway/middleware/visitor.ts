// Finds out who sends a request: the cookie says it, the policy decides whether that is still welcome.
import type { RequestHandler } from 'express';
import { refusalOf, type AccessPolicy, type Identity, type VisitorCookie } from '../../auth/index.ts';
import type { Clock } from '../../common/clock.ts';
import { contextOf } from '../context.ts';

export interface VisitorOptions {
  visitorCookie: VisitorCookie;
  policy: AccessPolicy;
  clock: Clock;
}

/** Who sends this Cookie header and may come in; undefined otherwise. */
export async function readVisitor(
  header: string | undefined,
  { visitorCookie, policy, clock }: VisitorOptions,
): Promise<Identity | undefined> {
  const identity = await visitorCookie.read(header);
  return identity && !refusalOf(policy, identity, clock.now()) ? identity : undefined;
}

/** Puts the visitor into the request's context; a cookie that says nobody is removed. */
export function visitor(options: VisitorOptions): RequestHandler {
  return async function findVisitor(request, response, next) {
    const header = request.headers.cookie;
    const identity = await readVisitor(header, options);
    const context = contextOf(response);
    if (identity) Object.assign(context, { visitor: identity, logger: context.logger.child({ user: identity.id }) });
    else if (options.visitorCookie.isSent(header)) response.append('Set-Cookie', options.visitorCookie.renderRemoval());
    next();
  };
}
