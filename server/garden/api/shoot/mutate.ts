// What the garden adds to a Shoot before it judges it: annotations, versions, images, networks, reservations.
// Models plugin/pkg/shoot/{mutator,vpa,resourcereservation,tolerationrestriction,exposureclass}/admission.go
import { createInternalError, type FieldError } from '../../../apiserver/errors.ts';
import { isDeepEqual } from '../../../apiserver/objects.ts';
import type { AdmissionRequest } from '../../../apiserver/types.ts';
import { labelExtensions } from '../admission/extension-labels.ts';
import { keepConfirmer } from '../admission/deletion-confirmation.ts';
import { createPlainError, refuse, refuseFields } from '../faults.ts';
import { find, get, getCloudProfileSpec, getProject, messageOf } from '../lookups.ts';
import { setAnnotation } from '../meta.ts';
import type { CloudProfileSpec, LabelSelector, Seed, Shoot, Toleration } from '../types.ts';
import {
  createdByAnnotation,
  dnsTasks,
  infrastructureTask,
  needsRetryAnnotation,
  operationAnnotation,
  tasksAnnotation,
} from './constants.ts';
import { enabledVerticalPodAutoscaler, fill } from './defaults.ts';
import { assignDomain } from './dns.ts';
import { splitOperations } from './operations.ts';
import { completeKubernetesVersion, completeMachineImage } from './versions.ts';

type Request = AdmissionRequest<Shoot>;

/** A request whose object is there: CREATE or UPDATE. */
type WriteRequest = Request & { object: Shoot };

function addProjectTolerations(request: WriteRequest): void {
  if (request.operation !== 'CREATE') return;
  const { spec, metadata } = request.object;
  let defaults: readonly Toleration[];
  try {
    defaults = getProject(request.reader, metadata.namespace).spec.tolerations?.defaults ?? [];
  } catch (error) {
    throw refuse(request, `Internal error occurred: could not find referenced project: ${messageOf(error)}`);
  }
  const missing = defaults.filter(({ key }) => !spec.tolerations?.some((toleration) => toleration.key === key));
  if (missing.length) spec.tolerations = [...(spec.tolerations ?? []), ...structuredClone(missing)];
}

interface ExposureScheduling {
  seedSelector?: LabelSelector & { providerTypes?: string[] };
  tolerations?: Toleration[];
}

/** Joins what the exposure class asks of a seed into the Shoot. Throws 403 when it is unknown or contradicts the Shoot. */
function addExposureClass(request: WriteRequest): void {
  const { spec } = request.object;
  if (spec.exposureClassName === undefined || request.subresource) return;
  let scheduling: ExposureScheduling | undefined;
  try {
    scheduling = get(request.reader, 'exposureClasses', spec.exposureClassName)['scheduling'] as typeof scheduling;
  } catch (error) {
    throw refuse(request, messageOf(error));
  }
  const selector = scheduling?.seedSelector;
  if (selector) {
    const own = (spec.seedSelector ??= {});
    const isConflict = ([key, value]: [string, string]) => (own.matchLabels?.[key] ?? value) !== value;
    if (Object.entries(selector.matchLabels ?? {}).some(isConflict)) {
      throw refuse(request, 'matching labels of the seed selector conflicts with the ones of referenced exposureclass');
    }
    if (selector.matchLabels) own.matchLabels = { ...own.matchLabels, ...selector.matchLabels };
    if (selector.matchExpressions) {
      own.matchExpressions = [...(own.matchExpressions ?? []), ...structuredClone(selector.matchExpressions)];
    }
    const types = new Set([...(own.providerTypes ?? []), ...(selector.providerTypes ?? [])]);
    if (types.size) own.providerTypes = [...types].sort();
  }
  for (const { key, value } of scheduling?.tolerations ?? []) {
    if (spec.tolerations?.some((toleration) => toleration.key === key)) {
      throw refuse(request, `toleration with key "${key}" conflicts with the ones of referenced exposureclass`);
    }
    spec.tolerations = [...(spec.tolerations ?? []), { key, ...(value !== undefined && { value }) }];
  }
}

export function addTasks(shoot: Shoot, tasks: readonly string[]): void {
  const present = (shoot.metadata.annotations?.[tasksAnnotation] ?? '').split(',').filter(Boolean);
  setAnnotation(shoot, tasksAnnotation, [...new Set([...present, ...tasks])].join(','));
}

/** Tasks that the next run of the gardenlet has to do beside the flow's usual ones. */
function addTasksOfChange(shoot: Shoot, old: Shoot): void {
  const [{ spec }, { spec: before }] = [shoot, old];
  const isWokenUp = before.hibernation?.enabled === true && !spec.hibernation?.enabled;
  const hasMoreFamilies =
    (before.networking?.ipFamilies?.length ?? Infinity) < (spec.networking?.ipFamilies?.length ?? 0);
  const ssh = before.provider.workersSettings?.sshAccess;
  const isSshChanged = ssh !== undefined && ssh.enabled !== spec.provider.workersSettings?.sshAccess?.enabled;
  const rotatesSshKey = splitOperations(shoot.metadata.annotations?.[operationAnnotation]).some((operation) =>
    ['rotate-ssh-keypair', 'rotate-credentials-start', 'rotate-credentials-start-without-workers-rollout'].includes(
      operation,
    ),
  );
  const isInfrastructureChanged = !isDeepEqual(
    before.provider.infrastructureConfig,
    spec.provider.infrastructureConfig,
  );
  if (isWokenUp) addTasks(shoot, [infrastructureTask, ...dnsTasks]);
  if (isInfrastructureChanged || hasMoreFamilies || isSshChanged || rotatesSshKey)
    addTasks(shoot, [infrastructureTask]);
  if (!isDeepEqual(before.dns, spec.dns)) addTasks(shoot, dnsTasks);
  const { confineSpecUpdateRollout } = spec.maintenance ?? {};
  if (confineSpecUpdateRollout && !isDeepEqual(before, spec) && shoot.status.lastOperation?.state === 'Failed') {
    setAnnotation(shoot, needsRetryAnnotation, 'true');
  }
}

