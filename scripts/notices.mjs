// Writes the licences of the libraries that a bundle holds: they ask to go along with every copy.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const isLicense = (file) => /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i.test(file);
const isReadme = (file) => /^readme(\.md)?$/i.test(file);

/** The folders of the packages that `inputs` (paths of modules) come from, once each, by name. */
function packageDirs(inputs) {
  const own = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
  return [...new Set(inputs.flatMap((input) => own.exec(input)?.[1] ?? []))].sort();
}

async function noticeOf(dir) {
  // Old packages have a list.
  const { name, version, license, licenses } = JSON.parse(await readFile(path.join(dir, 'package.json'), 'utf8'));
  const id = license ?? licenses?.map(({ type }) => type).join(', ');
  const all = await readdir(dir);
  const own = all.filter(isLicense).sort();
  // Some say it at the end of their README alone.
  const files = own.length > 0 || id ? own : all.filter(isReadme);
  const texts = await Promise.all(files.map((file) => readFile(path.join(dir, file), 'utf8')));
  if (!id && texts.length === 0) throw new Error(`${name} ${version} does not say what its licence is.`);
  return [`${name} ${version} (${id ?? 'see below'})`, ...texts.map((text) => text.trim())].join('\n\n');
}

/** `inputs`: paths of modules, from `root` on. Throws when a package says nothing of its licence. */
export async function writeNotices(root, inputs, file) {
  const notices = await Promise.all(packageDirs(inputs).map((dir) => noticeOf(path.join(root, dir))));
  await writeFile(file, `${notices.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
}
