// Structured logs, one JSON line each on standard output; secrets never pass.
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

const secretPaths = ['authorization', 'cookie', 'token', 'clientSecret', 'accessToken'].flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
]);

/** `level` is one of pino's; `destination` defaults to standard output. */
export function createLogger(name: string, level: string, destination?: NodeJS.WritableStream): Logger {
  const options = { name, level, base: undefined, redact: { paths: secretPaths, censor: '[hidden]' } };
  return destination ? pino(options, destination) : pino(options);
}

/** A logger that says nothing, for tests. */
export const createSilentLogger = (): Logger => pino({ level: 'silent' });
