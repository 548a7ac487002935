// Discovery: which groups, versions and resources are served, in both forms that clients ask for.
import { createHash } from 'node:crypto';
import type { Kind, Subresource } from './types.ts';

interface GroupVersionEntry {
  groupVersion: string;
  version: string;
}

interface Group {
  name: string;
  /** The preferred version first. */
  versions: Map<string, Kind[]>;
}

export interface Discovery {
  /** `/api`; the address is told to clients that ask where else the server is. */
  api(serverAddress?: string): object;
  /** `/apis` */
  apis(): object;
  /** `/api` and `/apis` as apidiscovery.k8s.io/v2. */
  aggregatedApi(): object;
  aggregatedApis(): object;
  /** `/apis/{group}`; undefined when there is no such group. */
  group(name: string): object | undefined;
  /** `/api/v1`, `/apis/{group}/{version}`; undefined when it is not served. `group` is '' for core. */
  groupVersion(group: string, version: string): object | undefined;
  /** Every path of discovery, for `/`. */
  paths(): string[];
}

export const aggregatedContentType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const byName =
  <T>(nameOf: (item: T) => string) =>
  (a: T, b: T) =>
    nameOf(a) < nameOf(b) ? -1 : 1;

const stages = ['alpha', 'beta', undefined];

/** v2 before v1 before v1beta1. Models k8s.io/apimachinery/pkg/version CompareKubeAwareVersionStrings. */
function compareVersions(a: string, b: string): number {
  const rank = (version: string): number[] => {
    const [, major, stage, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
    return [stages.indexOf(stage), Number(major ?? 0), Number(minor ?? 0)];
  };
  const [left, right] = [rank(a), rank(b)];
  const differing = left.findIndex((part, i) => part !== right[i]);
  return differing < 0 ? 0 : (right[differing] ?? 0) - (left[differing] ?? 0);
}

function groupsOf(kinds: readonly Kind[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const kind of kinds) {
    const group = groups.get(kind.group) ?? { name: kind.group, versions: new Map<string, Kind[]>() };
    groups.set(kind.group, group);
    const list = group.versions.get(kind.version) ?? [];
    group.versions.set(kind.version, list);
    list.push(kind);
  }
  for (const group of groups.values()) {
    for (const list of group.versions.values()) list.sort(byName(({ plural }) => plural));
    group.versions = new Map([...group.versions].sort(([a], [b]) => compareVersions(a, b)));
  }
  return groups;
}

const groupVersionOf = (group: string, version: string): string => (group ? `${group}/${version}` : version);

/** Models k8s.io/apiserver/pkg/endpoints/discovery/storageversionhash.go */
function storageVersionHash({ group, version, kind, conversion }: Kind): string {
  const stored = `${conversion?.storageGroup ?? group}/${conversion?.storageVersion ?? version}/${kind}`;
  return createHash('sha256').update(stored).digest().subarray(0, 8).toString('base64');
}

const subresourcesOf = (kind: Kind): Subresource[] => [...kind.subresources].sort(byName(({ name }) => name));
const isStored = ({ verbs }: Kind): boolean => verbs.includes('create') && verbs.includes('get');

function resourceEntries(kind: Kind): object[] {
  const { plural, singular, isNamespaced, shortNames, categories } = kind;
  const own = {
    name: plural,
    singularName: singular,
    namespaced: isNamespaced,
    kind: kind.kind,
    verbs: [...kind.verbs].sort(),
    ...(shortNames.length && { shortNames }),
    ...(categories.length && { categories }),
    ...(isStored(kind) && { storageVersionHash: storageVersionHash(kind) }),
  };
  const views = subresourcesOf(kind).map(({ name, verbs, kind: answer }) => {
    const isForeign = answer && (answer.group !== kind.group || answer.version !== kind.version);
    return {
      name: `${plural}/${name}`,
      singularName: '',
      namespaced: isNamespaced,
      ...(isForeign && { group: answer.group, version: answer.version }),
      kind: answer?.kind ?? kind.kind,
      verbs: [...verbs].sort(),
    };
  });
  return [own, ...views];
}

/** Group and version are left empty when they are those of the resource. */
const responseKind = (kind: Kind, answer?: Subresource['kind']): object => {
  const isForeign = answer && (answer.group !== kind.group || answer.version !== kind.version);
  return {
    group: isForeign ? answer.group : '',
    version: isForeign ? answer.version : '',
    kind: answer?.kind ?? kind.kind,
  };
};

function aggregatedResource(kind: Kind): object {
  const { plural, singular, isNamespaced, shortNames, categories } = kind;
  return {
    resource: plural,
    responseKind: responseKind(kind),
    scope: isNamespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: [...kind.verbs].sort(),
    ...(shortNames.length && { shortNames }),
    ...(categories.length && { categories }),
    ...(kind.subresources.length && {
      subresources: subresourcesOf(kind).map(({ name, verbs, kind: answer }) => ({
        subresource: name,
        responseKind: responseKind(kind, answer),
        verbs: [...verbs].sort(),
      })),
    }),
  };
}

const aggregatedList = (groups: readonly Group[]): object => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: groups.map(({ name, versions }) => ({
    metadata: name ? { name } : {},
    versions: [...versions].map(([version, kinds]) => ({
      version,
      resources: kinds.map(aggregatedResource),
      freshness: 'Current',
    })),
  })),
});

function groupEntry({ name, versions }: Group) {
  const entries = [...versions.keys()].map((version): GroupVersionEntry => ({
    groupVersion: groupVersionOf(name, version),
    version,
  }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** Groups come in the order in which `kinds` first names them, versions by their maturity, resources by name. */
export function createDiscovery(kinds: readonly Kind[]): Discovery {
  const groups = groupsOf(kinds);
  const named = [...groups.values()].filter(({ name }) => name);
  const core = groups.get('');
  return {
    api: (serverAddress) => ({
      kind: 'APIVersions',
      versions: [...(core?.versions.keys() ?? [])],
      serverAddressByClientCIDRs: serverAddress ? [{ clientCIDR: '0.0.0.0/0', serverAddress }] : [],
    }),
    apis: () => ({ kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(groupEntry) }),
    aggregatedApi: () => aggregatedList(core ? [core] : []),
    aggregatedApis: () => aggregatedList(named),
    group(name) {
      const group = name ? groups.get(name) : undefined;
      return group && { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) };
    },
    groupVersion(group, version) {
      const list = groups.get(group)?.versions.get(version);
      if (!list) return undefined;
      const head = { kind: 'APIResourceList', ...(group && { apiVersion: 'v1' }) };
      return { ...head, groupVersion: groupVersionOf(group, version), resources: list.flatMap(resourceEntries) };
    },
    paths() {
      const groupPaths = named.flatMap(({ name, versions }) => [
        `/apis/${name}`,
        ...[...versions.keys()].map((version) => `/apis/${name}/${version}`),
      ]);
      const corePaths = core ? ['/api', ...[...core.versions.keys()].map((version) => `/api/${version}`)] : [];
      return [...corePaths, '/apis', '/apis/', ...groupPaths].sort();
    },
  };
}
