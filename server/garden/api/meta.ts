// Names, labels, annotations and finalizers: small rules that several kinds share.
import { invalid, required, type FieldError } from '../../apiserver/errors.ts';
import type { ApiObject, ObjectMeta } from '../../apiserver/types.ts';

const labelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomainPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** What is wrong with a DNS-1123 label, in Kubernetes' words. Models k8s.io/apimachinery/pkg/util/validation IsDNS1123Label. */
export function dnsLabelFaults(value: string): string[] {
  const faults = value.length > 63 ? ['must be no more than 63 bytes'] : [];
  if (labelPattern.test(value)) return faults;
  const rule =
    subdomainPattern.test(value) && value.includes('.')
      ? 'must not contain dots'
      : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
  return [...faults, rule];
}

/** The same for a DNS-1123 subdomain. */
export function dnsSubdomainFaults(value: string): string[] {
  const faults = value.length > 253 ? ['must be no more than 253 bytes'] : [];
  if (subdomainPattern.test(value)) return faults;
  return [
    ...faults,
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ];
}

export const nameErrors = (path: string, value: string, faults: (value: string) => string[]): FieldError[] =>
  faults(value).map((fault) => invalid(path, value, fault));

/** `a--b` would be ambiguous in `shoot--<project>--<shoot>`. */
export const doubleHyphenErrors = (path: string, name: string): FieldError[] =>
  name.includes('--') ? [invalid(path, name, 'name may not contain two consecutive hyphens')] : [];

/** metadata.name by a rule; with generateName alone there is nothing to judge yet. */
export function metadataNameErrors(metadata: ObjectMeta, faults: (value: string) => string[]): FieldError[] {
  if (metadata.name) return nameErrors('metadata.name', metadata.name, faults);
  return metadata.generateName ? [] : [required('metadata.name', 'name or generateName is required')];
}

export function setAnnotation(object: ApiObject, key: string, value: string): void {
  object.metadata.annotations = { ...object.metadata.annotations, [key]: value };
}

/** Removes the annotation, and the empty map with the last one. */
export function removeAnnotation(object: ApiObject, key: string): void {
  const { [key]: _removed, ...rest } = object.metadata.annotations ?? {};
  if (Object.keys(rest).length) object.metadata.annotations = rest;
  else delete object.metadata.annotations;
}

export function setLabel(object: ApiObject, key: string, value: string): void {
  object.metadata.labels = { ...object.metadata.labels, [key]: value };
}

/** Removes the labels for which `isUnwanted` holds, and the empty map with the last one. */
export function removeLabels(object: ApiObject, isUnwanted: (key: string) => boolean): void {
  const kept = Object.entries(object.metadata.labels ?? {}).filter(([key]) => !isUnwanted(key));
  if (kept.length) object.metadata.labels = Object.fromEntries(kept);
  else delete object.metadata.labels;
}

/** Go's strconv.ParseBool: annotations such as the confirmation of a deletion are read by it. */
export const isTrue = (value: string | undefined): boolean =>
  value !== undefined && ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value);
