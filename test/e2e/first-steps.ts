// Chapter 1: a browser signs in, gets a session, types, applies the example shoot and sees it Succeeded; the chart's own tests pass.
import assert from 'node:assert/strict';
import { isReadyPod, listGateways, namespace, release } from './support/installed.ts';
import type { Scene } from './support/scene.ts';
import { sessionOf } from './support/sessions.ts';
import { openVisitor } from './support/visitor.ts';

export function firstSteps(scene: () => Scene): void {
  it('has two ready replicas', async () => {
    const gateways = await listGateways(scene().stage);
    assert.equal(gateways.length, 2);
    assert.ok(gateways.every(isReadyPod));
  });

  it('passes the tests of the chart', async function () {
    this.timeout(240_000);
    const { stage } = scene();
    await stage.helm(`test ${release} -n ${namespace} --logs --timeout 200s`, { timeoutMs: 220_000 });
  });

  it('lets a visitor sign in, type, and grow a shoot', async function () {
    this.timeout(300_000);
    const { browser, place, stage } = scene();
    const ada = await openVisitor(browser, place, 'ada-admin');
    const { metadata } = await sessionOf(stage, 'ada-admin');
    assert.match(metadata.labels?.['playground.gardener.cloud/session'] ?? '', /./);
    assert.match(await ada.run('kubectl get seeds'), /^local\s+Ready/m);
    assert.equal(await ada.run('echo "six times seven is $((6*7))"'), 'six times seven is 42');
    assert.match(await ada.run('kubectl apply -f shoot.yaml'), /shoot\.core\.gardener\.cloud\/local created/);
    const succeeded = `kubectl wait --for=jsonpath='{.status.lastOperation.state}'=Succeeded shoot/local --timeout=150s`;
    assert.match(await ada.run(succeeded, 170_000), /condition met/);
    assert.match(await ada.run('kubectl get shoot local'), /Create Succeeded \(100%\)/);
    await ada.leave();
  });

  it('gives the same session to the same visitor in another browser', async function () {
    this.timeout(120_000);
    const { browser, place, stage } = scene();
    const before = await sessionOf(stage, 'ada-admin');
    const again = await openVisitor(browser, place, 'ada-admin');
    assert.match(await again.run('kubectl get shoot local --no-headers'), /Create Succeeded/);
    assert.equal((await sessionOf(stage, 'ada-admin')).metadata.uid, before.metadata.uid);
    await again.leave();
  });
}
