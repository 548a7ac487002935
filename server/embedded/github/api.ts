// The access token endpoint of the stand-in and the part of GitHub's REST API that a sign-in needs.
import { timingSafeEqual } from 'node:crypto';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import * as z from 'zod';
import type { Grants } from './grants.ts';
import type { TestIdentity } from './identities.ts';

export interface ApiOptions {
  clientId: string;
  clientSecret: string;
  grants: Grants;
  /** The stand-in's own address, for links in answers. */
  url: string;
}

const text = z.string().max(500);
const tokenSchema = z.object({
  client_id: text,
  client_secret: text,
  code: text,
  redirect_uri: text.optional(),
  code_verifier: text.optional(),
});

const isEqual = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** Form or JSON, as the Accept header asks; GitHub says errors of this endpoint with status 200. */
function answerToken(request: Request, response: Response, body: Record<string, string>): void {
  response.set('Cache-Control', 'no-store');
  if (request.accepts(['application/x-www-form-urlencoded', 'application/json']) === 'application/json')
    response.json(body);
  else response.type('application/x-www-form-urlencoded').send(new URLSearchParams(body).toString());
}

function createToken(request: Request, { clientId, clientSecret, grants }: ApiOptions): Record<string, string> {
  const parsed = tokenSchema.safeParse(request.body);
  const isClient =
    parsed.success && parsed.data.client_id === clientId && isEqual(parsed.data.client_secret, clientSecret);
  if (!isClient)
    return {
      error: 'incorrect_client_credentials',
      error_description: 'The client_id and/or client_secret passed are incorrect.',
    };
  const { code, redirect_uri: redirectUri, code_verifier: codeVerifier } = parsed.data;
  const token = grants.redeem(code, redirectUri, codeVerifier);
  if (!token) return { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' };
  return { access_token: token.accessToken, scope: token.scope, token_type: 'bearer' };
}

const toUser = ({ id, login, name, createdAt }: TestIdentity, url: string) => ({
  id,
  login,
  name,
  type: 'User',
  avatar_url: `${url}/avatars/${id}.svg`,
  html_url: `${url}/${login}`,
  email: null,
  created_at: createdAt,
});

const toTeam = (team: string) => {
  const [organization = '', slug = ''] = team.split('/');
  return { slug, name: slug, organization: { login: organization } };
};

const toEmail = ({ login }: TestIdentity) => ({
  email: `${login}@users.example.org`,
  primary: true,
  verified: true,
  visibility: null,
});

const bearerOf = (request: Request) => /^(?:bearer|token) (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';

export function createApiRouter(options: ApiOptions): Router {
  const router = express.Router();
  const bodies = [express.urlencoded({ extended: false, limit: '8kb' }), express.json({ limit: '8kb' })];
  router.post('/login/oauth/access_token', ...bodies, (request, response) =>
    answerToken(request, response, createToken(request, options)),
  );

  const requireToken: RequestHandler = (request, response, next) => {
    const grant = options.grants.identityOf(bearerOf(request));
    if (!grant) return void response.status(401).json({ message: 'Bad credentials' });
    response.locals['grant'] = grant;
    next();
  };
  const requireScope =
    (...scopes: string[]): RequestHandler =>
    (request, response, next) =>
      requireToken(request, response, () => {
        const { scope } = response.locals['grant'] as { scope: string };
        if (scopes.some((wanted) => scope.split(/[ ,]+/).includes(wanted))) return next();
        response.status(403).json({ message: `You need at least ${scopes[0]} scope.` });
      });
  const identityIn = (response: Response) => (response.locals['grant'] as { identity: TestIdentity }).identity;

  router.get(
    '/user',
    requireToken,
    (_request, response) => void response.json(toUser(identityIn(response), options.url)),
  );
  router.get('/user/orgs', requireScope('read:org', 'user'), (_request, response) => {
    response.json(identityIn(response).organizations.map((login) => ({ login })));
  });
  router.get('/user/teams', requireScope('read:org'), (_request, response) => {
    response.json(identityIn(response).teams.map(toTeam));
  });
  router.get('/user/emails', requireScope('user:email', 'user'), (_request, response) => {
    response.json([toEmail(identityIn(response))]);
  });
  return router;
}
