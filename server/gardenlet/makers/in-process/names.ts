// Names as Kubernetes makes them: letters that form no words, and hashes of templates.
import { createHash, randomBytes } from 'node:crypto';

// Models k8s.io/apimachinery/pkg/util/rand: no vowels, no digits that look like letters.
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const encode = (bytes: Uint8Array): string => Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('');

/** `length` random characters, as at the end of a pod's name. */
export const randomSuffix = (length = 5): string => encode(randomBytes(length));

/** Ten characters that stand for a pod template. */
export const templateHash = (template: unknown): string =>
  encode(createHash('sha256').update(JSON.stringify(template)).digest().subarray(0, 10));
