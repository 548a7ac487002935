// Names: the random suffix of generateName, and what makes a name, a label or an annotation valid.
import { randomInt } from 'node:crypto';
import { invalid, tooLong } from './errors.ts';
import type { FieldError } from './errors.ts';
import type { NameRule } from './types.ts';

// Vowels and look-alikes are left out. Models k8s.io/apimachinery/pkg/util/rand/rand.go
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

export const randomSuffix = (length = 5): string =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');

const maxGeneratedBase = 58;
export const generateName = (base: string): string => base.slice(0, maxGeneratedBase) + randomSuffix();

const subdomainText =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelText =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const label1035Text =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const qualifiedText =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const labelValueText =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const label1035 = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const qualified = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const check = (value: string, max: number, pattern: RegExp, text: string): string[] => [
  ...(value.length > max ? [`must be no more than ${max} characters`] : []),
  ...(pattern.test(value) ? [] : [text]),
];

/** What is wrong with a name, in Kubernetes' words. Models k8s.io/apimachinery/pkg/util/validation/validation.go */
export function checkName(name: string, rule: NameRule): string[] {
  if (rule === 'dnsSubdomain') return check(name, 253, subdomain, subdomainText);
  if (rule === 'dnsLabel') return check(name, 63, label, labelText);
  if (rule === 'dns1035Label') return check(name, 63, label1035, label1035Text);
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
}

export const isDnsLabel = (name: string): boolean => checkName(name, 'dnsLabel').length === 0;

export function checkQualifiedName(value: string): string[] {
  const parts = value.split('/');
  if (parts.length > 2) {
    return [
      `a qualified name ${qualifiedText.replace('name part ', '')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const faults: string[] = [];
  const [prefix, name = ''] = parts.length === 2 ? parts : [undefined, parts[0]];
  if (prefix !== undefined) {
    if (!prefix) faults.push('prefix part must be non-empty');
    else faults.push(...checkName(prefix, 'dnsSubdomain').map((fault) => `prefix part ${fault}`));
  }
  if (!name) faults.push('name part must be non-empty');
  else if (name.length > 63) faults.push('name part must be no more than 63 characters');
  if (!qualified.test(name)) faults.push(qualifiedText);
  return faults;
}

export const checkLabelValue = (value: string): string[] => check(value, 63, labelValue, labelValueText);

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...checkQualifiedName(key).map((fault) => invalid(path, key, fault)),
    ...checkLabelValue(value).map((fault) => invalid(path, value, fault)),
  ]);
}

const maxAnnotationBytes = 256 * 1024;

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const faults = entries.flatMap(([key]) =>
    checkQualifiedName(key.toLowerCase()).map((fault) => invalid(path, key, fault)),
  );
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return bytes > maxAnnotationBytes
    ? [...faults, tooLong(path, `may not be more than ${maxAnnotationBytes} bytes`)]
    : faults;
}
