// DNS providers, extensions and resources of a Shoot: each by itself and against its like.
// Models pkg/api/core/validation/shoot.go (validateDNS, validateExtensions, ValidateResources)
import { duplicate, forbidden, invalid, notSupported, required, type FieldError } from '../../../apiserver/errors.ts';
import { dnsLabelFaults, dnsSubdomainFaults, nameErrors } from '../meta.ts';
import type { DnsProvider, ShootSpec, TypedReference } from '../types.ts';
import { isAtLeast } from '../versions.ts';

const kindOf = ({ apiVersion, kind }: TypedReference) =>
  `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;

const credentialKinds = [
  '/v1, Kind=Secret',
  'core.gardener.cloud/v1beta1, Kind=InternalSecret',
  'security.gardener.cloud/v1alpha1, Kind=WorkloadIdentity',
];
const resourceKinds = [
  '/v1, Kind=Secret',
  '/v1, Kind=ConfigMap',
  'security.gardener.cloud/v1alpha1, Kind=WorkloadIdentity',
];

function referenceErrors(reference: TypedReference, path: string, supported: readonly string[]): FieldError[] {
  return [
    ...(reference.apiVersion ? [] : [required(`${path}.apiVersion`, 'must provide an apiVersion')]),
    ...(reference.kind ? [] : [required(`${path}.kind`, 'must provide a kind')]),
    ...(supported.includes(kindOf(reference)) ? [] : [notSupported(path, kindOf(reference), supported)]),
    ...(reference.name ? [] : [required(`${path}.name`, 'must provide a name')]),
  ];
}

/** `secretName` is the older form of a credentialsRef, and goes with Kubernetes 1.35. */
function credentialsErrors(
  { secretName, credentialsRef }: DnsProvider,
  version: string | undefined,
  path: string,
): FieldError[] {
  const isOld = !isAtLeast(version, '1.35');
  const errors: FieldError[] = [];
  if (secretName !== undefined && !isOld) {
    errors.push(
      forbidden(`${path}.secretName`, 'for Kubernetes versions >= 1.35, secretName field is no longer supported'),
    );
  }
  if (!credentialsRef) {
    if (secretName === undefined || !isOld) return errors;
    return [...errors, forbidden(`${path}.secretName`, 'must not be set when `credentialsRef` is not set')];
  }
  errors.push(...referenceErrors(credentialsRef, `${path}.credentialsRef`, credentialKinds));
  const isSecret = kindOf(credentialsRef) === credentialKinds[0];
  if (isSecret && isOld && secretName !== credentialsRef.name) {
    errors.push(forbidden(`${path}.secretName`, 'must refer to the same secret as `credentialsRef`'));
  }
  if (!isSecret && secretName) {
    errors.push(
      forbidden(`${path}.secretName`, 'must not be set when `credentialsRef` does not refer to secret resource'),
    );
  }
  return errors;
}

function providerErrors(providers: readonly DnsProvider[], version: string | undefined): FieldError[] {
  const used = new Set<string>();
  let hasPrimary = false;
  return providers.flatMap((provider, index) => {
    const { type, credentialsRef, primary } = provider;
    const path = `spec.dns.providers[${index}]`;
    const errors = credentialsErrors(provider, version, path);
    if (credentialsRef && type !== undefined) {
      const gvk = `${credentialsRef.apiVersion}/${credentialsRef.kind}`;
      const id = { providerType: type, gvk, name: credentialsRef.name };
      if (used.has(JSON.stringify(id))) {
        return [
          ...errors,
          invalid(path, id, 'combination of .credentialsRef and .type must be unique across dns providers'),
        ];
      }
      used.add(JSON.stringify(id));
    }
    if (primary && hasPrimary) {
      return [...errors, forbidden(`${path}.primary`, 'multiple primary DNS providers are not supported')];
    }
    hasPrimary ||= primary === true;
    if (type === 'unmanaged' && credentialsRef) {
      const detail = 'credentialsRef must not be set when type is "unmanaged"';
      return [...errors, invalid(`${path}.credentialsRef`, credentialsRef, detail)];
    }
    if (credentialsRef && type === undefined) {
      errors.push(required(`${path}.type`, 'type must be set when credentialsRef is set'));
    }
    if (!primary && !credentialsRef) {
      errors.push(required(`${path}.credentialsRef`, 'non-primary DNS providers must specify `credentialsRef`'));
    }
    return errors;
  });
}

export function dnsErrors({ dns, kubernetes }: ShootSpec): FieldError[] {
  if (!dns) return [];
  const { domain, providers = [] } = dns;
  const primary = providers.find((provider) => provider.primary);
  const errors = domain === undefined ? [] : nameErrors('spec.dns.domain', domain, dnsSubdomainFaults);
  if (primary?.type && primary.type !== 'unmanaged' && domain === undefined) {
    const detail = 'domain must be set when primary provider type is not set to "unmanaged"';
    errors.push(required('spec.dns.domain', detail));
  }
  return [...errors, ...providerErrors(providers, kubernetes.version)];
}

export function extensionErrors({ extensions = [] }: ShootSpec): FieldError[] {
  const seen = new Set<string>();
  return extensions.flatMap(({ type }, index) => {
    const path = `spec.extensions[${index}].type`;
    const errors = type ? nameErrors(path, type, dnsLabelFaults) : [required(path, 'field must not be empty')];
    if (seen.has(type)) errors.push(duplicate(path, type));
    seen.add(type);
    return errors;
  });
}

export function resourceErrors({ resources = [] }: ShootSpec): FieldError[] {
  const seen = new Set<string>();
  return resources.flatMap(({ name, resourceRef }, index) => {
    const path = `spec.resources[${index}]`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${path}.name`, 'field must not be empty'));
    else if (seen.has(name)) errors.push(duplicate(`${path}.name`, name));
    seen.add(name);
    return [...errors, ...referenceErrors(resourceRef, `${path}.resourceRef`, resourceKinds)];
  });
}
