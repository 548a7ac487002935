// SecretBindings and CredentialsBindings: which credentials Shoots use, and the quotas on them.
// Models pkg/apiserver/registry/{core/secretbinding,security/credentialsbinding}, the resource reference manager
import { createNotFound, invalid, required, type FieldError } from '../../../apiserver/errors.ts';
import { createAuthorizer } from '../../../apiserver/authorization.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest, ApiObject, GroupResource, Strategy } from '../../../apiserver/types.ts';
import { labelExtensions } from '../admission/extension-labels.ts';
import { refuse } from '../faults.ts';
import { createLookupFailure, list, resources } from '../lookups.ts';
import { dnsSubdomainFaults, nameErrors } from '../meta.ts';
import { dropGeneration, inOrder } from '../strategies.ts';
import type {
  CredentialsBinding,
  NamespacedReference,
  Quota,
  SecretBinding,
  Shoot,
  WorkloadIdentity,
} from '../types.ts';

const migrationGuide =
  'https://github.com/gardener/gardener/blob/master/docs/usage/shoot-operations/secretbinding-to-credentialsbinding-migration.md';

interface Credentials {
  kind: 'Secret' | 'InternalSecret' | 'WorkloadIdentity';
  resource: keyof typeof resources;
  name: string;
  namespace: string;
}

const credentialKinds: Readonly<Record<string, Pick<Credentials, 'kind' | 'resource'>>> = {
  'v1/Secret': { kind: 'Secret', resource: 'secrets' },
  'core.gardener.cloud/v1beta1/InternalSecret': { kind: 'InternalSecret', resource: 'internalSecrets' },
  'security.gardener.cloud/v1alpha1/WorkloadIdentity': { kind: 'WorkloadIdentity', resource: 'workloadIdentities' },
};

type Binding = SecretBinding | CredentialsBinding;
type Request = AdmissionRequest<Binding>;
const isSecretBinding = (binding: Binding): binding is SecretBinding => binding.kind === 'SecretBinding';

const typesOf = (binding: Binding): string[] => (binding.provider?.type ?? '').split(',').filter(Boolean);

function credentialsOf(binding: Binding): Credentials | undefined {
  if (isSecretBinding(binding)) return { ...credentialKinds['v1/Secret']!, ...binding.secretRef };
  const { apiVersion, kind, name, namespace } = binding.credentialsRef;
  const known = credentialKinds[`${apiVersion}/${kind}`];
  return known && { ...known, name, namespace };
}

function ensureReadable(
  request: Request,
  resource: GroupResource,
  { name, namespace }: NamespacedReference,
  what: string,
) {
  const { user, reader } = request;
  const attributes = {
    isResource: true,
    verb: 'get',
    group: resource.group,
    resource: resource.plural,
    subresource: '',
    name,
    namespace,
  } as const;
  if (createAuthorizer(reader).isAllowed(user, attributes)) return;
  throw refuse(request, `${request.kind.kind} cannot reference a ${what} you are not allowed to read`);
}

function ensureProviderFits(request: Request, binding: Binding): void {
  const field = isSecretBinding(binding) ? 'secretBindingName' : 'credentialsBindingName';
  const types = typesOf(binding);
  for (const shoot of list(request.reader, 'shoots', binding.metadata.namespace)) {
    if ((shoot as Shoot).spec[field] !== binding.metadata.name || types.includes(shoot.spec.provider.type)) continue;
    throw refuse(
      request,
      `${binding.kind} is referenced by shoot "${shoot.metadata.name}", but provider types ([${types.join(' ')}]) do not match with the shoot provider type "${shoot.spec.provider.type}"`,
    );
  }
}

function ensureQuotas(request: Request, quotas: readonly NamespacedReference[]): void {
  const counts = new Map<string, number>();
  for (const reference of quotas) {
    ensureReadable(request, resources.quotas, reference, 'quota');
    const quota = request.reader.get(resources.quotas, reference.name, reference.namespace) as Quota | undefined;
    if (!quota) throw refuse(request, createLookupFailure('quotas', reference.name).message);
    const scope = quota.spec.scope.kind === 'Project' ? 'project' : 'credentials';
    counts.set(scope, (counts.get(scope) ?? 0) + 1);
    if (counts.get(scope)! > 1) {
      throw refuse(request, 'only one quota per scope (project or credentials) can be assigned');
    }
  }
}

/** What a binding points at has to be there, to be readable by whoever writes it, and to fit its provider. Throws 403. */
function ensureReferences(request: Request): void {
  const { object: binding, operation, reader } = request;
  if (operation === 'DELETE' || !binding || (operation === 'UPDATE' && binding.metadata.deletionTimestamp)) return;
  ensureProviderFits(request, binding);
  const credentials = credentialsOf(binding);
  if (!credentials) {
    const detail = 'CredentialsBinding is referencing neither a Secret nor an InternalSecret nor a WorkloadIdentity';
    throw refuse(request, `unknown credentials ref: ${detail}`);
  }
  const { kind, resource, name, namespace } = credentials;
  ensureReadable(request, resources[resource], credentials, kind);
  const object = reader.get(resources[resource], name, namespace);
  if (!object) throw refuse(request, createNotFound(resources[resource], name).message);
  if (kind === 'WorkloadIdentity') {
    const { type } = (object as WorkloadIdentity).spec.targetSystem;
    if (!typesOf(binding).includes(type)) {
      throw refuse(
        request,
        `CredentialsBinding provider type ([${typesOf(binding).join(' ')}]) does not match with WorkloadIdentity provider type ${type}`,
      );
    }
  }
  ensureQuotas(request, binding.quotas ?? []);
}

