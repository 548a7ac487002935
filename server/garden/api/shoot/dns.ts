// The domain of a Shoot: given once its seed is known, and checked against the landscape's default domains.
// Models plugin/pkg/shoot/dns/admission.go
import {
  createInternalError,
  createInvalid,
  duplicate,
  forbidden,
  invalid,
  type FieldError,
} from '../../../apiserver/errors.ts';
import type { AdmissionRequest, Reader } from '../../../apiserver/types.ts';
import { createPlainError } from '../faults.ts';
import { createLookupFailure, find, getProject, list, messageOf } from '../lookups.ts';
import type { Shoot } from '../types.ts';

const domainPath = 'spec.dns.domain';

/** Default domains of the seed, else of the landscape (secrets with the role default-domain, by priority). Throws 500. */
function defaultDomains(reader: Reader, shoot: Shoot): string[] {
  const { seedName } = shoot.spec;
  if (seedName !== undefined) {
    const seed = find(reader, 'seeds', seedName);
    if (!seed) {
      const cause = createInternalError(
        `could not get seed ${seedName}: ${createLookupFailure('seeds', seedName).message}`,
      );
      throw createPlainError(`error retrieving default domains: ${cause.message}`);
    }
    const ofSeed = (seed.spec.dns.defaults ?? []).map(({ domain }) => domain);
    if (ofSeed.length) return ofSeed;
  }
  const priority = (annotations: Record<string, string> | undefined) =>
    Number(annotations?.['dns.gardener.cloud/domain-default-priority'] ?? 0) || 0;
  return list(reader, 'secrets', 'garden')
    .filter(({ metadata }) => metadata.labels?.['gardener.cloud/role'] === 'default-domain')
    .sort((a, b) => priority(b.metadata.annotations) - priority(a.metadata.annotations))
    .flatMap(({ metadata }) => metadata.annotations?.['dns.gardener.cloud/domain'] ?? []);
}

export function usesUnmanagedDns({ spec }: Pick<Shoot, 'spec'>): boolean {
  const providers = spec.dns?.providers ?? [];
  return (providers.find(({ primary }) => primary) ?? providers[0])?.type === 'unmanaged';
}

const projectNameOf = (reader: Reader, shoot: Shoot): string => {
  try {
    return getProject(reader, shoot.metadata.namespace).metadata.name;
  } catch (error) {
    throw createInternalError(messageOf(error));
  }
};

/** Gives a scheduled Shoot its domain `<shoot>.<project>.<default domain>`, and marks the primary provider of its own. */
export function assignDomain({ object: shoot, reader, subresource }: AdmissionRequest<Shoot>): void {
  if (!shoot || (subresource && subresource !== 'binding')) return;
  const domains = defaultDomains(reader, shoot);
  const { spec, metadata } = shoot;
  if (spec.seedName === undefined) return;
  if (!usesUnmanagedDns(shoot)) {
    const dns = (spec.dns ??= {});
    if (domains[0] && !dns.domain) {
      dns.domain = `${metadata.name || metadata.generateName}.${projectNameOf(reader, shoot)}.${domains[0]}`;
    }
  }
  const { dns } = spec;
  const isDefault = dns?.domain && domains.some((domain) => dns.domain!.endsWith(`.${domain}`));
  if (!dns?.providers?.length || isDefault || dns.providers.some(({ primary }) => primary)) return;
  dns.providers[0]!.primary = true;
}

function domainFormatErrors(shoot: Shoot, domains: readonly string[], reader: Reader): FieldError[] {
  const given = shoot.spec.dns?.domain ?? '';
  const base = domains.find((domain) => given.endsWith(`.${domain}`));
  if (!base) return [];
  const { name, generateName } = shoot.metadata;
  const suffix = `${projectNameOf(reader, shoot)}.${base}`;
  if (generateName && (!name || name.startsWith(generateName))) {
    if (given.endsWith(`.${suffix}`)) return [];
    const detail = `shoot with 'metadata.generateName' uses a default domain but does not match expected scheme: <random-subdomain>.<project-name>.<default-domain> (expected '.${suffix}' to be a suffix of '${given}')`;
    return [invalid(domainPath, given, detail)];
  }
  if (given === `${name}.${suffix}`) return [];
  const detail = `shoot uses a default domain but does not match expected scheme: <shoot-name>.<project-name>.<default-domain> (expected '${name}.${suffix}', but got '${given}')`;
  return [invalid(domainPath, given, detail)];
}

/** Throws 422 for a domain that is not the Shoot's to take. */
export function ensureDomain({
  kind,
  object: shoot,
  old,
  reader,
  subresource,
  operation,
}: AdmissionRequest<Shoot>): void {
  if (!shoot || (subresource && subresource !== 'binding')) return;
  const domains = defaultDomains(reader, shoot);
  const { dns } = shoot.spec;
  const usesDefault = dns?.domain !== undefined && domains.some((domain) => dns.domain!.endsWith(`.${domain}`));
  const errors = (dns?.providers ?? []).flatMap(({ primary }, index) =>
    usesDefault && primary
      ? [
          invalid(
            `spec.dns.providers[${index}].primary`,
            true,
            'primary dns provider must not be set when default domain is used',
          ),
        ]
      : [],
  );
  const isNew = operation === 'CREATE' || !old?.spec.seedName || !old.spec.dns?.domain;
  if (dns?.domain && isNew && !usesUnmanagedDns(shoot)) errors.push(...domainFormatErrors(shoot, domains, reader));
  if (errors.length) throw createInvalid(kind, shoot.metadata.name, errors);
}

/** No two Shoots may have the same domain, or one inside of the other. */
export function domainUniquenessErrors(shoot: Shoot, reader: Reader): FieldError[] {
  const domain = shoot.spec.dns?.domain;
  if (!domain) return [];
  for (const other of list(reader, 'shoots')) {
    const { name, namespace } = other.metadata;
    const taken = other.spec.dns?.domain;
    if (!taken || (name === shoot.metadata.name && namespace === shoot.metadata.namespace)) continue;
    if (taken === domain) return [duplicate(domainPath, domain)];
    if (taken.endsWith(`.${domain}`) || domain.endsWith(`.${taken}`)) {
      const detail = 'the domain is already used by another shoot or it is a subdomain of an already used domain';
      return [forbidden(domainPath, detail)];
    }
  }
  return [];
}
