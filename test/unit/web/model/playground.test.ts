// What the page does with the gateway's answers and events, and which view comes of it.
import assert from 'node:assert/strict';
import type { EnvironmentSummary, Me, Session, SessionEnd, SessionState } from '../../../../server/protocol/rest.ts';
import { type Api, ApiFault } from '../../../../web/model/api.ts';
import type { SessionEvents } from '../../../../web/model/event-stream.ts';
import { createPlayground } from '../../../../web/model/playground.ts';
import { titleOf } from '../../../../web/model/view.ts';

const user = { id: '1', login: 'ada', name: 'Ada' };
const environments = [
  { name: 'big', isDefault: false },
  { name: 'lite', isDefault: true },
] as EnvironmentSummary[];

const sessionOf = (state: SessionState, environment = 'lite'): Session => ({
  id: 'one',
  environment,
  environmentTitle: 'Lite',
  state,
  createdAt: '2026-01-01T00:00:00Z',
  end: { at: '2026-01-01T01:00:00Z', cause: 'life', canStay: true },
});

function setUp({ path = '/', me = user as Me['user'], session = null as Session | null } = {}) {
  const calls: string[] = [];
  const time = { ms: Date.parse('2026-01-01T00:00:10Z') };
  /** What is to happen later, with its delay. */
  const later = new Set<{ delayMs: number; callback: () => void }>();
  const places = { path, left: '' };
  let events: SessionEvents | undefined;
  const end: SessionEnd = { at: '2026-01-01T02:00:00Z', cause: 'cap', canStay: false };
  const server = { me, session, end, fault: undefined as ApiFault | undefined };
  const call = async <T>(name: string, answer: () => T): Promise<T> => {
    calls.push(name);
    if (server.fault) throw server.fault;
    return answer();
  };
  const api: Api = {
    me: () =>
      call('me', () => ({ user: server.me, signIn: { provider: 'github', label: 'Sign in' }, isIsolated: true })),
    environments: () => call('environments', () => environments),
    session: () => call('session', () => server.session),
    createSession: (name) => call(`create ${name}`, () => sessionOf('starting', name)),
    endSession: () => call('end', () => undefined),
    stay: () => call('stay', () => ({ ...sessionOf('ready'), end: server.end })),
    tellRoundTrips: async () => undefined,
    signOut: () => call('sign out', () => undefined),
  };
  const playground = createPlayground({
    basePath: '',
    api,
    openEvents(handlers) {
      events = handlers;
      return { dispose: () => (events = undefined) };
    },
    timers: {
      now: () => time.ms,
      after(delayMs, callback) {
        const timer = { delayMs, callback };
        later.add(timer);
        return { dispose: () => void later.delete(timer) };
      },
    },
    random: () => 0.4,
    serverNow: () => time.ms,
    history: {
      path: () => places.path,
      push: (next) => (places.path = next),
      replace: (next) => (places.path = next),
      leaveTo: (url) => (places.left = url),
    },
  });
  const listening = (): SessionEvents => events ?? assert.fail('nobody listens');
  /** What was to happen later happens now; resolves when it has. Returns the delays. */
  const elapse = async () => {
    const due = [...later];
    later.clear();
    for (const { callback } of due) callback();
    await new Promise((resolve) => setImmediate(resolve));
    return due.map(({ delayMs }) => delayMs);
  };
  return { playground, calls, places, time, later, elapse, server, listening, isListening: () => events !== undefined };
}

