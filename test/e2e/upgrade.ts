// Chapter 4: `helm upgrade` and rollback while visitors type: nothing is lost, and the interruption is short.
import assert from 'node:assert/strict';
import { note } from './support/figures.ts';
import { listGateways, namespace, release } from './support/installed.ts';
import { enter, type Scene } from './support/scene.ts';
import { listSessions } from './support/sessions.ts';
import { startTyping } from './support/typist.ts';
import type { Visitor } from './support/visitor.ts';

/** A replica that ends says so; the page goes to another at once. */
const maxSilenceMs = 5_000;

export function upgrades(scene: () => Scene): void {
  let visitors: Visitor[];

  before(async function () {
    this.timeout(200_000);
    visitors = [];
    for (const login of ['vera-visitor', 'otto-outsider', 'ada-admin']) visitors.push(await enter(scene(), login));
  });
  after(() => Promise.all(visitors.map((visitor) => visitor.leave())));

  async function whileTyping(what: string, act: () => Promise<unknown>): Promise<void> {
    const { stage } = scene();
    const gatewaysBefore = (await listGateways(stage)).map(({ metadata }) => metadata.name);
    const sessionsBefore = (await listSessions(stage)).map(({ metadata }) => metadata.uid).sort();
    const typists = await Promise.all(visitors.map((visitor) => startTyping(visitor)));
    await scene().requests.look();
    const faults = await act().then(
      () => [],
      (fault: unknown) => [fault],
    );
    const results = await Promise.all(typists.map((typist) => typist.stop()));
    if (faults.length) throw faults[0];
    for (const { lines, longestSilenceMs } of results) {
      note(`${what}: ${lines} lines typed, longest silence`, longestSilenceMs, 'ms');
      assert.ok(longestSilenceMs < maxSilenceMs, `silent for ${longestSilenceMs} ms`);
    }
    const gateways = (await listGateways(stage)).map(({ metadata }) => metadata.name);
    assert.deepEqual(
      gateways.filter((name) => gatewaysBefore.includes(name)),
      [],
      'every replica was replaced',
    );
    assert.deepEqual((await listSessions(stage)).map(({ metadata }) => metadata.uid).sort(), sessionsBefore);
  }

  it('upgrades', async function () {
    this.timeout(300_000);
    await whileTyping('helm upgrade', () =>
      scene().upgrade({ gateway: { podAnnotations: { 'e2e/round': 'second' } } }),
    );
  });

  it('rolls back', async function () {
    this.timeout(300_000);
    const { stage } = scene();
    await whileTyping('helm rollback', () =>
      stage.helm(`rollback ${release} -n ${namespace} --wait --timeout 150s`, { timeoutMs: 180_000 }),
    );
  });

  it('knows its visitors after that: the keys are those of before', async function () {
    this.timeout(60_000);
    const [vera] = visitors as [Visitor];
    await vera.page.reload();
    await vera.page.waitForSelector('[data-connection="live"]', { timeout: 40_000 });
    assert.equal(await vera.run('echo "known $((40+2))"'), 'known 42');
  });
}
