// The API's own errors: Status objects with Kubernetes' codes, reasons and words, and the field errors inside an Invalid one.

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { resourceVersion?: string };
  status: 'Failure' | 'Success';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  toStatus(): Status {
    const { code, reason, message, details } = this;
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason: reason || undefined,
      details,
      code,
    };
  }
}

// Models k8s.io/apimachinery/pkg/util/validation/field/errors.go
const fieldErrorTexts = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  InternalError: 'Internal error',
  FieldValueTypeInvalid: 'Invalid value',
} as const;
export type FieldErrorType = keyof typeof fieldErrorTexts;

export interface FieldError {
  type: FieldErrorType;
  path: string;
  value?: unknown;
  detail: string;
}

const quoted = (value: unknown): string => {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'object') return JSON.stringify(value);
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
};

/** The error without its path, as in a cause: `Invalid value: "x": must be …`. */
export function fieldErrorBody({ type, value, detail }: FieldError): string {
  const hasValue = !['FieldValueRequired', 'FieldValueForbidden', 'FieldValueTooLong', 'InternalError'].includes(type);
  return `${fieldErrorTexts[type]}${hasValue ? `: ${quoted(value)}` : ''}${detail ? `: ${detail}` : ''}`;
}

export const fieldErrorMessage = (error: FieldError): string => `${error.path}: ${fieldErrorBody(error)}`;

export const required = (path: string, detail: string): FieldError => ({ type: 'FieldValueRequired', path, detail });
export const invalid = (path: string, value: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  path,
  value,
  detail,
});
export const forbidden = (path: string, detail: string): FieldError => ({ type: 'FieldValueForbidden', path, detail });
export const duplicate = (path: string, value: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  path,
  value,
  detail: '',
});
export const notFound = (path: string, value: unknown): FieldError => ({
  type: 'FieldValueNotFound',
  path,
  value,
  detail: '',
});
export const tooLong = (path: string, detail: string): FieldError => ({ type: 'FieldValueTooLong', path, detail });
export const notSupported = (path: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  path,
  value,
  detail: supported.length ? `supported values: ${supported.map((v) => JSON.stringify(v)).join(', ')}` : '',
});

interface Named {
  group: string;
  plural: string;
}
const qualified = ({ group, plural }: Named) => (group ? `${plural}.${group}` : plural);

export const createNotFound = (resource: Named, name: string): StatusError =>
  new StatusError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, {
    name,
    group: resource.group || undefined,
    kind: resource.plural,
  });

export const createAlreadyExists = (resource: Named, name: string): StatusError =>
  new StatusError(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, {
    name,
    group: resource.group || undefined,
    kind: resource.plural,
  });

export const createConflict = (resource: Named, name: string, message: string, causes?: StatusCause[]): StatusError =>
  new StatusError(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${message}`, {
    name,
    group: resource.group || undefined,
    kind: resource.plural,
    causes,
  });

/** 403; a resource with an empty plural stands for a path that is no resource. */
export function createForbidden(resource: Named, name: string, message: string): StatusError {
  if (!resource.plural) return new StatusError(403, 'Forbidden', `forbidden: ${message}`, {});
  const subject = `${qualified(resource)}${name ? ` "${name}"` : ''}`;
  return new StatusError(403, 'Forbidden', `${subject} is forbidden: ${message}`, {
    name: name || undefined,
    group: resource.group || undefined,
    kind: resource.plural,
  });
}

export const createBadRequest = (message: string): StatusError => new StatusError(400, 'BadRequest', message);

export const createUnauthorized = (): StatusError => new StatusError(401, 'Unauthorized', 'Unauthorized');

/** The path names a resource or subresource that is not served. */
export const createUnknownResource = (): StatusError =>
  new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});

export const createMethodNotAllowed = (): StatusError =>
  new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});

/** The client accepts nothing that is served. */
export const createNothingAcceptable = (accepted: readonly string[]): StatusError =>
  new StatusError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${accepted.join(', ')}`, {});

/** What the client accepts is served, but not in that form. */
export const createNotAcceptable = (accepted: readonly string[]): StatusError =>
  new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);

export const createUnsupportedMediaType = (accepted: readonly string[]): StatusError =>
  new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );

export const createUnsupportedPatch = (): StatusError =>
  new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});

export const createTooLarge = (limitBytes: number): StatusError =>
  new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`);

export const createExpired = (message: string): StatusError => new StatusError(410, 'Expired', message);

/** A fault that Kubernetes lets through without a reason: 500. */
export const createPlainError = (message: string): StatusError => new StatusError(500, '', message);

export const createInternalError = (message: string): StatusError =>
  new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });

/** 422 with one cause for each field error. Models k8s.io/apimachinery/pkg/api/errors NewInvalid. */
export function createInvalid(
  kind: { group: string; kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const messages = [...new Set(errors.map(fieldErrorMessage))];
  const list = messages.length === 1 ? messages[0] : `[${messages.join(', ')}]`;
  const qualifiedKind = kind.group ? `${kind.kind}.${kind.group}` : kind.kind;
  return new StatusError(422, 'Invalid', `${qualifiedKind} "${name}" is invalid: ${list}`, {
    name: name || undefined,
    group: kind.group || undefined,
    kind: kind.kind || undefined,
    causes: errors.map((error) => ({ reason: error.type, message: fieldErrorBody(error), field: error.path })),
  });
}
