// Kinds as small as they can be, and all that the operations on their objects need, in memory.
import { createManualClock } from '../../../server/common/clock.ts';
import { createRegistry } from '../../../server/apiserver/registry.ts';
import { createStore, type StoreLimits } from '../../../server/apiserver/store.ts';
import type { StatusError } from '../../../server/apiserver/errors.ts';
import type { RestContext, WriteRequest } from '../../../server/apiserver/rest/context.ts';
import type { ApiObject, Kind, Strategy, UserInfo, Verb } from '../../../server/apiserver/types.ts';
import { clusterSchemas, configMapSchema, podSchema } from './schemas.ts';

export const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

export const createKind = (overrides: Partial<Kind> = {}): Kind => ({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: [],
  categories: [],
  isNamespaced: true,
  verbs: allVerbs,
  subresources: [],
  schemaName: configMapSchema,
  columns: [],
  selectableFields: {},
  strategy: {},
  ...overrides,
});

export const configMaps = createKind();
export const pods = (strategy: Strategy = {}): Kind =>
  createKind({
    kind: 'Pod',
    plural: 'pods',
    singular: 'pod',
    schemaName: podSchema,
    subresources: [{ name: 'status', verbs: ['get', 'patch', 'update'] }],
    selectableFields: { 'spec.nodeName': (object) => (object.spec as { nodeName?: string }).nodeName ?? '' },
    strategy,
  });

export const admin: UserInfo = { name: 'admin', groups: ['system:masters'] };

export function createRest(kinds: readonly Kind[] = [configMaps, pods()], limits?: Partial<StoreLimits>) {
  const clock = createManualClock();
  const registry = createRegistry(kinds);
  const store = createStore({ registry, now: () => clock.now(), limits });
  const context: RestContext = { registry, store, schemas: clusterSchemas, clock };
  const warnings: string[] = [];
  const request: WriteRequest = {
    user: admin,
    isDryRun: false,
    fieldManager: 'test',
    warn: (message) => warnings.push(message),
  };
  return { clock, registry, store, context, request, warnings };
}

/** An object as a client sends it. */
export const configMap = (name: string, extra: Record<string, unknown> = {}, namespace = 'default'): ApiObject => {
  const { metadata, ...rest } = extra;
  const meta = { name, namespace, ...(metadata as object | undefined) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta, ...rest } as unknown as ApiObject;
};

export const pod = (name: string, spec: Record<string, unknown> = {}): ApiObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'a', image: 'b' }], ...spec },
  }) as unknown as ApiObject;

/** For assert.throws: a StatusError with this code, and a message that contains `part`. */
export const status =
  (code: number, part = '') =>
  (error: unknown): boolean => {
    const fault = error as StatusError;
    if (fault.code !== code || !fault.message.includes(part)) {
      throw new Error(`expected ${code} "${part}", got ${fault.code} "${fault.message}"`);
    }
    return true;
  };
