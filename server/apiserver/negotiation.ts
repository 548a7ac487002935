// Content negotiation: which representation a client accepts, and how a body is written.
import { createNotAcceptable, createNothingAcceptable, createUnsupportedMediaType } from './errors.ts';

export type Representation = 'object' | 'table' | 'metadata';
export interface Accepted {
  representation: Representation;
  format: 'json' | 'yaml';
}

interface MediaRange {
  type: string;
  parameters: Record<string, string>;
  quality: number;
}

// Protobuf is named because clients look for it; they take JSON where they ask for both.
const servedTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const maxRanges = 32;

function parseAccept(header: string): MediaRange[] {
  const ranges = header
    .split(',')
    .slice(0, maxRanges)
    .map((range) => {
      const [type = '', ...rest] = range.split(';').map((part) => part.trim());
      const parameters: Record<string, string> = {};
      for (const parameter of rest) {
        const equals = parameter.indexOf('=');
        if (equals > 0)
          parameters[parameter.slice(0, equals).toLowerCase()] = parameter.slice(equals + 1).replace(/^"|"$/g, '');
      }
      const quality = Number(parameters['q'] ?? 1);
      return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality };
    });
  return ranges.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
}

const formatOf = (type: string): 'json' | 'yaml' | undefined => {
  if (['application/json', 'application/*', '*/*', ''].includes(type)) return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
};

/** Throws 406 when nothing that the client accepts can be made. Models k8s.io/apiserver/pkg/endpoints/handlers/negotiation/negotiate.go */
export function negotiate(header: string | undefined): Accepted {
  let isKnown = false;
  for (const { type, parameters } of parseAccept(header || '*/*')) {
    const format = formatOf(type);
    if (!format) continue;
    isKnown = true;
    const { as, g, v } = parameters;
    if (!as) return { representation: 'object', format };
    if (g !== 'meta.k8s.io' || v !== 'v1') continue;
    if (as === 'Table') return { representation: 'table', format };
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')
      return { representation: 'metadata', format };
  }
  throw isKnown ? createNotAcceptable(servedTypes) : createNothingAcceptable(servedTypes);
}

/** Watches are streams of JSON. Throws 406. */
export function negotiateWatch(header: string | undefined): Representation {
  const { representation, format } = negotiate(header);
  if (format === 'json') return representation;
  throw createNotAcceptable(['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']);
}

/** The aggregated form of discovery, when the client knows it: `v2` before the plain one. */
export function wantsAggregatedDiscovery(header: string | undefined): boolean {
  for (const { type, parameters } of parseAccept(header ?? '')) {
    if (type !== 'application/json') continue;
    if (
      parameters['as'] === 'APIGroupDiscoveryList' &&
      parameters['g'] === 'apidiscovery.k8s.io' &&
      parameters['v'] === 'v2'
    )
      return true;
    if (!parameters['as']) return false;
  }
  return false;
}

/** The media type of a body in lower case, without parameters; JSON when none is said. */
export const mediaTypeOf = (header: string | undefined): string =>
  (header ?? '').split(';')[0]?.trim().toLowerCase() || 'application/json';

/** Throws 415 unless `header` names one of `accepted`. */
export function ensureMediaType(header: string | undefined, accepted: readonly string[]): string {
  const type = mediaTypeOf(header);
  if (!accepted.includes(type)) throw createUnsupportedMediaType(accepted);
  return type;
}
