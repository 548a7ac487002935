// What the parts of the API machinery share: objects, kinds as data, strategies, admission, users.
import type { FieldError } from './errors.ts';

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time?: string;
  fieldsType: 'FieldsV1';
  fieldsV1: Record<string, unknown>;
  subresource?: string;
}

export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
}

/** Any stored object. Strategies narrow it to the kind's own type with a generic parameter. */
export interface ApiObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: unknown;
  status?: unknown;
  [field: string]: unknown;
}

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

export interface UserInfo {
  name: string;
  uid?: string;
  groups: readonly string[];
  extra?: Record<string, string[]>;
}

export interface Column {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: 'name' | '';
  /** 0: always shown; 1: with `-o wide`. */
  priority: 0 | 1;
  description: string;
  cell(object: ApiObject, nowMs: number): string | number | boolean | null;
}

/** Read access to the store for strategies; objects are frozen copies: never write to them. */
export interface Reader {
  get(resource: GroupResource, name: string, namespace?: string): ApiObject | undefined;
  list(resource: GroupResource, namespace?: string): readonly ApiObject[];
}

/** A resource by group and plural: where it is stored, whatever the version. */
export interface GroupResource {
  group: string;
  plural: string;
}

export interface AdmissionRequest<T extends ApiObject = ApiObject> {
  operation: 'CREATE' | 'UPDATE' | 'DELETE';
  kind: Kind;
  /** '' for the object itself. */
  subresource: string;
  namespace: string | undefined;
  name: string;
  /** What is asked to be stored (CREATE, UPDATE); strategies of mutation may write to it. Absent for DELETE. */
  object: T | undefined;
  /** What is stored (UPDATE, DELETE). */
  old: T | undefined;
  user: UserInfo;
  isDryRun: boolean;
  nowMs: number;
  reader: Reader;
  /** Sends the client a `Warning` header. */
  warn(message: string): void;
}

/**
 * The behaviour of a kind, called in this order on a write:
 * schema defaults → `default` → `mutate` → `prepare` → `validate` (422, all faults at once) → `admit` (throws a StatusError) → stored.
 * On DELETE: `admit` alone. All are synchronous and pure but for writing to `request.object`.
 */
export interface Strategy<T extends ApiObject = ApiObject> {
  default?(object: T, request: AdmissionRequest<T>): void;
  mutate?(request: AdmissionRequest<T>): void;
  /** Resets what a client may not set, and decides on `metadata.generation`. The machinery already keeps status and spec apart. */
  prepare?(request: AdmissionRequest<T>): void;
  validate?(request: AdmissionRequest<T>): FieldError[];
  admit?(request: AdmissionRequest<T>): void;
  /** Whether an update changed what `metadata.generation` counts; absent: any change of `spec`. */
  isGenerationRaised?(object: T, old: T): boolean;
  /** Which names are valid; absent: DNS subdomains. */
  nameRule?: NameRule;
  /** PUT of a name that does not exist creates it (leases, events, RBAC). */
  isCreatedOnUpdate?: boolean;
  /** PUT without `metadata.resourceVersion` is refused. */
  isUnconditionalUpdateForbidden?: boolean;
  /**
   * Graceful deletion: how many seconds an object lives on with its deletionTimestamp, waiting for a second delete with 0 that ends it.
   * `requestedSeconds` is what the client asked for. Absent, or 0: deleted at once (finalizers still hold it).
   */
  gracePeriodSeconds?(object: T, requestedSeconds: number | undefined): number;
  /** Called when a deletion starts and the object lives on; may write to it (a namespace's phase). */
  beginDeletion?(object: T): void;
  /** Holds a deletion as finalizers do, while true (a namespace's spec.finalizers). */
  isDeletionHeld?(object: T): boolean;
  /** DELETE answers with the object, not with a Status, although it is gone (pods). */
  isDeletedObjectReturned?: boolean;
  /** An object is removed this long after its last write (events: one hour). */
  timeToLiveMs?: number;
}

export type NameRule = 'dnsSubdomain' | 'dnsLabel' | 'dns1035Label' | 'pathSegment';

export interface ConnectRequest {
  kind: Kind;
  object: ApiObject;
  method: string;
  query: URLSearchParams;
  body: unknown;
  user: UserInfo;
  isDryRun: boolean;
  nowMs: number;
  reader: Reader;
  /** Stores a changed copy of `object`, or of any object of this kind, past strategy and admission (a binding sets spec.nodeName). */
  update(object: ApiObject): ApiObject;
  /** Deletes the object as a DELETE request would (an eviction). */
  delete(gracePeriodSeconds?: number): void;
  /** A token that this server will accept, for a service account. */
  issueToken(claims: ServiceAccountClaims): { token: string; expirationTimestamp: string };
  /** Ends when the client is gone. */
  signal: AbortSignal;
}

export interface ServiceAccountClaims {
  namespace: string;
  name: string;
  uid: string;
  audiences?: readonly string[];
  expirationSeconds: number;
}

/** What `connect` may return instead of an object: bytes as they are (logs). */
export class RawAnswer {
  readonly contentType: string;
  readonly body: string | AsyncIterable<string | Uint8Array>;
  constructor(contentType: string, body: string | AsyncIterable<string | Uint8Array>) {
    this.contentType = contentType;
    this.body = body;
  }
}

export interface Subresource {
  name: string;
  verbs: readonly Verb[];
  /** The kind that discovery names for it: that of the parent if absent. */
  kind?: { group: string; version: string; kind: string };
  /** Requests that are answered by code (POST, and GET when `verbs` has get). Absent: it is a view on the parent (status, binding, scale …) that is read and written. */
  connect?(request: ConnectRequest): Promise<unknown> | unknown;
  /** Which parts of the parent a write through this view may change: top-level fields such as `status`; also metadata.labels etc. as paths. Absent: `status`. */
  writes?: readonly string[];
  /** A view of another kind than the parent (scale): how it is read from the parent, and written to a copy of it. */
  view?: { read(object: ApiObject): ApiObject; write(object: ApiObject, view: ApiObject): void };
}

/** One resource in one version, as data. */
export interface Kind {
  group: string;
  version: string;
  kind: string;
  plural: string;
  singular: string;
  shortNames: readonly string[];
  categories: readonly string[];
  isNamespaced: boolean;
  verbs: readonly Verb[];
  subresources: readonly Subresource[];
  /** Name of the component in the schema document; also by `x-kubernetes-group-version-kind`. */
  schemaName: string;
  columns: readonly Column[];
  /** Field labels that selectors may use beside metadata.name and metadata.namespace. */
  selectableFields: Readonly<Record<string, (object: ApiObject) => string>>;
  strategy: Strategy;
  /** Versions of one resource share their objects. Present on the versions that are not stored: translates from and to the stored one. */
  conversion?: {
    storageVersion: string;
    storageGroup?: string;
    storagePlural?: string;
    fromStorage(object: ApiObject): ApiObject;
    toStorage(object: ApiObject): ApiObject;
  };
}
