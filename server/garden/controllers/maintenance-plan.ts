// What a maintenance changes in a shoot: versions that are expired or that are kept up to date, each with its reason.
// Models pkg/controllermanager/controller/shoot/maintenance/reconciler.go
import type { CloudProfileSpec, ExpirableVersion, MachineImage, Shoot, ShootWorker } from '../types.ts';
import { classificationAt } from './cloudprofile-status.ts';

export interface UpdateResult {
  isSuccessful: boolean;
  description: string;
  reason: string;
}

export interface MaintenancePlan {
  spec: Shoot['spec'];
  controlPlane?: UpdateResult;
  workerVersions: Map<string, UpdateResult>;
  workerImages: Map<string, UpdateResult>;
}

const partsOf = (version: string) => version.split('.').map((part) => Number.parseInt(part, 10) || 0);

/** Negative when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference) return difference;
  }
  return 0;
}

const highest = (versions: readonly string[]): string | undefined =>
  versions.reduce<string | undefined>((best, one) => (best && compareVersions(best, one) >= 0 ? best : one), undefined);

type Scope = (candidate: readonly number[], current: readonly number[]) => boolean;
const isSameMinor: Scope = (a, b) => a[0] === b[0] && a[1] === b[1];
const isSameMajor: Scope = (a, b) => a[0] === b[0];
const isAny: Scope = () => true;
const isNextMinor: Scope = (a, b) => a[0] === b[0] && a[1] === (b[1] ?? 0) + 1;
const isLaterMinor: Scope = (a, b) => a[0] === b[0] && (a[1] ?? 0) > (b[1] ?? 0);
const isLaterMajor: Scope = (a, b) => (a[0] ?? 0) > (b[0] ?? 0);
const isNone: Scope = () => false;

const scopesOfImage: Record<string, { automatic: Scope; forced: Scope }> = {
  patch: { automatic: isSameMinor, forced: isLaterMinor },
  minor: { automatic: isSameMajor, forced: isLaterMajor },
  major: { automatic: isAny, forced: isNone },
};

/** The version to go to; undefined to stay. Throws when the current one is expired and there is nowhere to go. */
export function chooseVersion(
  versions: readonly ExpirableVersion[],
  current: string,
  isExpired: boolean,
  { automatic, forced }: { automatic: Scope; forced: Scope },
  nowMs: number,
): string | undefined {
  const within = (scope: Scope) =>
    highest(
      versions
        .filter((version) => ['supported', 'deprecated'].includes(classificationAt(version, nowMs)))
        .map(({ version }) => version)
        .filter((version) => compareVersions(version, current) > 0 && scope(partsOf(version), partsOf(current))),
    );
  const found = within(automatic) ?? (isExpired ? within(forced) : undefined);
  if (found || !isExpired) return found;
  throw new Error(
    `cannot perform forceful update of expired version "${current}". No suitable version found in CloudProfile - this is most likely a misconfiguration of the CloudProfile`,
  );
}

type Reason = { reason: string; isExpired: boolean } | undefined;

function reasonToUpdate(
  versions: readonly ExpirableVersion[],
  current: string,
  isAutomatic: boolean,
  texts: { expired: string; automatic: string; missing?: string },
  nowMs: number,
): Reason {
  const version = versions.find((one) => one.version === current);
  if (!version) return { reason: texts.missing ?? texts.expired, isExpired: true };
  if (classificationAt(version, nowMs) === 'expired') return { reason: texts.expired, isExpired: true };
  return isAutomatic ? { reason: texts.automatic, isExpired: false } : undefined;
}

function planKubernetes(
  profile: CloudProfileSpec,
  current: string,
  isAutomatic: boolean,
  nowMs: number,
  update: (version: string) => string,
): UpdateResult | undefined {
  const { versions } = profile.kubernetes;
  const texts = {
    expired: 'Kubernetes version expired - force update required',
    automatic: 'Automatic update of Kubernetes version configured',
    missing: 'Version does not exist in CloudProfile',
  };
  const why = reasonToUpdate(versions, current, isAutomatic, texts, nowMs);
  if (!why) return undefined;
  try {
    const scopes = { automatic: isSameMinor, forced: isNextMinor };
    const next = chooseVersion(versions, current, why.isExpired, scopes, nowMs);
    if (next === undefined) return undefined;
    const description = `Updated Kubernetes version from "${current}" to "${update(next)}"`;
    return { isSuccessful: true, description, reason: why.reason };
  } catch (fault) {
    const description = `could not determine higher suitable version than "${current}": failed to determine version for forceful update: ${(fault as Error).message}`;
    return { isSuccessful: false, description, reason: why.reason };
  }
}

