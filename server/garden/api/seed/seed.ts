// Seeds: settings, labels that selectors use, and that a seed in use stays.
// Models pkg/apis/core/v1beta1/defaults_seed.go, pkg/api/core/validation/seed.go, plugin/pkg/seed, plugin/pkg/global/extensionvalidation
import { invalid, required, type FieldError } from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest, Strategy } from '../../../apiserver/types.ts';
import { ensureRegistered, type RequiredExtension } from '../admission/extension-validator.ts';
import { labelExtensions } from '../admission/extension-labels.ts';
import { refuse } from '../faults.ts';
import { find, list } from '../lookups.ts';
import { dnsSubdomainFaults, nameErrors, removeAnnotation, removeLabels, setLabel } from '../meta.ts';
import { tolerationErrors } from '../project/project.ts';
import { cidrErrors } from '../shoot/cidr.ts';
import { fill } from '../shoot/defaults.ts';
import { countGeneration, inOrder } from '../strategies.ts';
import type { Seed, Shoot } from '../types.ts';

const operationAnnotation = 'gardener.cloud/operation';
const seedLabelPrefix = 'name.seed.gardener.cloud/';
const raisingOperations = [
  'renew-garden-access-secrets',
  'renew-kubeconfig',
  'renew-workload-identity-tokens',
  'reconcile',
];

function defaultSeed({ spec }: Seed): void {
  const settings = (spec.settings ??= {});
  const reservation = (settings['excessCapacityReservation'] ??= {});
  const configs = reservation['configs'] as unknown[] | undefined;
  if (reservation['enabled'] !== false && !configs?.length) {
    reservation['configs'] = [{ resources: { cpu: '2', memory: '6Gi' } }];
  }
  fill(settings, {
    scheduling: { visible: true },
    loadBalancerServices: {},
    verticalPodAutoscaler: { enabled: true },
    persistentVolumeClaimAutoscaler: { enabled: false },
    dependencyWatchdog: {},
    topologyAwareRouting: { enabled: false },
  });
  fill(settings['loadBalancerServices']!, { zonalIngress: { enabled: true } });
  fill(settings['dependencyWatchdog']!, { weeder: { enabled: true }, prober: { enabled: true } });
  if (!spec.networks.ipFamilies?.length) spec.networks.ipFamilies = ['IPv4'];
}

/** Labels that a seed selector can ask for: the seed's own name, and that of the seed below a managed seed. */
function labelSeedNames({ object: seed, reader }: AdmissionRequest<Seed>): void {
  if (!seed) return;
  const { name } = seed.metadata;
  const managed = find(reader, 'managedSeeds', name, 'garden')?.spec as { shoot?: { name: string } } | undefined;
  const shoot = managed?.shoot && find(reader, 'shoots', managed.shoot.name, 'garden');
  removeLabels(seed, (key) => key.startsWith(seedLabelPrefix));
  for (const seedName of [name, shoot?.spec.seedName]) if (seedName) setLabel(seed, seedLabelPrefix + seedName, 'true');
}

