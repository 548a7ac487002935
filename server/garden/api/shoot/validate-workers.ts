// What makes worker pools valid, each alone and all together.
// Models pkg/api/core/validation/shoot.go (ValidateWorker, ValidateWorkers, ValidateSystemComponentWorkers)
import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
  type FieldError,
} from '../../../apiserver/errors.ts';
import { dnsLabelFaults, nameErrors } from '../meta.ts';
import type { KubeletConfig, Shoot, ShootSpec, Worker } from '../types.ts';
import { compareVersions, parseVersion } from '../versions.ts';
import { workerlessDetail } from './constants.ts';

const maxNameLength = 15;
const architectures = ['amd64', 'arm64'];
const updateStrategies = ['AutoInPlaceUpdate', 'AutoRollingUpdate', 'ManualInPlaceUpdate'];
const volumeSize = /^(\d)+Gi$/;
// Worker machines may lag this many minor versions behind the control plane.
const maxMinorsBehind = 3;

const amount = (value: number | string | undefined): number => parseInt(String(value ?? 0), 10);

function intOrPercentErrors(path: string, value: number | string | undefined, isLimited: boolean): FieldError[] {
  if (value === undefined) return [];
  if (typeof value === 'string' && !/^[0-9]+%$/.test(value)) {
    const rule =
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
    return [invalid(path, value, rule)];
  }
  if (amount(value) < 0) return [invalid(path, value, 'must be greater than or equal to 0')];
  if (isLimited && typeof value === 'string' && amount(value) > 100)
    return [invalid(path, value, 'must not be greater than 100%')];
  return [];
}

function machineErrors({ machine }: Worker, path: string): FieldError[] {
  const errors: FieldError[] = machine.type ? [] : [required(`${path}.type`, 'must specify a machine type')];
  const { image } = machine;
  if (!image) return [...errors, required(`${path}.image`, 'must specify a machine image')];
  if (!image.name) errors.push(required(`${path}.image.name`, 'must specify a machine image name'));
  if (!image.version) errors.push(required(`${path}.image.version`, 'must specify a machine image version'));
  return errors;
}

