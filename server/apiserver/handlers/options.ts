// Query options of requests, checked: 422 in Kubernetes' words.
import { createInvalid, invalid, notSupported, tooLong } from '../errors.ts';
import type { FieldError } from '../errors.ts';
import type { WriteRequest } from '../rest/context.ts';
import type { ApiRequest } from './request.ts';

export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions' | 'ListOptions';

export const createInvalidOptions = (kind: OptionsKind, fault: FieldError) =>
  createInvalid({ group: 'meta.k8s.io', kind }, '', [fault]);

const maxManagerLength = 128;

function parseDryRun(query: URLSearchParams, kind: OptionsKind): boolean {
  const values = query.getAll('dryRun').filter((value) => value !== '');
  if (values.some((value) => value !== 'All')) {
    throw createInvalidOptions(kind, notSupported('dryRun', values, ['All']));
  }
  return values.length > 0;
}

/** The program's name when the client does not say: what stands before the first slash of User-Agent. */
function managerOf({ info, userAgent }: Pick<ApiRequest, 'info' | 'userAgent'>, kind: OptionsKind): string {
  const given = info.query.get('fieldManager') ?? '';
  if (given.length > maxManagerLength) {
    throw createInvalidOptions(kind, tooLong('fieldManager', `may not be more than ${maxManagerLength} bytes`));
  }
  if (/[^\x20-\x7e]/.test(given)) {
    throw createInvalidOptions(kind, invalid('fieldManager', given, 'should only contain printable characters'));
  }
  return given || userAgent.split('/')[0]?.slice(0, maxManagerLength) || 'unknown';
}

export const createWriteRequest = (request: ApiRequest, kind: OptionsKind): WriteRequest => ({
  user: request.user,
  isDryRun: parseDryRun(request.info.query, kind),
  fieldManager: managerOf(request, kind),
  warn: (message) => request.warn(message),
});

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export function parseFieldValidation(query: URLSearchParams, kind: OptionsKind): FieldValidation {
  const value = query.get('fieldValidation') || 'Warn';
  if (value === 'Ignore' || value === 'Warn' || value === 'Strict') return value;
  throw createInvalidOptions(kind, notSupported('fieldValidation', value, ['', 'Ignore', 'Strict', 'Warn']));
}
