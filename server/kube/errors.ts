// KubeError: what a Kubernetes API refused, or that it did not answer.

interface StatusLike {
  reason?: string;
  message?: string;
  code?: number;
  details?: { retryAfterSeconds?: number; causes?: { field?: string; message?: string; reason?: string }[] };
}

export class KubeError extends Error {
  override readonly name = 'KubeError';
  /** HTTP status; 0 when the server was not reached or the answer broke off. */
  readonly code: number;
  /** Kubernetes' reason: NotFound, AlreadyExists, Conflict, Forbidden, Invalid, Expired …; `Unreachable` with code 0. */
  readonly reason: string;
  readonly details: StatusLike['details'];
  /** When the server wants to be asked again. */
  readonly retryAfterSeconds?: number;

  constructor(
    code: number,
    reason: string,
    message: string,
    options: { cause?: unknown; details?: StatusLike['details']; retryAfterSeconds?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.reason = reason;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds ?? options.details?.retryAfterSeconds;
  }
}

/** From an answer of the API: a Status object, or whatever a proxy in between said; `retryAfterSeconds` from its header. */
export function createKubeError(code: number, body: string, retryAfterSeconds?: number): KubeError {
  try {
    const status = JSON.parse(body) as StatusLike;
    return new KubeError(status.code ?? code, status.reason ?? 'Unknown', status.message ?? body, {
      details: status.details,
      retryAfterSeconds,
    });
  } catch {
    return new KubeError(code, 'Unknown', body.trim().slice(0, 300) || `The API server answered ${code}.`, {
      retryAfterSeconds,
    });
  }
}

export const createUnreachable = (server: string, cause: unknown): KubeError =>
  new KubeError(
    0,
    'Unreachable',
    `The API server at ${server} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  );

const hasReason =
  (...reasons: string[]) =>
  (error: unknown): error is KubeError =>
    error instanceof KubeError && reasons.includes(error.reason);

export const isNotFound = hasReason('NotFound');
export const isAlreadyExists = hasReason('AlreadyExists');
export const isConflict = hasReason('Conflict');
export const isForbidden = hasReason('Forbidden');
export const isInvalid = hasReason('Invalid');
/** The resourceVersion is too old: list again. */
export const isExpired = hasReason('Expired', 'Gone');
export const isUnreachable = hasReason('Unreachable');
