// Address ranges: whether they are well-formed and canonical, and whether they overlap.
// Models pkg/utils/validation/cidr
import { isIP } from 'node:net';
import { invalid, type FieldError } from '../../../apiserver/errors.ts';

interface Range {
  family: 4 | 6;
  first: bigint;
  last: bigint;
  /** As given, and with the host bits cleared. */
  given: bigint;
}

function toNumber(address: string): bigint {
  if (isIP(address) === 4) return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  const [head = '', tail] = address.split('::');
  const words = (part: string | undefined) => (part ? part.split(':') : []);
  const [left, right] = [words(head), words(tail)];
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return all.reduce((sum, word) => (sum << 16n) | BigInt(parseInt(word, 16)), 0n);
}

/** Undefined for what is no range. */
export function parseCidr(text: string): Range | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const family = isIP(address);
  if (!family || rest.length || !length || !/^\d{1,3}$/.test(length)) return undefined;
  const bits = family === 4 ? 32 : 128;
  if (Number(length) > bits) return undefined;
  const given = toNumber(address);
  const host = (1n << BigInt(bits - Number(length))) - 1n;
  return { family: family as 4 | 6, given, first: given & ~host, last: given | host };
}

export function cidrErrors(path: string, cidr: string | undefined): FieldError[] {
  if (cidr === undefined) return [];
  const range = parseCidr(cidr);
  if (!range) return [invalid(path, cidr, `invalid CIDR address: ${cidr}`)];
  return range.first === range.given ? [] : [invalid(path, cidr, 'must be valid canonical CIDR')];
}

/** False when one of them is no range: that is another fault. */
export function isOverlapping(a: string | undefined, b: string | undefined): boolean {
  const [left, right] = [parseCidr(a ?? ''), parseCidr(b ?? '')];
  if (!left || !right || left.family !== right.family) return false;
  return left.first <= right.last && right.first <= left.last;
}
