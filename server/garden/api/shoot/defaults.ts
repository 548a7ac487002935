// The defaults of a Shoot, as every decoding of one applies them: fills in what is absent and changes nothing else.
// Models pkg/apis/core/v1beta1/defaults_shoot.go
import type { KubeletConfig, KubernetesConfig, Shoot, ShootSpec, Toleration, Worker } from '../types.ts';

/** Numbers from 0 up to 1, such as Math.random. */
export type Random = () => number;

/** Sets the keys of `defaults` that `object` lacks. */
export function fill<T extends object>(object: T, defaults: { [Key in keyof T]?: T[Key] }): T {
  for (const [key, value] of Object.entries(defaults)) {
    const target = object as Record<string, unknown>;
    if (target[key] === undefined || target[key] === null) target[key] = value;
  }
  return object;
}

const twoDigits = (value: number) => String(value).padStart(2, '0');

/** One hour that begins at a full hour from 00 to 22, UTC, in the form 030000+0000. */
export function randomTimeWindow(random: Random): { begin: string; end: string } {
  const hour = Math.floor(random() * 23);
  return { begin: `${twoDigits(hour)}0000+0000`, end: `${twoDigits(hour + 1)}0000+0000` };
}

export function addTolerations(tolerations: Toleration[], ...wanted: Toleration[]): Toleration[] {
  const has = ({ key, value }: Toleration) =>
    tolerations.some((known) => known.key === key && (known.value === undefined || known.value === value));
  return [...tolerations, ...wanted.filter((toleration) => !has(toleration))];
}

/** About twice as many addresses as pods fit on a node, so that none is used again at once. */
export function defaultNodeCidrMaskSize(spec: ShootSpec): number {
  const maxPods = Math.max(
    spec.kubernetes.kubelet?.maxPods ?? 110,
    ...(spec.provider.workers ?? []).map((worker) => worker.kubernetes?.kubelet?.maxPods ?? 0),
  );
  return 32 - Math.ceil(Math.log2(maxPods * 2));
}

function defaultSwap(kubelet: KubeletConfig): void {
  fill(kubelet, { failSwapOn: true });
  if (!kubelet.featureGates?.['NodeSwap'] || kubelet.failSwapOn) return;
  kubelet.memorySwap = fill(kubelet.memorySwap ?? {}, { swapBehavior: 'LimitedSwap' });
}

function defaultKubelet(kubelet: KubeletConfig): void {
  defaultSwap(kubelet);
  fill(kubelet, {
    imageMinimumGCAge: '2m0s',
    imageMaximumGCAge: '0s',
    imageGCHighThresholdPercent: 50,
    imageGCLowThresholdPercent: 40,
    serializeImagePulls: (kubelet.maxParallelImagePulls ?? 0) < 2,
  });
}

function defaultApiServer(kubernetes: KubernetesConfig): void {
  const apiServer = (kubernetes.kubeAPIServer ??= {});
  apiServer.requests = fill(apiServer.requests ?? {}, { maxNonMutatingInflight: 400, maxMutatingInflight: 200 });
  fill(apiServer, { eventTTL: '1h0m0s' });
  apiServer.logging = fill(apiServer.logging ?? {}, { verbosity: 2 });
  const encryption = (apiServer.encryptionConfig ??= {});
  encryption.provider = fill(encryption.provider ?? {}, { type: 'aescbc' });
}

const verticalPodAutoscaler = {
  evictAfterOOMThreshold: '10m0s',
  evictionRateBurst: 1,
  evictionRateLimit: -1,
  evictionTolerance: 0.5,
  recommendationMarginFraction: 0.15,
  updaterInterval: '1m0s',
  recommenderInterval: '1m0s',
  targetCPUPercentile: 0.9,
  recommendationLowerBoundCPUPercentile: 0.5,
  recommendationUpperBoundCPUPercentile: 0.95,
  cpuHistogramDecayHalfLife: '24h0m0s',
  targetMemoryPercentile: 0.9,
  recommendationLowerBoundMemoryPercentile: 0.5,
  recommendationUpperBoundMemoryPercentile: 0.95,
  memoryHistogramDecayHalfLife: '24h0m0s',
  memoryAggregationInterval: '24h0m0s',
  memoryAggregationIntervalCount: 8,
  recommenderUpdateWorkerCount: 10,
} as const;

const clusterAutoscaler = {
  scaleDownDelayAfterAdd: '1h0m0s',
  scaleDownDelayAfterDelete: '0s',
  scaleDownDelayAfterFailure: '3m0s',
  scaleDownUnneededTime: '30m0s',
  scaleDownUtilizationThreshold: 0.5,
  scanInterval: '10s',
  expander: 'least-waste',
  maxNodeProvisionTime: '20m0s',
  maxGracefulTerminationSeconds: 600,
  ignoreDaemonsetsUtilization: false,
  emitPerNodeGroupMetrics: false,
  verbosity: 2,
  newPodScaleUpDelay: '0s',
  maxScaleDownParallelism: 10,
  maxDrainParallelism: 1,
  initialNodeGroupBackoffDuration: '5m0s',
  maxNodeGroupBackoffDuration: '30m0s',
  nodeGroupBackoffResetTimeout: '3h0m0s',
  maxBinpackingTime: '5m0s',
} as const;

