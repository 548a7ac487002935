// Collects the programs of the terminal image that are no Debian packages: node --import tsx scripts/image-tools.ts FROM TO.
import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureTool } from './kubectl.ts';

/** From the folder alone; the image does without those that are not in it. */
const optional = ['gardenctl', 'gardenlogin', 'k9s'];
/** From the folder, else from the development dependency. */
const bundled = ['kubectl', 'helm'] as const;

const [from = '', to = ''] = process.argv.slice(2);
const bin = path.join(to, 'bin');

const isThere = (file: string) =>
  access(file, constants.R_OK).then(
    () => true,
    () => false,
  );

async function install(name: string, file: string | undefined): Promise<boolean> {
  if (file === undefined || !(await isThere(file))) return false;
  await copyFile(file, path.join(bin, name));
  await chmod(path.join(bin, name), 0o755);
  return true;
}

await mkdir(bin, { recursive: true });
for (const name of bundled)
  if (!(await install(name, path.join(from, name))) && !(await install(name, await ensureTool(name)))) {
    process.stderr.write(`There is no ${name} for ${process.arch} in the packages: put one into ${from}/.\n`);
    process.exit(1);
  }
for (const name of optional) await install(name, path.join(from, name));
// The name under which kubeconfigs of gardenctl call it.
if (await isThere(path.join(bin, 'gardenlogin'))) await symlink('gardenlogin', path.join(bin, 'kubectl-gardenlogin'));
// Debian's yq is another program with the same aim, and better than none.
const hasYq = await install('yq', path.join(from, 'yq'));
await writeFile(path.join(to, 'packages'), hasYq ? '' : 'yq\n');
