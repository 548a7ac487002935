// The directory that holds all that pods have on this machine; what a killed playground left in its own is ended and removed.
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { createProcessTable, startTimeOf } from './processes.ts';

const ownerFile = 'owner';
const prefix = 'cluster-';

/** Where each pod has a directory, by its uid. */
export const podsDirOf = (stateDir: string): string => path.join(stateDir, 'pods');

async function isOwnerAlive(dir: string): Promise<boolean> {
  const [pid = '', startTime = ''] = (await readFile(path.join(dir, ownerFile), 'utf8').catch(() => '')).split(' ');
  return startTime !== '' && (await startTimeOf(Number(pid))) === startTime;
}

/** Makes sure that `dir` is a directory of this user's that nobody else can write to. Throws when it is somebody else's. */
export async function ensureOwnDir(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const stats = await lstat(dir);
  // In a temporary directory that all may write to, another user may have been there first.
  if (!stats.isDirectory() || stats.uid !== userInfo().uid) throw new Error(`${dir} belongs to somebody else`);
  await chmod(dir, 0o700);
}

/** Ends what playgrounds below `parent` left behind that are no longer there. Returns how many. */
export async function removeOrphans(parent: string): Promise<number> {
  const names = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(prefix));
  let removed = 0;
  for (const name of names) {
    const dir = path.join(parent, name);
    if (await isOwnerAlive(dir)) continue;
    // Not of the whole directory: the kubeconfig in it may be in the environment of an administrator's shell.
    await createProcessTable().killAll(podsDirOf(dir));
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    removed++;
  }
  return removed;
}

/** A new directory below `parent`, for this process, which its `owner` file names. */
export async function createStateDir(parent: string): Promise<string> {
  const dir = await mkdtemp(path.join(await realpath(parent), prefix));
  await writeFile(path.join(dir, ownerFile), `${process.pid} ${(await startTimeOf(process.pid)) ?? ''}`);
  return dir;
}
