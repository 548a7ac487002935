// ManagedSeeds, ManagedSeedSets and Gardenlets: defaults, and what a visitor meets of their validation.
// Models pkg/apis/seedmanagement/v1alpha1/defaults_*.go, plugin/pkg/managedseed/validator, the resource reference manager
import { createInvalid, forbidden, invalid, required, type FieldError } from '../../../apiserver/errors.ts';
import type { AdmissionRequest, ApiObject, Strategy, Subresource } from '../../../apiserver/types.ts';
import { refuse } from '../faults.ts';
import { find } from '../lookups.ts';
import { dnsSubdomainFaults, nameErrors } from '../meta.ts';
import { fill } from '../shoot/defaults.ts';
import { countGeneration } from '../strategies.ts';

const group = 'seedmanagement.gardener.cloud';

interface Deployment {
  replicaCount?: number;
  revisionHistoryLimit?: number;
  image?: { tag?: string; pullPolicy?: string };
  enableHealthProbes?: boolean;
  helm?: { ociRepository?: Record<string, unknown> };
}

interface GardenletConfiguration {
  apiVersion?: string;
  kind?: string;
  resources?: { capacity?: Record<string, string | number> };
}

function defaultDeployment(deployment: Deployment): void {
  fill(deployment, { replicaCount: 2, revisionHistoryLimit: 2, enableHealthProbes: true });
  const image = (deployment.image ??= {});
  fill(image, { pullPolicy: image.tag === 'latest' ? 'Always' : 'IfNotPresent' });
}

function defaultConfiguration(given: GardenletConfiguration | undefined): GardenletConfiguration {
  const config = given ?? {};
  fill(config, { apiVersion: 'gardenlet.config.gardener.cloud/v1alpha1', kind: 'GardenletConfiguration' });
  const resources = (config.resources ??= {});
  resources.capacity = fill(resources.capacity ?? {}, { shoots: '250' });
  return config;
}

interface ManagedSeed extends ApiObject {
  spec: {
    shoot?: { name: string };
    gardenlet: {
      deployment?: Deployment;
      config?: GardenletConfiguration;
      bootstrap?: string;
      mergeWithParent?: boolean;
    };
  };
}

/** A managed seed needs a cluster with a domain, nodes and the vertical pod autoscaler. Throws 422. */
function ensureShoot({ object: managed, kind, reader, subresource }: AdmissionRequest<ManagedSeed>): void {
  if (!managed || subresource || managed.metadata.deletionTimestamp) return;
  const { name, namespace } = managed.metadata;
  const path = 'spec.shoot.name';
  const errors: FieldError[] = [];
  const shootName = managed.spec.shoot?.name ?? '';
  if (namespace !== 'garden') errors.push(invalid('metadata.namespace', namespace, 'namespace must be garden'));
  const shoot = find(reader, 'shoots', shootName, namespace);
  if (!shootName) errors.push(required(path, 'shoot name is required'));
  else if (!shoot) errors.push(invalid(path, shootName, `shoot ${namespace}/${shootName} not found`));
  else {
    const vpa = shoot.spec.kubernetes.verticalPodAutoscaler;
    if (!shoot.spec.dns?.domain) errors.push(invalid(path, shootName, 'shoot does not specify a domain'));
    if (!shoot.spec.provider.workers?.length)
      errors.push(invalid(path, shootName, 'workerless shoot cannot be used to create managed seed'));
    else if (!vpa?.enabled) errors.push(invalid(path, shootName, 'shoot VPA has to be enabled for managed seeds'));
    if (shoot.spec.addons?.nginxIngress?.enabled)
      errors.push(
        invalid(
          path,
          shootName,
          'shoot ingress addon is not supported for managed seeds - use the managed seed ingress controller',
        ),
      );
  }
  if (errors.length) throw createInvalid(kind, name, errors);
}

function ensureNoTwin(request: AdmissionRequest, plural: 'gardenlets' | 'managedseeds', twin: string): void {
  const { object, operation, reader } = request;
  if (operation === 'DELETE' || !object || object.metadata.deletionTimestamp) return;
  const { name, namespace } = object.metadata;
  if (!reader.get({ group, plural }, name, namespace)) return;
  throw refuse(
    request,
    `cannot create ${object.kind} ${namespace}/${name} since there is already a ${twin} object with the same name`,
  );
}

