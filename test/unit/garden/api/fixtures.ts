// A landscape in memory and requests on it, for tests of strategies without a server.
import { readFileSync } from 'node:fs';
import type { AdmissionRequest, ApiObject, Kind, Reader } from '../../../../server/apiserver/types.ts';
import { StatusError } from '../../../../server/apiserver/errors.ts';
import { createGardenKinds, type ColumnsDocument } from '../../../../server/garden/api/index.ts';
import type { CloudProfile, Project, Seed, Shoot } from '../../../../server/garden/api/types.ts';

export const nowMs = Date.UTC(2026, 0, 1, 12);
const columnsFile = new URL('../../../../manifests/garden/columns.json', import.meta.url);

export const kinds = createGardenKinds({
  columns: JSON.parse(readFileSync(columnsFile, 'utf8')) as ColumnsDocument,
  workloadIdentityIssuer: 'https://issuer.example.org',
  random: () => 0.5,
});
export function kindOf(name: string, version?: string): Kind {
  const kind = kinds.find((one) => one.kind === name && (version === undefined || one.version === version));
  if (!kind) throw new Error(`no kind ${name}`);
  return kind;
}

const plurals: Record<string, string> = {
  Secret: '/secrets',
  ConfigMap: '/configmaps',
  Namespace: '/namespaces',
  ClusterRole: 'rbac.authorization.k8s.io/clusterroles',
  RoleBinding: 'rbac.authorization.k8s.io/rolebindings',
};
const keyOf = ({ kind }: ApiObject) => {
  const found = kinds.find((one) => one.kind === kind);
  return found ? `${found.group}/${found.plural}` : (plurals[kind] ?? kind);
};

/** Reads from a list of objects. */
export function createReader(objects: readonly ApiObject[]): Reader {
  const isOf = (object: ApiObject, group: string, plural: string) => keyOf(object) === `${group}/${plural}`;
  return {
    get: ({ group, plural }, name, namespace) =>
      objects.find(
        (object) =>
          isOf(object, group, plural) && object.metadata.name === name && object.metadata.namespace === namespace,
      ),
    list: ({ group, plural }, namespace) =>
      objects.filter(
        (object) => isOf(object, group, plural) && (namespace === undefined || object.metadata.namespace === namespace),
      ),
  };
}