function numberErrors(worker: Worker, path: string): FieldError[] {
  const { minimum, maximum, maxSurge, maxUnavailable, updateStrategy } = worker;
  const errors: FieldError[] = [];
  if (minimum < 0) errors.push(invalid(`${path}.minimum`, minimum, 'minimum value must not be negative'));
  if (maximum < 0) errors.push(invalid(`${path}.maximum`, maximum, 'maximum value must not be negative'));
  if (maximum < minimum) errors.push(forbidden(`${path}.maximum`, 'maximum value must not be less than minimum value'));
  errors.push(...intOrPercentErrors(`${path}.maxSurge`, maxSurge, false));
  errors.push(...intOrPercentErrors(`${path}.maxUnavailable`, maxUnavailable, true));
  if (updateStrategy === 'ManualInPlaceUpdate') {
    const detail = 'should not be set when `updateStrategy` is `ManualInPlaceUpdate`';
    if (maxSurge !== undefined) errors.push(invalid(`${path}.maxSurge`, maxSurge, detail));
    if (maxUnavailable !== undefined) errors.push(invalid(`${path}.maxUnavailable`, maxUnavailable, detail));
  } else if (amount(maxUnavailable) === 0 && amount(maxSurge) === 0) {
    errors.push(invalid(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  return errors;
}

/** A pool is never newer than the control plane, and not too old for it. */
function versionSkewErrors(controlPlane: string | undefined, version: string, path: string): FieldError[] {
  const [head, worker] = [parseVersion(controlPlane ?? ''), parseVersion(version)];
  if (!worker) return [invalid(path, version, 'invalid semantic version')];
  if (!head) return [];
  const errors: FieldError[] = [];
  if (compareVersions(worker, head) > 0) {
    errors.push(forbidden(path, 'worker group kubernetes version must not be higher than control plane version'));
  }
  if (head.minor - worker.minor > maxMinorsBehind) {
    errors.push(
      forbidden(
        path,
        'worker group kubernetes version must be at most three minor versions behind control plane version',
      ),
    );
  }
  return errors;
}

const percentErrors = (path: string, value: number | undefined): FieldError[] =>
  value !== undefined && (value < 0 || value > 100) ? [invalid(path, value, 'value must be in [0,100]')] : [];

export function kubeletErrors(kubelet: KubeletConfig, path: string): FieldError[] {
  const { maxPods, imageGCHighThresholdPercent: high, imageGCLowThresholdPercent: low } = kubelet;
  return [
    ...(maxPods !== undefined && maxPods < 0
      ? [invalid(`${path}.maxPods`, maxPods, 'must be greater than or equal to 0')]
      : []),
    ...percentErrors(`${path}.imageGCHighThresholdPercent`, high),
    ...percentErrors(`${path}.imageGCLowThresholdPercent`, low),
    ...(high !== undefined && low !== undefined && low >= high
      ? [
          forbidden(
            `${path}.imageGCLowThresholdPercent`,
            'imageGCLowThresholdPercent must be less than imageGCHighThresholdPercent',
          ),
        ]
      : []),
  ];
}

function workerErrors(worker: Worker, spec: ShootSpec, path: string): FieldError[] {
  const { name, machine, kubernetes, volume, cri, updateStrategy } = worker;
  const errors = nameErrors(`${path}.name`, name, dnsLabelFaults);
  if (name.length > maxNameLength) errors.push(tooLong(`${path}.name`, `may not be more than ${maxNameLength} bytes`));
  errors.push(...machineErrors(worker, `${path}.machine`), ...numberErrors(worker, path));
  if (kubernetes?.version !== undefined) {
    errors.push(...versionSkewErrors(spec.kubernetes.version, kubernetes.version, `${path}.kubernetes.version`));
  }
  if (kubernetes?.kubelet) errors.push(...kubeletErrors(kubernetes.kubelet, `${path}.kubernetes.kubelet`));
  if (volume && !volumeSize.test(volume.size)) {
    errors.push(invalid(`${path}.volume.size`, volume.size, `volume size must match the regex ${volumeSize.source}`));
  }
  if (cri && cri.name !== 'containerd') errors.push(notSupported(`${path}.cri.name`, cri.name, ['containerd']));
  if (machine.architecture !== undefined && !architectures.includes(machine.architecture)) {
    errors.push(notSupported(`${path}.machine.architecture`, machine.architecture, architectures));
  }
  if (updateStrategy !== undefined && !updateStrategies.includes(updateStrategy)) {
    errors.push(notSupported(`${path}.updateStrategy`, updateStrategy, updateStrategies));
  }
  return errors;
}

/** Some pool has to have room for the components that every cluster needs, one machine in each of its zones. */
function systemComponentErrors(workers: readonly Worker[], path: string): FieldError[] {
  const sufficient = new Set<string>();
  const insufficient = new Map<string, number>();
  let isAnyActive = false;
  for (const [index, { systemComponents, maximum, zones = [] }] of workers.entries()) {
    if (systemComponents?.allow === false || maximum === 0) continue;
    isAnyActive = true;
    const key = [...new Set(zones)].sort().join('--');
    if (maximum >= zones.length) {
      sufficient.add(key);
      insufficient.delete(key);
    } else if (!sufficient.has(key)) insufficient.set(key, index);
  }
  const errors = [...insufficient.values()].map((index) =>
    forbidden(
      `${path}[${index}].maximum`,
      'maximum node count should be greater than or equal to the number of zones specified for this pool',
    ),
  );
  if (isAnyActive) return errors;
  const detail = 'at least one active (workers[i].maximum > 0) worker pool with systemComponents.allow=true needed';
  return [...errors, forbidden(path, detail)];
}

/** A node's range has to have an address for each of its pods. */
function nodeCidrErrors({ kubernetes, provider, networking }: ShootSpec): FieldError[] {
  const size = kubernetes.kubeControllerManager?.nodeCIDRMaskSize;
  if (size === undefined || !networking) return [];
  const isIPv6 = networking.ipFamilies?.length === 1 && networking.ipFamilies[0] === 'IPv6';
  const given = [kubernetes.kubelet, ...(provider.workers ?? []).map((worker) => worker.kubernetes?.kubelet)];
  const maxPods = Math.max(0, ...given.map((kubelet) => kubelet?.maxPods ?? 0)) || 110;
  const available = 2 ** ((isIPv6 ? 128 : 32) - size) - 2;
  if (available >= maxPods) return [];
  const detail = `kubelet or kube-controller-manager configuration incorrect. Please adjust the nodeCIDRMaskSize to support the highest maxPod on any worker pool. The nodeCIDRMaskSize of ${size} (default: ${isIPv6 ? 64 : 24}) only supports ${available} IP addresses. The highest maxPod setting is ${maxPods} (default: 110). Please choose a nodeCIDRMaskSize that at least supports ${maxPods} IP addresses`;
  return [invalid('spec.kubernetes.kubeControllerManager.nodeCIDRMaskSize', size, detail)];
}

/** All faults of spec.provider. */
export function providerErrors({ spec }: Pick<Shoot, 'spec'>): FieldError[] {
  const { type, workers = [], infrastructureConfig, controlPlaneConfig, workersSettings } = spec.provider;
  const path = 'spec.provider';
  const errors: FieldError[] = type
    ? nameErrors(`${path}.type`, type, dnsLabelFaults)
    : [required(`${path}.type`, 'must specify a provider type')];
  if (!workers.length) {
    for (const [field, value] of Object.entries({ infrastructureConfig, controlPlaneConfig, workersSettings })) {
      if (value !== undefined) errors.push(forbidden(`${path}.${field}`, workerlessDetail));
    }
    return [...errors, ...nodeCidrErrors(spec)];
  }
  const names = new Set<string>();
  const duplicates: FieldError[] = [];
  for (const [index, worker] of workers.entries()) {
    errors.push(...workerErrors(worker, spec, `${path}.workers[${index}]`));
    if (names.has(worker.name)) duplicates.push(duplicate(`${path}.workers[${index}].name`, worker.name));
    names.add(worker.name);
  }
  return [...errors, ...duplicates, ...systemComponentErrors(workers, `${path}.workers`), ...nodeCidrErrors(spec)];
}
