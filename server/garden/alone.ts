// The lite garden by itself, for developers and tests: in a temporary folder with the kubeconfig of an administrator, gone at the end.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { AsyncDisposableStore, type AsyncDisposable } from '../common/lifecycle.ts';
import { createLiteGarden, type LiteGardenOptions } from './lite.ts';

export interface AloneGarden extends AsyncDisposable {
  readonly url: string;
  /** Path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
}

/** Resolves when the seed is Ready. */
export async function createAloneGarden(options: Omit<LiteGardenOptions, 'host'>): Promise<AloneGarden> {
  const ends = new AsyncDisposableStore();
  try {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'playground-garden-'));
    ends.add({ dispose: () => rm(directory, { recursive: true, force: true }) });
    const garden = ends.add(await createLiteGarden({ ...options, host: '127.0.0.1' }));
    await garden.ready;
    const kubeconfig = path.join(directory, 'kubeconfig');
    await writeFile(kubeconfig, await garden.openKubeconfig(), { mode: 0o600 });
    return { url: garden.url, kubeconfig, dispose: () => ends.dispose() };
  } catch (fault) {
    await ends.dispose();
    throw fault;
  }
}
