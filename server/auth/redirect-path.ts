// Where the browser goes after signing in: a path of ours and nothing that a browser could read as another place.
import { PlaygroundError } from '../common/errors.ts';

const maxLength = 512;
// Signing in, signing out and the API are no places to arrive at; the first two would run in a circle.
const forbiddenPath = /^\/(login|logout|api|healthz|readyz)(\/|$)/i;
const isPrintable = (text: string) => /^[\x21-\x7e]*$/.test(text);

function isOwnPath(path: string): boolean {
  if (!path.startsWith('/') || path.length > maxLength || !isPrintable(path)) return false;
  if (/^\/[/\\]/.test(path) || path.includes('\\')) return false;
  const base = 'http://playground.invalid';
  if (!URL.canParse(path, base)) return false;
  const url = new URL(path, base);
  // Dot segments can bring a double slash to the front: /x/..//example.org
  if (url.origin !== base || url.pathname.startsWith('//')) return false;
  return !forbiddenPath.test(url.pathname);
}

/** A proxy or a router may decode once more than we do, so every decoded form must hold too. */
function isOwnPathDecoded(path: string): boolean {
  let current = path;
  for (let depth = 0; depth < 5; depth++) {
    if (!isOwnPath(current)) return false;
    let next: string;
    try {
      next = decodeURIComponent(current);
    } catch {
      return false;
    }
    if (next === current) return true;
    current = next;
  }
  return false;
}

/** The path to go to; `/` when none is wished. Throws 400 for anything that is not a plain path of this site. */
export function ensureRedirectPath(value: unknown): string {
  if (value === undefined || value === '') return '/';
  if (typeof value !== 'string' || !isOwnPathDecoded(value))
    throw new PlaygroundError(
      400,
      'BadRedirectPath',
      'This link asks to go to a place that is not a page of the playground. Start at the first page instead.',
    );
  return value;
}
