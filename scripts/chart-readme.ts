// The table of values in the chart's README, made of the comments in values.yaml: printed, or written between its markers with --write.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isMap, isNode, isScalar, parseDocument, type YAMLMap } from 'yaml';

const chart = (file: string) => fileURLToPath(new URL(`../charts/playground/${file}`, import.meta.url));
const marked = /(<!-- values -->\n)[\s\S]*?(\n?<!-- \/values -->)/;

export interface ChartValue {
  /** Names from the root, with dots between them. */
  path: string;
  default: unknown;
  /** What values.yaml says above it; empty where it says nothing. */
  comment: string;
}

/** The comment above an item; that above the first one is kept with the map, below what the file says of itself. */
function commentOf(map: YAMLMap, index: number): string {
  const key = map.items[index]?.key;
  const own = isScalar(key) ? key.commentBefore : undefined;
  const text = own ?? (index === 0 ? map.commentBefore : undefined) ?? '';
  return (text.split(/\n *\n/).at(-1) ?? '').replace(/\s+/g, ' ').trim();
}

/** Whether what is in it are values by themselves: one of them has a comment. */
const isGroup = (node: unknown): node is YAMLMap =>
  isMap(node) && node.items.some(({ value }, index) => commentOf(node, index) !== '' || isGroup(value));

function listIn(map: YAMLMap, prefix: string): ChartValue[] {
  return map.items.flatMap(({ key, value }, index) => {
    const path = `${prefix}${String(isScalar(key) ? key.value : key)}`;
    if (isGroup(value)) return listIn(value, `${path}.`);
    return [{ path, default: isNode(value) ? value.toJSON() : null, comment: commentOf(map, index) }];
  });
}

/** All values of the chart, in the order of values.yaml. */
export async function listChartValues(): Promise<ChartValue[]> {
  const document = parseDocument(await readFile(chart('values.yaml'), 'utf8'));
  if (!isMap(document.contents)) throw new Error('values.yaml is no map.');
  return listIn(document.contents, '');
}

const cell = (text: string) => text.replaceAll('|', '\\|');

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? 'see values.yaml' : `\`${cell(text)}\``;
}

/** The table as Markdown, one row a value. */
export async function renderChartValues(): Promise<string> {
  const rows = (await listChartValues()).map(
    (value) => `| \`${value.path}\` | ${shown(value.default)} | ${cell(value.comment)} |`,
  );
  return ['| Value | Default | What it does |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

/** `text` with the table between `<!-- values -->` and `<!-- /values -->`. Throws when the markers are missing. */
export async function insertChartValues(text: string): Promise<string> {
  if (!marked.test(text)) throw new Error('There are no markers <!-- values --> and <!-- /values -->.');
  const table = await renderChartValues();
  return text.replace(marked, (_all, start: string) => `${start}\n${table}\n<!-- /values -->`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const readme = chart('README.md');
  if (process.argv.includes('--write'))
    await writeFile(readme, await insertChartValues(await readFile(readme, 'utf8')));
  else process.stdout.write(await renderChartValues());
}
