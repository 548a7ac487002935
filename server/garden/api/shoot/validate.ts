// What makes a Shoot valid: all faults at once, in the order that Gardener tells them.
// Models pkg/api/core/validation/shoot.go (ValidateShoot, ValidateShootSpec, ValidateShootUpdate)
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apiserver/errors.ts';
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import { dnsLabelFaults, doubleHyphenErrors, nameErrors } from '../meta.ts';
import { tolerationErrors } from '../project/project.ts';
import type { Shoot, ShootSpec } from '../types.ts';
import { isAtLeast } from '../versions.ts';
import { cidrErrors } from './cidr.ts';
import { gardenerFinalizer, workerlessDetail } from './constants.ts';
import { encryptionErrors, encryptionUpdateErrors } from './validate-encryption.ts';
import { dnsErrors, extensionErrors, resourceErrors } from './validate-lists.ts';
import { forceDeletionErrors, operationErrors } from './validate-operations.ts';
import { hibernationErrors, maintenanceErrors } from './validate-times.ts';
import {
  availabilityUpdateErrors,
  hibernationUpdateErrors,
  specUpdateErrors,
  statusUpdateErrors,
} from './validate-update.ts';
import { kubeletErrors, providerErrors } from './validate-workers.ts';

const purposes = ['development', 'evaluation', 'production', 'testing'];
const autoscalingModes = ['cluster-proportional', 'horizontal'];
const finalizersOfOthers = [gardenerFinalizer, 'gardener.cloud/reference-protection'];

const oneOf = (path: string, value: string | undefined, supported: readonly string[]): FieldError[] =>
  value === undefined || supported.includes(value) ? [] : [notSupported(path, value, supported)];

function cloudProfileErrors({ cloudProfile, cloudProfileName, kubernetes }: ShootSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (cloudProfileName && isAtLeast(kubernetes.version, '1.34')) {
    const detail =
      'for Kubernetes version >= 1.34, cloudProfileName field is no longer supported, use spec.cloudProfile.name instead';
    errors.push(forbidden('spec.cloudProfileName', detail));
  }
  const reference =
    cloudProfile ?? (cloudProfileName !== undefined ? { kind: 'CloudProfile', name: cloudProfileName } : undefined);
  if (!reference?.name) return [...errors, required('spec.cloudProfile.name', 'must specify a cloud profile')];
  return [
    ...errors,
    ...oneOf('spec.cloudProfile.kind', reference.kind ?? '', ['CloudProfile', 'NamespacedCloudProfile']),
  ];
}

function addonErrors({ addons, kubernetes, purpose, provider }: ShootSpec): FieldError[] {
  const path = 'spec.addons';
  if (!addons) return [];
  if (!provider.workers?.length) return [forbidden(path, 'addons cannot be enabled for Workerless Shoot clusters')];
  if (isAtLeast(kubernetes.version, '1.35')) {
    return [forbidden(path, 'for Kubernetes versions >= 1.35, addons field is no longer supported')];
  }
  const isAnyEnabled = addons.nginxIngress?.enabled || addons.kubernetesDashboard?.enabled;
  return [
    ...(isAnyEnabled && purpose !== undefined && purpose !== 'evaluation'
      ? [forbidden(path, 'addons can only be enabled on shoots with .spec.purpose=evaluation')]
      : []),
    ...(addons.nginxIngress?.enabled
      ? [forbidden(`${path}.nginxIngress.enabled`, 'nginx ingress addon disallowed by landscape operator')]
      : []),
  ];
}

const workerOnly = [
  ['kubeScheduler', 'kubeScheduler'],
  ['kubeProxy', 'kubeProxy'],
  ['kubelet', 'kubelet'],
  ['clusterAutoscaler', 'clusterAutoScaler'],
  ['verticalPodAutoscaler', 'verticalPodAutoScaler'],
] as const;

function kubernetesErrors(spec: ShootSpec): FieldError[] {
  const { kubernetes, provider, networking } = spec;
  const path = 'spec.kubernetes';
  if (!kubernetes.version) return [required(`${path}.version`, 'kubernetes version must not be empty')];
  const { kubeControllerManager: manager, kubeProxy, kubeScheduler, kubelet } = kubernetes;
  const errors = encryptionErrors(spec);
  if (!provider.workers?.length) {
    for (const field of ['nodeCIDRMaskSize', 'nodeCIDRMaskSizeIPv6', 'nodeMonitorGracePeriod'] as const) {
      if (manager?.[field] !== undefined)
        errors.push(forbidden(`${path}.kubeControllerManager.${field}`, workerlessDetail));
    }
    for (const [field, name] of workerOnly) {
      if (kubernetes[field] !== undefined) errors.push(forbidden(`${path}.${name}`, workerlessDetail));
    }
    return errors;
  }
  const size = manager?.nodeCIDRMaskSize;
  const families = networking?.ipFamilies?.join();
  if (size !== undefined && families === 'IPv4' && (size < 16 || size > 28)) {
    errors.push(
      invalid(`${path}.kubeControllerManager.nodeCIDRMaskSize`, size, 'nodeCIDRMaskSize must be between 16 and 28'),
    );
  }
  errors.push(...oneOf(`${path}.kubeScheduler.profile`, kubeScheduler?.profile, ['balanced', 'bin-packing']));
  errors.push(...oneOf(`${path}.kubeProxy.mode`, kubeProxy?.mode, ['IPTables', 'IPVS', 'NFTables']));
  if (kubelet) errors.push(...kubeletErrors(kubelet, `${path}.kubelet`));
  return errors;
}

