// Secrets, config maps, claims, roles and their bindings. Models pkg/registry/core/{secret,configmap} and pkg/registry/rbac.
import { forbidden, invalid, notSupported, required, type FieldError } from '../../errors.ts';
import { isDeepEqual } from '../../objects.ts';
import type { AdmissionRequest, ApiObject, Strategy } from '../../types.ts';
import { list, record } from '../objects.ts';
import type { BehaviourTable } from './behaviour.ts';

interface Data {
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  binaryData?: Record<string, string>;
  immutable?: boolean;
  type?: string;
}
type DataObject = ApiObject & Data;

const keyText =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

const validateKeys = (object: DataObject, field: 'data' | 'binaryData'): FieldError[] =>
  Object.keys(object[field] ?? {})
    .filter((key) => !/^[-._a-zA-Z0-9]+$/.test(key))
    .map((key) => invalid(`${field}[${key}]`, key, keyText));

function validateImmutable(object: DataObject, old: DataObject | undefined): FieldError[] {
  if (!old?.immutable) return [];
  const detail = 'field is immutable when `immutable` is set';
  const changed = (['data', 'binaryData'] as const).filter(
    (field) => !isDeepEqual(object[field] ?? {}, old[field] ?? {}),
  );
  return [
    ...(object.immutable ? [] : [forbidden('immutable', detail)]),
    ...changed.map((field) => forbidden(field, detail)),
  ];
}

// Types of secrets that must hold certain keys.
const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

const secretStrategy: Strategy<DataObject> = {
  default(secret) {
    secret.type ||= 'Opaque';
    const { stringData } = secret;
    if (!stringData) return;
    const encoded = Object.entries(stringData).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
    secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
    delete secret.stringData;
  },
  validate({ object, old }) {
    if (!object) return [];
    const missing = (requiredKeys[object.type ?? ''] ?? []).filter((key) => object.data?.[key] === undefined);
    return [
      ...validateKeys(object, 'data'),
      ...missing.map((key) => required(`data[${key}]`, '')),
      ...(old && old.type !== object.type ? [invalid('type', object.type, 'field is immutable')] : []),
      ...validateImmutable(object, old),
    ];
  },
};

const configMapStrategy: Strategy<DataObject> = {
  validate: ({ object, old }) =>
    object
      ? [...validateKeys(object, 'data'), ...validateKeys(object, 'binaryData'), ...validateImmutable(object, old)]
      : [],
};

interface Rule {
  verbs?: string[];
  apiGroups?: string[];
  resources?: string[];
  nonResourceURLs?: string[];
}

function validateRules({ object }: AdmissionRequest): FieldError[] {
  return list<Rule>(object, 'rules').flatMap(({ verbs, apiGroups, resources, nonResourceURLs }, i) => {
    const path = `rules[${i}]`;
    const faults: FieldError[] = [];
    if (!verbs?.length) faults.push(required(`${path}.verbs`, 'verbs must contain at least one value'));
    if (nonResourceURLs?.length) return faults;
    if (!apiGroups?.length)
      faults.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
    if (!resources?.length)
      faults.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
    return faults;
  });
}

const rbacGroup = 'rbac.authorization.k8s.io';
interface Subject {
  kind: string;
  name?: string;
  apiGroup?: string;
  namespace?: string;
}

function defaultBinding(binding: ApiObject): void {
  const roleRef = (binding['roleRef'] ??= {}) as { apiGroup?: string };
  roleRef.apiGroup ||= rbacGroup;
  for (const subject of (binding['subjects'] ?? []) as Subject[])
    if (subject.kind !== 'ServiceAccount') subject.apiGroup ||= rbacGroup;
}

const validateBinding =
  (roleKinds: readonly string[]) =>
  ({ object, old }: AdmissionRequest): FieldError[] => {
    const { apiGroup, kind = '', name = '' } = record(object, 'roleRef') as Record<string, string | undefined>;
    const faults: FieldError[] = [];
    if (!roleKinds.includes(kind)) faults.push(notSupported('roleRef.kind', kind, roleKinds));
    if (!name) faults.push(required('roleRef.name', ''));
    list<Subject>(object, 'subjects').forEach((subject, i) => {
      const kinds = ['ServiceAccount', 'User', 'Group'];
      if (!subject.name) faults.push(required(`subjects[${i}].name`, ''));
      if (!kinds.includes(subject.kind)) faults.push(notSupported(`subjects[${i}].kind`, subject.kind, kinds));
      if (subject.kind === 'ServiceAccount' && !subject.namespace)
        faults.push(required(`subjects[${i}].namespace`, ''));
    });
    if (old && !isDeepEqual(old['roleRef'], object?.['roleRef']))
      faults.push(invalid('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef'));
    return faults;
  };

const roleStrategy: Strategy = { nameRule: 'pathSegment', isCreatedOnUpdate: true, validate: validateRules };
const bindingStrategy = (roleKinds: readonly string[]): Strategy => ({
  nameRule: 'pathSegment',
  isCreatedOnUpdate: true,
  default: defaultBinding,
  validate: validateBinding(roleKinds),
});

const claimStrategy: Strategy = {
  default(claim) {
    const spec = claim.spec as { volumeMode?: string } | undefined;
    if (spec) spec.volumeMode ??= 'Filesystem';
  },
  validate({ object }) {
    const faults: FieldError[] = [];
    const accessModes = 'spec.accessModes';
    if (!list(object, accessModes).length) faults.push(required(accessModes, 'at least 1 access mode is required'));
    if (!record(object, 'spec.resources.requests')['storage']) faults.push(required('spec.resources[storage]', ''));
    return faults;
  },
  prepare({ object, operation }) {
    if (!object || operation !== 'CREATE') return;
    object.status = { phase: 'Pending' };
    object.metadata.finalizers = [...new Set([...(object.metadata.finalizers ?? []), 'kubernetes.io/pvc-protection'])];
  },
};

export const configBehaviours: BehaviourTable = {
  secrets: { strategy: secretStrategy as unknown as Strategy, selectableFields: ['type'] },
  configmaps: { strategy: configMapStrategy as unknown as Strategy },
  persistentvolumeclaims: { strategy: claimStrategy },
  [`${rbacGroup}/roles`]: { strategy: roleStrategy },
  [`${rbacGroup}/clusterroles`]: { strategy: roleStrategy },
  [`${rbacGroup}/rolebindings`]: { strategy: bindingStrategy(['Role', 'ClusterRole']) },
  [`${rbacGroup}/clusterrolebindings`]: { strategy: bindingStrategy(['ClusterRole']) },
};
