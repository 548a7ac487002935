// Quotas on credentials: what all Shoots of a binding may use together, and how long they may live.
// Models plugin/pkg/shoot/quotavalidator/admission.go
import { createInternalError } from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest, Reader } from '../../../apiserver/types.ts';
import { refuse } from '../faults.ts';
import { createLookupFailure, find, getCloudProfileSpec, list } from '../lookups.ts';
import { parseQuantity } from '../../../common/quantity.ts';
import type { CredentialsBinding, NamespacedReference, Quota, SecretBinding, Shoot } from '../types.ts';

const expirationAnnotation = 'shoot.gardener.cloud/expiration-timestamp';
const dayMs = 24 * 60 * 60 * 1000;

// In the order in which exceeded ones are told.
const metricNames = ['cpu', 'gpu', 'memory', 'storage.standard', 'storage.premium', 'loadbalancer'] as const;
type Metric = (typeof metricNames)[number];
type Usage = Record<Metric, number>;

/** The most that a Shoot may come to use: every pool at its maximum. Throws 500 when its profile does not tell. */
function usageOf(shoot: Shoot, reader: Reader): Usage {
  const profile = getCloudProfileSpec(reader, shoot);
  if (!profile) throw createInternalError('no cloudprofile reference has been provided');
  const isIngressEnabled = shoot.spec.addons?.nginxIngress?.enabled === true;
  const usage: Usage = {
    cpu: 0,
    gpu: 0,
    memory: 0,
    'storage.standard': 0,
    'storage.premium': 0,
    loadbalancer: isIngressEnabled ? 2 : 1,
  };
  for (const { machine, maximum, volume } of shoot.spec.provider.workers ?? []) {
    const type = profile.machineTypes?.find(({ name }) => name === machine.type);
    if (!type) throw createInternalError(`machineType ${machine.type} not found in CloudProfile`);
    const volumeType = volume && profile.volumeTypes?.find(({ name }) => name === volume.type);
    if (!volumeType) throw createInternalError(`VolumeType ${machine.type} not found in CloudProfile`);
    for (const metric of ['cpu', 'gpu', 'memory'] as const) usage[metric] += parseQuantity(type[metric]) * maximum;
    const storage = volumeType.class === 'premium' ? 'storage.premium' : 'storage.standard';
    usage[storage] += parseQuantity(volume.size) * maximum;
  }
  return usage;
}

type Binding = SecretBinding | CredentialsBinding;

function bindingOf({ spec, metadata }: Shoot, reader: Reader): Binding | undefined {
  const { secretBindingName, credentialsBindingName } = spec;
  if (secretBindingName !== undefined) return find(reader, 'secretBindings', secretBindingName, metadata.namespace);
  return credentialsBindingName === undefined
    ? undefined
    : find(reader, 'credentialsBindings', credentialsBindingName, metadata.namespace);
}

const refersTo = (binding: Binding | undefined, { name, namespace }: NamespacedReference) =>
  !!binding?.quotas?.some((quota) => quota.name === name && quota.namespace === namespace);

/** The metrics of which there is not enough left for `shoot`. */
function exceededMetrics(shoot: Shoot, quota: Quota, reader: Reader): Metric[] {
  const { name, namespace = '' } = quota.metadata;
  const isProjectWide = quota.spec.scope.kind === 'Project';
  const { name: shootName, namespace: shootNamespace } = shoot.metadata;
  const others = list(reader, 'shoots', isProjectWide ? shootNamespace : undefined).filter(
    (other) =>
      (other.metadata.name !== shootName || other.metadata.namespace !== shootNamespace) &&
      refersTo(bindingOf(other, reader), { name, namespace }),
  );
  const usages = [shoot, ...others].map((one) => usageOf(one, reader));
  return metricNames.filter((metric) => {
    const limit = quota.spec.metrics[metric];
    return limit !== undefined && usages.reduce((sum, usage) => sum + usage[metric], 0) > parseQuantity(limit);
  });
}

function needsCheck({ spec }: Shoot, old: Shoot | undefined): boolean {
  if (!old) return true;
  if (spec.addons?.nginxIngress?.enabled && !old.spec.addons?.nginxIngress?.enabled) return true;
  return (spec.provider.workers ?? []).some((worker) => {
    const before = old.spec.provider.workers?.find(({ name }) => name === worker.name);
    if (!before) return true;
    const isSameType = worker.machine.type === before.machine.type && worker.maximum === before.maximum;
    return !isSameType || !isDeepEqual(worker.volume, before.volume);
  });
}

function ensureLifetime(request: AdmissionRequest<Shoot>, quotas: readonly Quota[]): void {
  const { object: shoot, old, nowMs } = request;
  const asked = shoot?.metadata.annotations?.[expirationAnnotation];
  const days = quotas.flatMap(({ spec }) => spec.clusterLifetimeDays ?? []);
  if (!asked || !old || !days.length || old.metadata.annotations?.[expirationAnnotation] === asked) return;
  const shortest = Math.min(...days);
  if (Date.parse(asked) <= nowMs + shortest * dayMs) return;
  throw refuse(request, `requested shoot expiration time is too long. Can only be extended by ${shortest} day(s)`);
}

export function ensureQuota(request: AdmissionRequest<Shoot>): void {
  const { object: shoot, old, reader, subresource } = request;
  if (!shoot || subresource || shoot.metadata.deletionTimestamp) return;
  const references = bindingOf(shoot, reader)?.quotas ?? [];
  const quotas = references.map(({ name, namespace }) => {
    const quota = find(reader, 'quotas', name, namespace);
    if (!quota) throw createInternalError(createLookupFailure('quotas', name).message);
    return quota;
  });
  if (needsCheck(shoot, old)) {
    for (const quota of quotas) {
      const exceeded = exceededMetrics(shoot, quota, reader);
      if (!exceeded.length) continue;
      throw refuse(
        request,
        `quota limits exceeded. Unable to allocate further ${exceeded.map((metric) => `${metric} `).join('')}`,
      );
    }
  }
  ensureLifetime(request, quotas);
}
