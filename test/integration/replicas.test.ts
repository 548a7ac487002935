// Two whole gateways on one embedded cluster: a user signs in on one and types through the other; the one that leads is killed.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createSystemClock } from '../../server/common/clock.ts';
import { KubeError, resources, type KubeClient } from '../../server/kube/index.ts';
import type { Lease } from '../../server/kube/lease.ts';
import type { Playground } from '../../server/playground.ts';
import type { Session } from '../../server/protocol/rest.ts';
import { annotations } from '../../server/session/types.ts';
import { openEmbeddedCluster, startGateway, type OpenedCluster } from '../support/embedded-playground.ts';
import { openEvents } from '../support/event-reader.ts';
import { eventually } from '../support/eventually.ts';
import { Browser } from '../support/gateway-harness.ts';
import { attachShell } from '../support/shell.ts';

const namespace = 'playground-sessions';
const takeOverMs = 15_000;
const clock = createSystemClock();

/** The API as a gateway sees it, until it is killed: then nothing of it gets through any more. */
function cuttable(client: KubeClient): { client: KubeClient; kill(): void } {
  let isKilled = false;
  const guard = <Args extends unknown[], T>(send: (...args: Args) => Promise<T>) => {
    return (...args: Args): Promise<T> =>
      isKilled ? Promise.reject(new KubeError(0, 'Unreachable', 'killed')) : send(...args);
  };
  const cut: KubeClient = {
    ...client,
    get: guard(client.get) as never,
    list: guard(client.list) as never,
    create: guard(client.create) as never,
    update: guard(client.update) as never,
    patch: guard(client.patch) as never,
    delete: guard(client.delete),
  };
  return { client: cut, kill: () => (isKilled = true) };
}

describe('two gateways on one cluster', function () {
  this.timeout(90_000);
  let opened: OpenedCluster;
  let line: ReturnType<typeof cuttable>;
  let a: Playground;
  let b: Playground;

  const holder = async () => {
    const { items } = await opened.client.list<Lease>(resources.leases, { namespace });
    return items[0]?.spec;
  };
  const leads = (name: string) => async () => (await holder())?.holderIdentity?.startsWith(`${name}_`) ?? false;

  before(async () => {
    opened = await openEmbeddedCluster();
    line = cuttable(opened.client);
    const key = () => randomBytes(32).toString('base64url');
    const env = { COOKIE_KEYS: key(), TOKEN_KEYS: key(), MAX_SESSIONS: '2' };
    a = await startGateway(line.client, { ...env, POD_NAME: 'gateway-a' });
    await eventually('a leads', leads('gateway-a'), takeOverMs);
    b = await startGateway(opened.client, { ...env, POD_NAME: 'gateway-b' });
    await Promise.all([a.ready, b.ready]);
  });
  after(async () => {
    await Promise.all([a?.dispose(), b?.dispose()]);
    await opened?.dispose();
  });

  /** The same user on another gateway: the cookie is all there is. */
  function moveTo(playground: Playground, browser: Browser): Browser {
    const moved = new Browser(playground.ownUrl);
    for (const [name, value] of browser.cookies) moved.cookies.set(name, value);
    return moved;
  }
  async function signIn(playground: Playground, login: string): Promise<Browser> {
    const browser = new Browser(playground.ownUrl);
    await browser.signIn(login);
    return browser;
  }
  const remove = (browser: Browser) =>
    browser.ask('/api/session', { method: 'DELETE', headers: { origin: browser.url } });

  it('serve any user, hold the cap together, and outlive the leader, whose work the other takes up', async () => {
    const onA = await signIn(a, 'vera-visitor');
    const made = await onA.post('/api/session', { environment: 'lite' });
    assert.equal(made.status, 200, made.text);
    const onB = moveTo(b, onA);
    const stream = await openEvents(onB.url, { cookie: onB.cookieHeader });
    const isReady = () =>
      stream.events.some(({ event, data }) => event === 'session' && (data as Session).state === 'ready');
    await eventually('the session is ready', isReady, 60_000);
    const shell = await attachShell(onB.socket('main'));
    shell.type('echo through-$((40+2))\r');
    await shell.waitFor('through-42');

    const other = await signIn(b, 'otto-outsider');
    assert.equal((await other.post('/api/session', { environment: 'lite' })).status, 200);
    const late = await signIn(a, 'late-visitor');
    const refused = await late.post('/api/session', { environment: 'lite' });
    assert.deepEqual([refused.status, refused.json().error.code], [503, 'Full']);
    assert.ok(Number(refused.headers['retry-after']) > 0);

    const stayed = await onB.post('/api/session/stay', {});
    const ends = async () => (await onA.ask('/api/session')).json<Session>().end.at;
    await eventually('a has heard of it', async () => (await ends()) === stayed.json<Session>().end.at, 5_000);

    line.kill();
    const killedMs = clock.now();
    shell.type('echo still-$((40+3))\r');
    await shell.waitFor('still-43');
    await eventually('b leads', leads('gateway-b'), takeOverMs);
    assert.ok(clock.now() - killedMs <= takeOverMs);
    assert.equal((await holder())?.leaseTransitions, 1);

    const [orphan] = (await opened.client.list(resources.pods, { namespace })).items.filter(
      ({ metadata }) => metadata.annotations?.[annotations.userLogin] === 'otto-outsider',
    );
    assert.ok(orphan);
    const note = { metadata: { annotations: { [annotations.userId]: null } } };
    await opened.client.patch(resources.pods, orphan.metadata.name, namespace, 'merge', note);
    const isGone = async () =>
      !(await opened.client.list(resources.pods, { namespace })).items.some(
        ({ metadata }) => metadata.uid === orphan.metadata.uid,
      );
    await eventually('b ends what belongs to nobody', isGone, 20_000);
    shell.type('echo at-last-$((40+4))\r');
    await shell.waitFor('at-last-44');
    shell.close();
    stream.close();
    assert.equal((await remove(onB)).status, 204);
  });

  it('hand the lead over at once when one ends in good order', async () => {
    const c = await startGateway(opened.client, { POD_NAME: 'gateway-c' });
    await c.ready;
    await b.dispose();
    assert.equal((await holder())?.holderIdentity, '');
    await eventually('c leads', leads('gateway-c'), 5_000);
    await c.dispose();
  });
});