/** A binding stays complete while a Shoot uses it. */
function ensureFinalizerKept(request: Request): void {
  const { object: binding, old, reader } = request;
  if (!binding || !old?.metadata.finalizers?.includes('gardener')) return;
  if (binding.metadata.finalizers?.includes('gardener')) return;
  const { name, namespace } = binding.metadata;
  const field = isSecretBinding(binding) ? 'secretBindingName' : 'credentialsBindingName';
  if (!list(reader, 'shoots', namespace).some(({ spec }) => spec[field] === name)) return;
  const what = isSecretBinding(binding) ? 'secret binding' : 'credentials binding';
  throw refuse(
    request,
    `finalizer must not be removed - ${what} ${namespace}/${name} is still in use by at least one shoot`,
  );
}

function defaultNamespaces(binding: Binding): void {
  const { namespace = '' } = binding.metadata;
  const references = [isSecretBinding(binding) ? binding.secretRef : binding.credentialsRef, ...(binding.quotas ?? [])];
  for (const reference of references) if (reference && !reference.namespace) reference.namespace = namespace;
}

const immutable = (path: string, value: unknown, old: unknown, shown: unknown = value): FieldError[] =>
  isDeepEqual(value, old) ? [] : [invalid(path, shown ?? null, 'field is immutable')];

function quotaErrors(binding: Binding): FieldError[] {
  return (binding.quotas ?? []).flatMap(({ name }, index) =>
    name ? [] : [required(`quotas[${index}].name`, 'must provide a name')],
  );
}

function validateSecretBinding({ object: binding, old }: AdmissionRequest<SecretBinding>): FieldError[] {
  if (!binding) return [];
  const { provider, secretRef } = binding;
  const providerErrors = !provider
    ? [required('provider', 'must specify a provider')]
    : provider.type
      ? []
      : [required('provider.type', 'must specify a provider type')];
  return [
    ...(old ? immutable('secretRef', secretRef, old.secretRef) : []),
    ...(old ? immutable('quotas', binding.quotas, old.quotas) : []),
    ...(old?.provider ? immutable('provider', provider, old.provider, { Type: provider?.type ?? '' }) : []),
    ...nameErrors('metadata.name', binding.metadata.name, dnsSubdomainFaults),
    ...(secretRef?.name
      ? nameErrors('secretRef.name', secretRef.name, dnsSubdomainFaults)
      : [required('secretRef.name', 'must provide a name')]),
    ...quotaErrors(binding),
    ...providerErrors,
  ];
}

function referenceErrors({ apiVersion, kind, name }: CredentialsBinding['credentialsRef']): FieldError[] {
  const errors: FieldError[] = [];
  if (!apiVersion) errors.push(required('credentialsRef.apiVersion', 'must provide an apiVersion'));
  if (!kind) errors.push(required('credentialsRef.kind', 'must provide a kind'));
  if (!name) errors.push(required('credentialsRef.name', 'must provide a name'));
  else errors.push(...nameErrors('credentialsRef.name', name, dnsSubdomainFaults));
  return errors;
}

function validateCredentialsBinding({ object: binding, old }: AdmissionRequest<CredentialsBinding>): FieldError[] {
  if (!binding) return [];
  const { type } = binding.provider;
  return [
    ...(old ? immutable('credentialsRef', binding.credentialsRef, old.credentialsRef) : []),
    ...(old ? immutable('quotas', binding.quotas, old.quotas) : []),
    ...(old ? immutable('provider', binding.provider, old.provider, { Type: type }) : []),
    ...nameErrors('metadata.name', binding.metadata.name, dnsSubdomainFaults),
    ...referenceErrors(binding.credentialsRef),
    ...(type ? [] : [required('provider.type', 'must specify a provider type')]),
    ...(type.includes(',') ? [invalid('provider.type', type, 'multiple providers specified')] : []),
    ...quotaErrors(binding),
  ];
}

const shared = {
  nameRule: 'pathSegment',
  default: defaultNamespaces as (object: ApiObject) => void,
  prepare: dropGeneration,
  isGenerationRaised: () => false,
} as const;
const admit = inOrder<Binding>(ensureReferences, ensureFinalizerKept);

export const secretBindingStrategy: Strategy<SecretBinding> = {
  ...shared,
  mutate: (request) => labelExtensions(request as AdmissionRequest),
  validate: validateSecretBinding,
  admit(request) {
    if (request.operation !== 'DELETE') {
      request.warn(
        `SecretBinding is deprecated in favour of CredentialsBinding. For migration instructions, see: ${migrationGuide}`,
      );
    }
    admit(request as Request);
  },
};

export const credentialsBindingStrategy: Strategy<CredentialsBinding> = {
  ...shared,
  mutate: (request) => labelExtensions(request as AdmissionRequest),
  validate: validateCredentialsBinding,
  admit: (request) => admit(request as Request),
};
