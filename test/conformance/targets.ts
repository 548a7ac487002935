// The gardens that the conformance tests run against: the lite garden always, a real one where PLAYGROUND_REAL_GARDEN names its kubeconfig.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAuthority } from '../../server/apiserver/index.ts';
import { createSystemClock } from '../../server/common/clock.ts';
import { AsyncDisposableStore, type AsyncDisposable } from '../../server/common/lifecycle.ts';
import { createSilentLogger } from '../../server/common/log.ts';
import { createAloneGarden } from '../../server/garden/alone.ts';
import { createGardenlet, loadFlowData } from '../../server/gardenlet/index.ts';
import { createInProcessMaker } from '../../server/gardenlet/makers/in-process/index.ts';

export interface OpenTarget extends AsyncDisposable {
  /** Path of an administrator's kubeconfig. */
  kubeconfig: string;
}

export interface Target {
  name: string;
  /** Why the target cannot be used; absent when it can. */
  skipReason?: string;
  open(): Promise<OpenTarget>;
}

const manifestsDir = fileURLToPath(new URL('../../manifests', import.meta.url));
const realKubeconfig = process.env.PLAYGROUND_REAL_GARDEN;
/** A shoot is there in a second. */
const speed = 400;

const lite: Target = {
  name: 'the lite garden',
  open: () =>
    createAloneGarden({ manifestsDir, clock: createSystemClock(), logger: createSilentLogger(), port: 0, speed }),
};

/** The real API with our gardenlet: it moves shoots there as it does here. */
async function openReal(kubeconfig: string): Promise<OpenTarget> {
  const ends = new AsyncDisposableStore();
  const common = { clock: createSystemClock(), logger: createSilentLogger(), speed };
  const maker = ends.add(createInProcessMaker({ ...common, host: '127.0.0.1', manifestsDir }));
  const flows = loadFlowData(path.join(manifestsDir, 'garden'));
  const gardenlet = createGardenlet({ ...common, garden: { kubeconfig }, maker, flows, createAuthority });
  await ends.add(gardenlet).synced;
  return { kubeconfig, dispose: () => ends.dispose() };
}

function whyNotReal(): string | undefined {
  if (realKubeconfig === undefined) return 'PLAYGROUND_REAL_GARDEN names no kubeconfig of a real garden';
  return existsSync(realKubeconfig) ? undefined : `there is no kubeconfig at ${realKubeconfig}`;
}

const real: Target = {
  name: 'a real garden',
  skipReason: whyNotReal(),
  open: () => openReal(realKubeconfig ?? ''),
};

export const targets: readonly Target[] = [lite, real];