function networkingErrors({ networking, provider }: ShootSpec): FieldError[] {
  const path = 'spec.networking';
  const isWorkerless = !provider.workers?.length;
  if (!networking) return isWorkerless ? [] : [required(path, 'networking should not be nil for a Shoot with workers')];
  const errors: FieldError[] = [];
  if (isWorkerless) {
    for (const field of ['type', 'providerConfig', 'pods', 'nodes'] as const) {
      const value = (networking as Record<string, unknown>)[field];
      if (value !== undefined) errors.push(forbidden(`${path}.${field}`, workerlessDetail));
    }
  } else if (!networking.type) errors.push(required(`${path}.type`, 'networking type must be provided'));
  const families = networking.ipFamilies ?? [];
  const unknown = families.flatMap((family, index) => oneOf(`${path}.ipFamilies[${index}]`, family, ['IPv4', 'IPv6']));
  if (unknown.length) return [...errors, ...unknown];
  for (const field of ['nodes', 'pods', 'services'] as const) {
    const cidr = networking[field];
    const faults = cidrErrors(`${path}.${field}`, cidr);
    const isOther = cidr !== undefined && families.length === 1 && cidr.includes(':') !== (families[0] === 'IPv6');
    if (!faults.length && isOther)
      faults.push(invalid(`${path}.${field}`, cidr.split('/')[0], `must be a valid ${families[0]} address`));
    errors.push(...faults);
  }
  return errors;
}

function bindingErrors({ secretBindingName, credentialsBindingName, kubernetes, provider }: ShootSpec): FieldError[] {
  const path = 'spec.secretBindingName';
  if (!provider.workers?.length) {
    return Object.entries({ secretBindingName, credentialsBindingName }).flatMap(([field, value]) =>
      value === undefined ? [] : [forbidden(`spec.${field}`, workerlessDetail)],
    );
  }
  if (provider.workers.some(({ controlPlane }) => controlPlane !== undefined)) return [];
  const errors: FieldError[] = [];
  if (!secretBindingName && !credentialsBindingName) {
    errors.push(required(path, 'must be set when credentialsBindingName is not'));
  } else if (secretBindingName && credentialsBindingName) {
    errors.push(forbidden(path, 'is incompatible with credentialsBindingName'));
  }
  if (secretBindingName && isAtLeast(kubernetes.version, '1.34')) {
    const detail =
      'for Kubernetes versions >= 1.34, secretBindingName field is no longer supported, use spec.credentialsBindingName instead';
    errors.push(forbidden(path, detail));
  }
  return errors;
}

function systemComponentErrors({ systemComponents, provider }: ShootSpec): FieldError[] {
  if (!systemComponents) return [];
  if (!provider.workers?.length) return [forbidden('spec.systemComponents', workerlessDetail)];
  const mode = systemComponents.coreDNS?.autoscaling?.mode;
  return oneOf('spec.systemComponents.coreDNS.autoscaling.mode', mode, autoscalingModes);
}

function specErrors(shoot: Shoot): FieldError[] {
  const { spec, metadata } = shoot;
  const allowed = metadata.namespace === 'garden' ? [...purposes, 'infrastructure'].sort() : purposes;
  const tolerance = spec.controlPlane?.highAvailability?.failureTolerance.type;
  return [
    ...cloudProfileErrors(spec),
    ...providerErrors(shoot),
    ...addonErrors(spec),
    ...dnsErrors(spec),
    ...extensionErrors(spec),
    ...resourceErrors(spec),
    ...kubernetesErrors(spec),
    ...networkingErrors(spec),
    ...maintenanceErrors(shoot),
    ...hibernationErrors(shoot),
    ...(spec.region ? [] : [required('spec.region', 'must specify a region')]),
    ...bindingErrors(spec),
    ...(spec.seedName === ''
      ? [invalid('spec.seedName', '', 'seed name must not be empty when providing the key')]
      : []),
    ...oneOf('spec.purpose', spec.purpose, allowed),
    ...tolerationErrors(spec.tolerations, 'spec.tolerations'),
    ...systemComponentErrors(spec),
    ...(spec.schedulerName === undefined ? [] : nameErrors('spec.schedulerName', spec.schedulerName, dnsLabelFaults)),
    ...oneOf('spec.controlPlane.highAvailability.failureTolerance.type', tolerance, ['node', 'zone']),
  ];
}

const finalizerErrors = ({ metadata }: Shoot): FieldError[] =>
  (metadata.finalizers ?? []).flatMap((finalizer, index) =>
    finalizersOfOthers.includes(finalizer)
      ? [forbidden(`metadata.finalizers[${index}]`, `finalizer "${finalizer}" cannot be added on creation`)]
      : [],
  );

const shootErrors = (shoot: Shoot): FieldError[] => [
  ...nameErrors('metadata.name', shoot.metadata.name, dnsLabelFaults),
  ...doubleHyphenErrors('metadata.name', shoot.metadata.name),
  ...operationErrors(shoot),
  ...specErrors(shoot),
];

export function validateShoot({ object: shoot, old, subresource }: AdmissionRequest<Shoot>): FieldError[] {
  if (!shoot) return [];
  if (!old) return [...shootErrors(shoot), ...forceDeletionErrors(shoot, undefined), ...finalizerErrors(shoot)];
  if (subresource === 'status') return statusUpdateErrors(shoot, old);
  return [
    ...specUpdateErrors(shoot, old),
    ...encryptionUpdateErrors(shoot, old),
    ...shootErrors(shoot),
    ...availabilityUpdateErrors(shoot, old),
    ...hibernationUpdateErrors(shoot, old),
    ...forceDeletionErrors(shoot, old),
  ];
}
