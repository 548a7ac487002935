// Sign-in with GitHub: passport-github2 with state and PKCE, for github.com, GitHub Enterprise Server and the stand-in alike.
import type { Request, Response } from 'express';
import passport from 'passport';
import { Strategy, type Profile, type StrategyOptions } from 'passport-github2';
import * as z from 'zod';
import type { Clock } from '../common/clock.ts';
import { isPlaygroundError, PlaygroundError } from '../common/errors.ts';
import type { CookieOptions } from './cookies.ts';
import { createGitHubApi, type GitHubApi } from './github-api.ts';
import type { Identity } from './identity.ts';
import { asksForMemberships, reduceIdentity, type AccessPolicy } from './policy.ts';
import type { Sealer } from './seal.ts';
import { CookieStateStore } from './state-store.ts';

export interface GitHubSignInOptions extends CookieOptions {
  clientId: string;
  clientSecret: string;
  /** https://github.com, or a GitHub Enterprise Server. */
  url: string;
  apiUrl: string;
  /** Where GitHub sends the browser back to; must be registered there. */
  callbackUrl: string;
  policy: AccessPolicy;
  sealer: Sealer;
  clock: Clock;
}

export interface GitHubSignIn {
  /** Sends the browser to GitHub. */
  begin(request: Request, response: Response, redirectPath: string): Promise<void>;
  /** On the way back: who it is, and where it wanted to go. Throws PlaygroundError when GitHub or the user refused. */
  finish(request: Request, response: Response): Promise<{ identity: Identity; redirectPath: string }>;
}

const callbackTimeoutMs = 20_000;

const profileSchema = z.object({
  id: z.number().int().positive(),
  login: z.string().min(1),
  name: z.string().nullish(),
  avatar_url: z.string().nullish(),
  created_at: z.string(),
});

const cut = (text: string, length: number) => [...text].slice(0, length).join('');

function identityOf(profile: Profile & { _json?: unknown }): Identity {
  const { id, login, name, avatar_url: avatarUrl, created_at: createdAt } = profileSchema.parse(profile._json);
  const isShown = !!avatarUrl && avatarUrl.length <= 400 && /^https?:\/\//.test(avatarUrl);
  return {
    id: String(id),
    login,
    name: cut(name || login, 100),
    ...(isShown ? { avatarUrl } : {}),
    createdAt,
    organizations: [],
    teams: [],
  };
}

async function addMemberships(identity: Identity, api: GitHubApi, policy: AccessPolicy, accessToken: string) {
  const organizations = policy.organizations.length ? await api.listOrganizations(accessToken) : [];
  const teams = policy.teams.length ? await api.listTeams(accessToken) : [];
  return reduceIdentity(policy, { ...identity, organizations, teams });
}

function createStrategy(options: GitHubSignInOptions): Strategy {
  const api = createGitHubApi(options);
  // The published types know neither a store with PKCE nor that the library carries it; both are in passport-oauth2.
  const strategyOptions = {
    clientID: options.clientId,
    clientSecret: options.clientSecret,
    callbackURL: options.callbackUrl,
    authorizationURL: `${options.url}/login/oauth/authorize`,
    tokenURL: `${options.url}/login/oauth/access_token`,
    userProfileURL: `${options.apiUrl}/user`,
    userAgent: 'gardener-playground',
    scope: asksForMemberships(options.policy) ? ['read:org'] : [],
    pkce: true,
    store: new CookieStateStore(options.sealer, options),
  } as unknown as StrategyOptions;
  return new Strategy(
    strategyOptions,
    (
      accessToken: string,
      _refreshToken: string,
      profile: Profile,
      done: (error: unknown, user?: Express.User) => void,
    ) => {
      Promise.resolve()
        .then(() => addMemberships(identityOf(profile), api, options.policy, accessToken))
        .then((identity) => done(null, identity), done);
    },
  );
}

const refused = (cause: unknown) =>
  new PlaygroundError(403, 'SignInRefused', 'You did not let GitHub say who you are, so nobody is signed in.', {
    cause,
  });
const expired = () =>
  new PlaygroundError(
    400,
    'SignInExpired',
    'This sign-in was begun too long ago, or in another browser. Please sign in again.',
  );
const failed = (cause: unknown) =>
  isPlaygroundError(cause)
    ? cause
    : new PlaygroundError(502, 'GitHubFailed', 'GitHub did not say who you are. Please sign in again in a minute.', {
        cause,
      });

// A code that is wrong, used or too old is the visitor's matter, not an outage. GitHub says it with status 200 and an error in the
// body, of which passport tells no more than this sentence; other servers answer as RFC 6749 section 5.2 has it.
const isBadCode = (error: unknown) =>
  error instanceof Error &&
  ((error.message === 'Failed to obtain access token' && !('oauthError' in error)) ||
    ('code' in error && (error.code === 'bad_verification_code' || error.code === 'invalid_grant')));

export function createGitHubSignIn(options: GitHubSignInOptions): GitHubSignIn {
  const authenticator = new passport.Passport();
  authenticator.use('github', createStrategy(options));

  return {
    begin: (request, response, redirectPath) =>
      new Promise((resolve, reject) => {
        response.once('close', resolve);
        // A query of ours must not be taken for an answer of GitHub.
        const plain = Object.create(request, { query: { value: {} } }) as Request;
        const state = { redirectPath } as unknown as string;
        authenticator.authenticate('github', { session: false, state })(plain, response, (fault: unknown) =>
          reject(failed(fault)),
        );
      }),
    finish: (request, response) =>
      new Promise((resolve, reject) => {
        const timer = options.clock.after(callbackTimeoutMs, () => reject(failed(new Error('no answer in time'))));
        const settle = (act: () => void) => {
          timer.dispose();
          act();
        };
        if (typeof request.query['code'] !== 'string' && typeof request.query['error'] !== 'string')
          return settle(() => reject(expired()));
        const done = (error: unknown, identity?: Identity | false, info?: unknown) => {
          if (error) return settle(() => reject(isBadCode(error) ? expired() : failed(error)));
          if (identity) {
            const { state } = info as { state: { redirectPath: string } };
            return settle(() => resolve({ identity, redirectPath: state.redirectPath }));
          }
          const isState = request.query['error'] === undefined;
          settle(() => reject(isState ? expired() : refused(new Error(JSON.stringify(info)))));
        };
        authenticator.authenticate('github', { session: false }, done)(request, response, done);
      }),
  };
}
