// docker or podman for tests: the images of `make images`, and containers of them under the limits of a session pod.
import { spawnSync } from 'node:child_process';
import * as z from 'zod';

const { ENGINE, TAG = 'dev', IMAGE_PREFIX = 'playground/' } = process.env;

const imageSchema = z
  .tuple([
    z.looseObject({
      Size: z.number(),
      Config: z.looseObject({ User: z.string(), Labels: z.record(z.string(), z.string()) }),
    }),
  ])
  .transform(([{ Size: sizeBytes, Config }]) => ({ sizeBytes, user: Config.User, labels: Config.Labels }));

export type Image = z.infer<typeof imageSchema>;
export type ImageName = 'gateway' | 'terminal' | 'garden-lite';
export const imageNames: readonly ImageName[] = ['gateway', 'terminal', 'garden-lite'];

/** What the Pod Security level restricted and a read-only root file system leave a container. */
const restricted = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges'];

export interface Container {
  /** Runs a program in it; throws what it said when it fails. */
  exec(...command: string[]): string;
  /** The port of this machine that leads to one of the container. */
  portOf(containerPort: number): number;
  logs(): string;
  readonly id: string;
  dispose(): void;
}

export interface Engine {
  inspect(name: ImageName): Image;
  /** Runs `script` with sh in a container of its own; returns what it printed. */
  shell(name: ImageName, script: string): string;
  /** A container with the image's own command. `options` are those of `docker run`. */
  start(name: ImageName, options: readonly string[]): Container;
}

const reference = (name: ImageName) => `${IMAGE_PREFIX}${name}:${TAG}`;

function createEngine(program: string): Engine {
  const run = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}\n${stdout}${stderr}`);
    return stdout;
  };
  return {
    inspect: (name) => imageSchema.parse(JSON.parse(run('image', 'inspect', reference(name)))),
    shell: (name, script) =>
      run('run', '--rm', '--network=none', ...restricted, '--entrypoint=sh', reference(name), '-c', script),
    start(name, options) {
      const id = run('run', '--detach', ...restricted, ...options, reference(name)).trim();
      return {
        id,
        exec: (...command) => run('exec', id, ...command),
        portOf: (containerPort) => Number(/:(\d+)\s/.exec(run('port', id, String(containerPort)))?.[1]),
        logs() {
          const { stdout, stderr } = spawnSync(program, ['logs', id], { encoding: 'utf8' });
          return `${stdout}${stderr}`;
        },
        dispose: () => void run('rm', '--force', '--volumes', id),
      };
    },
  };
}

/** True when `url` answers well, and soon: an engine takes connections for a container that does not listen yet. */
export const isAnswering = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );

/** The engine that has the images, or why there is none. */
export function findEngine(): Engine | string {
  const works = (program: string) => spawnSync(program, ['info'], { stdio: 'ignore' }).status === 0;
  const program = ENGINE ?? ['docker', 'podman'].find(works);
  if (program === undefined) return 'there is no docker and no podman that answers';
  const missing = imageNames
    .map(reference)
    .filter((image) => spawnSync(program, ['image', 'inspect', image], { stdio: 'ignore' }).status !== 0);
  return missing.length > 0 ? `make images has not built ${missing.join(', ')}` : createEngine(program);
}
