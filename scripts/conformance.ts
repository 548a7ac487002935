// Plays recordings of a real garden (transcripts of kubectl) against the lite garden, and counts how many come out equal.
// usage: tsx scripts/conformance.ts [--only REGEX] [--verbose]; TRANSCRIPTS names the folder that holds them, KUBECTL the kubectl.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '../server/common/clock.ts';
import { createSilentLogger } from '../server/common/log.ts';
import { createAloneGarden } from '../server/garden/alone.ts';
import { ensureKubectl } from './kubectl.ts';

/** So many must be equal; raise it whenever more are. */
const floor = 127;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.resolve(root, process.env.TRANSCRIPTS ?? '../shared/garden/transcripts');
const runner = path.join(folder, 'transcripts.mjs');

/** Runs the player, passes its output on, and resolves with how many cases passed and failed. */
function play(
  kubeconfig: string,
  kubectl: string,
  args: readonly string[],
): Promise<{ passed: number; failed: number }> {
  const child = spawn(process.execPath, [runner, '--compare', kubeconfig, ...args], {
    env: { ...process.env, KUBECTL: kubectl },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    process.stdout.write(chunk);
    rest = (rest + chunk).slice(-200);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(rest) ?? [];
      if (passed === undefined) reject(new Error('The player of the transcripts ended without a result.'));
      else resolve({ passed: Number(passed), failed: Number(failed) });
    });
  });
}

async function main(): Promise<number> {
  if (!existsSync(runner)) {
    console.error(`There are no transcripts at ${folder}: TRANSCRIPTS names the folder that holds transcripts.mjs.`);
    return 2;
  }
  const args = process.argv.slice(2);
  const kubectl = process.env.KUBECTL ?? (await ensureKubectl());
  const garden = await createAloneGarden({
    manifestsDir: path.join(root, 'manifests'),
    clock: createSystemClock(),
    logger: createSilentLogger(),
    port: 0,
  });
  process.once('SIGINT', () => void Promise.resolve(garden.dispose()).finally(() => process.exit(130)));
  try {
    const { passed, failed } = await play(garden.kubeconfig, kubectl, args);
    const isWhole = !args.includes('--only');
    console.log(
      `conformance: ${passed} of ${passed + failed} transcripts are equal${isWhole ? ` (at least ${floor} must be)` : ''}`,
    );
    return isWhole && passed < floor ? 1 : 0;
  } finally {
    await garden.dispose();
  }
}

process.exit(await main());