describe('playground', () => {
  it('shows nothing until it knows, then the welcome', async () => {
    const { playground, calls } = setUp({ me: null });
    assert.equal(playground.view.value.name, 'loading');
    await playground.load();
    assert.equal(playground.view.value.name, 'welcome');
    assert.deepEqual(calls, ['me', 'environments']);
  });

  it('the sign-in of the welcome leads back to it', async () => {
    const { playground, places } = setUp({ me: null });
    await playground.load();
    playground.signIn();
    assert.equal(places.left, '/login?redirectPath=/');
  });

  it('a link to the terminal signs in', async () => {
    const { playground, places } = setUp({ path: '/terminal', me: null });
    await playground.load();
    assert.equal(places.left, '/login?redirectPath=/terminal');
  });

  it('a link to the terminal starts the default environment', async () => {
    const { playground, calls } = setUp({ path: '/terminal' });
    await playground.load();
    assert.ok(calls.includes('create lite'));
    assert.equal(playground.view.value.name, 'starting');
  });

  it('a link to the terminal takes the session that there is', async () => {
    const { playground, calls } = setUp({ path: '/terminal', session: sessionOf('ready') });
    await playground.load();
    assert.ok(!calls.some((call) => call.startsWith('create')));
    assert.equal(playground.view.value.name, 'workspace');
  });

  it('a session that is ending counts as none', async () => {
    const { playground, calls } = setUp({ path: '/terminal', session: sessionOf('ending') });
    await playground.load();
    assert.ok(calls.includes('create lite'));
  });

  it('goes from start over progress to the workspace', async () => {
    const { playground, places, listening, time } = setUp();
    await playground.load();
    await playground.start('big');
    assert.equal(places.path, '/terminal');
    const progress = { id: '1', at: '2026-01-01T00:00:01Z', sentence: 'It grows.', level: 'info' } as const;
    time.ms += 1_300;
    listening().onProgress(progress);
    listening().onProgress(progress);
    assert.deepEqual(playground.progress.value, [{ ...progress, elapsedMs: 1_300 }]);
    assert.equal(playground.view.value.name, 'starting');
    listening().onSession(sessionOf('ready', 'big'));
    assert.equal(playground.view.value.name, 'workspace');
    assert.match(titleOf(playground.view.value), /^Lite/);
  });

  it('takes the times of a start that was under way from the gateway', async () => {
    const { playground, listening } = setUp({ path: '/terminal', session: sessionOf('starting') });
    await playground.load();
    listening().onProgress({ id: '1', at: '2026-01-01T00:00:03Z', sentence: 'It grows.', level: 'info' });
    assert.equal(playground.progress.value[0]?.elapsedMs, 3_000);
  });

  it('says why a session ended, and a reload does not start another', async () => {
    const { playground, places, listening, isListening } = setUp({ path: '/terminal', session: sessionOf('ready') });
    await playground.load();
    listening().onEnded({ sentence: 'The time is over.' });
    assert.deepEqual(playground.view.value, { name: 'ended', sentence: 'The time is over.' });
    assert.equal(places.path, '/');
    assert.equal(isListening(), false);
  });

  it('starts the same environment again', async () => {
    const { playground, calls, listening } = setUp({ path: '/terminal', session: sessionOf('ready', 'big') });
    await playground.load();
    listening().onEnded({ sentence: 'Over.' });
    await playground.startAgain();
    assert.ok(calls.includes('create big'));
    assert.equal(playground.view.value.name, 'starting');
  });

  it('ends a session once, with the words for one who wanted it', async () => {
    const { playground, calls } = setUp({ path: '/terminal', session: sessionOf('ready') });
    await playground.load();
    await playground.end();
    assert.equal(calls.filter((call) => call === 'end').length, 1);
    const view = playground.view.value;
    assert.ok(view.name === 'ended' && view.sentence.startsWith('You ended'));
  });

  it('asks for a failed session anew', async () => {
    const { playground, calls, isListening } = setUp({ path: '/terminal', session: sessionOf('failed', 'big') });
    await playground.load();
    assert.equal(playground.view.value.name, 'starting');
    await playground.retry();
    assert.ok(calls.includes('create big'));
    assert.equal(isListening(), true);
  });

  it('shows a fault, and can try again', async () => {
    const { playground, server } = setUp();
    server.fault = new ApiFault(0, 'NoAnswer', 'No answer.');
    await playground.load();
    assert.deepEqual(playground.view.value, { name: 'fault', sentence: 'No answer.', isPassing: true });
    server.fault = undefined;
    await playground.tryAgain();
    assert.equal(playground.view.value.name, 'welcome');
  });

  it('tries again by itself what a cluster that is away kept it from, and shows until then that one must wait', async () => {
    const { playground, server, calls, elapse, later } = setUp();
    await playground.load();
    server.fault = new ApiFault(503, 'ClusterUnreachable', 'The cluster does not answer.', 8);
    await playground.start('big');
    const fault = { name: 'fault', sentence: 'The cluster does not answer.', isPassing: true };
    assert.deepEqual(playground.view.value, fault);
    server.fault = new ApiFault(502, 'BadAnswer', 'The cluster does not answer.');
    assert.deepEqual(await elapse(), [8_800], 'when it was told to, and a bit');
    assert.deepEqual(playground.view.value, fault);
    server.fault = undefined;
    assert.deepEqual(await elapse(), [5_500]);
    assert.equal(playground.view.value.name, 'starting');
    assert.deepEqual(calls.slice(-3), ['create big', 'create big', 'create big']);
    assert.equal(later.size, 0);
  });

  it('does not try again by itself where places are taken, nor when the user has gone elsewhere', async () => {
    const { playground, server, later } = setUp();
    await playground.load();
    server.fault = new ApiFault(503, 'NoRoom', 'All places are taken.', 60);
    await playground.start('lite');
    assert.deepEqual(playground.view.value, { name: 'fault', sentence: 'All places are taken.', isPassing: false });
    assert.equal(later.size, 0);
    server.fault = new ApiFault(503, 'ClusterUnreachable', 'The cluster does not answer.');
    await playground.start('lite');
    assert.equal(later.size, 1);
    playground.goHome();
    assert.equal(later.size, 0);
  });

  it('goes back to the welcome when the sign-in is over', async () => {
    const { playground, server, places, isListening } = setUp({ path: '/terminal', session: sessionOf('ready') });
    await playground.load();
    server.fault = new ApiFault(401, 'Unauthorized', 'Not signed in.');
    await playground.end();
    assert.equal(playground.view.value.name, 'welcome');
    assert.equal(playground.me.value?.user, null);
    assert.equal(places.path, '/');
    assert.equal(isListening(), false);
  });

  it('finds out that a session is gone when its terminal is refused', async () => {
    const { playground, server } = setUp({ path: '/terminal', session: sessionOf('ready') });
    await playground.load();
    await playground.checkSession();
    assert.equal(playground.view.value.name, 'workspace');
    server.session = null;
    await playground.checkSession();
    assert.equal(playground.view.value.name, 'ended');
  });

  it('asks to sign in when the terminal is refused because the sign-in is over', async () => {
    const { playground, server } = setUp({ path: '/terminal', session: sessionOf('ready') });
    await playground.load();
    server.fault = new ApiFault(401, 'Unauthorized', 'Not signed in.');
    await playground.checkSession();
    assert.equal(playground.view.value.name, 'welcome');
    assert.equal(playground.me.value?.user, null);
  });

  it('does not take a network that is down for an end', async () => {
    const { playground, server } = setUp({ path: '/terminal', session: sessionOf('ready') });
    await playground.load();
    server.fault = new ApiFault(0, 'NoAnswer', 'No answer.');
    await playground.checkSession();
    assert.equal(playground.view.value.name, 'workspace');
  });

  it('stays, and knows the new end at once', async () => {
    const { playground, server } = setUp({ path: '/terminal', session: sessionOf('ready') });
    await playground.load();
    await Promise.all([playground.staying.stay(), playground.staying.stay()]);
    assert.deepEqual(playground.session.value?.end, server.end);
    assert.equal(playground.staying.endsAt.value, server.end.at);
    assert.equal(playground.view.value.name, 'workspace');
  });

  it('says why one cannot stay, and leaves the terminal where it is', async () => {
    const { playground, server, calls } = setUp({ path: '/terminal', session: sessionOf('ready') });
    await playground.load();
    server.fault = new ApiFault(503, 'ClusterUnreachable', 'The cluster does not answer.');
    await playground.staying.stay();
    assert.equal(playground.staying.fault.value, 'The cluster does not answer.');
    assert.equal(playground.staying.isBusy.value, false);
    assert.equal(playground.view.value.name, 'workspace');
    server.fault = undefined;
    await playground.staying.stay();
    assert.equal(playground.staying.fault.value, undefined);
    assert.equal(calls.filter((call) => call === 'stay').length, 2);
  });

  it('asks what became of a session that one cannot stay in', async () => {
    const { playground, server } = setUp({ path: '/terminal', session: sessionOf('ready') });
    await playground.load();
    server.fault = new ApiFault(401, 'Unauthorized', 'Not signed in.');
    await playground.staying.stay();
    await Promise.resolve();
    assert.equal(playground.view.value.name, 'welcome');
  });

  it('follows the browser back and forth', async () => {
    const { playground, places } = setUp({ path: '/terminal', session: sessionOf('ready') });
    await playground.load();
    places.path = '/';
    playground.pathChanged();
    assert.equal(playground.view.value.name, 'welcome');
    playground.resume();
    assert.equal(places.path, '/terminal');
    assert.equal(playground.view.value.name, 'workspace');
  });
});
