// What the operations on objects share: where objects live, how they are checked, and for whom a request runs.
import type { Clock } from '../../common/clock.ts';
import { createInvalid, createNotFound } from '../errors.ts';
import type { FieldError } from '../errors.ts';
import type { Registry } from '../registry.ts';
import type { Schemas } from '../schema.ts';
import type { Store } from '../store.ts';
import type { AdmissionRequest, ApiObject, Kind, UserInfo } from '../types.ts';

export interface RestContext {
  registry: Registry;
  store: Store;
  schemas: Schemas;
  clock: Clock;
  admit?(request: AdmissionRequest): void;
}

/** Who writes, and how. */
export interface WriteRequest {
  user: UserInfo;
  isDryRun: boolean;
  fieldManager: string;
  warn(message: string): void;
}

export interface ObjectAddress {
  kind: Kind;
  namespace: string | undefined;
  name: string;
}

/** The object in the version of `kind`, frozen. Throws 404. */
export function getObject({ registry, store }: RestContext, { kind, name, namespace }: ObjectAddress): ApiObject {
  const object = store.get(kind, name, namespace);
  if (!object) throw createNotFound(kind, name);
  return registry.fromStorage(kind, object);
}

export function createAdmissionRequest(
  { clock, store }: RestContext,
  request: WriteRequest,
  parts: Pick<AdmissionRequest, 'operation' | 'kind' | 'subresource' | 'namespace' | 'name' | 'object' | 'old'>,
): AdmissionRequest {
  const { user, isDryRun, warn } = request;
  return { ...parts, user, isDryRun, warn, nowMs: clock.now(), reader: store };
}

export function ensureValid(kind: Kind, name: string, faults: readonly FieldError[]): void {
  if (faults.length) throw createInvalid(kind, name, faults);
}

export const hasStatusView = (kind: Kind): boolean =>
  kind.subresources.some(({ name, connect }) => name === 'status' && !connect);
