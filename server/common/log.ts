// Structured logs, one JSON line each on standard output; secrets never pass.
import { pino, type Logger, type LoggerOptions } from 'pino';

export type { Logger } from 'pino';

const secretNames = ['authorization', 'cookie', 'set-cookie', 'token', 'clientSecret', 'accessToken', 'code_verifier'];
const secretPaths = secretNames.flatMap((name) => {
  const step = name.includes('-') ? `["${name}"]` : `.${name}`;
  return [step.replace(/^\./, ''), `*${step}`, `*.*${step}`];
});
const censor = '[hidden]';

// Messages of errors come from libraries: JSON Web Tokens, credentials of GitHub, and what the queries of a sign-in hold.
const secretTexts = [
  /\beyJ[\w-]{10,}\.[\w-]+\.[\w-]*/g,
  /\bgh[a-z]_\w+/g,
  /(?<=\b(?:Bearer|Basic) )[\w.~+/=-]+/gi,
  /(?<=[?&](?:code|state|access_token|client_secret|code_verifier)=)[^&\s"']+/g,
];

const hideSecrets = (text: string): string => secretTexts.reduce((rest, secret) => rest.replace(secret, censor), text);

interface LoggedError {
  type: string;
  message: string;
  code?: string | number;
  status?: number;
  reason?: string;
  stack?: string;
  cause?: LoggedError;
}

const maxCauses = 4;

/** Of an error only what says what happened: libraries hang requests, answers and credentials on theirs. */
export function serializeError(fault: unknown, depth = 0): LoggedError {
  if (!(fault instanceof Error)) return { type: typeof fault, message: hideSecrets(String(fault)) };
  const { code, status, reason, cause } = fault as Error & Record<string, unknown>;
  return {
    type: fault.name,
    message: hideSecrets(fault.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(fault.stack ? { stack: hideSecrets(fault.stack) } : {}),
    ...(cause !== undefined && depth < maxCauses ? { cause: serializeError(cause, depth + 1) } : {}),
  };
}

/** `level` is one of pino's; `destination` defaults to standard output. */
export function createLogger(name: string, level: string, destination?: NodeJS.WritableStream): Logger {
  const options: LoggerOptions = {
    name,
    level,
    base: undefined,
    redact: { paths: secretPaths, censor },
    serializers: { err: (fault: unknown) => serializeError(fault) },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return destination ? pino(options, destination) : pino(options);
}

/** A logger that says nothing, for tests. */
export const createSilentLogger = (): Logger => pino({ level: 'silent' });
