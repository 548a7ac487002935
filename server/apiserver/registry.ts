// The kinds by their addresses: group, version and plural; versions of one resource share a place in the store.
import { deepFreeze } from './objects.ts';
import type { ApiObject, GroupResource, Kind } from './types.ts';

export const apiVersionOf = ({ group, version }: { group: string; version: string }): string =>
  group ? `${group}/${version}` : version;

export const splitApiVersion = (apiVersion: string): { group: string; version: string } => {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
};

/** Whether Kubernetes' own API server serves a group; the others come from extension API servers, whose words differ a little. */
export const isBuiltIn = ({ group }: Pick<Kind, 'group'>): boolean => !group.includes('.') || group.endsWith('.k8s.io');

export interface Registry {
  readonly kinds: readonly Kind[];
  find(group: string, version: string, plural: string): Kind | undefined;
  findByKind(apiVersion: string, kind: string): Kind | undefined;
  /** Whether anything is served in that group and version. */
  hasVersion(group: string, version: string): boolean;
  /** Where objects of a resource lie in the store, whatever group and version it is asked for by. */
  keyOf(resource: GroupResource): string;
  /** The kind in the version that is stored. */
  storedKind(key: string): Kind | undefined;
  /** A stored object in the version of `kind`; frozen, and the same for the same object. */
  fromStorage(kind: Kind, object: ApiObject): ApiObject;
  /** An object in the version of `kind`, as it is stored. */
  toStorage(kind: Kind, object: ApiObject): ApiObject;
}

const keyOfGroupResource = ({ group, plural }: GroupResource) => `${group}/${plural}`;

/** Throws when a kind names a storage version that is not among `kinds`. */
export function createRegistry(kinds: readonly Kind[]): Registry {
  const byPath = new Map<string, Kind>();
  const byKind = new Map<string, Kind>();
  const versions = new Set<string>();
  const aliases = new Map<string, string>();
  const stored = new Map<string, Kind>();
  for (const kind of kinds) {
    byPath.set(`${kind.group}/${kind.version}/${kind.plural}`, kind);
    byKind.set(`${apiVersionOf(kind)}/${kind.kind}`, kind);
    versions.add(apiVersionOf(kind));
    const { conversion } = kind;
    const group = conversion?.storageGroup ?? kind.group;
    const plural = conversion?.storagePlural ?? kind.plural;
    aliases.set(keyOfGroupResource(kind), keyOfGroupResource({ group, plural }));
    if (!conversion) stored.set(keyOfGroupResource(kind), kind);
  }
  for (const [alias, key] of aliases)
    if (!stored.has(key)) throw new Error(`${alias} is stored as ${key}, which is not served`);

  const converted = new WeakMap<ApiObject, Map<Kind, ApiObject>>();
  return {
    kinds,
    find: (group, version, plural) => byPath.get(`${group}/${version}/${plural}`),
    findByKind: (apiVersion, kind) => byKind.get(`${apiVersion}/${kind}`),
    hasVersion: (group, version) => versions.has(apiVersionOf({ group, version })),
    keyOf: (resource) => aliases.get(keyOfGroupResource(resource)) ?? keyOfGroupResource(resource),
    storedKind: (key) => stored.get(key),
    fromStorage(kind, object) {
      if (!kind.conversion) return object;
      let views = converted.get(object);
      if (!views) converted.set(object, (views = new Map()));
      let view = views.get(kind);
      if (!view) {
        view = deepFreeze({ ...kind.conversion.fromStorage(object), apiVersion: apiVersionOf(kind), kind: kind.kind });
        views.set(kind, view);
      }
      return view;
    },
    toStorage(kind, object) {
      if (!kind.conversion) return object;
      const key = aliases.get(keyOfGroupResource(kind));
      const storage = key === undefined ? undefined : stored.get(key);
      if (!storage) return object;
      return { ...kind.conversion.toStorage(object), apiVersion: apiVersionOf(storage), kind: storage.kind };
    },
  };
}
