// The configuration table of the README: printed, or written between its markers with --write.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { renderOptions } from '../server/common/options.ts';
import { gatewayOptions } from '../server/config.ts';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));
const marked = /(<!-- config -->\n)[\s\S]*?(\n?<!-- \/config -->)/;

export const renderConfigTable = (): string => renderOptions(gatewayOptions);

/** `text` with the table between `<!-- config -->` and `<!-- /config -->`. Throws when the markers are missing. */
export function insertConfigTable(text: string): string {
  if (!marked.test(text)) throw new Error('There are no markers <!-- config --> and <!-- /config -->.');
  return text.replace(marked, (_all, start: string) => `${start}\n${renderConfigTable()}\n<!-- /config -->`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--write')) await writeFile(readme, insertConfigTable(await readFile(readme, 'utf8')));
  else process.stdout.write(renderConfigTable());
}
