// The playground on a real cluster, as an administrator installs it and visitors use it: one installation, chapter after chapter.
import { AsyncDisposableStore } from '../../server/common/lifecycle.ts';
import { failures } from './failures.ts';
import { firstSteps } from './first-steps.ts';
import { isolation } from './isolation.ts';
import { rights } from './rights.ts';
import { printDiagnostics } from './support/diagnostics.ts';
import { printFigures } from './support/figures.ts';
import { ownNamespaces } from './support/installed.ts';
import { openScene, type Scene } from './support/scene.ts';
import { openStage, whyNoStage } from './support/stage.ts';
import { uninstall } from './uninstall.ts';
import { upgrades } from './upgrade.ts';

describe('the playground on a real cluster', function () {
  const skipReason = whyNoStage();
  if (skipReason) return void it.skip(`needs a cluster: ${skipReason}`);
  this.timeout(60_000);
  const ends = new AsyncDisposableStore();
  let scene: Scene;
  const diagnose = async () => {
    const stage = scene?.stage ?? (await openStage());
    await printDiagnostics(stage, ownNamespaces);
  };

  before(async function () {
    this.timeout(600_000);
    try {
      scene = await openScene(ends);
    } catch (fault) {
      await diagnose();
      throw fault;
    }
  });
  afterEach(async function () {
    this.timeout(120_000);
    if (this.currentTest?.state === 'failed') await diagnose();
  });
  after(async function () {
    this.timeout(400_000);
    printFigures();
    await ends.dispose();
  });

  const the = () => scene;
  describe('first steps', () => firstSteps(the));
  describe('isolation', () => isolation(the));
  describe('failures', () => failures(the));
  describe('upgrades', () => upgrades(the));
  describe('rights', () => rights(the));
  describe('uninstall', () => uninstall(the));
});