export function object<T extends ApiObject = ApiObject>(
  apiVersion: string,
  kind: string,
  name: string,
  rest: Record<string, unknown> = {},
  namespace?: string,
): T {
  const { metadata, ...others } = rest;
  const meta = { name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
  return {
    apiVersion,
    kind,
    metadata: { ...meta, ...(namespace !== undefined && { namespace }), ...(metadata as object) },
    ...others,
  } as T;
}

export const core = 'core.gardener.cloud/v1beta1';

export const cloudProfile = (): CloudProfile =>
  object(core, 'CloudProfile', 'local', {
    spec: {
      type: 'local',
      regions: [{ name: 'local' }],
      kubernetes: {
        versions: [
          { version: '1.36.0' },
          { version: '1.35.4' },
          { version: '1.34.3' },
          { version: '1.33.0' },
          { version: '1.32.0' },
        ],
      },
      machineTypes: [{ name: 'local', cpu: '1', gpu: '0', memory: '8Gi', usable: true, architecture: 'amd64' }],
      machineImages: [
        {
          name: 'local',
          updateStrategy: 'major',
          versions: [
            { version: '2.0.0', classification: 'preview', architectures: ['amd64'], cri: [{ name: 'containerd' }] },
            { version: '1.0.0', architectures: ['amd64'], cri: [{ name: 'containerd' }] },
          ],
        },
      ],
    },
  });

export const seed = (): Seed =>
  object(core, 'Seed', 'local', {
    metadata: { labels: { planet: 'earth' } },
    spec: {
      provider: { type: 'local', region: 'local', zones: ['0'] },
      networks: {
        pods: '10.1.0.0/16',
        services: '10.2.0.0/16',
        shootDefaults: { pods: '10.3.0.0/16', services: '10.4.0.0/16' },
      },
      dns: {
        defaults: [{ type: 'local', domain: 'external.local.gardener.cloud' }],
        internal: { type: 'local', domain: 'internal.local.gardener.cloud' },
        provider: { type: 'local' },
      },
    },
    status: {},
  });

export const project = (name = 'local'): Project =>
  object(core, 'Project', name, { spec: { namespace: `garden-${name}` }, status: { phase: 'Ready' } });

const resource = (kind: string) => ({ kind, type: 'local', primary: true });

/** What a Shoot of project `local` needs. */
export const landscape = (): ApiObject[] => [
  cloudProfile(),
  seed(),
  project(),
  object(core, 'ControllerRegistration', 'provider-local', {
    spec: {
      resources: [
        ...['ControlPlane', 'Infrastructure', 'Worker', 'OperatingSystemConfig', 'DNSRecord'].map(resource),
        { kind: 'Extension', type: 'local-ext-shoot', primary: true, clusterCompatibility: ['shoot'] },
      ],
    },
  }),
  object(core, 'ControllerRegistration', 'networking-calico', {
    spec: { resources: [{ kind: 'Network', type: 'calico', primary: true }] },
  }),
  object(
    'security.gardener.cloud/v1alpha1',
    'CredentialsBinding',
    'local',
    {
      provider: { type: 'local' },
      credentialsRef: { apiVersion: 'v1', kind: 'Secret', name: 'local', namespace: 'garden-local' },
    },
    'garden-local',
  ),
  object('v1', 'Secret', 'local', {}, 'garden-local'),
];

/** The smallest Shoot with workers, as a visitor writes it. */
export const shoot = (name = 'small'): Shoot =>
  object(
    core,
    'Shoot',
    name,
    {
      spec: {
        cloudProfile: { name: 'local' },
        credentialsBindingName: 'local',
        region: 'local',
        networking: { type: 'calico', nodes: '10.0.0.0/16' },
        kubernetes: {},
        provider: { type: 'local', workers: [{ name: 'local', machine: { type: 'local' }, minimum: 1, maximum: 2 }] },
      },
      status: { gardener: { id: '', name: '', version: '' }, hibernated: false, technicalID: '', uid: '' },
    },
    'garden-local',
  );

export interface Written<T extends ApiObject> {
  object: T;
  warnings: string[];
}

export interface WriteOptions {
  objects?: readonly ApiObject[];
  subresource?: string;
  user?: { name: string; groups: readonly string[] };
}

function requestOf<T extends ApiObject>(
  operation: AdmissionRequest['operation'],
  next: T | undefined,
  old: T | undefined,
  options: WriteOptions,
  warnings: string[],
): AdmissionRequest<T> {
  const { metadata, kind } = (next ?? old)!;
  return {
    operation,
    kind: kindOf(kind),
    subresource: options.subresource ?? '',
    namespace: metadata.namespace,
    name: metadata.name,
    object: next,
    old,
    user: options.user ?? { name: 'admin', groups: ['system:masters'] },
    isDryRun: false,
    nowMs,
    reader: createReader(options.objects ?? landscape()),
    warn: (message) => warnings.push(message),
  };
}

/** Runs a whole strategy as the API server does. Throws what it throws; field errors as one Error of their texts. */
export function write<T extends ApiObject>(next: T, old?: T, options: WriteOptions = {}): Written<T> {
  const warnings: string[] = [];
  const changed = structuredClone(next);
  const request = requestOf(old ? 'UPDATE' : 'CREATE', changed, old, options, warnings) as AdmissionRequest;
  const { strategy } = request.kind;
  strategy.default?.(changed, request);
  strategy.mutate?.(request);
  strategy.prepare?.(request);
  const errors = strategy.validate?.(request) ?? [];
  if (errors.length) {
    throw new FieldFaults(
      errors.map(({ path, type, detail }) => `${path}: ${type.replace('FieldValue', '')}: ${detail}`),
    );
  }
  strategy.admit?.(request);
  return { object: changed, warnings };
}

export function remove<T extends ApiObject>(old: T, options: WriteOptions = {}): void {
  const request = requestOf('DELETE', undefined, old, options, []) as AdmissionRequest;
  request.kind.strategy.admit?.(request);
}

export class FieldFaults extends Error {
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

/** The faults that a write is refused for. */
export function faultsOf(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof FieldFaults) return error.faults;
    if (error instanceof StatusError) return [`${error.code} ${error.message}`];
    throw error;
  }
  return [];
}

/** A copy with a change. */
export function change<T>(value: T, edit: (copy: T) => void): T {
  const copy = structuredClone(value);
  edit(copy);
  return copy;
}
