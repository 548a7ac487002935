// Strict decoding: what Go's decoder and Kubernetes' strict mode would say about an object, in their words.
import type { SchemaNode, StrictCheck } from './schema.ts';
import { base64Fault, durationMs, isQuantity, timeFault } from './schema-values.ts';

interface Place {
  /** With indexes and keys, for unknown fields: `spec.workers[0].size`. */
  path: string;
  /** Field names alone, as Go's decoder writes them: `spec.workers.size`. */
  goPath: string;
  /** The struct whose field is being decoded. */
  struct: string;
}

const jsonType = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
};

const mismatch = (node: SchemaNode, value: unknown, { goPath, struct }: Place, shown = jsonType(value)): string =>
  goPath
    ? `json: cannot unmarshal ${shown} into Go struct field ${struct}.${goPath} of type ${node.goType}`
    : `json: cannot unmarshal ${shown} into Go value of type ${node.goType}`;

const quantityRule = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const isInRange = (value: number, format: string | undefined): boolean =>
  Number.isInteger(value) && (format === 'int64' || (value >= -(2 ** 31) && value < 2 ** 31));

/** The fault of a value that is no list, map or struct. */
function scalarFault(node: SchemaNode, value: unknown, place: Place): string | undefined {
  const isString = typeof value === 'string';
  switch (node.kind) {
    case 'string':
      return isString ? undefined : mismatch(node, value, place);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : mismatch(node, value, place);
    case 'number':
      return typeof value === 'number' ? undefined : mismatch(node, value, place);
    case 'integer':
      if (typeof value !== 'number') return mismatch(node, value, place);
      return isInRange(value, node.raw.format) ? undefined : mismatch(node, value, place, `number ${value}`);
    case 'intOrString':
      if (isString || (typeof value === 'number' && Number.isInteger(value))) return undefined;
      return mismatch(node, value, place, typeof value === 'number' ? `number ${value}` : undefined);
    case 'quantity':
      return isQuantity(value) ? undefined : quantityRule;
    case 'bytes':
      return isString ? base64Fault(value) : mismatch(node, value, place);
    case 'duration':
      if (!isString) return mismatch(node, value, place);
      return durationMs(value) === undefined ? `time: invalid duration ${JSON.stringify(value)}` : undefined;
    case 'time':
    case 'microTime':
      return isString ? timeFault(value, node.kind === 'microTime') : mismatch(node, value, place);
    default:
      return undefined;
  }
}

function checkFields(node: SchemaNode, object: object, place: Place, result: StrictCheck): void {
  for (const [name, value] of Object.entries(object)) {
    const child = node.field(name);
    const path = place.path ? `${place.path}.${name}` : name;
    if (!child) {
      result.unknown.push(`unknown field ${JSON.stringify(path)}`);
      continue;
    }
    // A map's keys are no part of the path that Go's decoder names.
    const goPath = node.kind === 'map' ? place.goPath : place.goPath ? `${place.goPath}.${name}` : name;
    checkValue(child, value, { path, goPath, struct: node.kind === 'map' ? place.struct : node.structName }, result);
  }
}

function checkValue(node: SchemaNode, value: unknown, place: Place, result: StrictCheck): void {
  if (value === null || value === undefined || node.kind === 'any') return;
  const isArray = Array.isArray(value);
  if (node.kind === 'list') {
    const { items } = node;
    if (!isArray) result.typeErrors.push(mismatch(node, value, place));
    else if (items)
      value.forEach((item, index) => checkValue(items, item, { ...place, path: `${place.path}[${index}]` }, result));
    return;
  }
  if (node.kind === 'struct' || node.kind === 'map') {
    if (isArray || typeof value !== 'object') result.typeErrors.push(mismatch(node, value, place));
    else checkFields(node, value, place, result);
    return;
  }
  const fault = scalarFault(node, value, place);
  if (fault) result.typeErrors.push(fault);
}

/** Models sigs.k8s.io/json: all faults, in the order of the fields. */
export function checkObject(node: SchemaNode, object: unknown): StrictCheck {
  const result: StrictCheck = { unknown: [], typeErrors: [] };
  checkValue(node, object, { path: '', goPath: '', struct: '' }, result);
  return result;
}
