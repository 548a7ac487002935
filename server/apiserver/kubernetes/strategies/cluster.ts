// Namespaces, nodes, leases and tokens: what the server adds and refuses. Models pkg/registry/core/namespace and pkg/registry/coordination.
import { createForbidden, createNotFound, invalid, type FieldError } from '../../errors.ts';
import type { AdmissionRequest, ApiObject, ConnectRequest, Strategy } from '../../types.ts';
import { count, list, read, text } from '../objects.ts';
import type { BehaviourTable } from './behaviour.ts';

export type Namespace = ApiObject & {
  spec: { finalizers?: string[] };
  status: { phase?: string; conditions?: unknown[] };
};

const immortal = ['default', 'kube-system', 'kube-public'];

const namespaceStrategy: Strategy<Namespace> = {
  nameRule: 'dnsLabel',
  default(namespace) {
    const { metadata } = namespace;
    if (metadata.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  },
  prepare({ object, old, operation, subresource }) {
    if (!object) return;
    if (operation === 'CREATE') {
      object.spec = { finalizers: ['kubernetes'] };
      object.status = { phase: 'Active' };
    } else if (old && subresource !== 'finalize') object.spec = { ...old.spec };
  },
  admit({ kind, name, operation }) {
    if (operation === 'DELETE' && immortal.includes(name))
      throw createForbidden(kind, name, 'this namespace may not be deleted');
  },
  beginDeletion(namespace) {
    namespace.status = { ...namespace.status, phase: 'Terminating' };
  },
  isDeletionHeld: ({ spec }) => (spec?.finalizers ?? []).length > 0,
};

const nodeStrategy: Strategy = {
  prepare({ object, operation }) {
    if (!object || operation !== 'CREATE') return;
    const spec = (object.spec ??= {}) as { taints?: { key: string; effect: string }[] };
    const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
    if (!spec.taints?.some(({ key }) => key === taint.key)) spec.taints = [...(spec.taints ?? []), taint];
  },
};

const leaseStrategy: Strategy = {
  isCreatedOnUpdate: true,
  validate({ object }): FieldError[] {
    const seconds = read(object, 'spec.leaseDurationSeconds');
    if (seconds === undefined || count(object, 'spec.leaseDurationSeconds') > 0) return [];
    return [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')];
  },
};

const ingressStrategy: Strategy = {
  validate({ object }) {
    const isRouted = read(object, 'spec.defaultBackend') !== undefined || list(object, 'spec.rules').length > 0;
    return isRouted ? [] : [invalid('spec', null, 'either `defaultBackend` or `rules` must be specified')];
  },
};

const [defaultTokenSeconds, minTokenSeconds] = [3600, 600];

function requestToken({ kind, object, body, issueToken }: ConnectRequest): object {
  if (!object) throw createNotFound(kind, text(body, 'metadata.name'));
  const { name, namespace = '', uid } = object.metadata;
  const expirationSeconds = count(body, 'spec.expirationSeconds') || defaultTokenSeconds;
  const audiences = list<string>(body, 'spec.audiences');
  const { token, expirationTimestamp } = issueToken({
    namespace,
    name,
    uid,
    audiences: audiences.length ? audiences : undefined,
    expirationSeconds: Math.max(minTokenSeconds, expirationSeconds),
  });
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: null },
    spec: { audiences, expirationSeconds, boundObjectRef: null },
    status: { token, expirationTimestamp },
  };
}

export const clusterBehaviours: BehaviourTable = {
  namespaces: {
    strategy: namespaceStrategy as unknown as Strategy,
    selectableFields: ['status.phase', 'name'],
    subresources: { finalize: { writes: ['spec'] } },
  },
  nodes: { strategy: nodeStrategy, selectableFields: ['spec.unschedulable'] },
  serviceaccounts: { subresources: { token: { connect: requestToken } } },
  'coordination.k8s.io/leases': { strategy: leaseStrategy },
  'scheduling.k8s.io/priorityclasses': { hasGeneration: true },
  'flowcontrol.apiserver.k8s.io/flowschemas': { hasGeneration: true },
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': { hasGeneration: true },
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': { hasGeneration: true },
  'admissionregistration.k8s.io/validatingwebhookconfigurations': { hasGeneration: true },
  'discovery.k8s.io/endpointslices': { hasGeneration: true },
  'networking.k8s.io/ingresses': { strategy: ingressStrategy, hasGeneration: true },
  'networking.k8s.io/networkpolicies': { hasGeneration: true },
  'networking.k8s.io/ingressclasses': { hasGeneration: true },
  'policy/poddisruptionbudgets': { hasGeneration: true },
  'apiextensions.k8s.io/customresourcedefinitions': { hasGeneration: true },
  'resource.k8s.io/resourceslices': { hasGeneration: true },
  'certificates.k8s.io/certificatesigningrequests': { selectableFields: ['spec.signerName'] },
};

const terminating = (namespace: string) => `namespace ${namespace} is being terminated`;

/**
 * What holds for everything that lives in a namespace: it must exist, and take nothing new while it ends.
 * Give it to the API server as (part of) `admit`. Throws 403 and 404. Models plugin/pkg/admission/namespace/lifecycle.
 */
export function admitNamespaceLifecycle({ kind, namespace, name, operation, reader }: AdmissionRequest): void {
  if (!kind.isNamespaced || !namespace || operation !== 'CREATE') return;
  const namespaces = { group: '', plural: 'namespaces' };
  const found = reader.get(namespaces, namespace);
  if (!found) throw createNotFound(namespaces, namespace);
  if (!found.metadata.deletionTimestamp) return;
  const error = createForbidden(
    kind,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
  const cause = { reason: 'NamespaceTerminating', message: terminating(namespace), field: 'metadata.namespace' };
  if (error.details) error.details.causes = [cause];
  throw error;
}
