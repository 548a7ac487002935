// ControllerRegistrations and ControllerInstallations: which extensions a landscape knows, and where they are installed.
// Models pkg/apis/core/v1beta1/defaults_controllerregistration.go, pkg/api/core/validation/controllerregistration.go, plugin/pkg/controllerregistration
import { duplicate, invalid, notSupported, required, type FieldError } from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest, ApiObject, Strategy } from '../../../apiserver/types.ts';
import { refuse } from '../faults.ts';
import { list } from '../lookups.ts';
import { dnsSubdomainFaults, nameErrors } from '../meta.ts';
import { fill } from '../shoot/defaults.ts';
import { countGeneration } from '../strategies.ts';
import type { ControllerRegistration } from '../types.ts';

const extensionKinds = [
  'BackupBucket',
  'BackupEntry',
  'Bastion',
  'ContainerRuntime',
  'ControlPlane',
  'DNSRecord',
  'Extension',
  'Infrastructure',
  'Network',
  'OperatingSystemConfig',
  'SelfHostedShootExposure',
  'Worker',
];
const policies = ['Always', 'AlwaysExceptNoShoots', 'OnDemand'];
const early = 'BeforeKubeAPIServer';

function defaultRegistration({ spec }: ControllerRegistration): void {
  for (const resource of spec.resources ?? []) {
    fill(resource, { primary: true });
    if (resource.kind === 'SelfHostedShootExposure') fill(resource, { continuousEndpointUpdate: true });
    if (resource.kind !== 'Extension') continue;
    if (!resource.clusterCompatibility?.length) resource.clusterCompatibility = ['shoot'];
    fill(resource, { reconcileTimeout: '3m0s' });
    resource['lifecycle'] = fill((resource['lifecycle'] ?? {}) as Record<string, string>, {
      reconcile: 'AfterKubeAPIServer',
      delete: early,
      migrate: early,
    });
  }
  if (spec.deployment) fill(spec.deployment, { policy: 'OnDemand' });
}

function registrationErrors({ spec, metadata }: ControllerRegistration): FieldError[] {
  const seen = new Set<string>();
  const resourceErrors = (spec.resources ?? []).flatMap(({ kind, type }, index) => {
    const path = `spec.resources[${index}]`;
    const errors: FieldError[] = [];
    if (!extensionKinds.includes(kind)) errors.push(notSupported(`${path}.kind`, kind, extensionKinds));
    if (!type) errors.push(required(`${path}.type`, 'field is required'));
    const id = `${kind}/${type}`;
    if (seen.has(id)) errors.push(duplicate(path, id));
    seen.add(id);
    return errors;
  });
  const policy = spec.deployment?.policy;
  const references = spec.deployment?.deploymentRefs ?? [];
  return [
    ...nameErrors('metadata.name', metadata.name, dnsSubdomainFaults),
    ...resourceErrors,
    ...(policy === undefined || policies.includes(policy)
      ? []
      : [notSupported('spec.deployment.policy', policy, policies)]),
    ...references.flatMap(({ name }, index) =>
      name ? [] : [required(`spec.deployment.deploymentRefs[${index}].name`, 'must not be empty')],
    ),
  ];
}

/** One registration alone is primary for a kind and type. */
function ensurePrimaryIsFree(request: AdmissionRequest<ControllerRegistration>): void {
  const { object: registration, old, operation, reader } = request;
  if (operation === 'DELETE' || !registration || (old && isDeepEqual(old.spec, registration.spec))) return;
  const taken = new Map<string, string>();
  for (const other of list(reader, 'controllerRegistrations')) {
    if (other.metadata.name === registration.metadata.name) continue;
    for (const { kind, type, primary } of other.spec.resources ?? []) {
      if (primary !== false) taken.set(`${kind}/${type}`, other.metadata.name);
    }
  }
  for (const { kind, type, primary } of registration.spec.resources ?? []) {
    const owner = taken.get(`${kind}/${type}`);
    if (primary === false || owner === undefined) continue;
    throw refuse(
      request,
      `resource ${kind}/${type} is already registered by ControllerRegistration with name "${owner}" using primary=true`,
    );
  }
}

export const controllerRegistrationStrategy: Strategy<ControllerRegistration> = {
  nameRule: 'pathSegment',
  default: defaultRegistration,
  prepare: (request) => countGeneration(request as AdmissionRequest),
  validate: ({ object }) => (object ? registrationErrors(object) : []),
  admit: ensurePrimaryIsFree,
  isGenerationRaised: () => false,
};

interface Installation extends ApiObject {
  spec: { registrationRef: { name: string }; seedRef?: { name: string }; shootRef?: { name: string } };
}

function installationErrors(installation: Installation, old: Installation | undefined): FieldError[] {
  const { registrationRef, seedRef, shootRef } = installation.spec;
  const errors = nameErrors('metadata.name', installation.metadata.name, dnsSubdomainFaults);
  if (!registrationRef?.name) errors.push(required('spec.registrationRef.name', 'field is required'));
  if (!seedRef && !shootRef) errors.push(required('spec', 'either seedRef or shootRef must be set'));
  for (const field of ['registrationRef', 'seedRef'] as const) {
    const [name, before] = [installation.spec[field]?.name, old?.spec[field]?.name];
    if (before !== undefined && name !== before) errors.push(invalid(`spec.${field}.name`, name, 'field is immutable'));
  }
  return errors;
}

export const controllerInstallationStrategy: Strategy = {
  nameRule: 'pathSegment',
  prepare: countGeneration,
  validate: ({ object, old, subresource }) =>
    object && !subresource ? installationErrors(object as Installation, old as Installation | undefined) : [],
  isGenerationRaised: () => false,
};
