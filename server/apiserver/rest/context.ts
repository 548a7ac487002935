// What the operations on objects share: where objects live, how they are checked, and for whom a request runs.
import type { Clock } from '../../common/clock.ts';
import { createInvalid, createNotFound, fieldErrorMessage } from '../errors.ts';
import type { FieldError } from '../errors.ts';
import { trackUpdate } from '../patch/index.ts';
import { apiVersionOf, isBuiltIn } from '../registry.ts';
import type { Registry } from '../registry.ts';
import type { Schemas } from '../schema.ts';
import type { Store } from '../store.ts';
import type { AdmissionRequest, ApiObject, Kind, Subresource, UserInfo } from '../types.ts';

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

/** Throws 422 with all faults. What a strategy finds in the metadata once more is told once. */
export function ensureValid(
  kind: Kind,
  name: string,
  metadata: readonly FieldError[],
  own: readonly FieldError[],
): void {
  const told = new Set(metadata.map(fieldErrorMessage));
  const faults = [...metadata, ...own.filter((fault) => !told.has(fieldErrorMessage(fault)))];
  if (faults.length) throw createInvalid(kind, name, faults);
}

/** Top-level fields that a write through a view, or past it, does not come to manage. */
export function ignoredFields(kind: Kind, object: ApiObject, subresource: Subresource | undefined): string[] {
  // Extension API servers reset nothing: what they throw away is still said to be managed.
  if (!isBuiltIn(kind)) return [];
  if (!subresource) return hasStatusView(kind) ? ['status'] : [];
  const written = (subresource.writes ?? ['status']).map((path) => path.split('.')[0]);
  return Object.keys(object).filter((field) => !['apiVersion', 'kind', 'metadata', ...written].includes(field));
}

/** Who manages which fields after a write; `old` is undefined on create. */
export function trackFields(
  { schemas, clock }: RestContext,
  request: WriteRequest,
  kind: Kind,
  object: ApiObject,
  old: ApiObject | undefined,
  subresource?: Subresource,
): void {
  const managedFields = trackUpdate({
    manager: request.fieldManager,
    before: old,
    after: object,
    schemas,
    schemaName: kind.schemaName,
    apiVersion: apiVersionOf(kind),
    subresource: subresource?.name,
    nowMs: clock.now(),
    ignoredFields: ignoredFields(kind, object, subresource),
  });
  if (managedFields.length) object.metadata.managedFields = managedFields;
  else delete object.metadata.managedFields;
}

export const hasStatusView = (kind: Kind): boolean =>
  kind.subresources.some(({ name, connect }) => name === 'status' && !connect);
