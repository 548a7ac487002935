// What option values may be: each function makes a parser that throws with the words that complete "NAME must be …".
import { isIP } from 'node:net';
import * as z from 'zod';

export const text = (value: string): string => value;

export const integer =
  ({ min, max }: { min: number; max: number }) =>
  (value: string): number => {
    const number = /^-?\d+$/.test(value) ? Number(value) : NaN;
    if (!(number >= min && number <= max)) throw new Error(`a whole number from ${min} to ${max}`);
    return number;
  };

export const decimal =
  ({ min, max }: { min: number; max: number }) =>
  (value: string): number => {
    const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
    if (!(number >= min && number <= max)) throw new Error(`a number from ${min} to ${max}`);
    return number;
  };

/** 0 lets the system choose one. */
export const port = (value: string): number => {
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  if (!(number <= 65535)) throw new Error('a port number from 0 to 65535');
  return number;
};

export const oneOf =
  <const T extends readonly string[]>(...values: T) =>
  (value: string): T[number] => {
    if (!values.includes(value)) throw new Error(`one of ${values.join(', ')}`);
    return value;
  };

export const ipAddress = (value: string): string => {
  if (!isIP(value)) throw new Error('an IP address');
  return value;
};

/** An http(s) address without query and fragment, and without a slash at its end. */
export const httpUrl = (value: string): string => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isPlain = url && !url.search && !url.hash && !url.username && !url.password;
  if (!isPlain || !/^https?:$/.test(url.protocol)) throw new Error('an address like https://example.org');
  return url.href.replace(/\/+$/, '');
};

// Cookies, routes and links carry the path: what would mean something else in one of them is left out.
const plainPath = /^(\/[A-Za-z0-9._~-]+)*$/;

/** Like httpUrl, with a path of plain segments or none. */
export const publicHttpUrl = (value: string): string => {
  const url = httpUrl(value);
  if (!plainPath.test(new URL(url).pathname.replace(/\/+$/, '')))
    throw new Error('an address like https://example.org/playground (letters, digits and -._~ in its path)');
  return url;
};

/** Parts between commas, trimmed, each once; `name` says what one of them is. */
export const listOf =
  (pattern: RegExp, name: string) =>
  (value: string): string[] => {
    const parts = [...new Set(value.split(',').map((part) => part.trim()))].filter(Boolean);
    if (!parts.every((part) => pattern.test(part))) throw new Error(`${name}, with commas between them`);
    return parts;
  };

/** JSON of a schema. */
export const json =
  <T>(schema: z.ZodType<T>, name: string) =>
  (value: string): T => {
    try {
      return schema.parse(JSON.parse(value));
    } catch {
      throw new Error(name);
    }
  };

export const logLevel = oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent');
