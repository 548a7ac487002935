// The steps of the smoke test, in order; each throws an Error that says what is wrong.
import * as z from 'zod';
import type { Identity } from '../auth/index.ts';
import type { Clock } from '../common/clock.ts';
import { messageOf } from '../common/errors.ts';
import { closeReasonOf, closeReasons, type CloseReason } from '../protocol/close-codes.ts';
import type { Answer, SmokeClient } from './client.ts';
import { typeAndRead, waitForClose } from './terminal.ts';

export interface SmokeParts {
  client: SmokeClient;
  clock: Clock;
  /** Ends the whole test. */
  signal: AbortSignal;
  publicUrl: string;
  githubUrl: string;
  githubClientId?: string;
  environment?: string;
  identity: Identity;
  /** The Cookie header of `identity`. */
  cookie: string;
}

export interface Step {
  /** What holds when the step is done, as a sentence. */
  sentence: string;
  run(parts: SmokeParts): Promise<void>;
}

const pollMs = 300;
// Replicas hear of a pod one after the other.
const replicaLagMs = 10_000;
const cleanUpMs = 30_000;
const terminal = 'smoke';

const sessionSchema = z.object({ state: z.string(), failure: z.string().optional() });
const errorSchema = z.object({ error: z.object({ message: z.string() }) });

function parseJson<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const said = ({ status, text }: Answer): string =>
  `${status} ${parseJson(errorSchema, text)?.error.message ?? text.trim().slice(0, 200)}`.trim();

function ensureStatus(answer: Answer, what: string, ...wanted: number[]): Answer {
  if (!wanted.includes(answer.status)) throw new Error(`${what} answered: ${said(answer)}`);
  return answer;
}

/** Tries until `attempt` does not throw; after `forMs`, or when the whole test is over, throws what it threw last. */
async function eventually(
  { clock, signal }: Pick<SmokeParts, 'clock' | 'signal'>,
  attempt: () => Promise<void>,
  forMs: number,
): Promise<void> {
  const endMs = clock.monotonicMs() + forMs;
  let last = '';
  for (;;) {
    try {
      return await attempt();
    } catch (fault) {
      // What ended the test is no news of what was tried.
      if (!signal.aborted) last = messageOf(fault);
      if (clock.monotonicMs() >= endMs) throw fault;
    }
    await clock.sleep(pollMs, signal).catch(() => undefined);
    if (signal.aborted) throw new Error([messageOf(signal.reason), last && `Last: ${last}.`].join(' ').trim());
  }
}

/** As long as the whole test has time. */
const asLongAsNeeded = Infinity;

async function beHealthy(parts: SmokeParts): Promise<void> {
  const ask = async (path: string) => void ensureStatus(await parts.client.ask(path), path, 200);
  // A Service answers a moment after its pods are ready.
  await eventually(parts, () => ask('/healthz'), asLongAsNeeded);
  await eventually(parts, () => ask('/readyz'), asLongAsNeeded);
}

async function redirectToGitHub({ client, publicUrl, githubUrl, githubClientId }: SmokeParts): Promise<void> {
  const { headers } = ensureStatus(await client.ask('/login'), '/login', 302);
  const location = headers.location ?? '';
  const authorizeUrl = `${githubUrl}/login/oauth/authorize`;
  if (location.split('?')[0] !== authorizeUrl) throw new Error(`/login leads to ${location}, not to ${authorizeUrl}`);
  const query = new URL(location).searchParams;
  const callbackUrl = `${publicUrl}/login/callback`;
  if (query.get('redirect_uri') !== callbackUrl)
    throw new Error(`the callback URL is ${query.get('redirect_uri')}, not ${callbackUrl}`);
  if (githubClientId && query.get('client_id') !== githubClientId)
    throw new Error('the client ID is not the one of the Secret');
  if (!query.get('state')) throw new Error('the request to GitHub has no state');
}

async function beRefused(parts: SmokeParts, wanted: CloseReason, cookie?: string): Promise<void> {
  const code = await waitForClose(parts.client.openSocket(terminal, cookie), parts.signal);
  if (code !== wanted.code)
    throw new Error(
      `the socket was closed with ${code} ${closeReasonOf(code).name}, not ${wanted.code} ${wanted.name}`,
    );
}

