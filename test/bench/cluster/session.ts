// A visitor's session on a cluster: asked for, used by the page's own end of a terminal, ended.
import { openEvents } from '../../support/event-reader.ts';
import { openPageLine, type PageLine } from '../../support/page-line.ts';
import { clock, type Visitor } from './release.ts';

const boundMs = 180_000;
/** The gateway takes ten requests a second from a user. */
const askMs = 250;

/** Looks every 10 ms, or every `stepMs`, until `probe` holds; throws with `what` after three minutes. */
export async function waitFor<T>(what: string, probe: () => Promise<T | undefined | false>, stepMs = 10): Promise<T> {
  const endMs = clock.monotonicMs() + boundMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (clock.monotonicMs() > endMs) throw new Error(`never happened: ${what}`);
    await clock.sleep(stepMs);
  }
}

export async function askForSession({ client, cookie }: Visitor, environment: string): Promise<{ id: string }> {
  const answer = await client.ask('/api/session', { method: 'POST', cookie, body: { environment } });
  if (answer.status !== 200) throw new Error(`No session: ${answer.status} ${answer.text}`);
  return JSON.parse(answer.text) as { id: string };
}

/** Resolves when the gateway tells the page that the session can be used. Throws when it has failed. */
export async function waitUntilReady({ eventsUrl, headers }: Visitor): Promise<void> {
  const reader = await openEvents(eventsUrl, headers);
  interface Told {
    state?: string;
    failure?: string;
  }
  try {
    await waitFor('a session', async () => {
      const told = reader.events.filter(({ event }) => event === 'session').map(({ data }) => data as Told);
      const failure = told.find(({ state }) => state === 'failed')?.failure;
      if (failure) throw new Error(`The session failed: ${failure}`);
      return told.some(({ state }) => state === 'ready');
    });
  } finally {
    reader.close();
  }
}

/** Resolves when its pod is gone. */
export async function endSession({ client, cookie }: Visitor): Promise<void> {
  await client.ask('/api/session', { method: 'DELETE', cookie });
  await waitFor(
    'the end of a session',
    async () => (await client.ask('/api/session', { cookie })).status === 404,
    askMs,
  );
}

/** Connected as a page is, and again by itself; resolves at the shell's prompt. */
export async function attach(
  { client, cookie }: Visitor,
  terminal: string,
  onOutput?: (text: string) => void,
): Promise<PageLine> {
  const line = openPageLine({ socket: (id) => client.openSocket(id, cookie) }, terminal, onOutput);
  // It ends in `$`, with escapes behind it.
  await waitFor('a prompt', async () => /[$#][^\r\n]{0,40}$/.test(line.output));
  return line;
}
