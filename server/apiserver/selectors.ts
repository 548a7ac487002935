// Label and field selectors of list, watch and deletecollection.
import { createBadRequest } from './errors.ts';
import { checkLabelValue, checkQualifiedName } from './names.ts';
import type { ApiObject, Kind } from './types.ts';

export type Matcher = (object: ApiObject) => boolean;

interface LabelRequirement {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  values: readonly string[];
}

/** Splits at commas that are not inside parentheses. */
function splitTerms(selector: string): string[] {
  const terms: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < selector.length; i++) {
    if (selector[i] === '(') depth++;
    else if (selector[i] === ')') depth--;
    else if (selector[i] === ',' && depth === 0) {
      terms.push(selector.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(selector.slice(start));
  return terms.map((term) => term.trim());
}

const refuse = (message: string): never => {
  throw createBadRequest(`unable to parse requirement: ${message}`);
};

function parseTerm(term: string): LabelRequirement {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(term);
  if (set) {
    const values = (set[3] ?? '').split(',').map((value) => value.trim());
    return { key: set[1] ?? '', operator: set[2] === 'in' ? 'In' : 'NotIn', values };
  }
  const comparison = /^([^\s=!<>]+)\s*(==|=|!=|<|>)\s*([^\s=!<>]*)$/.exec(term);
  if (comparison) {
    const operators = { '=': 'In', '==': 'In', '!=': 'NotIn', '<': 'Lt', '>': 'Gt' } as const;
    const operator = operators[comparison[2] as keyof typeof operators];
    return { key: comparison[1] ?? '', operator, values: [comparison[3] ?? ''] };
  }
  if (/^!\s*\S+$/.test(term)) return { key: term.slice(1).trim(), operator: 'DoesNotExist', values: [] };
  if (/^\S+$/.test(term)) return { key: term, operator: 'Exists', values: [] };
  const unclosed = /^\S+\s+(in|notin)\s*\(/.test(term);
  if (unclosed) return refuse("found '', expected: ',' or ')'");
  const unopened = /^\S+\s+(?:in|notin)\s+([^\s(]\S*)/.exec(term)?.[1];
  if (unopened) return refuse(`found '${unopened}' expected: '('`);
  const value = /^[^\s=!<>]+\s*(?:==|=|!=|<|>)\s*[^\s=!<>]*\s+(\S+)/.exec(term)?.[1];
  if (value) throw createBadRequest(`found '${value}', expected: ',' or 'end of string'`);
  const found = /^\S+\s+(\S+)/.exec(term)?.[1] ?? '';
  return refuse(`found '${found}', expected: in, notin, =, ==, !=, gt, lt`);
}

/** Throws 400 with Kubernetes' words. Models k8s.io/apimachinery/pkg/labels/selector.go */
export function parseLabelSelector(selector: string): LabelRequirement[] {
  if (!selector.trim()) return [];
  return splitTerms(selector).map((term) => {
    if (!term) return refuse("found ',', expected: identifier after ','");
    const requirement = parseTerm(term);
    const { key, values } = requirement;
    const [fault] = checkQualifiedName(key);
    if (fault) refuse(`<nil>: Invalid value: ${JSON.stringify(key)}: ${fault}`);
    values.forEach((value, i) => {
      const [wrong] = checkLabelValue(value);
      if (wrong) refuse(`values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}: ${wrong}`);
    });
    return requirement;
  });
}

export function isLabelMatch(
  requirements: readonly LabelRequirement[],
  labels: Readonly<Record<string, string>> = {},
): boolean {
  return requirements.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      case 'Gt':
        return value !== undefined && Number(value) > Number(values[0]);
      case 'Lt':
        return value !== undefined && Number(value) < Number(values[0]);
    }
  });
}

interface FieldRequirement {
  field: string;
  isEqual: boolean;
  value: string;
}

/** Throws 400. A backslash escapes a comma, an equals sign or itself. Models k8s.io/apimachinery/pkg/fields/selector.go */
export function parseFieldSelector(selector: string): FieldRequirement[] {
  const terms = selector.match(/(\\.|[^,\\])+/g) ?? [];
  return terms.map((term) => {
    const parts = /^((?:\\.|[^=!\\])*)(!=|==|=)((?:\\.|[^\\])*)$/.exec(term);
    if (!parts) throw createBadRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
    const value = (parts[3] ?? '').replace(/\\(.)/g, '$1');
    return { field: (parts[1] ?? '').trim(), isEqual: parts[2] !== '!=', value };
  });
}

const commonFields: Readonly<Record<string, (object: ApiObject) => string>> = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

function fieldReader(kind: Kind, field: string): (object: ApiObject) => string {
  for (const fields of [commonFields, kind.selectableFields]) {
    const read = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (read) return read;
  }
  if (Object.keys(kind.selectableFields).length) throw createBadRequest(`field label not supported: ${field}`);
  throw createBadRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
}

/** One predicate for both selectors, on objects in the version of `kind`; undefined when both are empty. Throws 400. */
export function createMatcher(kind: Kind, labelSelector: string, fieldSelector: string): Matcher | undefined {
  const labels = parseLabelSelector(labelSelector);
  const fields = parseFieldSelector(fieldSelector).map(({ field, ...rest }) => ({
    read: fieldReader(kind, field),
    ...rest,
  }));
  if (!labels.length && !fields.length) return undefined;
  return (object) =>
    isLabelMatch(labels, object.metadata.labels) &&
    fields.every(({ read, isEqual, value }) => (read(object) === value) === isEqual);
}
