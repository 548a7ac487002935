// Finds out who sends a request: the cookie says it, the policy decides whether that is still welcome.
import type { RequestHandler } from 'express';
import { refusalOf, type AccessPolicy, type Identity, type VisitorCookie } from '../../auth/index.ts';
import type { Audit } from '../../common/audit.ts';
import type { Clock } from '../../common/clock.ts';
import type { SessionManager } from '../../session/index.ts';
import { contextOf } from '../context.ts';

export interface VisitorOptions {
  visitorCookie: VisitorCookie;
  policy: AccessPolicy;
  sessions: Pick<SessionManager, 'findId'>;
  clock: Clock;
  audit: Audit;
}

/** From which request a cookie came. */
interface Sender {
  requestId: string;
  address: string;
}

/** Who sends this Cookie header and may come in; undefined otherwise. */
export async function readVisitor(
  header: string | undefined,
  { requestId, address }: Sender,
  { visitorCookie, policy, clock, audit }: VisitorOptions,
): Promise<Identity | undefined> {
  const identity = await visitorCookie.read(header);
  if (!identity) return undefined;
  const refusal = refusalOf(policy, identity, clock.now());
  if (!refusal) return identity;
  const { id: user, login } = identity;
  audit.record('access-refused', { requestId, address, user, login, reason: refusal.code });
  return undefined;
}

/** The fields of the log that tell a user's lines; the session is the one that this replica knows. */
export const logFieldsOf = ({ id }: Identity, { sessions }: Pick<VisitorOptions, 'sessions'>) => {
  const session = sessions.findId(id);
  return { user: id, ...(session ? { session } : {}) };
};

/** Puts the visitor into the request's context; a cookie that says nobody is removed. */
export function visitor(options: VisitorOptions): RequestHandler {
  return async function findVisitor(request, response, next) {
    const header = request.headers.cookie;
    const context = contextOf(response);
    const identity = await readVisitor(header, context, options);
    if (identity)
      Object.assign(context, { visitor: identity, logger: context.logger.child(logFieldsOf(identity, options)) });
    else if (options.visitorCookie.isSent(header)) response.append('Set-Cookie', options.visitorCookie.renderRemoval());
    next();
  };
}
