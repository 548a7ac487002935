// Tables: what `kubectl get` prints, computed on the server from a kind's columns.
import type { ApiObject, Column, Kind } from './types.ts';

export interface TableOptions {
  nowMs: number;
  /** What each row carries beside its cells. */
  includeObject: 'None' | 'Metadata' | 'Object';
  /** The metadata of the list: resourceVersion, continue, remainingItemCount. */
  listMeta?: Record<string, unknown>;
}

export interface Table {
  kind: 'Table';
  apiVersion: 'meta.k8s.io/v1';
  metadata: Record<string, unknown>;
  columnDefinitions: { name: string; type: string; format: string; description: string; priority: number }[];
  rows: { cells: unknown[]; object?: object }[];
}

const withRest = (amount: number, unit: string, rest: number, restUnit: string): string =>
  rest === 0 ? `${amount}${unit}` : `${amount}${unit}${rest}${restUnit}`;

/** `90s`, `5m30s`, `3h`, `2d4h`. Models k8s.io/apimachinery/pkg/util/duration.HumanDuration. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  // Clocks may differ by a moment.
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 192) return withRest(days, 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return hours < 24 * 365 * 8 ? withRest(years, 'y', days % 365, 'd') : `${years}y`;
}

/** How long ago `time` (RFC 3339) was, in human words; `<unknown>` when it is absent. */
export function humanSince(time: unknown, nowMs: number): string {
  const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? '<unknown>' : humanDuration(nowMs - ms);
}

export const ageOf = (object: ApiObject, nowMs: number): string => humanSince(object.metadata.creationTimestamp, nowMs);

// Models apiserver/pkg/registry/rest/table.go: what kinds without columns of their own show.
const defaultColumns: readonly Column[] = [
  {
    name: 'Name',
    type: 'string',
    format: 'name',
    priority: 0,
    description: 'Name of the object, unique within its namespace.',
    cell: (object) => object.metadata.name,
  },
  {
    name: 'Created At',
    type: 'date',
    priority: 0,
    description: 'When the object was created.',
    cell: (object) => object.metadata.creationTimestamp ?? null,
  },
];

function rowObject(object: ApiObject, includeObject: TableOptions['includeObject']): object | undefined {
  if (includeObject === 'None') return undefined;
  if (includeObject === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** The rows come in the order of `objects`. */
export function toTable(kind: Pick<Kind, 'columns'>, objects: readonly ApiObject[], options: TableOptions): Table {
  const { nowMs, includeObject, listMeta = {} } = options;
  const columns = kind.columns.length ? kind.columns : defaultColumns;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listMeta,
    columnDefinitions: columns.map(({ name, type, format = '', description, priority }) => ({
      name,
      type,
      format,
      description,
      priority,
    })),
    rows: objects.map((object) => {
      const row = rowObject(object, includeObject);
      const cells = columns.map((column) => column.cell(object, nowMs));
      return row ? { cells, object: row } : { cells };
    }),
  };
}
