// What changed between two specs, as Gardener tells it: `Provider.Workers.slice[0].Maximum: 3 != 2`.
// Models github.com/go-test/deep Equal
import { isDeepEqual } from '../../../apiserver/objects.ts';

const maxDifferences = 10;

// JSON names whose Go fields are not just capitalised.
const goNames: Readonly<Record<string, string>> = {
  dns: 'DNS',
  cri: 'CRI',
  etcd: 'ETCD',
  ipFamilies: 'IPFamilies',
  sshAccess: 'SSHAccess',
  caBundle: 'CABundle',
};
const goName = (name: string) => goNames[name] ?? name.charAt(0).toUpperCase() + name.slice(1);

function show(value: unknown): string {
  if (value === undefined || value === null) return '<nil pointer>';
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`;
  if (typeof value === 'object') return `{${Object.values(value).map(show).join(' ')}}`;
  return String(value);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function* differences(now: unknown, before: unknown, path: string): Generator<string> {
  if (isDeepEqual(now, before)) return;
  if (isRecord(now) && isRecord(before)) {
    for (const key of new Set([...Object.keys(now), ...Object.keys(before)])) {
      yield* differences(now[key], before[key], path ? `${path}.${goName(key)}` : goName(key));
    }
  } else if (Array.isArray(now) && Array.isArray(before)) {
    for (let index = 0; index < Math.max(now.length, before.length); index++) {
      const at = `${path}.slice[${index}]`;
      if (index >= now.length) yield `${at}: <no value> != ${show(before[index])}`;
      else if (index >= before.length) yield `${at}: ${show(now[index])} != <no value>`;
      else yield* differences(now[index], before[index], at);
    }
  } else yield `${path}: ${show(now)} != ${show(before)}`;
}

/** At most ten differences, in the order of the fields. */
export function specDifferences(now: unknown, before: unknown): string[] {
  const found: string[] = [];
  for (const difference of differences(now, before, '')) {
    if (found.push(difference) === maxDifferences) break;
  }
  return found;
}
