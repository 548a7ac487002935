// List: selectors, pages, and how old an answer may be. Models k8s.io/apiserver/pkg/storage/etcd3/store.go GetList
import { createBadRequest, createExpired, createInvalid, forbidden, notSupported, StatusError } from './errors.ts';
import type { FieldError } from './errors.ts';
import { scanJson } from './json-scan.ts';
import { isRecord } from './objects.ts';
import type { Registry } from './registry.ts';
import type { ListMeta } from './representation.ts';
import type { Matcher } from './selectors.ts';
import type { Store } from './store.ts';
import type { ApiObject, Kind } from './types.ts';

export interface ListOptions {
  kind: Kind;
  namespace: string | undefined;
  matches: Matcher | undefined;
  /** 0: all. */
  limit: number;
  continueToken: string;
  resourceVersion: string;
  resourceVersionMatch: string;
}

export interface ListResult {
  items: ApiObject[];
  listMeta: ListMeta;
}

const keyOf = ({ metadata }: ApiObject) =>
  metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;

const encodeToken = (resourceVersion: number, lastKey: string): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: resourceVersion, start: `${lastKey}\u0000` })).toString(
    'base64url',
  );

function decodeToken(token: string): { resourceVersion: number; start: string } {
  const fault = (why: string) => createBadRequest(`invalid continue token: continue key is not valid: ${why}`);
  const text = Buffer.from(token, 'base64url').toString('utf8');
  const { fault: jsonFault } = scanJson(text);
  if (jsonFault) throw fault(jsonFault);
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || value['v'] !== 'meta.k8s.io/v1') {
    throw fault(`server does not recognize this encoded version ${isRecord(value) ? String(value['v'] ?? '') : ''}`);
  }
  const { rv, start } = value;
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || typeof start !== 'string') throw fault('incorrect fields');
  return { resourceVersion: rv, start };
}

export const isResourceVersion = (value: string): boolean => /^\d{1,16}$/.test(value);
export const versionFault = (value: string): string =>
  `resourceVersion: Invalid value: ${JSON.stringify(value)}: strconv.ParseUint: parsing ${JSON.stringify(value)}: invalid syntax`;

/** Throws 400 for what is no version, 504 for one that lies in the future. */
export function parseResourceVersion(value: string, store: Store): number {
  if (!isResourceVersion(value)) {
    throw createBadRequest(`invalid resource version: ${versionFault(value)}`);
  }
  const version = Number(value);
  if (version > store.resourceVersion) {
    throw new StatusError(
      504,
      'Timeout',
      `Timeout: Too large resource version: ${version}, current: ${store.resourceVersion}`,
      {
        causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
        retryAfterSeconds: 1,
      },
    );
  }
  return version;
}

function ensureMatchIsValid({ resourceVersion, resourceVersionMatch: match, continueToken }: ListOptions): void {
  if (!match) return;
  const path = 'resourceVersionMatch';
  const refuse = (fault: FieldError) => createInvalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [fault]);
  if (!resourceVersion) throw refuse(forbidden(path, `${path} is forbidden unless resourceVersion is provided`));
  if (continueToken) throw refuse(forbidden(path, `${path} is forbidden when continue is provided`));
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    throw refuse(notSupported(path, match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && resourceVersion === '0') {
    throw refuse(forbidden(path, `${path} "exact" is forbidden for resourceVersion "0"`));
  }
}

interface Snapshot {
  objects: readonly ApiObject[];
  resourceVersion: number;
  start: string;
}

function takeSnapshot(store: Store, options: ListOptions): Snapshot {
  const { kind, namespace, continueToken, resourceVersion } = options;
  if (continueToken) {
    const token = decodeToken(continueToken);
    try {
      return { ...token, objects: store.listAt(kind, namespace, token.resourceVersion) };
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      throw createExpired(
        'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
      );
    }
  }
  const version = resourceVersion ? parseResourceVersion(resourceVersion, store) : 0;
  if (options.resourceVersionMatch === 'Exact') {
    return { objects: store.listAt(kind, namespace, version), resourceVersion: version, start: '' };
  }
  return { objects: store.list(kind, namespace), resourceVersion: store.resourceVersion, start: '' };
}

/** Objects in the version of `kind`, frozen. Throws 400, 410, 422, 504. */
export function listObjects(
  { store, registry }: { store: Store; registry: Registry },
  options: ListOptions,
): ListResult {
  ensureMatchIsValid(options);
  const { kind, matches, limit } = options;
  const { objects, resourceVersion, start } = takeSnapshot(store, options);
  const items: ApiObject[] = [];
  const listMeta: ListMeta = { resourceVersion: String(resourceVersion) };
  const rest = start ? objects.filter((object) => keyOf(object) >= start) : objects;
  for (const [i, stored] of rest.entries()) {
    const object = registry.fromStorage(kind, stored);
    if (matches && !matches(object)) continue;
    if (limit && items.length === limit) {
      listMeta.continue = encodeToken(resourceVersion, keyOf(rest[i - 1] ?? stored));
      // Kubernetes does not count when it would have to look into each object.
      if (!matches) listMeta.remainingItemCount = rest.length - i;
      break;
    }
    items.push(object);
  }
  return { items, listMeta };
}
