// The words in which columns are written: a name, how a cell is computed, and whether it is always shown.
import { ageOf } from '../../table.ts';
import type { ApiObject, Column } from '../../types.ts';
import { count, list, record, text, formatLabelSelector, type Container } from '../objects.ts';

type Cell = Column['cell'];

/** Group and plural, as `apps/deployments`; core's are plain plurals. */
export type ColumnTable = Readonly<Record<string, readonly Column[]>>;

export const column = (name: string, cell: Cell, options: Partial<Column> = {}): Column => ({
  name,
  type: 'string',
  priority: 0,
  description: '',
  cell,
  ...options,
});

/** Shown with `-o wide`. */
export const wide = (name: string, cell: Cell, options: Partial<Column> = {}): Column =>
  column(name, cell, { priority: 1, ...options });

export const integer = (name: string, cell: Cell): Column => column(name, cell, { type: 'integer' });
export const boolean = (name: string, cell: Cell): Column => column(name, cell, { type: 'boolean' });

export const nameColumn = column('Name', (object) => object.metadata.name, { format: 'name' });
export const ageColumn = column('Age', (object, nowMs) => ageOf(object, nowMs));

/** The text at a path, or `fallback` when it is empty. */
export const at =
  (path: string, fallback = ''): Cell =>
  (object) =>
    text(object, path) || fallback;

export const countAt =
  (path: string): Cell =>
  (object) =>
    count(object, path);

export const sizeOf =
  (path: string): Cell =>
  (object) =>
    list(object, path).length;

const templateContainers = (object: ApiObject, path: string) => list<Container>(object, path);

/** Containers, Images and, when `selector` is given, Selector. */
export function podTemplateColumns(path: string, selector?: Cell): Column[] {
  const join = (part: (container: Container) => string | undefined) => (object: ApiObject) =>
    templateContainers(object, path).map(part).join(',');
  return [
    wide(
      'Containers',
      join(({ name }) => name),
    ),
    wide(
      'Images',
      join(({ image }) => image ?? ''),
    ),
    ...(selector ? [wide('Selector', selector)] : []),
  ];
}

export const labelSelectorAt =
  (path: string): Cell =>
  (object) =>
    formatLabelSelector(record(object, path));

/** At most `max` items, then how many more there are. */
export const someOf = (items: readonly string[], max: number, separator = ','): string =>
  items.length > max
    ? `${items.slice(0, max).join(separator)} + ${items.length - max} more...`
    : items.join(separator) || '<none>';
