// Chapter 3: the leader, another replica, a session pod and the API server go away; who types goes on typing.
import assert from 'node:assert/strict';
import type { BrowserContext, Page } from 'playwright-core';
import { createSystemClock } from '../../server/common/clock.ts';
import { resources } from '../../server/kube/index.ts';
import { eventually } from '../support/eventually.ts';
import { runShell } from './support/commands.ts';
import { note } from './support/figures.ts';
import { isReadyPod, listGateways, namespace, sessionNamespace } from './support/installed.ts';
import { enter, type Scene } from './support/scene.ts';
import { leaderOf, listSessions, sessionOf } from './support/sessions.ts';
import type { Outage } from './support/stage.ts';
import { startTyping, type Typist } from './support/typist.ts';
import { endSession, isAtPrompt, openVisitor, signInAs, type Visitor } from './support/visitor.ts';

const clock = createSystemClock();
/** A leader that is killed gives nothing up: another one waits until its lease is over. */
const maxTakeoverMs = 15_000;
/** What a visitor may have to wait for a replica that is killed. */
const maxSilenceMs = 10_000;
const outageMs = 30_000;

export function failures(scene: () => Scene): void {
  let visitors: Visitor[];

  before(async function () {
    this.timeout(200_000);
    visitors = [];
    for (const login of ['vera-visitor', 'otto-outsider']) visitors.push(await enter(scene(), login));
  });
  after(() => Promise.all(visitors.map((visitor) => visitor.leave())));

  const uidsOf = async () => (await listSessions(scene().stage)).map(({ metadata }) => metadata.uid).sort();
  const startAll = (): Promise<Typist[]> => Promise.all(visitors.map((visitor) => startTyping(visitor)));
  const stopAll = (typists: Typist[]) => Promise.all(typists.map((typist) => typist.stop()));
  const typedMore = async (typists: Typist[], lines: number) => {
    const goals = typists.map((typist) => typist.count() + lines);
    await eventually('typing goes on', () => typists.every((typist, i) => typist.count() >= (goals[i] ?? 0)), 60_000);
  };
  const gatewaysReady = async (count = 2) => {
    const { stage } = scene();
    const areReady = async () => (await listGateways(stage)).filter(isReadyPod).length === count;
    await eventually(`${count} gateways are ready`, areReady, 90_000);
  };
  const kill = (pod: string) => scene().stage.client.delete(resources.pods, pod, namespace, { gracePeriodSeconds: 0 });

  async function whileTyping(what: string, act: () => Promise<void>): Promise<void> {
    const before = await uidsOf();
    const typists = await startAll();
    await typedMore(typists, 20);
    await act();
    await typedMore(typists, 40);
    const results = await stopAll(typists);
    for (const { longestSilenceMs, lines } of results) {
      note(`${what}: ${lines} lines typed, longest silence`, longestSilenceMs, 'ms');
      assert.ok(longestSilenceMs < maxSilenceMs, `silent for ${longestSilenceMs} ms`);
    }
    // One that was ended meanwhile may take a moment to go.
    const isAsBefore = async () => (await uidsOf()).join() === before.join();
    await eventually('sessions are those of before', isAsBefore, 30_000).catch(async () =>
      assert.deepEqual(await uidsOf(), before, 'no session was touched'),
    );
  }

  it('loses the leader, and another takes over', async function () {
    this.timeout(240_000);
    const { stage } = scene();
    await gatewaysReady();
    await scene().requests.look();
    const leader = await leaderOf(stage);
    const names = (await listGateways(stage)).map(({ metadata }) => metadata.name);
    assert.ok(leader && names.includes(leader), `${leader} leads, one of ${names.join()}`);
    await whileTyping('the leader is killed', async () => {
      const killedMs = clock.now();
      await kill(leader);
      const hasNewLeader = async () => ![leader, undefined, ''].includes(await leaderOf(stage));
      await eventually('another replica leads', hasNewLeader, 40_000);
      const takeoverMs = clock.now() - killedMs;
      note('another replica leads after', takeoverMs, 'ms');
      assert.ok(takeoverMs < maxTakeoverMs, `${takeoverMs} ms without a leader`);
    });
    await gatewaysReady();
  });

  it('loses the other replica', async function () {
    this.timeout(240_000);
    const { stage } = scene();
    await gatewaysReady();
    await scene().requests.look();
    const leader = await leaderOf(stage);
    const other = (await listGateways(stage)).find(({ metadata }) => metadata.name !== leader);
    await whileTyping('another replica is killed', () => kill(other?.metadata.name ?? ''));
    assert.equal(await leaderOf(stage), leader, 'the leader leads on');
    await gatewaysReady();
  });

  it('tells whose session pod is deleted, and starts another when asked', async function () {
    this.timeout(180_000);
    const { stage } = scene();
    const [vera, otto] = visitors as [Visitor, Visitor];
    const before = await sessionOf(stage, vera.login);
    await stage.client.delete(resources.pods, before.metadata.name, sessionNamespace);
    await vera.page.getByRole('heading', { name: 'Your session has ended' }).waitFor({ timeout: 60_000 });
    assert.equal(await otto.run('echo "still $((40+2))"'), 'still 42');
    await vera.leave();
    visitors[0] = await openVisitor(scene().browser, scene().place, vera.login);
    const now = await sessionOf(stage, vera.login);
    assert.notEqual(now.metadata.uid, before.metadata.uid);
  });

  /** Signs in while nothing can be made for her; stays. */
  async function comeInVain(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${scene().place.url}/terminal`, { timeout: 20_000 });
    await signInAs(page, 'nina-newcomer');
    // A request that nobody answers is given up after 30 s.
    await page.getByText('The cluster does not answer at the moment.').waitFor({ timeout: 60_000 });
    return page;
  }

  async function answersAgain(): Promise<void> {
    const isBack = () =>
      scene()
        .stage.kubectl('get --raw /readyz')
        .then(
          () => true,
          () => false,
        );
    await eventually('the API server answers again', isBack, 60_000);
  }

  /** A newcomer comes while it lasts, and gets in after it. */
  async function whileAway({ begin, end }: Outage): Promise<void> {
    const newcomer = await scene().browser.newContext();
    await runShell(begin);
    const begunMs = clock.now();
    let page: Page;
    try {
      page = await comeInVain(newcomer);
      await clock.sleep(Math.max(0, outageMs - (clock.now() - begunMs)));
    } finally {
      await runShell(end, [], { timeoutMs: 200_000 });
    }
    await answersAgain();
    note('the API server was away for', clock.now() - begunMs, 'ms');
    const backMs = clock.now();
    // Without doing anything.
    await isAtPrompt(page);
    const { metadata, status } = await sessionOf(scene().stage, 'nina-newcomer');
    const atMs = (time = '') => Date.parse(time) - backMs;
    const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
    const ready = status.conditions?.find(({ type }) => type === 'Ready');
    note('the pod of who came meanwhile is made after', atMs(metadata.creationTimestamp), 'ms');
    note('it is scheduled after', atMs(scheduled?.lastTransitionTime), 'ms');
    note('it is ready after', atMs(ready?.lastTransitionTime), 'ms');
    note('she is at the prompt after', clock.now() - backMs, 'ms');
    await endSession(page);
    await newcomer.close();
  }

  const ways = [
    ['has ended', 'end', 'E2E_API_STOP and E2E_API_START'],
    ['hangs', 'hang', 'E2E_API_HANG and E2E_API_GO_ON'],
  ] as const;
  for (const [what, way, variables] of ways)
    it(`lives through 30 s in which the API server ${what} (skipped without ${variables})`, async function () {
      const outage = scene().stage.outages[way];
      if (!outage) this.skip();
      this.timeout(420_000);
      await gatewaysReady();
      await whileTyping(`the API server ${what}`, () => whileAway(outage));
      await gatewaysReady();
      await scene().requests.excuseRefusals();
    });
}