function planImage(
  image: MachineImage,
  worker: ShootWorker,
  isAutomatic: boolean,
  nowMs: number,
): { result?: UpdateResult; version?: string } {
  const current = worker.machine.image?.version ?? '';
  const strategy = image.updateStrategy ?? 'major';
  const fitting = image.versions.filter(
    ({ architectures, cri }) =>
      (architectures ?? ['amd64']).includes(worker.machine.architecture ?? 'amd64') &&
      (cri as { name: string }[] | undefined)?.some(({ name }) => name === (worker.cri?.name ?? 'containerd')) !==
        false,
  );
  const texts = {
    expired: `Machine image version expired - force update required (image update strategy: ${strategy})`,
    automatic: `Automatic update of the machine image version is configured (image update strategy: ${strategy})`,
  };
  const why = reasonToUpdate(fitting, current, isAutomatic, texts, nowMs);
  if (!why) return {};
  try {
    const scopes = scopesOfImage[strategy] ?? { automatic: isAny, forced: isNone };
    const version = chooseVersion(fitting, current, why.isExpired, scopes, nowMs);
    if (version === undefined) return {};
    const description = `Updated machine image "${image.name}" from "${current}" to "${version}"`;
    return { version, result: { isSuccessful: true, description, reason: why.reason } };
  } catch (fault) {
    const description = `failed to update machine image "${image.name}": ${(fault as Error).message}`;
    return { result: { isSuccessful: false, description, reason: why.reason } };
  }
}

/** The shoot's spec after maintenance, and what was done to it. */
export function planMaintenance(shoot: Shoot, profile: CloudProfileSpec, nowMs: number): MaintenancePlan {
  const spec = structuredClone(shoot.spec);
  const { kubernetesVersion = true, machineImageVersion = true } = spec.maintenance?.autoUpdate ?? {};
  const plan: MaintenancePlan = { spec, workerVersions: new Map(), workerImages: new Map() };
  for (const worker of spec.provider.workers ?? []) {
    const image = profile.machineImages.find(({ name }) => name === worker.machine.image?.name);
    const { result, version } = image ? planImage(image, worker, machineImageVersion, nowMs) : {};
    if (result) plan.workerImages.set(worker.name, result);
    if (version && worker.machine.image) worker.machine.image.version = version;
  }
  plan.controlPlane = planKubernetes(profile, spec.kubernetes.version, kubernetesVersion, nowMs, (version) => {
    spec.kubernetes.version = version;
    return version;
  });
  for (const worker of spec.provider.workers ?? []) {
    const { kubernetes } = worker;
    if (!kubernetes?.version) continue;
    const result = planKubernetes(profile, kubernetes.version, kubernetesVersion, nowMs, (version) => {
      // Workers never run ahead of their control plane.
      const isAhead = compareVersions(version, spec.kubernetes.version) > 0;
      return (kubernetes.version = isAhead ? spec.kubernetes.version : version);
    });
    if (result) plan.workerVersions.set(worker.name, result);
  }
  return plan;
}

interface Line {
  result: UpdateResult;
  text: string;
  failure: string;
}

function linesOf({ controlPlane, workerVersions, workerImages }: MaintenancePlan): Line[] {
  const lineOf = (result: UpdateResult, subject: string, failed: string, failure: string): Line => ({
    result,
    text: result.isSuccessful
      ? `${subject}: ${result.description}. Reason: ${result.reason}`
      : `${subject}: ${failed}. Reason for update: ${result.reason}`,
    failure: `${subject}: ${failure}${result.description}`,
  });
  const kubernetesFailure = 'Kubernetes maintenance failure due to: ';
  return [
    ...(controlPlane
      ? [lineOf(controlPlane, 'Control Plane', 'Kubernetes version update failed', kubernetesFailure)]
      : []),
    ...[...workerVersions].map(([name, result]) =>
      lineOf(result, `Worker pool "${name}"`, 'Kubernetes version maintenance failed', kubernetesFailure),
    ),
    ...[...workerImages].map(([name, result]) =>
      lineOf(result, `Worker pool "${name}"`, 'machine image version maintenance failed', ''),
    ),
  ];
}

/** For status.lastMaintenance; undefined when nothing was done. */
export function describeMaintenance(
  plan: MaintenancePlan,
): { description: string; failureReason?: string } | undefined {
  const lines = linesOf(plan);
  if (!lines.length) return undefined;
  const failed = lines.filter(({ result }) => !result.isSuccessful);
  const text = lines.map((line) => line.text).join(', ');
  if (!failed.length) return { description: `All maintenance operations successful. ${text}` };
  const done = lines.length - failed.length;
  return {
    description: `(${done}/${lines.length}) maintenance operations successful. ${text}`,
    failureReason: failed.map(({ failure }) => failure).join(', '),
  };
}
