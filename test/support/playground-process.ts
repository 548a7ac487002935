// The playground as users start it: the built gateway in a process of its own, on free ports, with shoots that grow fast.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface PlaygroundProcess {
  url: string;
  process: ChildProcess;
  dispose(): Promise<void>;
}

interface PodTemplate {
  spec: { containers: { name: string; env?: { name: string; value?: string }[] }[] };
}

/** A copy of the environments in which the garden's clock runs `speed` times as fast. */
async function createFastEnvironments(folder: string, speed: number): Promise<void> {
  await cp(join(root, 'manifests/environments'), folder, { recursive: true });
  const file = join(folder, 'lite/pod.yaml');
  const pod = parse(await readFile(file, 'utf8')) as PodTemplate;
  const garden = pod.spec.containers.find(({ name }) => name === 'garden');
  garden?.env?.push({ name: 'GARDEN_SPEED', value: String(speed) });
  await writeFile(file, stringify(pod));
}

/** Starts dist/main.js, and resolves when it says where it is. Throws what it said when it ends before. */
export async function startPlaygroundProcess({ gardenSpeed = 20 } = {}): Promise<PlaygroundProcess> {
  const main = join(root, 'dist/main.js');
  if (!existsSync(main)) throw new Error('The playground is not built. Build it with: make build');
  const folder = await mkdtemp(join(tmpdir(), 'playground-browser-'));
  await createFastEnvironments(folder, gardenSpeed);
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, [main], {
    env: { PATH, HOME, TMPDIR, PORT: '0', METRICS_PORT: '0', ENVIRONMENTS_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const dispose = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`;
    const url = /^The playground is at (\S+)/.exec(line)?.[1];
    if (url) return { url, process: child, dispose };
  }
  await dispose();
  throw new Error(`The playground did not start:\n${said}`);
}