/** What the admission plugin ShootVPAEnabledByDefault adds, with its numbers. */
export const enabledVerticalPodAutoscaler = (): NonNullable<KubernetesConfig['verticalPodAutoscaler']> => ({
  enabled: true,
  ...verticalPodAutoscaler,
});

function defaultWorker(worker: Worker): void {
  fill(worker, { cri: { name: 'containerd' }, updateStrategy: 'AutoRollingUpdate', systemComponents: { allow: true } });
  if (worker.kubernetes?.kubelet) defaultSwap(worker.kubernetes.kubelet);
  switch (worker.updateStrategy) {
    case 'AutoInPlaceUpdate':
      fill(worker, { maxSurge: 0, maxUnavailable: 1 });
      worker.machineControllerManager = fill(worker.machineControllerManager ?? {}, { disableHealthTimeout: true });
      break;
    case 'ManualInPlaceUpdate':
      worker.machineControllerManager = fill(worker.machineControllerManager ?? {}, { disableHealthTimeout: true });
      break;
    default:
      fill(worker, { maxSurge: 1, maxUnavailable: 0 });
  }
}

function defaultNodeCidrs(spec: ShootSpec): void {
  const manager = (spec.kubernetes.kubeControllerManager ??= {});
  const families = spec.networking?.ipFamilies ?? [];
  const [hasIPv4, hasIPv6] = [families.includes('IPv4'), families.includes('IPv6')];
  if (hasIPv4) fill(manager, { nodeCIDRMaskSize: defaultNodeCidrMaskSize(spec) });
  if (hasIPv4 && hasIPv6) fill(manager, { nodeCIDRMaskSizeIPv6: 64 });
  if (!hasIPv4 && hasIPv6 && manager.nodeCIDRMaskSizeIPv6 === undefined) fill(manager, { nodeCIDRMaskSize: 64 });
  fill(manager, { nodeMonitorGracePeriod: '40s' });
}

/** What only a cluster with nodes has. */
function defaultForWorkers(spec: ShootSpec): void {
  const { kubernetes, provider, maintenance } = spec;
  if (kubernetes.kubeAPIServer) {
    fill(kubernetes.kubeAPIServer, {
      defaultNotReadyTolerationSeconds: 300,
      defaultUnreachableTolerationSeconds: 300,
    });
  }
  defaultNodeCidrs(spec);
  kubernetes.kubeScheduler = fill(kubernetes.kubeScheduler ?? {}, { profile: 'balanced' });
  kubernetes.kubeProxy = fill(kubernetes.kubeProxy ?? {}, { mode: 'IPTables', enabled: true });
  defaultKubelet((kubernetes.kubelet ??= {}));
  if (maintenance?.autoUpdate) fill(maintenance.autoUpdate, { machineImageVersion: true });
  provider.workersSettings = fill(provider.workersSettings ?? {}, { sshAccess: { enabled: true } });
  const autoscaling = (((spec.systemComponents ??= {}).coreDNS ??= {}).autoscaling ??= {});
  if (autoscaling.mode !== 'cluster-proportional') autoscaling.mode = 'horizontal';
}

/** Fills in the defaults of `shoot`, in place. Doing it again changes nothing. */
export function defaultShoot(shoot: Shoot, random: Random): void {
  const { spec } = shoot;
  spec.kubernetes ??= {};
  spec.provider ??= { type: '' };
  fill(spec, { purpose: 'evaluation', schedulerName: 'default-scheduler' });
  if (shoot.metadata.namespace === 'garden') {
    spec.tolerations = addTolerations(spec.tolerations ?? [], { key: 'seed.gardener.cloud/protected' });
  }
  const maintenance = (spec.maintenance ??= {});
  fill(maintenance, { autoUpdate: { kubernetesVersion: true } });
  maintenance.timeWindow ??= randomTimeWindow(random);
  for (const rotation of Object.values(maintenance.autoRotation?.credentials ?? {})) {
    if (rotation) fill(rotation, { rotationPeriod: '168h0m0s' });
  }
  const networking = (spec.networking ??= {});
  if (!networking.ipFamilies?.length) networking.ipFamilies = ['IPv4'];
  if (spec.cloudProfile) fill(spec.cloudProfile, { kind: 'CloudProfile' });
  defaultApiServer(spec.kubernetes);
  if (spec.kubernetes.verticalPodAutoscaler) fill(spec.kubernetes.verticalPodAutoscaler, verticalPodAutoscaler);
  if (spec.kubernetes.clusterAutoscaler) {
    const given = spec.kubernetes.clusterAutoscaler;
    fill(given, { maxScaleDownParallelism: given['maxEmptyBulkDelete'] ?? 10 });
    fill(given, clusterAutoscaler);
  }
  for (const worker of spec.provider.workers ?? []) defaultWorker(worker);
  if (spec.provider.workers?.length) defaultForWorkers(spec);
  const { addons } = spec;
  if (addons?.kubernetesDashboard?.enabled) fill(addons.kubernetesDashboard, { authenticationMode: 'token' } as object);
  if (addons?.nginxIngress) fill(addons.nginxIngress, { externalTrafficPolicy: 'Cluster' } as object);
}
