// The one error that reaches a user: a status, a stable code, and a sentence that says what happened and what to do.

export class PlaygroundError extends Error {
  override readonly name = 'PlaygroundError';
  readonly status: number;
  readonly code: string;
  readonly retryAfterSeconds?: number;

  /** `message` is the sentence shown to the user; `cause` goes into the log alone. */
  constructor(
    status: number,
    code: string,
    message: string,
    options: { cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

export const isPlaygroundError = (error: unknown): error is PlaygroundError => error instanceof PlaygroundError;

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A start that is not possible: a sentence for the administrator that says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