async function beKnown({ client, cookie, identity }: SmokeParts): Promise<void> {
  const answer = ensureStatus(await client.ask('/api/me', { cookie }), '/api/me', 200);
  const me = parseJson(z.object({ user: z.object({ id: z.string() }).nullable() }), answer.text);
  if (me?.user?.id !== identity.id)
    throw new Error('the gateway does not know the cookie: it seals with other keys, or its policy is another one');
}

async function defaultEnvironmentOf({ client, cookie }: SmokeParts): Promise<string> {
  const answer = ensureStatus(await client.ask('/api/environments', { cookie }), '/api/environments', 200);
  const schema = z.array(z.object({ name: z.string(), isDefault: z.boolean() }));
  const found = parseJson(schema, answer.text)?.find(({ isDefault }) => isDefault)?.name;
  if (!found) throw new Error('there is no default environment');
  return found;
}

async function getSession(parts: SmokeParts): Promise<void> {
  const { client, cookie } = parts;
  const environment = parts.environment ?? (await defaultEnvironmentOf(parts));
  ensureStatus(
    await client.ask('/api/session', { method: 'POST', cookie, body: { environment } }),
    'POST /api/session',
    200,
    201,
  );
  let failure: string | undefined;
  await eventually(
    parts,
    async () => {
      const answer = ensureStatus(await client.ask('/api/session', { cookie }), '/api/session', 200);
      const session = parseJson(sessionSchema, answer.text);
      if (session?.state === 'failed') failure = session.failure ?? 'it says no reason';
      if (!failure && session?.state !== 'ready') throw new Error(`the session is ${session?.state ?? 'unreadable'}`);
    },
    asLongAsNeeded,
  );
  if (failure) throw new Error(`the session failed: ${failure}`);
}

const typeSomething = ({ client, cookie, signal }: SmokeParts): Promise<void> =>
  typeAndRead(client.openSocket(terminal, cookie), 'echo smoke-$((6 * 7))\r', 'smoke-42', signal);

/** Ends the session of the test's user, if there is one, and waits until it is gone. */
async function endSession(parts: SmokeParts, signal = parts.signal): Promise<void> {
  const { client, cookie } = parts;
  const gone = async () => void ensureStatus(await client.ask('/api/session', { cookie, signal }), '/api/session', 404);
  ensureStatus(await client.ask('/api/session', { method: 'DELETE', cookie, signal }), 'DELETE /api/session', 204, 404);
  await eventually({ ...parts, signal }, gone, asLongAsNeeded);
}

/** For the end of a test that failed, when its own time may be over. */
export async function cleanUp(parts: SmokeParts): Promise<void> {
  const abort = new AbortController();
  const timer = parts.clock.after(cleanUpMs, () => abort.abort(new Error(`${cleanUpMs / 1000} s are over.`)));
  try {
    await endSession(parts, abort.signal);
  } finally {
    timer.dispose();
  }
}

export const steps: readonly Step[] = [
  { sentence: 'The gateway is healthy and ready.', run: beHealthy },
  { sentence: 'Signing in leads to GitHub, with the right callback URL.', run: redirectToGitHub },
  {
    sentence: 'A terminal is refused to those who are not signed in.',
    run: (parts) => beRefused(parts, closeReasons.unauthorized),
  },
  { sentence: 'The access policy lets the test user in.', run: beKnown },
  { sentence: 'No session of an earlier test is left.', run: (parts) => endSession(parts) },
  {
    sentence: 'A terminal is refused to those without a session.',
    run: (parts) => eventually(parts, () => beRefused(parts, closeReasons.noSession, parts.cookie), replicaLagMs),
  },
  { sentence: 'A session starts and is ready.', run: getSession },
  {
    sentence: 'What is typed in its terminal is answered.',
    run: (parts) => eventually(parts, () => typeSomething(parts), replicaLagMs),
  },
  { sentence: 'The session ends when its user ends it.', run: (parts) => endSession(parts) },
];
