// What runs in a terminal: bash with our own rcfile in the visitor's home, and an environment that holds nothing of ours.
import { constants } from 'node:fs';
import { access, cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, StartError } from '../common/errors.ts';
import type { Command } from './pty.ts';

export interface ShellOptions {
  /** The visitor's home; filled from `skeletonDir`, which may be a mounted ConfigMap. Files that are there already stay as they are. */
  home: string;
  skeletonDir: string;
  path: string;
  kubeconfig: string;
}

export const rcfileName = '.bashrc';

const findProgram = async (name: string, searchPath: string): Promise<string | undefined> => {
  for (const directory of searchPath.split(path.delimiter)) {
    const file = path.join(directory, name);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // Perhaps in the next one.
    }
  }
  return undefined;
};

// The files of a mounted ConfigMap are links into a directory whose name begins so.
const isOfVolume = (file: string) => path.basename(file).startsWith('..');

/** Copies the skeleton; throws a sentence with both places. */
async function fillHome(home: string, skeletonDir: string): Promise<void> {
  try {
    await mkdir(path.join(home, '.local/bin'), { recursive: true });
    await cp(path.resolve(skeletonDir), home, {
      recursive: true,
      force: false,
      dereference: true,
      filter: (source) => !isOfVolume(source),
    });
  } catch (fault) {
    throw new StartError(`The home ${home} cannot be filled from ${skeletonDir}: ${messageOf(fault)}`);
  }
}

/** Prepares the home directory and says what to start. Throws StartError when there is no bash, or no right to write. */
export async function prepareShell({
  home,
  skeletonDir,
  path: searchPath,
  kubeconfig,
}: ShellOptions): Promise<Command> {
  const bash = await findProgram('bash', searchPath);
  if (!bash) throw new StartError(`There is no bash in ${searchPath}.`);
  await fillHome(home, skeletonDir);
  return {
    file: bash,
    args: ['--rcfile', path.join(home, rcfileName), '-i'],
    cwd: home,
    env: {
      HOME: home,
      PATH: `${path.join(home, '.local/bin')}${path.delimiter}${searchPath}`,
      USER: 'visitor',
      LOGNAME: 'visitor',
      SHELL: bash,
      TERM: 'xterm-256color',
      COLORTERM: 'truecolor',
      LANG: 'C.UTF-8',
      KUBECONFIG: kubeconfig,
    },
  };
}
