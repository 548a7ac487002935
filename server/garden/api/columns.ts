// The printer columns of Gardener's kinds: their headers are data (columns.json), their cells are computed here.
// Models pkg/apiserver/registry/*/*/storage/tableconvertor.go
import type { ApiObject, Column } from '../../apiserver/types.ts';
import type { Project, Quota, Shoot, ControllerRegistration, WithStatus, WorkloadIdentity } from './types.ts';

type Cell = Column['cell'];
type Cells = Readonly<Record<string, Cell>>;

/** One entry of columns.json, as far as it is read here. */
export interface ColumnData {
  name: string;
  type: string;
  wide: boolean;
}

const ageDescription =
  'When the object was created: set by the server, read-only, in UTC and RFC 3339 form; the time that passed since then.';
const nameDescription =
  'Name of the object: unique for its kind, inside of its namespace if it has one. Cannot change.';

/** Walks plain data; undefined where the way ends. */
function at(object: unknown, ...path: string[]): unknown {
  let value = object;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
const text =
  (path: string, otherwise = ''): Cell =>
  (object) => {
    const value = at(object, ...path.split('.'));
    return value === undefined || value === null || value === '' ? otherwise : (value as string | number);
  };
const field = (path: string): Cell => text(path, '');

const conditionOf = (object: ApiObject, type: string): string | undefined =>
  (object as WithStatus).status?.conditions?.find((condition) => condition.type === type)?.status;
const condition =
  (type: string): Cell =>
  (object) =>
    conditionOf(object, type) ?? '<unknown>';

const lastOperation: Cell = (object) => {
  const operation = (object as WithStatus).status?.lastOperation;
  return operation ? `${operation.type} ${operation.state} (${operation.progress}%)` : '<pending>';
};

/** How much time lies in `ms`, in the short form of kubectl. Models k8s.io/apimachinery/pkg/util/duration HumanDuration. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  const two = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (hours < 192) return two(Math.floor(hours / 24), 'd', hours % 24, 'h');
  const days = Math.floor(hours / 24);
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? two(years, 'y', days % 365, 'd') : `${years}y`;
}

const age: Cell = (object, nowMs) => {
  const created = Date.parse(object.metadata.creationTimestamp);
  return Number.isNaN(created) ? '<unknown>' : humanDuration(nowMs - created);
};

const common: Cells = { Name: field('metadata.name'), Age: age };

const hibernation: Cell = (object) => {
  const { spec, status } = object as Shoot;
  if (spec.hibernation?.enabled) return status?.hibernated ? 'Hibernated' : 'Hibernating';
  return status?.hibernated ? 'Waking Up' : 'Awake';
};

const cloudProfile: Cell = (object) => {
  const { metadata, spec } = object as Shoot;
  const name = spec.cloudProfile?.name ?? spec.cloudProfileName ?? '';
  return spec.cloudProfile?.kind === 'NamespacedCloudProfile' ? `${metadata.namespace}/${name}` : name;
};

const shoot: Cells = {
  CloudProfile: cloudProfile,
  Provider: field('spec.provider.type'),
  Region: field('spec.region'),
  Seed: text('spec.seedName', '<none>'),
  'K8S Version': field('spec.kubernetes.version'),
  Hibernation: hibernation,
  'Last Operation': lastOperation,
  Status: (object) => object.metadata.labels?.['shoot.gardener.cloud/status'] ?? '<pending>',
  Purpose: text('spec.purpose', '<none>'),
  'Gardener Version': text('status.gardener.version', '<unknown>'),
  APIServer: condition('APIServerAvailable'),
  Control: condition('ControlPlaneHealthy'),
  Observability: condition('ObservabilityComponentsHealthy'),
  Nodes: condition('EveryNodeReady'),
  System: condition('SystemComponentsHealthy'),
};

/** Ready, NotReady or Unknown. A condition in status Progressing still counts as ready where a component is only slow. */
export function seedReadiness(seed: ApiObject): 'Ready' | 'NotReady' | 'Unknown' {
  const gardenlet = conditionOf(seed, 'GardenletReady');
  const buckets = conditionOf(seed, 'BackupBucketsReady');
  const extensions = conditionOf(seed, 'ExtensionsReady');
  const system = conditionOf(seed, 'SeedSystemComponentsHealthy');
  const isBad = (status: string | undefined) => status === 'False' || status === 'Unknown';
  if (gardenlet === 'Unknown') return 'Unknown';
  if (gardenlet !== 'True' || (buckets !== undefined && buckets !== 'True')) return 'NotReady';
  return extensions === undefined || isBad(extensions) || isBad(system) ? 'NotReady' : 'Ready';
}

const seed: Cells = {
  Status: (object) => seedReadiness(object),
  'Last Operation': lastOperation,
  Provider: field('spec.provider.type'),
  Region: field('spec.provider.region'),
  Version: text('status.gardener.version', '<unknown>'),
  'K8S Version': text('status.kubernetesVersion', '<unknown>'),
};

const project: Cells = {
  Namespace: text('spec.namespace', '<unknown>'),
  Status: text('status.phase', '<unknown>'),
  Owner: (object) => (object as Project).spec.owner?.name ?? '<unknown>',
  Creator: (object) => (object as Project).spec.createdBy?.name ?? '<unknown>',
};

const backup: Cells = {
  Provider: field('spec.provider.type'),
  Bucket: field('spec.bucketName'),
  Seed: field('spec.seedName'),
  Operation: text('status.lastOperation.state', '<pending>'),
  Progress: (object) => (object as WithStatus).status?.lastOperation?.progress ?? 0,
};

const installation: Cells = {
  Registration: field('spec.registrationRef.name'),
  Cluster(object) {
    const shootName = at(object, 'spec', 'shootRef', 'name');
    if (shootName) return `Shoot/${at(object, 'spec', 'shootRef', 'namespace')}/${shootName}`;
    const seedName = at(object, 'spec', 'seedRef', 'name');
    return seedName ? `Seed/${seedName}` : '<unknown>';
  },
  Valid: condition('Valid'),
  Installed: condition('Installed'),
  Healthy: condition('Healthy'),
  Progressing: condition('Progressing'),
};

const count =
  (path: string): Cell =>
  (object) => {
    const value = at(object, ...path.split('.'));
    return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
  };

const registered: Cell = (object) => {
  const status = conditionOf(object, 'SeedRegistered');
  if (status === undefined || status === 'Unknown') return 'Unknown';
  return status === 'True' ? 'Registered' : 'NotRegistered';
};

const bastion: Cells = {
  Shoot: field('spec.shootRef.name'),
  Seed: text('spec.seedName', '<pending>'),
  IP: (object) =>
    (at(object, 'status', 'ingress', 'hostname') as string) ||
    (at(object, 'status', 'ingress', 'ip') as string) ||
    '<pending>',
  Heartbeat(object, nowMs) {
    const time = at(object, 'status', 'lastHeartbeatTimestamp');
    return typeof time === 'string' ? `${humanDuration(nowMs - Date.parse(time))} ago` : '<never>';
  },
  Expires(object, nowMs) {
    const time = at(object, 'status', 'expirationTimestamp');
    if (typeof time !== 'string') return '<pending>';
    const leftMs = Date.parse(time) - nowMs;
    return leftMs < 0 ? '<expired>' : humanDuration(leftMs);
  },
};

const chartUrl: Cell = (object) => {
  const chart = at(object, 'spec', 'deployment', 'helm', 'ociRepository') as
    { ref?: string; repository?: string; tag?: string; digest?: string } | undefined;
  if (!chart) return '';
  if (chart.ref) return chart.ref;
  const repository = (chart.repository ?? '').replace(/^oci:\/\//, '');
  return chart.digest ? `${repository}@${chart.digest}` : chart.tag ? `${repository}:${chart.tag}` : repository;
};

const parent: Cells = { 'Parent Name': field('spec.parent.name'), 'Parent Kind': field('spec.parent.kind') };

const reference = (path: string): Cell => {
  const [namespace, name] = [`${path}.namespace`, `${path}.name`].map(field) as [Cell, Cell];
  return (object, nowMs) => `${namespace(object, nowMs)}/${name(object, nowMs)}`;
};

const cellsByKind: Readonly<Record<string, Cells>> = {
  Shoot: shoot,
  Seed: seed,
  Project: project,
  CloudProfile: { Provider: field('spec.type') },
  NamespacedCloudProfile: parent,
  SecretBinding: { Secret: reference('secretRef'), Provider: text('provider.type', '<none>') },
  CredentialsBinding: {
    Provider: field('provider.type'),
    APIVersion: field('credentialsRef.apiVersion'),
    Kind: field('credentialsRef.kind'),
    // The second column of that name: the credentials.
    'Name.2': reference('credentialsRef'),
  },
  WorkloadIdentity: {
    Sub: field('status.sub'),
    Type: field('spec.targetSystem.type'),
    Audiences: (object) => (object as WorkloadIdentity).spec.audiences.join(','),
  },
  Quota: {
    Scope: (object) => `${(object as Quota).spec.scope.apiVersion}.${(object as Quota).spec.scope.kind}`,
    'Cluster Lifetime'(object) {
      const days = (object as Quota).spec.clusterLifetimeDays;
      return days === undefined ? '<unspecified>' : `${days} days`;
    },
  },
  ControllerRegistration: {
    Resources: (object) =>
      ((object as ControllerRegistration).spec.resources ?? []).map(({ kind, type }) => `${kind}/${type}`).join(', '),
  },
  ControllerDeployment: {},
  ControllerInstallation: installation,
  ExposureClass: { Handler: field('handler') },
  BackupBucket: backup,
  BackupEntry: backup,
  InternalSecret: { Type: field('type'), Data: count('data') },
  ShootState: { 'Gardener Data': count('spec.gardener'), 'Extension States': count('spec.extensions') },
  ManagedSeed: { Status: registered, Shoot: field('spec.shoot.name') },
  ManagedSeedSet: {
    Ready: (object) => `${at(object, 'status', 'readyReplicas') ?? 0}/${at(object, 'spec', 'replicas') ?? 1}`,
    Pending(object) {
      const name = at(object, 'status', 'pendingReplica', 'name');
      return name ? `${name}:${at(object, 'status', 'pendingReplica', 'reason')}` : '';
    },
  },
  Gardenlet: { 'OCI Repository': chartUrl, Reconciled: condition('GardenletReconciled') },
  Bastion: bastion,
};

/** The columns of a kind. Throws when the data names a column or a kind that no cell is known for. */
export function createColumns(kind: string, data: readonly ColumnData[]): Column[] {
  const seen = new Map<string, number>();
  return data.map(({ name, type, wide }) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    const cell =
      times === 1 && common[name] ? common[name] : cellsByKind[kind]?.[times === 1 ? name : `${name}.${times}`];
    if (!cell) throw new Error(`column "${name}" of kind ${kind}: nothing is known about its cells`);
    const description = name === 'Age' ? ageDescription : name === 'Name' && times === 1 ? nameDescription : '';
    return {
      name,
      type: type === 'date' ? 'date' : 'string',
      format: type === 'date' || ['Data', 'Type'].includes(name) ? '' : 'name',
      priority: wide ? 1 : 0,
      description,
      cell,
    };
  });
}
