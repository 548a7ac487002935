// The columns of Kubernetes' own kinds, by group and plural; what is not here shows name and creation time.
import type { Column } from '../../types.ts';
import type { ColumnTable } from './cells.ts';
import { clusterColumns } from './cluster.ts';
import { configColumns, networkColumns, storageColumns } from './config.ts';
import { podColumns } from './pods.ts';
import { workloadColumns } from './workloads.ts';

const tables: ColumnTable = {
  pods: podColumns,
  ...clusterColumns,
  ...configColumns,
  ...networkColumns,
  ...storageColumns,
  ...workloadColumns,
};

/** Empty for kinds whose columns are the default ones. */
export const columnsOf = (group: string, plural: string): readonly Column[] =>
  tables[group ? `${group}/${plural}` : plural] ?? [];