export const managedSeedStrategy: Strategy<ManagedSeed> = {
  nameRule: 'pathSegment',
  default({ spec }) {
    const { gardenlet } = spec;
    defaultDeployment((gardenlet.deployment ??= {}));
    gardenlet.config = defaultConfiguration(gardenlet.config);
    fill(gardenlet, { bootstrap: 'BootstrapToken', mergeWithParent: true });
  },
  mutate: ensureShoot,
  prepare: (request) => countGeneration(request as AdmissionRequest),
  validate({ object: managed, old, subresource }) {
    if (!managed || subresource) return [];
    const isMoved = old && old.spec.shoot?.name !== managed.spec.shoot?.name;
    return [
      ...nameErrors('metadata.name', managed.metadata.name, dnsSubdomainFaults),
      ...(isMoved ? [invalid('spec.shoot', managed.spec.shoot ?? null, 'field is immutable')] : []),
    ];
  },
  admit: (request) => ensureNoTwin(request as AdmissionRequest, 'gardenlets', 'Gardenlet'),
  isGenerationRaised: () => false,
};

interface Gardenlet extends ApiObject {
  spec: { deployment: Deployment; config?: GardenletConfiguration & { seedConfig?: unknown } };
}

export const gardenletStrategy: Strategy<Gardenlet> = {
  nameRule: 'pathSegment',
  default({ spec }) {
    defaultDeployment(spec.deployment);
    spec.config = defaultConfiguration(spec.config);
  },
  prepare: (request) => countGeneration(request as AdmissionRequest),
  validate({ object: gardenlet, subresource }) {
    if (!gardenlet || subresource) return [];
    const { deployment, config } = gardenlet.spec;
    return [
      ...nameErrors('metadata.name', gardenlet.metadata.name, dnsSubdomainFaults),
      ...(deployment.helm?.ociRepository
        ? []
        : [required('spec.deployment.helm.ociRepository', 'must provide the OCI repository of the chart')]),
      ...(config?.seedConfig === undefined ? [required('spec.config.seedConfig', 'seed config is required')] : []),
    ];
  },
  admit: (request) => ensureNoTwin(request as AdmissionRequest, 'managedseeds', 'ManagedSeed'),
  isGenerationRaised: () => false,
};

interface ManagedSeedSet extends ApiObject {
  spec: {
    replicas?: number;
    revisionHistoryLimit?: number;
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } };
    selector?: unknown;
  };
  status: { replicas?: number };
}

export const managedSeedSetStrategy: Strategy<ManagedSeedSet> = {
  nameRule: 'pathSegment',
  default({ spec }) {
    fill(spec, { replicas: 1, revisionHistoryLimit: 10 });
    const strategy = (spec.updateStrategy ??= {});
    fill(strategy, { type: 'RollingUpdate' });
    if (strategy.rollingUpdate) fill(strategy.rollingUpdate, { partition: 0 });
  },
  prepare: (request) => countGeneration(request as AdmissionRequest),
  validate({ object: set, old, subresource }) {
    if (!set || subresource) return [];
    const { replicas = 1, selector } = set.spec;
    const isMoved = old && JSON.stringify(old.spec.selector) !== JSON.stringify(selector);
    return [
      ...nameErrors('metadata.name', set.metadata.name, dnsSubdomainFaults),
      ...(set.metadata.namespace === 'garden'
        ? []
        : [invalid('metadata.namespace', set.metadata.namespace, 'namespace must be garden')]),
      ...(replicas < 0 ? [invalid('spec.replicas', replicas, 'must be greater than or equal to 0')] : []),
      ...(isMoved ? [forbidden('spec.selector', 'field is immutable')] : []),
    ];
  },
  isGenerationRaised: () => false,
};

/** `kubectl scale` of a ManagedSeedSet. */
export const managedSeedSetScale: Subresource = {
  name: 'scale',
  verbs: ['get', 'patch', 'update'],
  kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  writes: ['spec.replicas'],
  view: {
    read(object) {
      const { metadata, spec, status } = object as ManagedSeedSet;
      const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
      return {
        apiVersion: 'autoscaling/v1',
        kind: 'Scale',
        metadata: { name, ...(namespace !== undefined && { namespace }), uid, resourceVersion, creationTimestamp },
        spec: { replicas: spec.replicas ?? 1 },
        status: { replicas: status?.replicas ?? 0 },
      };
    },
    write(object, view) {
      (object as ManagedSeedSet).spec.replicas = (view.spec as { replicas?: number } | undefined)?.replicas ?? 0;
    },
  },
};
