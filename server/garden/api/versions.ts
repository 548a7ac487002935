// Versions: comparison, the parts that a user may leave out, and where a version stands in its lifecycle.
import type { ExpirableVersion } from './types.ts';

export interface Version {
  major: number;
  minor: number;
  patch: number;
  preRelease: string;
}

/** A semantic version with all three parts (a leading `v` is allowed), else undefined. */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text);
  return match ? { major: +match[1]!, minor: +match[2]!, patch: +match[3]!, preRelease: match[4] ?? '' } : undefined;
}

/** Below 0 when `a` is the older one. */
export function compareVersions(a: Version, b: Version): number {
  const byNumber = a.major - b.major || a.minor - b.minor || a.patch - b.patch;
  if (byNumber || a.preRelease === b.preRelease) return byNumber;
  if (!a.preRelease || !b.preRelease) return a.preRelease ? -1 : 1;
  return a.preRelease < b.preRelease ? -1 : 1;
}

/** Whether a Kubernetes version is `minor` or later; false for what is no version. Pre-releases count as their minor. */
export function isAtLeast(version: string | undefined, minimum: `${number}.${number}`): boolean {
  const parsed = parseVersion(version ?? '');
  if (!parsed) return false;
  const [major, minor] = minimum.split('.').map(Number) as [number, number];
  return parsed.major > major || (parsed.major === major && parsed.minor >= minor);
}

export type Classification = 'unavailable' | 'preview' | 'supported' | 'deprecated' | 'expired';

/**
 * Where a version stands at `nowMs`. The older fields classification and expirationDate are read as a lifecycle.
 * Models pkg/api/core/v1beta1/helper CurrentLifecycleClassification.
 */
export function classificationAt(version: ExpirableVersion, nowMs: number): Classification {
  const stages = version.lifecycle?.length
    ? version.lifecycle
    : [
        { classification: version.classification ?? 'supported', startTime: undefined },
        ...(version.expirationDate ? [{ classification: 'expired', startTime: version.expirationDate }] : []),
      ];
  let current = 'unavailable';
  for (const { classification, startTime } of stages) {
    if (startTime === undefined || Date.parse(startTime) <= nowMs) current = classification;
  }
  return current as Classification;
}

export const isActive = (version: ExpirableVersion, nowMs: number): boolean =>
  !['expired', 'unavailable'].includes(classificationAt(version, nowMs));
export const isSupported = (version: ExpirableVersion, nowMs: number): boolean =>
  classificationAt(version, nowMs) === 'supported';
export const isExpired = (version: ExpirableVersion, nowMs: number): boolean =>
  classificationAt(version, nowMs) === 'expired';

/** The newest of `versions` that satisfies `accepts`; undefined when there is none. */
export function newest<T extends { version: string }>(
  versions: readonly T[],
  accepts: (version: T, parsed: Version) => boolean,
): T | undefined {
  let best: { item: T; parsed: Version } | undefined;
  for (const item of versions) {
    const parsed = parseVersion(item.version);
    if (!parsed || !accepts(item, parsed)) continue;
    if (!best || compareVersions(parsed, best.parsed) > 0) best = { item, parsed };
  }
  return best?.item;
}