function prepareSeed(request: AdmissionRequest<Seed>): void {
  const { object: seed, old, subresource } = request;
  if (!seed) return;
  countGeneration(request as AdmissionRequest);
  const operation = seed.metadata.annotations?.[operationAnnotation];
  if (old && !subresource && operation !== old.metadata.annotations?.[operationAnnotation]) {
    if (operation === 'reconcile') removeAnnotation(seed, operationAnnotation);
    if (raisingOperations.includes(operation ?? '')) seed.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
  setLabel(seed, 'seed.gardener.cloud/provider', seed.spec.provider.type);
  setLabel(seed, 'seed.gardener.cloud/region', seed.spec.provider.region);
}

function specErrors({ spec }: Seed): FieldError[] {
  const { provider, networks, dns, ingress } = spec;
  return [
    ...(provider.type ? [] : [required('spec.provider.type', 'must provide a provider type')]),
    ...(provider.region ? [] : [required('spec.provider.region', 'must provide a provider region')]),
    ...(dns.provider ? [] : [required('spec.dns.provider', `ingress controller requires dns.provider to be set`)]),
    ...(dns.internal ? [] : [required('spec.dns.internal', 'internal DNS configuration must be set')]),
    ...(ingress && !ingress.domain ? [required('spec.ingress.domain', 'must not be empty')] : []),
    ...cidrErrors('spec.networks.nodes', networks.nodes),
    ...(networks.pods
      ? cidrErrors('spec.networks.pods', networks.pods)
      : [required('spec.networks.pods', 'must provide pods network')]),
    ...(networks.services
      ? cidrErrors('spec.networks.services', networks.services)
      : [required('spec.networks.services', 'must provide services network')]),
    ...cidrErrors('spec.networks.shootDefaults.pods', networks.shootDefaults?.pods),
    ...cidrErrors('spec.networks.shootDefaults.services', networks.shootDefaults?.services),
    ...tolerationErrors(spec.taints, 'spec.taints'),
  ];
}

function immutableErrors(seed: Seed, old: Seed): FieldError[] {
  const fields = [
    ['spec.networks.pods', seed.spec.networks.pods, old.spec.networks.pods],
    ['spec.networks.services', seed.spec.networks.services, old.spec.networks.services],
    ['spec.networks.nodes', seed.spec.networks.nodes, old.spec.networks.nodes],
    ['spec.provider.type', seed.spec.provider.type, old.spec.provider.type],
    ['spec.ingress.domain', seed.spec.ingress?.domain, old.spec.ingress?.domain],
  ] as const;
  return fields.flatMap(([path, value, before]) =>
    before !== undefined && before !== value ? [invalid(path, value, 'field is immutable')] : [],
  );
}

const uses = (shoot: Shoot, name: string) => shoot.spec.seedName === name || shoot.status.seedName === name;

/** A seed that Shoots run on cannot be deleted. */
function ensureUnused(request: AdmissionRequest<Seed>): void {
  const { operation, name, reader } = request;
  if (operation !== 'DELETE') return;
  if (list(reader, 'shoots').some((shoot) => uses(shoot, name))) {
    throw refuse(request, `cannot delete seed ${name} since it is still used by shoot(s)`);
  }
}

function ensureExtensions(request: AdmissionRequest<Seed>): void {
  const { object: seed, old, operation } = request;
  if (operation === 'DELETE' || !seed || (old && isDeepEqual(old.spec, seed.spec))) return;
  const { provider, backup, dns, ingress, extensions = [] } = seed.spec;
  const required: RequiredExtension[] = [
    { kind: 'ControlPlane', type: provider.type, what: 'provider type', path: 'spec.provider.type' },
  ];
  if (backup) {
    const bucket = { type: backup.provider, what: 'backup provider type', path: 'spec.backup.provider' };
    required.push({ kind: 'BackupBucket', ...bucket }, { kind: 'BackupEntry', ...bucket });
  }
  if (ingress && dns.provider) {
    required.push({
      kind: 'DNSRecord',
      type: dns.provider.type,
      what: 'extension type',
      path: 'spec.dns.provider.type',
    });
  }
  for (const [index, { type }] of extensions.entries()) {
    required.push({ kind: 'Extension', type, what: 'extension type', path: `spec.extensions[${index}].type` });
  }
  ensureRegistered(request as AdmissionRequest, 'given Seed uses non-registered', required, 'seed');
}

export const seedStrategy: Strategy<Seed> = {
  nameRule: 'pathSegment',
  default: defaultSeed,
  mutate: inOrder<Seed>((request) => labelExtensions(request as AdmissionRequest), labelSeedNames),
  prepare: prepareSeed,
  validate({ object: seed, old, subresource }): FieldError[] {
    if (!seed || subresource) return [];
    return [
      ...nameErrors('metadata.name', seed.metadata.name, dnsSubdomainFaults),
      ...specErrors(seed),
      ...(old ? immutableErrors(seed, old) : []),
    ];
  },
  admit: inOrder<Seed>(ensureExtensions, ensureUnused),
  isGenerationRaised: () => false,
};