function defaultNetworks({ spec }: Shoot, seed: Seed | undefined): void {
  const defaults = seed?.spec.networks.shootDefaults;
  const networking = spec.networking;
  if (!defaults || !networking) return;
  const fits = (cidr: string | undefined): cidr is string =>
    cidr !== undefined && (networking.ipFamilies ?? []).includes(cidr.includes(':') ? 'IPv6' : 'IPv4');
  const hasWorkers = (spec.provider.workers?.length ?? 0) > 0;
  if (hasWorkers && fits(defaults.pods)) fill(networking, { pods: defaults.pods });
  if (fits(defaults.services)) fill(networking, { services: defaults.services });
}

function completeVersions(
  shoot: Shoot,
  old: Shoot | undefined,
  profile: CloudProfileSpec,
  nowMs: number,
): FieldError[] {
  const { kubernetes, provider } = shoot.spec;
  const versions = profile.kubernetes.versions ?? [];
  const complete = (target: { version?: string }, path: string): FieldError[] => {
    const completed = completeKubernetesVersion(versions, target.version ?? '', path, nowMs);
    if ('error' in completed) return [completed.error];
    target.version = completed.version;
    return [];
  };
  const errors = complete(kubernetes, 'spec.kubernetes.version');
  for (const [index, worker] of (provider.workers ?? []).entries()) {
    const path = `spec.provider.workers[${index}]`;
    if (worker.kubernetes?.version !== undefined)
      errors.push(...complete(worker.kubernetes, `${path}.kubernetes.version`));
    const type = profile.machineTypes?.find(({ name }) => name === worker.machine.type);
    worker.machine.architecture ??= type?.architecture ?? 'amd64';
    if (shoot.metadata.deletionTimestamp) continue;
    const before = old?.spec.provider.workers?.find(({ name }) => name === worker.name);
    const completed = completeMachineImage(profile, worker, before, path, nowMs);
    if ('error' in completed) errors.push(completed.error);
    else worker.machine.image = completed.image;
  }
  return errors;
}

function mutateByProfile(request: WriteRequest): void {
  const { object: shoot, old, operation, reader, user, nowMs } = request;
  const { spec } = shoot;
  const isNew = operation === 'CREATE';
  if (isNew && spec.cloudProfileName && spec.cloudProfile) {
    throw createPlainError('new shoot can only specify either cloudProfileName or cloudProfile reference');
  }
  let profile: CloudProfileSpec | undefined;
  try {
    profile = getCloudProfileSpec(reader, shoot);
  } catch (error) {
    throw createInternalError(`could not find referenced cloud profile: ${messageOf(error)}`);
  }
  if (!profile) return;
  const seed = spec.seedName === undefined ? undefined : find(reader, 'seeds', spec.seedName);
  if (isNew) setAnnotation(shoot, createdByAnnotation, user.name);
  if (isNew) addTasks(shoot, [infrastructureTask, ...dnsTasks]);
  else if (old) addTasksOfChange(shoot, old);
  if (isNew) {
    const credentials = ((spec.maintenance ??= {}).autoRotation ??= {});
    credentials.credentials = fill(credentials.credentials ?? {}, {
      etcdEncryptionKey: { rotationPeriod: '672h0m0s' },
    });
  }
  defaultNetworks(shoot, seed);
  const errors = completeVersions(shoot, old, profile, nowMs);
  if (errors.length) throw refuseFields(request, errors);
}

const reservations = { cpu: '80m', memory: '1Gi', pid: '20k' };

function reserveResources({ object: { spec, metadata }, subresource }: WriteRequest): void {
  if (subresource || metadata.deletionTimestamp || !spec.provider.workers?.length) return;
  const kubelet = (spec.kubernetes.kubelet ??= {});
  kubelet.kubeReserved = fill(kubelet.kubeReserved ?? {}, reservations);
}

/** All that is added on a write, in the order of the garden's admission. Throws 403 or 500. */
export function mutateShoot(request: Request): void {
  if (!request.object) return;
  const write = request as WriteRequest;
  const { spec } = write.object;
  labelExtensions(request as AdmissionRequest);
  addProjectTolerations(write);
  addExposureClass(write);
  assignDomain(write);
  mutateByProfile(write);
  keepConfirmer(request as AdmissionRequest);
  if (write.operation === 'CREATE' && spec.provider.workers?.length) {
    fill(spec.kubernetes, { verticalPodAutoscaler: enabledVerticalPodAutoscaler() });
  }
  reserveResources(write);
}
