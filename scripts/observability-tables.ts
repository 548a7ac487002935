// The tables of docs/observability.md, made from the code: printed, or written between their markers with --write.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Counter, Histogram } from 'prom-client';
import { auditEvents, auditFields } from '../server/common/audit.ts';
import { createMetrics, observeSources } from '../server/common/metrics.ts';

const page = fileURLToPath(new URL('../docs/observability.md', import.meta.url));

export interface MetricRow {
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  labels: string[];
  help: string;
}

/** Every metric of the gateway that is its own, in the order of the code; those of Node and the process are left out. */
export function listMetrics(): MetricRow[] {
  const metrics = createMetrics();
  const none = () => 0;
  const sources = { countSessions: () => [], maxSessions: none, countAttachments: none, countStreams: none };
  observeSources(metrics, { ...sources, isLeading: () => false }, { version: '', nodeVersion: '' });
  return metrics.registry
    .getMetricsAsArray()
    .filter(({ name }) => name.startsWith('playground_'))
    .map((metric) => {
      const {
        name,
        help,
        labelNames = [],
      } = metric as unknown as { name: string; help: string; labelNames?: string[] };
      const type = metric instanceof Histogram ? 'histogram' : metric instanceof Counter ? 'counter' : 'gauge';
      return { name, type, labels: [...labelNames], help };
    });
}

const code = (text: string) => `\`${text}\``;
const renderTable = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const tables: Record<string, () => string> = {
  metrics: () =>
    renderTable(
      ['Metric', 'Type', 'Labels', 'What it says'],
      listMetrics().map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(', '), help]),
    ),
  records: () =>
    renderTable(
      ['`event`', 'Written when', 'Fields'],
      Object.entries(auditEvents).map(([event, { when, fields }]) => [code(event), when, fields.map(code).join(', ')]),
    ),
  fields: () =>
    renderTable(
      ['Field', 'What it is'],
      Object.entries(auditFields).map(([field, what]) => [code(field), what]),
    ),
};

/** `text` with each table between its markers, `<!-- name -->` and `<!-- /name -->`. Throws when markers are missing. */
export function insertTables(text: string): string {
  return Object.entries(tables).reduce((rest, [name, render]) => {
    const marked = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(\\n?<!-- /${name} -->)`);
    if (!marked.test(rest)) throw new Error(`There are no markers <!-- ${name} --> and <!-- /${name} -->.`);
    return rest.replace(marked, (_all, start: string) => `${start}\n${render()}\n\n<!-- /${name} -->`);
  }, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = insertTables(await readFile(page, 'utf8'));
  if (process.argv.includes('--write')) await writeFile(page, text);
  else process.stdout.write(text);
}
