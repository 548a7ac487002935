// The resources of Gardener's API groups as data: from columns.json, with verbs, subresources and strategies joined in.
import type { ApiObject, Kind, Strategy, Subresource, Verb } from '../../apiserver/types.ts';
import { createColumns, type ColumnData } from './columns.ts';

/** columns.json, as far as it is read here. */
export interface ColumnsDocument {
  resources: readonly {
    group: string;
    version: string;
    kind: string;
    plural: string;
    singular: string;
    shortNames: readonly string[];
    categories: readonly string[];
    namespaced: boolean;
    subresources: readonly string[];
    columns: readonly ColumnData[];
  }[];
}

/** What code adds to the data of a kind. */
export interface KindBehaviour {
  strategy: Strategy;
  subresources?: readonly Subresource[];
  selectableFields?: Kind['selectableFields'];
}

const allVerbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const viewVerbs: readonly Verb[] = ['get', 'patch', 'update'];

/** API groups of the garden → the Go package that their schemas are named after. */
const packages: Readonly<Record<string, string>> = {
  'core.gardener.cloud': 'core',
  'security.gardener.cloud': 'security',
  'seedmanagement.gardener.cloud': 'seedmanagement',
  'operations.gardener.cloud': 'operations',
};
const schemaName = (group: string, version: string, kind: string) =>
  `com.github.gardener.gardener.pkg.apis.${packages[group]}.${version}.${kind}`;

const statusView: Subresource = { name: 'status', verbs: viewVerbs, writes: ['status', 'metadata'] };

/** A view on the parent that writes `writes`. */
export const createView = (name: string, writes: readonly string[], kind?: Subresource['kind']): Subresource => ({
  name,
  verbs: viewVerbs,
  writes,
  ...(kind && { kind }),
});

const specText =
  (...path: string[]) =>
  (object: ApiObject): string => {
    let value: unknown = object;
    for (const key of path) value = (value as Record<string, unknown> | undefined)?.[key];
    return typeof value === 'string' ? value : '';
  };

/** A selectable field by its path. */
export const selectByPath = (...paths: string[]): Kind['selectableFields'] =>
  Object.fromEntries(paths.map((path) => [path, specText(...path.split('.'))]));

/**
 * All Gardener kinds of `columns`, each with the behaviour named like the kind. Of ControllerDeployment, `v1` is stored and
 * `v1beta1` is translated by `conversion`. Throws when a kind has no behaviour.
 */
export function joinKinds(
  columns: ColumnsDocument,
  behaviours: Readonly<Record<string, KindBehaviour>>,
  conversions: Readonly<Record<string, { version: string; conversion: NonNullable<Kind['conversion']> }>>,
): Kind[] {
  return columns.resources
    .filter(({ group }) => group in packages)
    .flatMap((resource) => {
      const { group, version, kind, plural, singular, shortNames, categories } = resource;
      const behaviour = behaviours[kind];
      if (!behaviour) throw new Error(`kind ${kind} of ${group} has no strategy`);
      const joined: Kind = {
        group,
        version,
        kind,
        plural,
        singular,
        shortNames,
        categories,
        isNamespaced: resource.namespaced,
        verbs: allVerbs,
        subresources: [
          ...(resource.subresources.includes('status') ? [statusView] : []),
          ...(behaviour.subresources ?? []),
        ],
        schemaName: schemaName(group, version, kind),
        columns: createColumns(kind, resource.columns),
        selectableFields: behaviour.selectableFields ?? {},
        strategy: behaviour.strategy,
      };
      const other = conversions[kind];
      return other
        ? [
            joined,
            {
              ...joined,
              version: other.version,
              schemaName: schemaName(group, other.version, kind),
              conversion: other.conversion,
            },
          ]
        : [joined];
    });
}
