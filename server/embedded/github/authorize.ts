// /login/oauth/authorize of the stand-in: a page on which one chooses who to be.
import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import { html, plainPagePolicy, renderPlainPage, type Html } from '../../common/html.ts';
import type { Grants } from './grants.ts';
import { createOtherIdentity, loginPattern, type TestIdentity } from './identities.ts';

export interface AuthorizeOptions {
  clientId: string;
  callbackUrl: string;
  identities: readonly TestIdentity[];
  grants: Grants;
}

const text = z.string().max(500);
const requestSchema = z.object({
  client_id: text,
  redirect_uri: text.optional(),
  response_type: z.literal('code').optional(),
  scope: text.default(''),
  state: text.default(''),
  code_challenge: text.optional(),
  code_challenge_method: z.literal('S256').optional(),
});
type AuthorizeRequest = z.infer<typeof requestSchema>;
const choiceSchema = z.object({ login: z.string().regex(loginPattern) });

const send = (response: Response, status: number, title: string, body: Html, formTargets: string[] = []) =>
  response
    .status(status)
    .set('Content-Security-Policy', plainPagePolicy(formTargets))
    .set('Cache-Control', 'no-store')
    .type('html')
    .send(renderPlainPage(title, body));

const renderPerson = ({ id, login, name, description }: TestIdentity, isFirst: boolean) =>
  html`<li>
    <button class="person" name="login" value="${login}" ${isFirst ? html` autofocus` : ''}>
      <img src="/avatars/${id}.svg" alt="" width="40" height="40" /><span
        ><strong>${name} (${login})</strong><span>${description}</span></span
      >
    </button>
  </li>`;

const renderChoice = (request: AuthorizeRequest, identities: readonly TestIdentity[]) => {
  const hidden = Object.entries(request).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  return html`<h1>Who are you today?</h1>
    <p class="soft">This page stands in for GitHub on this machine. Nothing leaves it, and no password is asked for.</p>
    <form method="post" action="/login/oauth/authorize">
      ${hidden}
      <ul>
        ${identities.map((identity, index) => renderPerson(identity, index === 0))}
      </ul>
    </form>
    <form method="post" action="/login/oauth/authorize">
      ${hidden}
      <div class="row">
        <label
          >Somebody else, by GitHub login<input
            name="login"
            required
            maxlength="39"
            pattern="[A-Za-z0-9](-?[A-Za-z0-9])*"
            autocomplete="off"
            spellcheck="false"
            autocapitalize="off" /></label
        ><button class="primary">Sign in</button>
      </div>
    </form>
    <form method="post" action="/login/oauth/authorize">
      ${hidden}
      <div class="row"><button class="button" name="denied" value="1">Do not sign in</button></div>
    </form>`;
};

const fail = (response: Response, sentence: string) =>
  send(
    response,
    400,
    'Sign-in is not possible',
    html`<h1>Sign-in is not possible</h1>
      <p>${sentence}</p>`,
  );

/** The request, or undefined when it was answered: GitHub never redirects to an address that is not registered. */
function parseRequest(source: unknown, options: AuthorizeOptions, response: Response): AuthorizeRequest | undefined {
  const parsed = requestSchema.safeParse(source);
  if (!parsed.success) fail(response, 'The request is not complete.');
  else if (parsed.data.client_id !== options.clientId) fail(response, 'This application is not registered.');
  else if (parsed.data.redirect_uri !== undefined && parsed.data.redirect_uri !== options.callbackUrl)
    fail(response, 'The address to go back to is not the registered one.');
  else return parsed.data;
  return undefined;
}

function redirect(response: Response, options: AuthorizeOptions, query: Record<string, string>): void {
  const url = new URL(options.callbackUrl);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  response.redirect(302, url.href);
}

function answerChoice(request: Request, response: Response, options: AuthorizeOptions): void {
  const asked = parseRequest(request.body, options, response);
  if (!asked) return;
  const { state } = asked;
  if ((request.body as { denied?: unknown }).denied)
    return redirect(response, options, {
      error: 'access_denied',
      error_description: 'The user has denied your application access.',
      state,
    });
  const choice = choiceSchema.safeParse(request.body);
  if (!choice.success) return void fail(response, 'That is no GitHub login.');
  const { login } = choice.data;
  const known = options.identities.find((identity) => identity.login.toLowerCase() === login.toLowerCase());
  const code = options.grants.createCode({
    identity: known ?? createOtherIdentity(login),
    redirectUri: options.callbackUrl,
    scope: asked.scope,
    codeChallenge: asked.code_challenge,
  });
  redirect(response, options, { code, state });
}

export function createAuthorizeRouter(options: AuthorizeOptions): Router {
  const router = express.Router();
  // Chromium applies form-action to the redirect that follows the form, too.
  const formTargets = ["'self'", new URL(options.callbackUrl).origin];
  router.get('/login/oauth/authorize', (request, response) => {
    const asked = parseRequest(request.query, options, response);
    if (asked) send(response, 200, 'Sign in to the playground', renderChoice(asked, options.identities), formTargets);
  });
  const form = express.urlencoded({ extended: false, limit: '8kb' });
  router.post('/login/oauth/authorize', form, (request, response) => answerChoice(request, response, options));
  return router;
}
