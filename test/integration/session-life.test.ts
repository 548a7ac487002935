// The life of sessions through the real server: what is next, stay, the cap on sessions, and why each ended.
import assert from 'node:assert/strict';
import type { Ended, Session } from '../../server/protocol/rest.ts';
import { openEvents } from '../support/event-reader.ts';
import { createHarness, type Browser, type Harness } from '../support/gateway-harness.ts';
import { until } from '../support/until.ts';

const minute = 60_000;
const note = (name: string) => `playground.gardener.cloud/${name}`;

describe('gateway: life of sessions', () => {
  let harness: Harness;
  before(async () => (harness = await createHarness({ env: { MAX_SESSIONS: '2' } })));
  after(() => harness.dispose());
  afterEach(() => {
    for (const pod of harness.cluster.pods) harness.cluster.finishDeletion(pod);
  });

  async function signIn(login: string): Promise<Browser> {
    const browser = harness.browser();
    await browser.signIn(login);
    return browser;
  }
  const create = (browser: Browser) => browser.post('/api/session', { environment: 'lite' });
  const stay = (browser: Browser) => browser.post('/api/session/stay', {});
  const minutesUntil = (session: Session) => Math.round((Date.parse(session.end.at) - Date.now()) / minute);
  const events = (browser: Browser) => openEvents(browser.url, { cookie: browser.cookieHeader });
  const annotate = (login: string, annotations: Record<string, string | null>) => {
    const pod = harness.cluster.podOf(login);
    return harness.cluster.client.patch({ plural: 'pods' } as never, pod.metadata.name, '', 'merge', {
      metadata: { annotations },
    });
  };

  it('says which end is next, and stay puts it off as every tab hears', async () => {
    const ada = await signIn('ada');
    const made = (await create(ada)).json<Session>();
    assert.deepEqual([minutesUntil(made), made.end.cause, made.end.canStay], [60, 'life', true]);
    await annotate('ada', { [note('expires-at')]: new Date(Date.now() + 2 * minute).toISOString() });
    const stream = await events(ada);
    await stream.wait<Session>('session', (session) => minutesUntil(session) === 2);
    const stayed = await stay(ada);
    assert.equal(stayed.status, 200, stayed.text);
    assert.equal(minutesUntil(stayed.json<Session>()), 60);
    await stream.wait<Session>('session', ({ end }) => end.at === stayed.json<Session>().end.at);
    stream.close();
  });

  it('asks the agent, announces an end for want of input, and takes it back when its user stays', async () => {
    const ada = await signIn('ada');
    await create(ada);
    harness.makeReady('ada');
    const stream = await events(ada);
    const longAgo = new Date(Date.now() - 27 * minute).toISOString();
    const { status } = harness.cluster.podOf('ada');
    const conditions = status?.conditions?.map((condition) => ({ ...condition, lastTransitionTime: longAgo }));
    harness.cluster.setStatus(harness.cluster.podOf('ada'), { ...status, conditions });
    await annotate('ada', { [note('active-at')]: longAgo });
    const announced = await stream.wait<Session>('session', ({ end }) => end.cause === 'idle');
    assert.deepEqual([minutesUntil(announced), announced.end.canStay], [3, true]);
    assert.equal((await stay(ada)).json<Session>().end.cause, 'life');
    stream.close();
  });

  it('lets nobody stay in what is not there, over, or not theirs', async () => {
    const ada = await signIn('ada');
    assert.deepEqual([(await stay(ada)).status, (await stay(ada)).json().error.code], [404, 'NoSession']);
    await create(ada);
    harness.cluster.setStatus(harness.cluster.podOf('ada'), { phase: 'Failed', reason: 'Evicted' });
    assert.deepEqual([(await stay(ada)).status, (await stay(ada)).json().error.code], [409, 'SessionOver']);
    assert.equal((await stay(harness.browser())).status, 401);
    const foreign = await ada.post('/api/session/stay', {}, { origin: 'https://elsewhere.example' });
    assert.equal(foreign.status, 403);
  });

  it('tells one too many to come back, and lets those in who have a place', async () => {
    const browsers = await Promise.all(['ada', 'ben', 'cleo'].map(signIn));
    const [ada, ben, cleo] = browsers as [Browser, Browser, Browser];
    assert.deepEqual([(await create(ada)).status, (await create(ben)).status], [200, 200]);
    const refused = await create(cleo);
    assert.deepEqual([refused.status, refused.json().error.code], [503, 'Full']);
    assert.equal(
      refused.json().error.message,
      'All places are taken at the moment. Please try again in a few minutes.',
    );
    assert.equal(refused.headers['retry-after'], '30');
    assert.equal((await create(ben)).status, 200);
    await ada.ask('/api/session', { method: 'DELETE', headers: { origin: ada.url } });
    assert.equal((await create(cleo)).status, 200);
  });

  it('gives the last place to one of many who ask for it at once', async () => {
    const browsers = await Promise.all(Array.from({ length: 6 }, (_, index) => signIn(`user-${index}`)));
    const answers = await Promise.all(browsers.map(create));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 503, 503, 503, 503]);
    assert.equal(harness.cluster.pods.length, 2);
  });

  it('ends what belongs to nobody, and what an administrator ends is told so', async () => {
    const [ada, ben] = [await signIn('ada'), await signIn('ben')];
    for (const browser of [ada, ben]) await create(browser);
    const streams = await Promise.all([events(ada), events(ben)]);
    for (const stream of streams) await stream.wait('session');
    harness.cluster.finishDeletion(harness.cluster.podOf('ada'));
    assert.equal((await streams[0].wait<Ended>('ended')).sentence, 'This session was ended by an administrator.');
    await annotate('ben', { [note('user-id')]: null });
    await until('the leader has ended it', () => harness.cluster.pods.length === 0);
    assert.equal((await streams[1].wait<Ended>('ended')).sentence, 'This session belonged to nobody.');
  });
});
